"""Adapters to forges: GitHub, GitLab, and one in memory.

``connect`` is the only way in. A new kind of forge is one folder and one entry in ``KINDS``; it
passes the suites of ``tests/contract``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final

from syncer.errors import ConfigError
from syncer.forges.connection import AppKey, Connection, Forge, Secret, TrackerOptions
from syncer.forges.governor import BudgetStore, Limits
from syncer.forges.notes import InMemoryNotes
from syncer.forges.observer import Exchange, Observer
from syncer.ports import Clock, Notes

__all__ = [
    "KINDS",
    "AppKey",
    "Connection",
    "Exchange",
    "Forge",
    "Limits",
    "Observer",
    "Secret",
    "TrackerOptions",
    "connect",
]

KINDS: Final[Mapping[str, str]] = {
    "github": "syncer.forges.github",
    "gitlab": "syncer.forges.gitlab",
    "memory": "syncer.forges.memory",
}
"""The module of each kind of forge. It is imported when the first forge of its kind is connected:
the client libraries take a third of a second, which ``syncer --help`` has not got."""


def connect(
    connection: Connection,
    clock: Clock,
    *,
    budgets: BudgetStore | None = None,
    observer: Observer | None = None,
    notes: Notes | None = None,
    on_secret: Callable[[str], None] | None = None,
) -> Forge:
    """Get ready to speak to a forge. No request is sent yet.

    Args:
        connection: how to reach it.
        clock: whose ``sleep`` a stop signal ends.
        budgets: where the rate budget is remembered, to share it; in the notes by default.
        observer: who is told about requests and waits.
        notes: what processes share: rate budgets, what a host can do, an App's token, sealed; in
            this forge alone by default.
        on_secret: told every text that must never be seen, as soon as there is one.

    Raises:
        ConfigError: no such kind of forge, or its address, proxy or certificates cannot be used.
    """
    if connection.kind not in KINDS:
        raise ConfigError(
            f"there is no kind of forge {connection.kind!r}",
            where=f"forges.{connection.name}.kind",
            next_step=f"known are {', '.join(sorted(KINDS))}",
        )
    factory: Callable[..., Forge] = import_module(KINDS[connection.kind]).connect
    kept = notes if notes is not None else InMemoryNotes()
    return factory(connection, clock, budgets=budgets, observer=observer, notes=kept, on_secret=on_secret)
