"""Everything people and forges do, in any order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from syncer.model.fields import TaskState
from syncer.service.cycle import Orders
from tests.hostile.interference import Event
from tests.hostile.oracle import Oracle, Tally
from tests.hostile.world import BOT, TITLES, HostileTeam

TALLY = Tally()

pick = st.integers(0, 7)
titles = st.sampled_from(("", *TITLES))
words = st.sampled_from(("Ground", "Flight", "Ascent", "First steps"))
states = st.sampled_from([TaskState.OPEN, TaskState.DONE, TaskState.DROPPED])
marks = st.sampled_from([" ", "x", "x", "-"])

EDITS: dict[str, Callable[[HostileTeam, int, int], None]] = {
    "tick": lambda team, one, two: team.set_box(one, "x"),
    "untick": lambda team, one, two: team.set_box(one, " "),
    "close": lambda team, one, two: team.put_issue(one, TaskState.DONE),
    "drop": lambda team, one, two: team.put_issue(one, TaskState.DROPPED),
    "reopen": lambda team, one, two: team.put_issue(one, TaskState.OPEN),
    "retitle": lambda team, one, two: team.retitle(one, TITLES[two % len(TITLES)]),
    "reword": lambda team, one, two: team.reword(one, ""),
    "move": lambda team, one, two: team.move(one, two),
    "add": lambda team, one, two: team.add_line(one, TITLES[two % len(TITLES)]),
    "copy": lambda team, one, two: team.copy_line(one),
    "delete": lambda team, one, two: team.delete_line(one),
    "open": lambda team, one, two: team.open_issue(TITLES[one % len(TITLES)]),
}

events = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.booleans(),
        st.sampled_from(
            ["edit", "edit", "edit", "kill", "kill", "fail", "fail", "limit", "partial", "empty"]
        ),
        st.sampled_from(sorted(EDITS)),
        pick,
        pick,
    ),
    max_size=3,
)


class Hostile(RuleBasedStateMachine):
    """A world in which nobody is careful."""

    def __init__(self) -> None:
        super().__init__()
        self.team = HostileTeam()
        self.oracle = Oracle(self.team, TALLY)
        TALLY.histories += 1

    @initialize(hand=st.sampled_from(["alice", BOT]))
    def first_sync(self, hand: str) -> None:
        self.team.hand = hand
        self.oracle.settle()

    # -- the roadmap -------------------------------------------------------------------------------------

    @rule(one=pick, mark=marks)
    def set_box(self, one: int, mark: str) -> None:
        self.team.set_box(one, mark)

    @rule(one=pick, title=titles)
    def reword(self, one: int, title: str) -> None:
        self.team.reword(one, title)

    @rule(one=pick, two=pick)
    def move(self, one: int, two: int) -> None:
        self.team.move(one, two)

    @rule(one=pick)
    def delete_line(self, one: int) -> None:
        self.team.delete_line(one)

    @rule(one=pick)
    def copy_line(self, one: int) -> None:
        self.team.copy_line(one)

    @rule(one=pick, title=st.sampled_from(TITLES))
    def add_line(self, one: int, title: str) -> None:
        self.team.add_line(one, title)

    @rule(one=pick, word=words)
    def rename_heading(self, one: int, word: str) -> None:
        self.team.rename_heading(one, word)

    @rule()
    def edit_prose(self) -> None:
        self.team.edit_prose()

    @rule(one=st.integers(0, 3))
    def force_push(self, one: int) -> None:
        self.team.force_push(one)
        self.team.account.spoilt = True

    # -- the tracker -------------------------------------------------------------------------------------

    @rule(one=pick, state=states)
    def put_issue(self, one: int, state: TaskState) -> None:
        self.team.put_issue(one, state)

    @rule(one=pick, title=titles)
    def retitle(self, one: int, title: str) -> None:
        self.team.retitle(one, title)

    @rule(one=pick)
    def write_outside(self, one: int) -> None:
        self.team.write_outside(one)

    @rule(one=pick)
    def write_inside(self, one: int) -> None:
        self.team.write_inside(one)

    @rule(one=pick)
    def delete_issue(self, one: int) -> None:
        self.team.delete_issue(one)

    @rule(title=st.sampled_from(TITLES))
    def open_issue(self, title: str) -> None:
        self.team.open_issue(title)

    @rule(one=pick)
    def copy_issue(self, one: int) -> None:
        self.team.copy_issue(one)

    @rule(one=pick, word=words)
    def rename_milestone(self, one: int, word: str) -> None:
        self.team.rename_milestone(one, word)

    @rule(one=pick, closed=st.booleans())
    def close_milestone(self, one: int, closed: bool) -> None:
        self.team.close_milestone(one, closed=closed)

    @rule(one=pick, two=pick)
    def set_milestone(self, one: int, two: int) -> None:
        self.team.set_milestone(one, two)

    @rule(one=pick, two=pick, three=pick, mark=marks, state=states, title=titles)
    def busy_day(self, one: int, two: int, three: int, mark: str, state: TaskState, title: str) -> None:
        """Several people at once, at both sides."""
        self.team.set_box(one, mark)
        self.team.put_issue(two, state)
        self.team.reword(three, "")
        self.team.retitle(one, title)

    # -- the forge and the ledger ------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0, 5, 30, 300]))
    def lag(self, seconds: int) -> None:
        self.team.repo.lag = seconds

    @rule()
    def lose_ledger(self) -> None:
        self.team.lose_ledger()
        self.team.account.lost = self.team.ever_lost = True

    @rule()
    def back_up(self) -> None:
        self.team.backup = self.team.copy_ledger()

    @precondition(lambda self: self.team.backup is not None)
    @rule()
    def restore(self) -> None:
        assert self.team.backup is not None
        self.team.restore_ledger(self.team.backup)
        self.team.restored = self.team.account.lost = self.team.ever_lost = True

    # -- syncer ------------------------------------------------------------------------------------------

    @rule(happen=events, full=st.sampled_from([False, False, True]))
    def sync(self, happen: list[tuple[int, bool, str, str, int, int]], full: bool) -> None:
        team = self.team
        report = team.hostile_run(
            [
                Event(at, after, what, partial(EDITS[edit], team, one, two))
                for at, after, what, edit, one, two in happen
            ],
            Orders(full=full),
        )
        TALLY.runs += 1
        TALLY.killed += report is None

    @rule(happen=events, one=pick, two=pick)
    def event(self, happen: list[tuple[int, bool, str, str, int, int]], one: int, two: int) -> None:
        """A webhook about some issues, whether or not they are the ones that changed."""
        team = self.team
        numbers = sorted(team.repo.issues)
        named = frozenset(numbers[number % len(numbers)] for number in (one, two)) if numbers else frozenset()
        report = team.hostile_run(
            [
                Event(at, after, what, partial(EDITS[edit], team, first, second))
                for at, after, what, edit, first, second in happen
            ],
            Orders(issues=named),
        )
        TALLY.runs += 1
        TALLY.killed += report is None

    @rule()
    def settle(self) -> None:
        self.oracle.settle()

    def teardown(self) -> None:
        self.oracle.settle()
