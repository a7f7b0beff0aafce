"""What a forge says about a credential: whose it is, how long it is good, and how far it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Passport:
    """A credential, as its forge knows it.

    Args:
        login: whose it is; "" for nobody's.
        kind: ``token``, ``app`` or ``anonymous``.
        scopes: ``None`` where it has permissions of a finer kind, or the forge does not say.
        expires: when it ends, aware; ``None`` for never, or where the forge does not say.
        skew: how far our clock is ahead of the forge's, within a second.
    """

    login: str
    kind: str
    scopes: frozenset[str] | None = None
    expires: datetime | None = None
    skew: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """What a credential may write in one repository; ``None`` where that cannot be found out.

    Args:
        issues: issues, labels and milestones.
        contents: commits.
        requests: pull or merge requests.
    """

    issues: bool | None = None
    contents: bool | None = None
    requests: bool | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told by a forge when an issue is opened.

    Args:
        people: how many.
        which: they are, for people.
    """

    people: int
    which: str
