"""A circuit for each forge host: an outage of one stalls nobody else, and is not made worse by us.

Requests are what counts, not syncs: one repository that fails keeps its own backoff, while its host,
answering others, stays in use.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(slots=True)
class _Line:
    failures: int = 0
    openings: int = 0
    open_until: float = 0.0
    probing: bool = False


class Circuits:
    """Which hosts are in use. Times are seconds of a clock that never goes back.

    Args:
        after: so many failed requests in a row open a circuit.
        pause: seconds for which it stays open; doubled each time.
        longest: seconds for which it stays open, at most.
    """

    def __init__(self, *, after: int, pause: float, longest: float = 600.0) -> None:
        self._after, self._pause, self._longest = after, pause, longest
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()

    def exchanged(self, host: str, *, failed: bool, now: float) -> bool:
        """A request was answered, or was not. True if that opened the circuit."""
        with self._lock:
            line = self._lines.setdefault(host, _Line())
            if not failed:
                line.failures = line.openings = 0
                line.open_until = 0.0
                return False
            line.failures += 1
            if line.failures < self._after or (line.open_until > now and not line.probing):
                return False
            line.open_until = now + min(self._pause * 2**line.openings, self._longest)
            line.openings += 1
            line.failures = self._after - 1  # one more failure after the pause opens it again
            return True

    def until(self, hosts: Collection[str], now: float) -> float | None:
        """When all of these hosts may be tried again; ``None`` if they may be used now."""
        with self._lock:
            found = [self._lines[host].open_until for host in hosts if host in self._lines]
            latest = max(found, default=0.0)
            return latest if latest > now else None

    def enter(self, hosts: Collection[str], now: float) -> bool:
        """Whether a sync that needs these hosts may start.

        After a pause one sync at a time tries a host, until a request succeeds.
        """
        with self._lock:
            lines = [self._lines[host] for host in hosts if host in self._lines]
            if any(line.open_until > now or line.probing for line in lines):
                return False
            for line in lines:
                line.probing = line.openings > 0
            return True

    def leave(self, hosts: Collection[str]) -> None:
        """That sync has ended, whatever came of it."""
        with self._lock:
            for host in hosts:
                if host in self._lines:
                    self._lines[host].probing = False

    def open_hosts(self, now: float) -> tuple[str, ...]:
        """The hosts that are left in peace."""
        with self._lock:
            return tuple(sorted(host for host, line in self._lines.items() if line.open_until > now))
