"""What keeps wake-ups and sees to it that syncs follow: within one process, or between many."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from syncer.daemon.flights import LaneView
from syncer.queue.inbox import Wake


class Engine(Protocol):
    """What the daemon runs on.

    Implemented by :class:`~syncer.daemon.flights.Flights` (one process),
    :class:`~syncer.daemon.dispatch.Dispatcher` (hands work to others) and
    :class:`~syncer.daemon.crew.Crew` (does the work of others).
    """

    def assign(self, projects: Mapping[str, frozenset[str]]) -> None:
        """These are the projects, and the hosts that each of them needs. Nobody is parked any more."""

    def submit(self, wakes: Sequence[Wake]) -> None:
        """Keep wake-ups; they are durable when this returns. Raises ``Unavailable``."""

    def collect(self) -> None:
        """Take notice of wake-ups that other processes have left."""

    def handled(self, deliveries: Collection[str]) -> frozenset[tuple[str, str]]:
        """Which of these deliveries were followed by a sync of which projects."""

    def start(self) -> None: ...

    def stop(self) -> None:
        """Let nothing begin any more."""

    def join(self, seconds: float) -> tuple[str, ...]:
        """Wait for what is under way; the answer names what has not ended."""

    @property
    def alive(self) -> bool: ...

    def counts(self) -> tuple[int, int]:
        """How many projects wait, and how many are being synced."""

    def views(self) -> dict[str, LaneView]:
        """Where every project stands."""

    def check(self) -> None:
        """Raise ``Unavailable`` where wake-ups could not be kept now."""

    def tidy(self, older_than: float) -> None:
        """Forget deliveries from before a moment (seconds since the epoch)."""

    def close(self) -> None: ...
