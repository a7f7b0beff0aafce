"""The one place where a request is sent again: reads, a few times, with a pause between.

A write is never repeated, by nobody: whoever gets :class:`~syncer.errors.UnknownFate` has to look
for the effect first, and that takes more than this layer knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from syncer.errors import Bug, Garbled, RateLimited, RetryError, Unavailable
from syncer.forges.governor import READ, Cost, Governor
from syncer.ports import Clock

T = TypeVar("T")

_ATTEMPTS: Final = {Unavailable: 3, RateLimited: 3, Garbled: 2}
"""How often a read is sent in all, by what went wrong: an answer cut off once heals, a web page does not."""

_FIRST_PAUSE: Final = 0.5
"""Seconds before the second attempt; each further pause is twice as long."""


class Patience:
    """Sends requests in turn, and reads again after failures that may pass. Safe between threads."""

    def __init__(self, governor: Governor, clock: Clock) -> None:
        self._governor = governor
        self._clock = clock

    def read(self, ask: Callable[[], T], cost: Cost = READ) -> T:
        """Ask, and ask again if the forge could not answer now.

        After :class:`RateLimited` the governor makes us wait for our next turn, or raises it anew
        where that would take too long.
        """
        attempt = 1
        while True:
            try:
                with self._governor.turn(cost):
                    return ask()
            except (Unavailable, RateLimited, Garbled) as error:
                if attempt >= _ATTEMPTS[_kind(error)]:
                    raise
                if not isinstance(error, RateLimited):
                    self._clock.sleep(_FIRST_PAUSE * 2 ** (attempt - 1))
                elif self._hopeless(error):
                    raise
            attempt += 1

    def write(self, send: Callable[[], T], cost: Cost) -> T:
        """Send a write, once."""
        if not cost.write:
            raise Bug("a write was announced as a read")
        with self._governor.turn(cost):
            return send()

    def _hopeless(self, error: RateLimited) -> bool:
        if error.retry_at is None:
            return False
        wait = (error.retry_at - self._clock.now()).total_seconds()
        return wait > self._governor.limits.longest_wait


def _kind(error: RetryError | Garbled) -> type[Exception]:
    return next(kind for kind in _ATTEMPTS if isinstance(error, kind))
