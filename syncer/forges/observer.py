"""What an onlooker is told about the wire: metrics, progress, counting in tests. No content, no secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what became of it.

    Args:
        forge: the connection's name.
        path: without query.
        status: 0 where no answer came.
        conditional: whether the request asked "only if it changed".
        seconds: from sending to the last byte.
        sent: bytes of the request's body.
        received: bytes of the answer's body.
        error: the name of the error that was raised, or "".
    """

    forge: str
    method: str
    path: str
    write: bool
    status: int
    conditional: bool
    seconds: float
    sent: int
    received: int
    error: str = ""


class Observer(Protocol):
    """Whoever wants to know. Called in the thread that sends; it must not raise."""

    def exchanged(self, exchange: Exchange) -> None:
        """A request was sent and answered, or failed."""

    def waiting(self, seconds: float, why: str) -> None:
        """We are about to wait for the rate budget."""
