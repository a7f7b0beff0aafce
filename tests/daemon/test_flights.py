"""Flights: one at a time for each project, none lost, and trouble stays where it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncer.daemon.flights import Pace, Phase
from syncer.daemon.landing import Next
from syncer.errors import Interrupted, RateLimited, Unauthorized, Unavailable
from syncer.queue.inbox import Reason, Wake
from syncer.queue.sqlite import SqliteInbox
from tests.daemon.field import QUICK, Field, eventually


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    made = Field(tmp_path)
    yield made
    made.end()


def test_a_wake_up_leads_to_a_sync_and_then_to_rest(field: Field) -> None:
    field.begin("rune")

    field.wake("rune")

    eventually(lambda: field.count("rune") == 1 and field.idle())
    assert field.inbox.waiting() == ()
    assert field.flights.views()["rune"].phase is Phase.RESTING


def test_a_burst_of_wake_ups_leads_to_few_syncs(tmp_path: Path) -> None:
    field = Field(tmp_path, pace=Pace(debounce=0.1, longest_debounce=5))
    field.begin("rune")

    for _ in range(100):
        field.wake("rune")

    eventually(lambda: field.count("rune") and field.idle())
    assert field.count("rune") == 1
    field.end()


def test_a_sync_is_told_which_issues_events_were_about(tmp_path: Path) -> None:
    field = Field(tmp_path, pace=Pace(threads=1, debounce=0.05))
    field.begin("rune")
    field.flights.submit([Wake("rune", Reason.WEBHOOK, issue=4), Wake("rune", Reason.WEBHOOK, issue=7)])
    eventually(lambda: field.count("rune") == 1 and field.idle())
    field.wake("rune")
    eventually(lambda: field.count("rune") == 2 and field.idle())

    assert field.looks == [frozenset({4, 7}), frozenset()]
    field.end()


def test_silence_is_waited_for_only_so_long(tmp_path: Path) -> None:
    field = Field(tmp_path, pace=Pace(debounce=0.2, longest_debounce=0.4))
    field.begin("rune")
    began = time.monotonic()

    while not field.count("rune"):
        field.wake("rune")
        time.sleep(0.02)
        assert time.monotonic() - began < 5

    assert 0.35 < time.monotonic() - began
    field.end()


def test_an_event_during_a_sync_means_one_more_sync(field: Field) -> None:
    flying, go_on = threading.Event(), threading.Event()

    def act(_project: str) -> None:
        flying.set()
        go_on.wait(5)

    field.act = act
    field.begin("rune")
    field.wake("rune")
    flying.wait(5)
    for _ in range(20):
        field.wake("rune")
    assert field.count("rune") == 1
    go_on.set()

    eventually(lambda: field.count("rune") == 2 and field.idle())
    time.sleep(0.05)
    assert field.count("rune") == 2


def test_a_project_never_overlaps_itself_and_every_event_is_followed_by_a_sync(field: Field) -> None:
    began: dict[str, float] = {}
    last: dict[str, float] = {}

    def act(project: str) -> None:
        began[project] = time.monotonic()
        time.sleep(0.002)

    field.act = act
    names = [f"p{number}" for number in range(20)]
    field.begin(*names)

    def burst() -> None:
        for number in range(200):
            name = names[number % 20]
            last[name] = time.monotonic()
            field.wake(name)

    threads = [threading.Thread(target=burst) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    eventually(field.idle)
    assert field.overlaps == 0
    assert all(began[name] >= last[name] for name in names)


def test_projects_fly_beside_each_other(field: Field) -> None:
    together = threading.Barrier(3, timeout=5)
    field.act = lambda _project: together.wait()
    field.begin("a", "b", "c")

    field.wake("a", "b", "c")

    eventually(lambda: len(field.landings) == 3)
    assert all(landing.next is Next.REST for _project, landing in field.landings)


def test_a_failure_is_tried_again_later_and_later(field: Field) -> None:
    outcomes = [Unavailable("no answer")] * 2
    field.act = lambda _project: _raise_next(outcomes)
    field.begin("rune")

    field.wake("rune")

    eventually(lambda: field.count("rune") == 3 and field.idle())
    assert [landing.next for _project, landing in field.landings] == [Next.RETRY, Next.RETRY, Next.REST]
    assert [QUICK.pause(Next.RETRY, failures) for failures in (1, 2, 3, 4)] == [0.05, 0.1, 0.2, 0.2]


def test_while_a_project_backs_off_events_do_not_hurry_it(tmp_path: Path) -> None:
    field = Field(tmp_path, pace=Pace(debounce=0, first_retry=60))
    field.act = lambda _project: _raise(Unavailable("no answer"))
    field.begin("rune")
    field.wake("rune")
    eventually(lambda: field.landings)

    field.wake("rune")
    time.sleep(0.1)

    assert field.count("rune") == 1
    view = field.flights.views()["rune"]
    assert (view.phase, view.reason) == (Phase.RETRYING, "no answer")
    assert view.due is not None
    assert 55 < (view.due - datetime.now(UTC)).total_seconds() < 67
    field.end()


def test_a_forge_that_names_a_time_is_not_asked_before(tmp_path: Path) -> None:
    field = Field(tmp_path, pace=Pace(debounce=0, first_retry=0.01))
    until = datetime.now(UTC) + timedelta(hours=1)
    field.act = lambda _project: _raise(RateLimited("slow down", retry_at=until))
    field.begin("rune")

    field.wake("rune")
    eventually(lambda: field.landings)

    due = field.flights.views()["rune"].due
    assert due is not None
    assert due >= until
    field.end()


def test_a_project_with_a_wrong_token_is_parked_with_its_reason_and_the_others_go_on(tmp_path: Path) -> None:
    field = Field(tmp_path, pace=Pace(debounce=0, parked_retry=60))
    field.act = lambda project: _raise(Unauthorized("the token is wrong")) if project == "bad" else None
    field.begin("bad", "good")

    field.wake("bad", "good")
    eventually(lambda: len(field.landings) == 2)

    views = field.flights.views()
    assert (views["bad"].phase, views["bad"].reason) == (Phase.PARKED, "the token is wrong")
    assert views["good"].phase is Phase.RESTING
    field.end()


def test_a_new_configuration_tries_parked_projects_at_once(tmp_path: Path) -> None:
    field = Field(tmp_path, pace=Pace(debounce=0, parked_retry=3600))
    mended: list[bool] = []
    field.act = lambda _project: None if mended else _raise(Unauthorized("the token is wrong"))
    field.begin("rune")
    field.wake("rune")
    eventually(lambda: field.landings)

    mended.append(True)
    field.flights.assign({"rune": frozenset()})

    eventually(lambda: field.count("rune") == 2 and field.idle())
    assert field.flights.views()["rune"].phase is Phase.RESTING
    field.end()


def test_a_defect_parks_its_project_only(field: Field) -> None:
    field.act = lambda project: 1 / 0 if project == "bad" else None
    field.begin("bad", "good")

    field.wake("bad", "good")

    eventually(lambda: len(field.landings) >= 2)
    assert {name: landing.next for name, landing in field.landings} == {"bad": Next.PARK, "good": Next.REST}


def test_an_outage_of_one_forge_does_not_stall_the_others(tmp_path: Path) -> None:
    field = Field(tmp_path, hosts={"a": frozenset({"down"}), "b": frozenset({"up"})})
    now = time.monotonic()
    for _ in range(3):
        field.circuits.exchanged("down", failed=True, now=now + 60)
    field.begin("a", "b")

    field.wake("a", "b")
    eventually(lambda: field.count("b") == 1)
    time.sleep(0.05)

    assert field.count("a") == 0
    assert field.flights.views()["a"].reason == "down does not answer"
    field.end()


def test_what_was_woken_before_a_crash_flies_after_it(tmp_path: Path) -> None:
    before = SqliteInbox(tmp_path / "inbox.db")
    before.put([Wake("rune", Reason.WEBHOOK), Wake("gone", Reason.WEBHOOK)])
    before.close()
    field = Field(tmp_path)

    field.begin("rune")

    eventually(lambda: field.count("rune") == 1 and field.idle())
    assert field.inbox.waiting() == ()
    field.end()


def test_a_stop_keeps_the_wake_up_for_whoever_comes_next(tmp_path: Path) -> None:
    field = Field(tmp_path)
    flying, stop = threading.Event(), threading.Event()

    def act(_project: str) -> None:
        flying.set()
        stop.wait(5)
        raise Interrupted("a stop was asked for")

    field.act = act
    field.begin("rune", "other")
    field.wake("rune")
    flying.wait(5)
    field.flights.stop()
    field.wake("other")
    assert field.flights.join(0.05) == ("rune",)
    stop.set()
    assert field.flights.join(5) == ()

    assert [each.project for each in field.inbox.waiting()] == ["rune", "other"]
    assert field.count("other") == 0
    field.inbox.close()


def test_an_audit_lists_completely_and_an_event_does_not(field: Field) -> None:
    field.begin("rune")
    field.wake("rune", reason=Reason.AUDIT, full=True)
    eventually(lambda: field.count("rune") == 1 and field.idle())
    field.wake("rune")
    eventually(lambda: field.count("rune") == 2 and field.idle())

    assert field.syncs == [("rune", True), ("rune", False)]


def _raise(error: Exception) -> None:
    raise error


def _raise_next(errors: list[Unavailable]) -> None:
    if errors:
        raise errors.pop()
