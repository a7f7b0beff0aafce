"""What becomes of the end of a sync: what is done next, what the board shows, what is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syncer.daemon.board import Board, Stand
from syncer.daemon.flights import Flight, Pace
from syncer.daemon.landing import Landing, Next, landing_of
from syncer.daemon.sites import Sites
from syncer.daemon.watch import Watch, kind_of
from syncer.errors import (
    Bug,
    ConfigError,
    Forbidden,
    Interrupted,
    LeaseTaken,
    RateLimited,
    SyncerError,
    Unauthorized,
    Unavailable,
    UnknownFate,
)
from syncer.forges.observer import Exchange
from syncer.model.ledger import RunOutcome, Standing
from syncer.model.plan import CreateIssue, Severity, Verdict
from syncer.observability.metrics import Metrics
from syncer.queue.inbox import Waiting
from syncer.service.report import RunReport

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _report(outcome: RunOutcome = RunOutcome.COMPLETE, problem: SyncerError | None = None) -> RunReport:
    return RunReport("rune", "run-1", False, NOW, outcome=outcome, problem=problem)


def _flight(*reasons: str, first_at: float = 0.0) -> Flight:
    return Flight("rune", "run-1", Waiting("rune", 1, first_at, first_at, False, reasons), 0.0)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (Unavailable("no answer"), Next.RETRY),
        (LeaseTaken("another syncer works on it"), Next.RETRY),
        (UnknownFate("no answer to a write"), Next.RETRY),
        (Unauthorized("the token is wrong"), Next.PARK),
        (Forbidden("the rights are too small"), Next.PARK),
        (ConfigError("no such forge"), Next.PARK),
        (Bug("a promise is broken"), Next.PARK),
        (Interrupted("a stop was asked for"), Next.STOP),
    ],
)
def test_whose_move_it_is_decides_what_is_next(problem: SyncerError, expected: Next) -> None:
    assert landing_of(_report(RunOutcome.FAILED, problem)).next is expected


def test_a_stop_that_cut_a_run_short_is_no_retry() -> None:
    assert landing_of(_report(RunOutcome.PARTIAL, Interrupted("a stop was asked for"))).next is Next.STOP


def test_a_forge_that_names_a_time_is_believed() -> None:
    until = NOW + timedelta(minutes=7)

    assert landing_of(_report(RunOutcome.FAILED, RateLimited("slow", retry_at=until))).not_before == until


def test_a_held_plan_rests_and_says_how_to_approve_it() -> None:
    report = _report(RunOutcome.HELD)
    report.verdict = Verdict(("60 issues would be created",))

    landing = landing_of(report)

    assert landing.next is Next.REST
    assert "60 issues" in landing.reason
    assert "syncer approve rune" in landing.remedy


def test_what_was_not_done_is_tried_again_when_it_makes_sense() -> None:
    report = _report(RunOutcome.PARTIAL)
    report.waiting_until = NOW

    landing = landing_of(report)

    assert (landing.next, landing.not_before) == (Next.RETRY, NOW)


def test_pauses_grow_and_have_an_end() -> None:
    pace = Pace(first_retry=10, longest_retry=100, parked_retry=900)

    assert [pace.pause(Next.RETRY, count) for count in (1, 2, 3, 5, 99)] == [10, 20, 40, 100, 100]
    assert [pace.pause(Next.PARK, count) for count in (1, 2, 5, 99)] == [900, 1800, 14400, 14400]


def test_the_board_starts_from_what_the_ledger_knows_and_keeps_the_last_success() -> None:
    standing = Standing(
        NOW, RunOutcome.HELD, NOW - timedelta(days=1), {}, held=("too many",), digests=("a", "b")
    )
    board = Board(lambda _project: standing)
    assert board.stand("rune").drift == 2

    board.landed(_flight(), _report(RunOutcome.FAILED, Unavailable("no answer")), NOW + timedelta(hours=1))
    stand = board.stand("rune")

    assert (stand.outcome, stand.last_success) == ("failed", NOW - timedelta(days=1))
    assert stand.held == ("too many",)  # it did not get far enough to know better

    board.landed(_flight(), _report(), NOW + timedelta(hours=2))
    assert board.stand("rune").last_success == NOW + timedelta(hours=2)


def test_the_board_asks_again_where_others_run_projects_too() -> None:
    standings = [Standing(NOW + timedelta(hours=n), RunOutcome.COMPLETE, None, {}) for n in range(3)]
    board = Board(lambda _project: standings.pop(0), fresh=0.0)

    assert [board.stand("rune").at for _ in range(3)] == [NOW + timedelta(hours=n) for n in range(3)]


def test_projects_that_are_gone_are_forgotten() -> None:
    board = Board(lambda _project: None)
    board.landed(_flight(), _report(), NOW)

    board.keep_only({})

    assert board.stand("rune") == Stand()


def test_syncs_and_requests_are_counted_in_closed_sets() -> None:
    metrics, failures = Metrics(projects=1), list[tuple[str, bool]]()
    watch = Watch(
        Board(lambda _project: None), metrics, lambda forge, failed: failures.append((forge, failed))
    )

    watch.landed(_flight("webhook"), _report(), Landing(Next.REST), 1.5)
    watch.landed(_flight("schedule"), _report(RunOutcome.FAILED), Landing(Next.RETRY), 1.5)
    for status in (200, 304, 404, 429, 418, 503, 0):
        watch.exchanged(Exchange("main", "GET", "/x", False, status, False, 0.1, 0, 0))
    watch.waiting(2.0, "rate limit")
    text = metrics.render().decode()

    assert 'syncer_syncs_total{outcome="complete"} 1.0' in text
    assert 'syncer_syncs_total{outcome="failed"} 1.0' in text
    assert "syncer_event_to_sync_seconds_count 1.0" in text
    for answer in ("2xx", "304", "404", "429", "4xx", "5xx", "none"):
        assert f'answer="{answer}",forge="main",kind="read"}} 1.0' in text
    assert "syncer_rate_limit_wait_seconds_total 2.0" in text
    assert [failed for _forge, failed in failures] == [False] * 5 + [True, True]


def test_kinds_of_actions_are_named_as_in_plans() -> None:
    assert kind_of(CreateIssue.__new__(CreateIssue)) == "create-issue"


def test_a_replaced_configuration_is_closed_when_its_last_user_has_left() -> None:
    closed: list[str] = []

    class Site:
        def __init__(self, name: str) -> None:
            self.name = name

        def close(self) -> None:
            closed.append(self.name)

    old, new = Site("old"), Site("new")
    sites = Sites(old)
    with sites.use() as used:
        sites.replace(new)
        assert (used, sites.present) == (old, new)
        assert closed == []
    assert closed == ["old"]
    sites.close()
    assert closed == ["old", "new"]


def test_severities_that_wait_for_people_count_as_drift() -> None:
    stand = Stand(holds={"conflict": 2, "question": 1, "report": 5, "wait": 7}, outstanding=3)

    assert stand.drift == 6
    assert stand.count(Severity.REPORT) == 5
