"""The forge's own clock: real time by default, frozen or moved forward on request.

Everything the sandbox stamps, expires or counts per minute asks this clock, so that an hour passes in
a test by one call.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class ServerClock:
    """Server time that never runs backwards unless frozen at an earlier moment on purpose."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = timedelta()
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """The present moment of the server, aware, UTC."""
        with self._lock:
            return self._frozen if self._frozen is not None else datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> datetime:
        """Let time pass at once; works on a frozen clock too."""
        with self._lock:
            if self._frozen is not None:
                self._frozen += timedelta(seconds=seconds)
            else:
                self._offset += timedelta(seconds=seconds)
        return self.now()

    def freeze(self, at: datetime | None = None) -> datetime:
        """Stop the clock, here or at a given moment (aware)."""
        moment = self.now() if at is None else at.astimezone(UTC)
        with self._lock:
            self._frozen = moment
        return moment

    def resume(self) -> None:
        """Let a frozen clock run on from where it stood."""
        with self._lock:
            if self._frozen is not None:
                self._offset = self._frozen - datetime.now(UTC)
                self._frozen = None
