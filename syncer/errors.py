"""Every error syncer raises on purpose, and whose move each one is.

    SyncerError
    ├── UserError                 somebody has to change something; trying again will not help
    │   ├── ConfigError           the configuration is wrong (key path named)
    │   ├── RoadmapError          a roadmap cannot be read or written (path, line named)
    │   ├── UnresolvedReference   a reference resolves to nothing, or to several things
    │   └── AccessError           the forge refuses this credential
    │       ├── Unauthorized      401: the token is wrong or has expired
    │       └── Forbidden         403: the token is right, its rights are too small
    │           └── Protected     a branch's rules keep this credential from pushing to it
    ├── RetryError                the same request may succeed later; nothing was changed
    │   ├── Unavailable           the forge could not be reached, or answered 5xx to a read
    │   ├── RateLimited           the forge asked us to wait (``retry_at`` says until when)
    │   ├── StaleHead             the branch moved; read again and plan again
    │   ├── LeaseTaken            another syncer works on this project
    │   └── Interrupted           a stop was asked for
    ├── UnknownFate               a write was sent and its answer never arrived: look before acting
    │   └── PartlyDone            some of the changes in one request took effect; the answer says which
    ├── ForgeError                the forge answered, and the answer is final for this request
    │   ├── Missing               404: there is no such thing, or we may not see it
    │   │   └── OtherThing            there is something of that number, and it is no issue
    │   ├── Gone                  410: there was such a thing
    │   ├── Moved                 301/302/307/308: it is somewhere else; never followed blindly
    │   ├── Rejected              400/409/422: the forge refuses these values
    │   └── Garbled               the answer is not what the API promises (HTML, cut off JSON)
    ├── Refusal                   syncer itself declines, to keep a promise
    │   ├── ReadOnly              a dry run tried to write
    │   ├── PlanHeld              the guard holds the plan
    │   └── PlanMoved             a saved plan no longer covers what would happen
    └── Bug                       a promise of the code itself is broken; please report

An error says what happened, where, and what to do next. It never contains a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import ClassVar


class Move(Enum):
    """Whose move it is after an error."""

    USER = "user"
    RETRY = "retry"
    STOP = "stop"
    BUG = "bug"


class SyncerError(Exception):
    """Base of all errors raised on purpose.

    Args:
        what: one sentence about what happened.
        where: the place, as specific as known: ``file:line``, project, issue, URL path.
        next_step: what the reader can do about it.
    """

    move: ClassVar[Move] = Move.BUG

    def __init__(self, what: str, *, where: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text} ({self.next_step})" if self.next_step else text


class UserError(SyncerError):
    """Somebody has to change something before this can work."""

    move = Move.USER


class ConfigError(UserError):
    """The configuration cannot be used."""


class RoadmapError(UserError):
    """A roadmap cannot be read, or an edit to it is refused. The file is left alone.

    Args:
        code: a short, stable word for the reason, such as ``not-utf8``.
    """

    def __init__(self, what: str, *, where: str = "", next_step: str = "", code: str = "unreadable") -> None:
        super().__init__(what, where=where, next_step=next_step)
        self.code = code


class UnresolvedReference(UserError):
    """A reference resolves to nothing, or to several things (``candidates``)."""

    def __init__(
        self, what: str, *, where: str = "", next_step: str = "", candidates: tuple[str, ...] = ()
    ) -> None:
        super().__init__(what, where=where, next_step=next_step)
        self.candidates = candidates


class AccessError(UserError):
    """The forge refuses this credential."""


class Unauthorized(AccessError):
    """401: the token is missing, wrong or expired."""


class Forbidden(AccessError):
    """403: the token is known, but its rights do not reach this far."""


class Protected(Forbidden):
    """A branch's rules, or its protection, keep this credential from pushing to it."""


class RetryError(SyncerError):
    """Nothing was changed, and the same thing may succeed later."""

    move = Move.RETRY


class Unavailable(RetryError):
    """The forge could not be reached, or answered a read with 5xx."""


class RateLimited(RetryError):
    """The forge asked us to wait.

    Args:
        retry_at: when to come back, if the forge said so (aware, UTC).
    """

    def __init__(
        self, what: str, *, where: str = "", next_step: str = "", retry_at: datetime | None = None
    ) -> None:
        super().__init__(what, where=where, next_step=next_step)
        self.retry_at = retry_at


class StaleHead(RetryError):
    """The branch no longer points at the commit that an edit was made for."""


class LeaseTaken(RetryError):
    """Another process is working on this project."""


class Interrupted(RetryError):
    """A stop was asked for; work stopped at a safe boundary."""

    move = Move.STOP


class UnknownFate(SyncerError):
    """A write was sent, and no answer says whether it took effect.

    Never repeat the request. Look for its effect first.
    """

    move = Move.RETRY


class PartlyDone(UnknownFate):
    """One request asked for several changes, and the answer says which of them took effect.

    Args:
        answered: the answer's content: ``data`` by alias, ``errors`` with the ``path`` of each.
    """

    def __init__(
        self, what: str, *, where: str = "", next_step: str = "", answered: Mapping[str, object]
    ) -> None:
        super().__init__(what, where=where, next_step=next_step)
        self.answered = answered


class ForgeError(SyncerError):
    """The forge answered, and its answer is final for this request.

    Args:
        status: the HTTP status, 0 where there is none (GraphQL errors in a 200).
        details: what the forge said, cut to a readable length.
    """

    move = Move.USER

    def __init__(
        self, what: str, *, where: str = "", next_step: str = "", status: int = 0, details: str = ""
    ) -> None:
        super().__init__(what, where=where, next_step=next_step)
        self.status = status
        self.details = details


class Missing(ForgeError):
    """404: there is no such thing, or this credential may not see it."""


class OtherThing(Missing):
    """There is something of that number, and it is no issue: a pull request, a task, an incident."""


class Gone(ForgeError):
    """410: there was such a thing, and it was deleted or switched off."""


class Moved(ForgeError):
    """A redirect. It is reported, never followed: it may lead into another repository or host.

    Args:
        location: where the forge points to.
    """

    def __init__(
        self, what: str, *, where: str = "", next_step: str = "", status: int = 0, location: str = ""
    ) -> None:
        super().__init__(what, where=where, next_step=next_step, status=status)
        self.location = location


class Rejected(ForgeError):
    """400, 409 or 422: the forge refuses these values. Nothing was changed."""


class Garbled(ForgeError):
    """The answer is not what the API promises: HTML, cut-off JSON, a wrong type."""


class Refusal(SyncerError):
    """syncer declines to act, to keep one of its promises."""

    move = Move.STOP


class ReadOnly(Refusal):
    """A read-only run tried to send a write. The transport stopped it."""


class PlanHeld(Refusal):
    """The guard holds this plan until somebody approves it."""


class PlanMoved(Refusal):
    """A saved plan does not cover everything that would now happen."""


class Bug(SyncerError):
    """A promise of the code itself is broken."""

    move = Move.BUG
