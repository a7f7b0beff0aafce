"""One rate budget per credential: when the next request may be sent, and how long many will take.

The decisions (:func:`earliest`, :func:`spent`, :func:`learned`) are pure functions of a
:class:`Budget`. A :class:`Governor` applies them: it waits, always in our own code and through a
clock that a stop signal can end, never inside a client library. Its memory is behind the
:class:`BudgetStore` protocol, so that it can live in a database shared by processes.

Where the numbers come from:

* GitHub: docs.github.com, "Rate limits for the REST API" (80 and 500 content-generating requests
  per minute and hour, 900 points per minute, a read costs 1 and a write 5) and "Best practices for
  using the REST API" (one second between writes; ``retry-after``, then the reset time, then at
  least a minute, growing). Three seconds between requests that notify people, writes one at a time
  and at most ten requests at once: what GitHub's own throttling plugin does
  (octokit/plugin-throttling.js, ``src/index.ts``); bursts of some twenty issues were refused in
  practice (cx-flow#1078, gavinr/github-csv-tools#71).
* GitLab: docs.gitlab.com, "GitLab.com-specific rate limits" (200 issues per minute today; 100
  requests per minute and 5,000 per hour announced for the free plan).
* Self-managed installations ship with their API limits disabled: only what they say is obeyed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

from syncer.errors import Bug, RateLimited, SyncerError
from syncer.forges.classify import FALLBACK_WAIT, asked_to_wait_until, exhausted_until
from syncer.ports import Clock

T = TypeVar("T")

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_SLACK: Final = 1.0
"""Seconds added to every window: the forge counts arrivals, we count departures."""

_LONGEST_GUESS: Final = 900.0
"""The longest pause, in seconds, that is guessed where the forge names none."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast to go. ``None`` and 0 mean: as fast as the forge answers.

    Args:
        creations_per_minute: issues, milestones, labels and commits made.
        creations_per_hour: the same.
        seconds_between_writes: from the start of one to the start of the next.
        seconds_between_notifications: between creations that notify people.
        points_per_minute: a read costs 1, a write 5.
        requests_per_minute: of any kind.
        requests_per_hour: of any kind.
        concurrency: requests under way at the same time.
        longest_wait: seconds; whoever would have to wait longer is told when to come back.
    """

    creations_per_minute: int | None = None
    creations_per_hour: int | None = None
    seconds_between_writes: float = 0.0
    seconds_between_notifications: float = 0.0
    points_per_minute: int | None = None
    requests_per_minute: int | None = None
    requests_per_hour: int | None = None
    concurrency: int | None = None
    longest_wait: float = 120.0

    @property
    def counted(self) -> bool:
        """Whether what is spent has to be remembered; else only what the forge says counts."""
        paces = (self.seconds_between_writes, self.seconds_between_notifications)
        counts = (
            self.creations_per_minute,
            self.creations_per_hour,
            self.points_per_minute,
            self.requests_per_minute,
            self.requests_per_hour,
        )
        return any(paces) or any(count is not None for count in counts)


GITHUB_PUBLIC: Final = Limits(
    creations_per_minute=80,
    creations_per_hour=500,
    seconds_between_writes=1.0,
    seconds_between_notifications=3.0,
    points_per_minute=900,
    concurrency=10,
)
GITLAB_PUBLIC: Final = Limits(
    creations_per_minute=100,
    requests_per_minute=100,
    requests_per_hour=5000,
    concurrency=10,
)
SELF_HOSTED: Final = Limits(concurrency=10)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request takes from the budget.

    Args:
        what: a few words for whoever watches us wait.
        pool: which of the forge's separate quotas it uses.
        times: how many things it creates.
    """

    points: int
    what: str
    write: bool = False
    creation: bool = False
    notifies: bool = False
    pool: str = "core"
    times: int = 1


READ: Final = Cost(points=1, what="reading")
QUERY: Final = Cost(points=1, what="reading", pool="graphql")
WRITE: Final = Cost(points=5, what="writing", write=True)
CREATION: Final = Cost(points=5, what="creating", write=True, creation=True)
ISSUE_CREATION: Final = Cost(points=5, what="creating an issue", write=True, creation=True, notifies=True)
COMMIT: Final = Cost(points=5, what="committing", write=True, creation=True, pool="graphql")


@dataclass(frozen=True, slots=True)
class Budget:
    """What was spent and what the forge said. All moments are seconds since 1970.

    Args:
        creations: when content was created, ascending, one entry each, for the last hour.
        seconds: second, points and requests, for the last minute.
        minutes: minute and requests, for the last hour.
        closed: by quota (``""`` for all of them), when it opens again.
        strikes: refusals in a row that named no time to come back.
    """

    creations: tuple[float, ...] = ()
    seconds: tuple[tuple[int, int, int], ...] = ()
    minutes: tuple[tuple[int, int], ...] = ()
    last_write: float = float("-inf")
    last_notification: float = float("-inf")
    closed: Mapping[str, float] = field(default_factory=dict)
    strikes: int = 0


def earliest(budget: Budget, limits: Limits, cost: Cost, now: float) -> float:
    """The first moment at or after ``now`` at which a request of this cost may be sent."""
    moments = [now, budget.closed.get("", now), budget.closed.get(cost.pool, now)]
    if cost.creation:
        for limit, window in ((limits.creations_per_minute, _MINUTE), (limits.creations_per_hour, _HOUR)):
            if limit is None:
                continue
            if cost.times > limit:
                raise Bug(f"a request creates {cost.times} things of a budget of {limit}")
            if len(budget.creations) + cost.times > limit:
                moments.append(budget.creations[cost.times - 1 - limit] + window + _SLACK)
    if cost.write:
        moments.append(budget.last_write + limits.seconds_between_writes)
    if cost.notifies:
        moments.append(budget.last_notification + limits.seconds_between_notifications * cost.times)
    points = [(second, spent) for second, spent, _ in budget.seconds]
    requests = [(second, count) for second, _, count in budget.seconds]
    moments.append(_room(points, limits.points_per_minute, cost.points, 1, _MINUTE))
    moments.append(_room(requests, limits.requests_per_minute, 1, 1, _MINUTE))
    moments.append(_room(list(budget.minutes), limits.requests_per_hour, 1, 60, _HOUR))
    return max(moments)


def _room(spent: list[tuple[int, int]], limit: int | None, wanted: int, size: int, window: float) -> float:
    """When a window over slots of ``size`` seconds has room again; a slot counts until its last moment."""
    if limit is None:
        return float("-inf")
    if wanted > limit:
        raise Bug(f"a request costs {wanted} of a budget of {limit}")
    total = sum(amount for _, amount in spent)
    freed = float("-inf")
    for slot, amount in spent:
        if total + wanted <= limit:
            break
        total -= amount
        freed = (slot + 1) * size + window
    return freed


def spent(budget: Budget, cost: Cost, at: float) -> Budget:
    """The budget after a request of this cost was sent; what no window can see any more is forgotten."""
    horizon = at - _HOUR - 2 * _SLACK
    creations = tuple(moment for moment in budget.creations if moment > horizon)
    second, minute = int(at), int(at // 60)
    seconds = tuple(slot for slot in budget.seconds if slot[0] + 1 + _MINUTE > at)
    minutes = tuple(slot for slot in budget.minutes if (slot[0] + 1) * 60 + _HOUR > at)
    points, count = cost.points, 1
    if seconds and seconds[-1][0] == second:
        points, count = points + seconds[-1][1], count + seconds[-1][2]
        seconds = seconds[:-1]
    hourly = 1
    if minutes and minutes[-1][0] == minute:
        hourly += minutes[-1][1]
        minutes = minutes[:-1]
    return replace(
        budget,
        creations=(*creations, *(at for _ in range(cost.times))) if cost.creation else creations,
        seconds=(*seconds, (second, points, count)),
        minutes=(*minutes, (minute, hourly)),
        last_write=at if cost.write else budget.last_write,
        last_notification=at if cost.notifies else budget.last_notification,
    )


def learned(budget: Budget, headers: Mapping[str, str], error: SyncerError | None, now: datetime) -> Budget:
    """The budget after an answer: what the forge said about coming back is kept.

    A refusal without a time closes everything for a minute, and twice as long each further time,
    as GitHub asks ("wait for an exponentially increasing amount of time between retries").
    """
    moment = now.timestamp()
    closed = {pool: until for pool, until in budget.closed.items() if until > moment}
    exhausted = exhausted_until(headers, now)
    if exhausted is not None:
        pool = headers.get("x-ratelimit-resource", "")
        closed[pool] = max(closed.get(pool, moment), exhausted.timestamp())
    strikes = budget.strikes
    told = asked_to_wait_until(headers, now) if error is not None else None
    if told is not None:
        closed[""] = max(closed.get("", moment), told.timestamp())
    elif isinstance(error, RateLimited) and exhausted is None:
        pause = min(FALLBACK_WAIT * 2**strikes, _LONGEST_GUESS)
        closed[""] = max(closed.get("", moment), moment + pause)
        strikes += 1
    if error is None:
        strikes = 0
    if closed == budget.closed and strikes == budget.strikes:
        return budget
    return replace(budget, closed=closed, strikes=strikes)


class BudgetStore(Protocol):
    """Where budgets are remembered: in this process, or in a database that several share."""

    def read(self, credential: str) -> Budget:
        """The budget as it is; an empty one for a credential never seen."""

    def change(self, credential: str, step: Callable[[Budget], tuple[Budget, T]]) -> T:
        """Replace a budget by what ``step`` makes of it, atomically among all who share the store.

        ``step`` is pure and may be called again if another process was faster.
        """


class InMemoryBudgets:
    """Budgets of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets: dict[str, Budget] = {}

    def read(self, credential: str) -> Budget:
        with self._lock:
            return self._budgets.get(credential, Budget())

    def change(self, credential: str, step: Callable[[Budget], tuple[Budget, T]]) -> T:
        with self._lock:
            budget, answer = step(self._budgets.get(credential, Budget()))
            self._budgets[credential] = budget
            return answer


class Governor:
    """Whoever sends a request takes a turn here first. Safe to share between threads.

    Args:
        credential: names the budget: host and fingerprint.
        on_wait: told how many seconds we are about to wait, and for what.
    """

    def __init__(
        self,
        credential: str,
        limits: Limits,
        clock: Clock,
        *,
        store: BudgetStore | None = None,
        on_wait: Callable[[float, str], None] | None = None,
    ) -> None:
        self.limits = limits
        self._credential = credential
        self._clock = clock
        self._store = store if store is not None else InMemoryBudgets()
        self._on_wait = on_wait
        self._places = threading.Semaphore(limits.concurrency) if limits.concurrency else None
        paced = limits.seconds_between_writes > 0
        self._writing = threading.Semaphore(1) if paced else None
        self._struck = False

    @contextmanager
    def turn(self, cost: Cost) -> Iterator[None]:
        """Wait until a request of this cost may be sent, and account for it.

        Raises:
            RateLimited: the wait would be longer than ``limits.longest_wait``.
            Interrupted: a stop was asked for; also where there is nothing to wait for, so that no
                request starts after it.
        """
        with ExitStack() as held:
            if cost.write:
                self._hold(self._writing, held)
            self._hold(self._places, held)
            self._wait(cost)
            yield

    def learn(self, headers: Mapping[str, str], error: SyncerError | None) -> None:
        """Take notice of an answer. A refusal that names no time gets ours, longer each time."""
        now = self._clock.now()

        def step(budget: Budget) -> tuple[Budget, Budget]:
            after = learned(budget, headers, error, now)
            return after, after

        if error is None and not self._struck and exhausted_until(headers, now) is None:
            return  # the common case costs no transaction
        budget = self._store.change(self._credential, step)
        self._struck = budget.strikes > 0
        if isinstance(error, RateLimited) and self._struck:
            error.retry_at = datetime.fromtimestamp(budget.closed[""], UTC)

    def estimate(self, creations: int, writes: int = 0) -> float:
        """Seconds until the last of so many issues and other writes could be sent from now on.

        Every creation is taken for one that notifies. The forge's own answering time is not
        included, and what other processes will spend meanwhile is not known.
        """
        budget = self._store.read(self._credential)
        start = moment = self._clock.now().timestamp()
        for cost, times in ((ISSUE_CREATION, creations), (WRITE, writes)):
            for _ in range(times):
                moment = earliest(budget, self.limits, cost, moment)
                budget = spent(budget, cost, moment)
        return moment - start

    def _wait(self, cost: Cost) -> None:
        while True:
            self._clock.sleep(0)  # raises when a stop was asked for
            now = self._clock.now().timestamp()

            def step(budget: Budget, now: float = now) -> tuple[Budget, float]:
                moment = earliest(budget, self.limits, cost, now)
                return (spent(budget, cost, now), 0.0) if moment <= now else (budget, moment - now)

            if self.limits.counted:
                seconds = self._store.change(self._credential, step)
            else:
                seconds = step(self._store.read(self._credential))[1]
            if seconds <= 0:
                return
            if seconds > self.limits.longest_wait:
                raise RateLimited(
                    f"the rate budget is used up for another {seconds:.0f} s",
                    next_step="syncer goes on where it was when run again then",
                    retry_at=datetime.fromtimestamp(now + seconds, UTC),
                )
            if self._on_wait is not None:
                self._on_wait(seconds, f"rate limit, before {cost.what}")
            self._clock.sleep(seconds)

    def _hold(self, places: threading.Semaphore | None, held: ExitStack) -> None:
        if places is None:
            return
        while not places.acquire(timeout=0.2):
            self._clock.sleep(0)
        held.callback(places.release)
