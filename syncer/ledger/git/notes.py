"""Notes beside a ledger without a disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from syncer.ledger.git.ledger import GitLedger
from syncer.ports import Notes

T = TypeVar("T")

_KEPT: Final = ("notifications", "status issue")
"""Kinds of notes of which people would notice that they got lost; the name of a project follows."""


class RefNotes:
    """Implements :class:`syncer.ports.Notes`.

    What people have been told is on a project's ref, durable when a change returns. Everything else ends
    with the process: rate budgets are the forge's to know, and a token does not belong into a repository,
    however it is sealed.

    Args:
        ledger: of the projects.
        others: for everything else.
    """

    def __init__(self, ledger: GitLedger, others: Notes) -> None:
        self._ledger = ledger
        self._others = others

    def read(self, name: str) -> str | None:
        project = _project(name)
        return self._ledger.note(project, name) if project else self._others.read(name)

    def change(self, name: str, step: Callable[[str | None], tuple[str, T]]) -> T:
        project = _project(name)
        if project:
            return self._ledger.change_note(project, name, step)
        return self._others.change(name, step)


def _project(name: str) -> str:
    kind, _, project = name.rpartition(" ")
    return project if kind in _KEPT else ""
