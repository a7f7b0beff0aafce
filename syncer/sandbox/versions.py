"""Remembering what something looked like earlier, for replicas that lag behind.

A thing that can be read stale notes a copy of itself after each change. ``as_of`` finds the copy that a
replica which is some seconds late would still show.
"""

from __future__ import annotations

import copy
from bisect import bisect_right
from datetime import datetime
from typing import Self

KEPT = 64


class Versioned:
    """Base of everything that lists can show in an earlier state."""

    def note_version(self, at: datetime) -> None:
        """Keep a copy of the present state, valid from ``at`` on."""
        history: list[tuple[datetime, object]] = self.__dict__.setdefault("_history", [])
        history.append((at, copy.copy(self)))
        del history[:-KEPT]

    def as_of(self, moment: datetime | None) -> Self | None:
        """The state at a moment; ``None`` if it did not exist then. No moment: the present state."""
        if moment is None:
            return self
        history: list[tuple[datetime, Self]] = self.__dict__.get("_history", [])
        position = bisect_right(history, moment, key=lambda entry: entry[0])
        return history[position - 1][1] if position else None
