"""Rate limits: how much a credential may do, and what it is told about it.

Nothing is limited unless asked for; the headers that tell a client how much is left are sent all the same,
except by GitHub as an enterprise host, which then neither counts nor tells.
``Limits.real()`` holds the numbers the public forges publish.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

UNLIMITED = 1_000_000

Refused = Literal["", "primary", "secondary", "creation"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed; ``None`` stands for unlimited.

    Args:
        requests_per_hour: GitHub's primary limit.
        anonymous_per_hour: the same without a credential.
        graphql_per_hour: GraphQL points.
        points_per_minute: GitHub's secondary limit of one REST endpoint: 1 a read, 5 a write.
        graphql_points_per_minute: the same for GraphQL.
        creations_per_minute: objects created (issues, comments, milestones, pull requests, commits).
        creations_per_hour: the same over an hour.
        concurrent: requests of one credential under way at once.
        secondary_status: 403 or 429, for secondary and creation limits.
        secondary_retry_after: seconds in ``Retry-After``; ``None`` sends no such header.
        gitlab_per_minute: all requests of a user on GitLab.
        gitlab_issues_per_minute: issues created by a user in a project on GitLab.
        gitlab_notes_per_minute: notes created by a user on GitLab.
    """

    requests_per_hour: int | None = None
    anonymous_per_hour: int | None = None
    graphql_per_hour: int | None = None
    points_per_minute: int | None = None
    graphql_points_per_minute: int | None = None
    creations_per_minute: int | None = None
    creations_per_hour: int | None = None
    concurrent: int | None = None
    secondary_status: int = 403
    secondary_retry_after: int | None = 60
    gitlab_per_minute: int | None = None
    gitlab_issues_per_minute: int | None = None
    gitlab_notes_per_minute: int | None = None

    @classmethod
    def real(cls) -> Limits:
        """The numbers of the public forges."""
        return cls(
            requests_per_hour=5_000,
            anonymous_per_hour=60,
            graphql_per_hour=5_000,
            points_per_minute=900,
            graphql_points_per_minute=2_000,
            creations_per_minute=80,
            creations_per_hour=500,
            concurrent=100,
            gitlab_per_minute=2_000,
            gitlab_issues_per_minute=200,
            gitlab_notes_per_minute=60,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """How a credential stands against one limit."""

    limit: int
    used: int
    reset: datetime

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


class Windows:
    """Fixed windows that begin with the first use, as primary limits count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[tuple[str, str], tuple[datetime, int]] = {}

    def standing(
        self, who: str, resource: str, limit: int | None, now: datetime, length: timedelta
    ) -> Standing:
        """How things stand, without using anything."""
        with self._lock:
            began, used = self._window(who, resource, now, length)
        return Standing(UNLIMITED if limit is None else limit, used, began + length)

    def use(
        self, who: str, resource: str, limit: int | None, now: datetime, length: timedelta, amount: int = 1
    ) -> tuple[bool, Standing]:
        """Use some of it; False where it was used up before."""
        with self._lock:
            began, used = self._window(who, resource, now, length)
            allowed = limit is None or used + amount <= limit
            if allowed:
                used += amount
            self._open[who, resource] = (began, used)
        return allowed, Standing(UNLIMITED if limit is None else limit, used, began + length)

    def _window(self, who: str, resource: str, now: datetime, length: timedelta) -> tuple[datetime, int]:
        began, used = self._open.get((who, resource), (now, 0))
        return (now, 0) if now >= began + length else (began, used)


class Slidings:
    """Sliding logs, as secondary limits count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: defaultdict[tuple[str, str], deque[tuple[datetime, int]]] = defaultdict(deque)

    def use(
        self, who: str, what: str, limit: int | None, now: datetime, length: timedelta, amount: int = 1
    ) -> bool:
        """Use some; False where the last ``length`` does not leave that much."""
        if limit is None:
            return True
        with self._lock:
            uses = self._uses[who, what]
            while uses and uses[0][0] <= now - length:
                uses.popleft()
            if sum(used for _, used in uses) + amount > limit:
                return False
            uses.append((now, amount))
            return True


class Meter:
    """Counts what credentials use, and says when one has to stop."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.windows = Windows()
        self.slidings = Slidings()
        self._lock = threading.Lock()
        self._running: defaultdict[str, int] = defaultdict(int)

    def enter(self, who: str) -> bool:
        """Begin a request; False where too many are under way."""
        with self._lock:
            if self.limits.concurrent is not None and self._running[who] >= self.limits.concurrent:
                return False
            self._running[who] += 1
            return True

    def leave(self, who: str) -> None:
        """End a request."""
        with self._lock:
            self._running[who] -= 1

    def create(self, who: str, now: datetime, amount: int = 1) -> bool:
        """Create objects; False where that is too many in a minute or an hour."""
        limits = self.limits
        minute = self.slidings.use(
            who, "creations/min", limits.creations_per_minute, now, timedelta(minutes=1), amount
        )
        return minute and self.slidings.use(
            who, "creations/h", limits.creations_per_hour, now, timedelta(hours=1), amount
        )
