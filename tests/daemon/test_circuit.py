"""A circuit for each forge host."""

from __future__ import annotations

from syncer.daemon.circuit import Circuits


def test_failures_in_a_row_open_it_for_a_while() -> None:
    circuits = Circuits(after=3, pause=30)

    opened = [circuits.exchanged("a", failed=True, now=100) for _ in range(3)]

    assert opened == [False, False, True]
    assert circuits.until(["a", "b"], 101) == 130
    assert circuits.until(["b"], 101) is None
    assert circuits.until(["a"], 130) is None


def test_a_success_in_between_keeps_it_closed() -> None:
    circuits = Circuits(after=2, pause=30)

    for failed in (True, False, True, False, True):
        assert not circuits.exchanged("a", failed=failed, now=0)


def test_after_the_pause_one_sync_at_a_time_tries_it() -> None:
    circuits = Circuits(after=1, pause=30)
    circuits.exchanged("a", failed=True, now=0)

    assert not circuits.enter(["a"], 29)
    assert circuits.enter(["a"], 30)
    assert not circuits.enter(["a"], 30)
    circuits.leave(["a"])
    assert circuits.enter(["a"], 31)
    circuits.exchanged("a", failed=False, now=32)
    circuits.leave(["a"])
    assert circuits.enter(["a"], 32)
    assert circuits.enter(["a"], 32)


def test_each_further_outage_is_left_in_peace_twice_as_long_up_to_a_limit() -> None:
    circuits = Circuits(after=1, pause=30, longest=100)
    now, pauses = 0.0, []
    for _ in range(4):
        circuits.enter(["a"], now)
        circuits.exchanged("a", failed=True, now=now)
        circuits.leave(["a"])
        until = circuits.until(["a"], now)
        assert until is not None
        pauses.append(until - now)
        now = until

    assert pauses == [30, 60, 100, 100]


def test_requests_that_were_under_way_when_it_opened_do_not_prolong_it() -> None:
    circuits = Circuits(after=1, pause=30)
    circuits.exchanged("a", failed=True, now=0)

    for second in range(5):
        assert not circuits.exchanged("a", failed=True, now=second)

    assert circuits.until(["a"], 29) == 30
    assert circuits.open_hosts(29) == ("a",)
