"""Notes that are kept in this process only; those that outlive it are the ledger's part."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from syncer.ports import Notes

T = TypeVar("T")


class InMemoryNotes:
    """Implements :class:`syncer.ports.Notes` for one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: dict[str, str] = {}

    def read(self, name: str) -> str | None:
        with self._lock:
            return self._texts.get(name)

    def change(self, name: str, step: Callable[[str | None], tuple[str, T]]) -> T:
        with self._lock:
            text, answer = step(self._texts.get(name))
            self._texts[name] = text
            return answer


class UnwrittenNotes:
    """What is kept is read, what changes is forgotten with the process: a dry run leaves no trace."""

    def __init__(self, kept: Notes) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._texts: dict[str, str] = {}

    def read(self, name: str) -> str | None:
        with self._lock:
            known = self._texts.get(name)
        return known if known is not None else self._kept.read(name)

    def change(self, name: str, step: Callable[[str | None], tuple[str, T]]) -> T:
        with self._lock:
            known = self._texts.get(name)
            text, answer = step(known if known is not None else self._kept.read(name))
            self._texts[name] = text
            return answer
