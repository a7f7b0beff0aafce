"""Ticks put keys into the queue, at the times that are configured."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.daemon.quiet import QuietHours
from syncer.daemon.ticks import Schedule, Ticks, next_slot
from syncer.errors import Unavailable
from syncer.queue.inbox import Reason, Wake
from tests.daemon.field import eventually


class Box:
    """Takes wake-ups."""

    def __init__(self) -> None:
        self.wakes: list[Wake] = []
        self.full = False

    def __call__(self, wakes: Sequence[Wake]) -> None:
        if self.full:
            raise Unavailable("the disk is full")
        self.wakes.extend(wakes)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def ticks(box: Box) -> Iterator[Ticks]:
    made = Ticks(box)
    made.start()
    yield made
    made.stop()


def test_looks_and_audits_tick(ticks: Ticks, box: Box) -> None:
    ticks.assign({"rune": Schedule(every=0.1, jitter=0, audit_every=0.15)})

    eventually(lambda: {wake.reason for wake in box.wakes} == {Reason.SCHEDULE, Reason.AUDIT})
    assert all(wake.full == (wake.reason is Reason.AUDIT) for wake in box.wakes)


def test_nothing_ticks_for_projects_that_want_none_or_are_gone(ticks: Ticks, box: Box) -> None:
    ticks.assign({"never": Schedule(every=0, audit_every=0), "gone": Schedule(every=0.05, audit_every=0.05)})
    eventually(lambda: box.wakes)
    ticks.assign({"never": Schedule(every=0, audit_every=0)})
    time.sleep(0.05)
    box.wakes.clear()
    time.sleep(0.2)

    assert box.wakes == []
    assert ticks.next_look("never") is None
    assert ticks.next_look("gone") is None


def test_in_quiet_hours_no_look_ticks_but_audits_do(ticks: Ticks, box: Box) -> None:
    now = datetime.now(UTC)
    start, end = (now - timedelta(hours=1)).time(), (now + timedelta(hours=1)).time()
    quiet = QuietHours(start, end, ZoneInfo("UTC"))
    ticks.assign({"rune": Schedule(every=0.05, jitter=0, audit_every=0.1, quiet=quiet)})

    eventually(lambda: len(box.wakes) >= 2)
    assert {wake.reason for wake in box.wakes} == {Reason.AUDIT}


def test_a_tick_that_is_lost_does_not_stop_the_clock(ticks: Ticks, box: Box) -> None:
    box.full = True
    ticks.assign({"rune": Schedule(every=0.05, jitter=0, audit_every=0)})
    time.sleep(0.15)
    box.full = False

    eventually(lambda: box.wakes)
    assert ticks.alive


def test_a_cron_expression_is_read_in_its_time_zone(ticks: Ticks) -> None:
    ticks.assign({"rune": Schedule(cron="30 4 * * *", zone="Asia/Tokyo", jitter=0, audit_every=0)})

    at = ticks.next_look("rune")

    assert at is not None
    assert (at.astimezone(UTC).hour, at.minute) == (19, 30)


def test_a_schedule_that_stays_the_same_is_not_put_back(ticks: Ticks) -> None:
    schedule = Schedule(every=1000, jitter=100, audit_every=0)
    ticks.assign({"rune": schedule})
    before = ticks.next_look("rune")

    ticks.assign({"rune": Schedule(every=1000, jitter=100, audit_every=0), "other": schedule})

    assert ticks.next_look("rune") == before


@given(
    name=st.text(max_size=20),
    every=st.floats(1, 1e6),
    now=st.floats(1e9, 2e9),
    later=st.floats(0, 1e6),
)
def test_a_restart_does_not_put_off_what_is_due(name: str, every: float, now: float, later: float) -> None:
    slot = next_slot(name, every, now)

    assert now < slot <= now + every * 1.000001
    if now + later < slot - 0.01:
        assert next_slot(name, every, now + later) == pytest.approx(slot, abs=0.01)


def test_projects_are_spread_over_the_interval() -> None:
    slots = [next_slot(f"project-{number}", 300, 1e9) - 1e9 for number in range(1000)]

    for quarter in range(4):
        inside = [slot for slot in slots if quarter * 75 <= slot < (quarter + 1) * 75]
        assert 180 < len(inside) < 320
