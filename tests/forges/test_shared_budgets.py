"""Rate budgets that processes share through the state database, and notes in general."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from syncer.forges.budgets import KeptBudgets, budget_from_text, budget_to_text
from syncer.forges.governor import CREATION, READ, Budget, Governor, Limits, earliest, spent
from syncer.forges.notes import InMemoryNotes, UnwrittenNotes
from syncer.forges.proxies import proxy_of
from syncer.ledger.sql import SqlLedger

from .fakes import FakeClock

_SPENDER = """
import sys, threading
from syncer.clock import SystemClock
from syncer.errors import RateLimited
from syncer.forges.budgets import KeptBudgets
from syncer.forges.governor import CREATION, Governor, Limits
from syncer.ledger.sql import SqlLedger

ledger = SqlLedger(sys.argv[1])
limits = Limits(creations_per_minute=40, longest_wait=0)
governor = Governor("host who", limits, SystemClock(threading.Event()), store=KeptBudgets(ledger.notes))
print("ready", flush=True)
sys.stdin.readline()
turns = 0
try:
    while True:
        with governor.turn(CREATION):
            turns += 1
except RateLimited:
    print(turns)
"""


def test_two_processes_spend_one_budget(tmp_path: Path) -> None:
    """Forty a minute are forty a minute, however many ask at the same time."""
    url = f"sqlite:///{tmp_path / 'state.db'}"
    SqlLedger(url).close()
    spenders = [
        subprocess.Popen(
            [sys.executable, "-c", _SPENDER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for spender in spenders:
        assert spender.stdout is not None
        assert "ready" == spender.stdout.readline().strip()
    for spender in spenders:
        assert spender.stdin is not None
        spender.stdin.write("go\n")
        spender.stdin.flush()
    turns = [int(spender.communicate(timeout=60)[0]) for spender in spenders]

    assert 40 == sum(turns)


def test_what_one_process_was_told_another_obeys() -> None:
    """A quota that is closed is closed for all."""
    clock, notes = FakeClock(), InMemoryNotes()
    one, other = (
        Governor("host who", Limits(longest_wait=0), clock, store=KeptBudgets(notes)) for _ in range(2)
    )
    reset = str(int(clock.now().timestamp()) + 90)
    one.learn(
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, "x-ratelimit-resource": "core"}, None
    )

    with pytest.raises(Exception, match="used up"), other.turn(READ):
        pass


def test_a_budget_survives_being_written_down() -> None:
    """To the millisecond."""
    budget = Budget(closed={"core": 1234.5}, strikes=2)
    for at in (1000.0, 1000.25, 1031.5):
        budget = spent(budget, CREATION, at)

    assert budget == budget_from_text(budget_to_text(budget))
    assert Budget() == budget_from_text(budget_to_text(Budget()))


def test_a_budget_that_was_written_down_makes_nobody_wait_for_the_rounding() -> None:
    """A write a tenth of a millisecond later is not too early, where no pause is asked for."""
    budget = budget_from_text(budget_to_text(spent(Budget(), CREATION, 1000.0009)))

    assert 1000.00091 == earliest(budget, Limits(), CREATION, 1000.00091)


@pytest.mark.parametrize(
    "text", [None, "", "-", "[]", '{"version": 99}', '{"version": 1}', '{"version": 1, "x":']
)
def test_a_text_that_is_no_budget_is_an_empty_one(text: str | None) -> None:
    """Too fast once at worst, which the forge answers with the time to come back."""
    assert Budget() == budget_from_text(text)


def test_notes_in_the_database_are_read_by_whoever_opens_it(tmp_path: Path) -> None:
    """And a change sees what was there."""
    url = f"sqlite:///{tmp_path / 'state.db'}"
    first, second = SqlLedger(url), SqlLedger(url)

    assert first.notes.read("x") is None
    assert "was None" == first.notes.change("x", lambda text: ("one", f"was {text}"))
    assert "was one" == second.notes.change("x", lambda text: ("two", f"was {text}"))
    assert "two" == first.notes.read("x")
    first.close()
    second.close()


def test_a_dry_run_reads_notes_and_leaves_none() -> None:
    """What it changes it sees itself."""
    kept = InMemoryNotes()
    kept.change("x", lambda _: ("kept", None))
    dry = UnwrittenNotes(kept)

    assert "kept" == dry.read("x")
    assert "saw kept" == dry.change("x", lambda text: ("dry", f"saw {text}"))
    assert ("dry", "kept") == (dry.read("x"), kept.read("x"))
    assert "saw dry" == dry.change("x", lambda text: ("dry", f"saw {text}"))


def test_a_proxy_is_taken_from_the_environment_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """And exceptions hold there."""
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("no_proxy", "intern.test")

    assert "" == proxy_of("", "https://api.github.com")
    assert "http://own.test:1" == proxy_of("http://own.test:1", "https://intern.test")
    assert "http://proxy.test:3128" == proxy_of("environment", "https://api.github.com")
    assert "" == proxy_of("environment", "https://git.intern.test/api/v3")
    assert "" == proxy_of("environment", "http://api.github.com")
