"""What a wake-up is, and what keeps it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

MOST_NAMED: Final = 3
"""So many issues are looked at one by one; for more of them everything is, which costs no more."""


class Reason(Enum):
    """Why a project is to be looked at. Decides nothing; it is for people, logs and metrics."""

    START = "start"
    SCHEDULE = "schedule"
    AUDIT = "audit"
    WEBHOOK = "webhook"
    RELOAD = "reload"
    REQUEST = "request"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class Wake:
    """A project is to be looked at.

    Args:
        full: by listing its trackers completely.
        delivery: names the event that woke us; the same for every attempt to deliver it.
        issue: the only one that the event was about; 0 where it is about more than that. It says where
            to look, and nothing about what is to be seen there.
    """

    project: str
    reason: Reason
    full: bool = False
    delivery: str = ""
    issue: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """The wake-ups of one project, as one.

    Args:
        number: grows with each wake-up; what was taken up to a number is done with that number.
        first_at: seconds since the epoch, of the oldest.
        latest_at: of the newest.
        full: whether any of them wants a complete listing.
        reasons: of all of them, sorted.
        issues: the only ones that any of them is about, at most :data:`MOST_NAMED`; empty where
            everything is to be looked at.
    """

    project: str
    number: int
    first_at: float
    latest_at: float
    full: bool
    reasons: tuple[str, ...]
    issues: frozenset[int] = frozenset()


class Inbox(Protocol):
    """Keeps wake-ups until they are done. Safe to share between threads.

    Whatever raises here raises :class:`~syncer.errors.Unavailable`.
    """

    def put(self, wakes: Sequence[Wake]) -> None:
        """Keep wake-ups. When this returns, they survive the death of the process."""

    def touched(self) -> bool:
        """Whether another process has left something here since this was asked before."""

    def waiting(self) -> tuple[Waiting, ...]:
        """All projects with wake-ups, the longest waiting first."""

    def look(self, project: str) -> Waiting | None:
        """The wake-ups of one project."""

    def done(self, project: str, number: int) -> bool:
        """The wake-ups up to a number are done. True if others have come meanwhile."""

    def handled(self, deliveries: Collection[str]) -> frozenset[tuple[str, str]]:
        """Which of these deliveries were followed by a sync of which projects."""

    def drop(self, projects: Sequence[str]) -> None:
        """Forget everything about projects that exist no longer."""

    def tidy(self, older_than: float) -> int:
        """Forget deliveries from before a moment; the answer says how many."""

    def close(self) -> None: ...
