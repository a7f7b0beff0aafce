"""The webhooks of one repository, as far as syncer looks after them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RemoteHook:
    """A webhook on a forge.

    Args:
        missing: events that we need and that it does not send.
        problem: why the forge does not deliver, or what came of its latest delivery if that failed.
        active: whether it is switched on.
        signed: whether a secret is set.
    """

    id: int
    url: str
    missing: tuple[str, ...] = ()
    problem: str = ""
    active: bool = True
    signed: bool = True

    @property
    def well(self) -> bool:
        """Whether nothing has to be done about it."""
        return self.active and self.signed and not self.missing and not self.problem


class Hooks(Protocol):
    """One repository's webhooks. The credential needs to administrate it."""

    def all(self) -> tuple[RemoteHook, ...]:
        """Every webhook, ours or not."""

    def create(self, url: str, secret: str) -> RemoteHook:
        """A new webhook that sends what we need."""

    def mend(self, hook: RemoteHook, secret: str) -> RemoteHook:
        """Switch it on, let it send what we need, and give it this secret."""

    def remove(self, hook: RemoteHook) -> None: ...

    def undelivered(self, hook: RemoteHook, since: datetime) -> frozenset[str]:
        """The events that none of the attempts since a moment has delivered, by the id in their header.

        Empty where the forge does not tell.
        """
