from __future__ import annotations

import threading
from bisect import bisect_left
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.errors import Bug, Interrupted, RateLimited, SyncerError, Unavailable
from syncer.forges import Connection, Secret
from syncer.forges.governor import (
    COMMIT,
    CREATION,
    GITHUB_PUBLIC,
    GITLAB_PUBLIC,
    ISSUE_CREATION,
    READ,
    SELF_HOSTED,
    WRITE,
    Budget,
    Cost,
    Governor,
    InMemoryBudgets,
    Limits,
    earliest,
    learned,
    spent,
)
from syncer.forges.patience import Patience

from .fakes import FakeClock

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)


def governor(
    clock: FakeClock, limits: Limits = GITHUB_PUBLIC, store: InMemoryBudgets | None = None
) -> Governor:
    return Governor("github.example.org 1234", limits, clock, store=store)


def take(governor: Governor, cost: Cost) -> None:
    with governor.turn(cost):
        pass


# --- pacing ------------------------------------------------------------------------------------


def test_issues_are_three_seconds_apart_and_other_writes_one(clock: FakeClock) -> None:
    """Creations that notify people keep the long distance, all writes the short one, reads none."""
    turns = governor(clock)
    for cost in (ISSUE_CREATION, READ, READ, ISSUE_CREATION, WRITE, CREATION, READ):
        take(turns, cost)

    assert [3, 1, 1] == clock.waits


def test_the_hour_is_full_after_five_hundred_creations(clock: FakeClock) -> None:
    """The 501st creation comes an hour after the first; who would wait that long is told instead."""
    turns = governor(clock)
    start = clock.now()
    for _ in range(500):
        take(turns, ISSUE_CREATION)
    with pytest.raises(RateLimited) as caught:
        take(turns, ISSUE_CREATION)

    assert start + timedelta(seconds=3601) == caught.value.retry_at
    clock.time = start + timedelta(seconds=3601)
    take(turns, ISSUE_CREATION)


def test_a_self_hosted_forge_is_not_paced(clock: FakeClock) -> None:
    """Where limits are off by default nothing of ours slows syncer down."""
    turns = governor(clock, SELF_HOSTED)
    for _ in range(1000):
        take(turns, ISSUE_CREATION)

    assert [] == clock.waits


def test_gitlab_is_asked_a_hundred_times_a_minute(clock: FakeClock) -> None:
    """The announced limit of the free plan counts reads as well."""
    turns = governor(clock, GITLAB_PUBLIC)
    for _ in range(100):
        take(turns, READ)
    assert [] == clock.waits
    take(turns, READ)

    assert 60 <= sum(clock.waits) <= 62


@settings(max_examples=60, deadline=None)
@given(
    pauses=st.lists(st.sampled_from([0.0, 0.1, 0.7, 1.0, 5.0, 59.0, 60.0, 61.0, 600.0]), max_size=120),
    minute=st.integers(1, 8),
    hour=st.integers(8, 30),
)
def test_never_more_creations_than_allowed_in_any_window(pauses: list[float], minute: int, hour: int) -> None:
    """However requests come in, no minute and no hour, wherever it begins, holds more than its limit."""
    limits = Limits(creations_per_minute=minute, creations_per_hour=hour)
    budget, moment, made = Budget(), 1_000_000.0, []
    for pause in pauses:
        moment = earliest(budget, limits, CREATION, moment + pause)
        budget = spent(budget, CREATION, moment)
        made.append(moment)

    for start in made:
        for window, limit in ((60.0, minute), (3600.0, hour)):
            assert bisect_left(made, start + window) - bisect_left(made, start) <= limit


@settings(max_examples=60, deadline=None)
@given(
    batches=st.lists(st.tuples(st.sampled_from([0.0, 0.7, 5.0, 60.0]), st.integers(1, 10)), max_size=60),
    minute=st.integers(10, 15),
    hour=st.integers(15, 40),
)
def test_each_thing_of_a_batch_counts_for_itself(
    batches: list[tuple[float, int]], minute: int, hour: int
) -> None:
    """Ten issues in one request are ten, and notify ten times."""
    limits = Limits(creations_per_minute=minute, creations_per_hour=hour, seconds_between_notifications=3.0)
    budget, moment = Budget(), 1_000_000.0
    made: list[float] = []
    for pause, times in batches:
        before = moment
        cost = replace(ISSUE_CREATION, times=times)
        moment = earliest(budget, limits, cost, moment + pause)
        assert not made or moment - before >= 3.0 * times
        budget = spent(budget, cost, moment)
        made += [moment] * times

    for start in made:
        for window, limit in ((60.0, minute), (3600.0, hour)):
            assert bisect_left(made, start + window) - bisect_left(made, start) <= limit


@settings(max_examples=60, deadline=None)
@given(
    costs=st.lists(st.sampled_from([READ, WRITE, CREATION, ISSUE_CREATION]), max_size=120),
    points=st.integers(5, 40),
    requests=st.integers(1, 20),
)
def test_never_more_points_or_requests_than_allowed(costs: list[Cost], points: int, requests: int) -> None:
    """The same holds for points and for requests of any kind."""
    limits = Limits(points_per_minute=points, requests_per_minute=requests)
    budget, moment, sent = Budget(), 1_000_000.3, []
    for cost in costs:
        moment = earliest(budget, limits, cost, moment)
        budget = spent(budget, cost, moment)
        sent.append((moment, cost.points))

    for start, _ in sent:
        inside = [cost for at, cost in sent if start <= at < start + 60]
        assert sum(inside) <= points
        assert len(inside) <= requests


def test_a_budget_stays_small() -> None:
    """What no window sees any more is forgotten: a daemon's memory does not grow."""
    budget, moment = Budget(), 1_000_000.0
    for _ in range(20_000):
        moment += 7.2
        budget = spent(budget, CREATION, moment)

    assert len(budget.creations) <= 502
    assert len(budget.seconds) <= 62
    assert len(budget.minutes) <= 62


def test_a_cost_beyond_every_budget_is_a_bug() -> None:
    """A limit that no request can ever meet is reported, not waited for."""
    with pytest.raises(Bug):
        earliest(Budget(), Limits(points_per_minute=3), WRITE, 0.0)


# --- learning ----------------------------------------------------------------------------------


def refusal() -> RateLimited:
    return RateLimited("slow down")


def test_a_refusal_with_a_time_closes_everything_until_then(clock: FakeClock) -> None:
    """Retry-After is obeyed to the second, by reads and writes alike."""
    turns = governor(clock, SELF_HOSTED)
    turns.learn({"retry-after": "42"}, refusal())
    take(turns, READ)

    assert [42] == clock.waits


def test_refusals_without_a_time_close_for_longer_each_time(clock: FakeClock) -> None:
    """A minute, two, four; a success begins again at one."""
    turns = governor(clock, Limits(longest_wait=10_000))
    for expected in (60, 120, 240):
        error = refusal()
        turns.learn({}, error)
        assert clock.now() + timedelta(seconds=expected) == error.retry_at
        take(turns, READ)
    turns.learn({}, None)
    turns.learn({}, refusal())
    take(turns, READ)

    assert [60, 120, 240, 60] == clock.waits


def test_an_exhausted_quota_closes_its_own_pool_only(clock: FakeClock) -> None:
    """GitHub counts REST and GraphQL apart: one of them used up leaves the other open."""
    turns = governor(clock, SELF_HOSTED)
    reset = str(int(clock.now().timestamp()) + 30)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, "x-ratelimit-resource": "graphql"}
    turns.learn(headers, None)
    take(turns, READ)
    assert [] == clock.waits
    take(turns, COMMIT)

    assert [31] == clock.waits


def test_the_last_request_of_a_gitlab_quota_closes_it(clock: FakeClock) -> None:
    """RateLimit-Remaining: 0 on a good answer is believed, so that no request runs into 429."""
    turns = governor(clock, SELF_HOSTED)
    headers = {"ratelimit-remaining": "0", "ratelimit-reset": str(int(clock.now().timestamp()) + 9)}
    turns.learn(headers, None)
    take(turns, READ)

    assert [10] == clock.waits


def test_maintenance_with_a_time_is_waited_for() -> None:
    """503 with Retry-After closes like a rate limit; without one it closes nothing."""
    error: SyncerError = Unavailable("maintenance")

    assert NOW.timestamp() + 30 == learned(Budget(), {"retry-after": "30"}, error, NOW).closed[""]
    assert {} == learned(Budget(), {}, error, NOW).closed


def test_a_long_wait_is_reported_instead_of_slept(clock: FakeClock) -> None:
    """Who would wait longer than the configured maximum is told when to come back."""
    turns = governor(clock, SELF_HOSTED)
    turns.learn({"retry-after": "121"}, refusal())
    with pytest.raises(RateLimited) as caught:
        take(turns, READ)

    assert clock.now() + timedelta(seconds=121) == caught.value.retry_at
    assert [] == clock.waits


# --- sharing -----------------------------------------------------------------------------------


def test_two_governors_share_one_store(clock: FakeClock) -> None:
    """Two trackers with one credential spend from one budget; another credential has its own."""
    store = InMemoryBudgets()
    take(governor(clock, store=store), ISSUE_CREATION)
    take(Governor("another", GITHUB_PUBLIC, clock, store=store), ISSUE_CREATION)
    assert [] == clock.waits
    take(governor(clock, store=store), ISSUE_CREATION)

    assert [3] == clock.waits


def test_writes_are_sent_one_at_a_time(clock: FakeClock) -> None:
    """Where writes are paced no two are under way together, whatever the number of threads."""
    turns = governor(clock)
    under_way, most = [0], [0]

    def write() -> None:
        for _ in range(20):
            with turns.turn(WRITE):
                under_way[0] += 1
                most[0] = max(most[0], under_way[0])
                under_way[0] -= 1

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 == most[0]


def test_a_place_is_waited_for_until_a_stop(clock: FakeClock) -> None:
    """With all places taken, a stop signal ends the wait for one."""
    turns = governor(clock, Limits(concurrency=1))
    with turns.turn(READ):
        clock.stopped = True
        with pytest.raises(Interrupted):
            take(turns, READ)


def test_places_are_given_back_after_failures(clock: FakeClock) -> None:
    """An error inside a turn leaves its place to the next."""
    turns = governor(clock, Limits(concurrency=1))
    for _ in range(3):
        with pytest.raises(Unavailable), turns.turn(READ):
            raise Unavailable("no")


# --- estimating --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "creations", "writes", "low", "high"),
    [
        (GITHUB_PUBLIC, 0, 0, 0, 0),
        (GITHUB_PUBLIC, 1, 0, 0, 0),
        (GITHUB_PUBLIC, 106, 0, 315, 316),  # three seconds apart
        (GITHUB_PUBLIC, 1021, 0, 7200, 7270),  # two full hours and a rest
        (GITHUB_PUBLIC, 0, 61, 60, 61),
        (GITLAB_PUBLIC, 1000, 0, 540, 580),  # a hundred a minute
        (SELF_HOSTED, 10_000, 10_000, 0, 0),
    ],
)
def test_how_long_it_will_take(
    limits: Limits, creations: int, writes: int, low: float, high: float, clock: FakeClock
) -> None:
    """The estimate is what sending them would take, no more and no less."""
    assert low <= governor(clock, limits).estimate(creations, writes) <= high


def test_the_estimate_knows_what_was_spent(clock: FakeClock) -> None:
    """An import that goes on after a break is not promised the hour's beginning again."""
    turns = governor(clock)
    for _ in range(499):
        take(turns, ISSUE_CREATION)

    assert turns.estimate(1) <= 3
    assert turns.estimate(2) > 2000
    assert 499 == len(turns._store.read("github.example.org 1234").creations)


def test_an_estimate_is_what_then_happens(clock: FakeClock) -> None:
    """Sending as many as estimated takes exactly the estimated time."""
    turns = governor(clock, Limits(creations_per_minute=7, seconds_between_writes=0.5, longest_wait=1000))
    start, expected = clock.now(), turns.estimate(40)
    for _ in range(40):
        take(turns, ISSUE_CREATION)

    assert pytest.approx(expected, abs=1e-3) == (clock.now() - start).total_seconds()


# --- presets -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "url", "expected"),
    [
        ("github", "", GITHUB_PUBLIC),
        ("github", "https://api.github.com", GITHUB_PUBLIC),
        ("github", "https://github.example.org/api/v3", SELF_HOSTED),
        ("gitlab", "", GITLAB_PUBLIC),
        ("gitlab", "https://gitlab.com/", GITLAB_PUBLIC),
        ("gitlab", "http://127.0.0.1:4000", SELF_HOSTED),
    ],
)
def test_the_host_chooses_the_limits(kind: str, url: str, expected: Limits) -> None:
    """The public forges get their public limits, every other host none of ours."""
    assert expected == Connection("main", kind, url=url, token=Secret("t")).pace


def test_configured_limits_win() -> None:
    """Who knows better says so."""
    limits = Limits(points_per_minute=10)

    assert limits == Connection("main", "github", limits=limits).pace


def test_waiting_is_announced(clock: FakeClock) -> None:
    """Whoever shows progress hears how long and for what we wait."""
    heard: list[tuple[float, str]] = []
    turns = Governor("x", GITHUB_PUBLIC, clock, on_wait=lambda seconds, why: heard.append((seconds, why)))
    take(turns, ISSUE_CREATION)
    take(turns, ISSUE_CREATION)

    assert [(3.0, "rate limit, before creating an issue")] == heard


def test_a_write_cannot_be_announced_as_a_read(clock: FakeClock) -> None:
    """A cost that says "read" on the path for writes is a mistake of ours."""
    with pytest.raises(Bug):
        Patience(governor(clock), clock).write(lambda: None, READ)
