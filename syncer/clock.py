"""Real time, with waiting that a stop signal ends, and fresh identities."""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime

from syncer.errors import Interrupted
from syncer.model.identity import Uid

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class SystemClock:
    """The machine's clock.

    Args:
        stop: set when work shall end; whoever waits, wakes up.
    """

    def __init__(self, stop: threading.Event | None = None) -> None:
        self.stop = stop or threading.Event()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        if self.stop.wait(max(0.0, seconds)):
            raise Interrupted("a stop was asked for", next_step="run syncer again: it goes on where it was")


class RandomIds:
    """Identities from the system's randomness: 80 bits, in letters that cannot be confused."""

    def __init__(self, clock: SystemClock | None = None) -> None:
        self._clock = clock or SystemClock()

    def uid(self) -> Uid:
        return Uid("".join(secrets.choice(_ALPHABET) for _ in range(16)))

    def run_id(self) -> str:
        moment = self._clock.now().strftime("%Y%m%dT%H%M%S%f")[:-3]
        return f"{moment}-{secrets.token_hex(3)}"
