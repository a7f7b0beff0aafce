"""Looking up what people name, in the ledgers of the configured projects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

from syncer.clock import SystemClock
from syncer.model.ledger import LedgerState
from syncer.service.naming import Named, find
from syncer.settings import find_file, load
from syncer.wiring import Workshop, workshop

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def ledgers(config: Path | None, *, read_only: bool) -> Iterator[Workshop]:
    """The configured projects, with what is remembered about them.

    Args:
        config: the configuration's file, if one was named.
        read_only: nothing may be written, the state database included.
    """
    path = find_file(config)
    with workshop(load(path), path.parent, SystemClock(), read_only=read_only) as shop:
        yield shop


def states(shop: Workshop, projects: Sequence[str]) -> list[LedgerState]:
    """What is remembered about the chosen projects, or all."""
    return [shop.ledger.load(name) for name in shop.names(projects)]


def named(shop: Workshop, projects: Sequence[str], name: str) -> Named:
    """The one thing that a name means."""
    return find(name, states(shop, projects))
