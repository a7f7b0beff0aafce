"""Random histories of many items at once, each step held against the tables of ``docs/semantics.md``.

The bases arise from syncing, as they do in life, and sometimes from a restored ledger. Every row must have
been visited in the end, so that a row that no history reaches cannot hide a mistake.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from syncer.model.edits import SetState
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId
from syncer.model.ledger import Settled
from syncer.model.plan import EditRoadmap, Plan, SetIssueState
from syncer.reconcile.merge import ROADMAP, merge
from syncer.reconcile.policy import OnConflict
from tests.reconcile.law import MARKS, with_policy
from tests.reconcile.tables import rows
from tests.team import Team

ITEMS = 24
TRACKER = TrackerId("main:acme/rune")
WORDS = {
    TaskState.OPEN: ("untick", "reopen"),
    TaskState.DONE: ("tick", "close"),
    TaskState.DROPPED: ("mark dropped", "close as not planned"),
}


def _title(number: int) -> str:
    return f"Build part {number:02d} of the machine"


def _said(plan: Plan, title: str) -> str:
    """What a plan does about one item's state; ``settle`` and ``nothing`` both write nothing."""
    for action in plan.actions:
        if action.subject.title != title:
            continue
        if isinstance(action, EditRoadmap) and isinstance(action.edit, SetState):
            return WORDS[action.edit.state][0]
        if isinstance(action, SetIssueState):
            return WORDS[action.after][1]
    held = any(hold.subject.title == title and hold.field is Field.STATE for hold in plan.holds)
    return "hold" if held else "quiet"


class History:
    """A team whose people change states on both sides at random, and sync now and then."""

    def __init__(self, seed: int, winner: str) -> None:
        self.random = random.Random(seed)
        lines = [f"- [ ] {_title(number)}" for number in range(ITEMS)]
        self.team = Team("# Plan\n\n" + "\n".join(lines) + "\n", policy=with_policy(Field.STATE, winner))
        self.team.settled()
        column = 4 + ("hold", "roadmap", "tracker").index(winner)
        self.expected = {row[:4]: row[column] for row in rows("state")}

    def round(self) -> Counter[tuple[str, ...]]:
        """People work, one sync follows; which rows were met.

        Raises:
            AssertionError: the plan says something else than the table.
        """
        states = list(TaskState)
        lines = self.team.text.splitlines()
        for number in range(ITEMS):
            at = next(n for n, line in enumerate(lines) if _title(number) in line)
            if self.random.random() < 0.5:
                lines[at] = f"- [{MARKS[self.random.choice(states)]}] {_title(number)}"
            if self.random.random() < 0.5:
                self.team.put(_title(number), self.random.choice(states))
            if self.random.random() < 0.2:
                halves = self.random.choice([(None, None), *((a, b) for a in states for b in states)])
                self.team.set_base(_title(number), Field.STATE, *halves)
        self.team.write("\n".join(lines) + "\n")
        met = {_title(number): self._row(number) for number in range(ITEMS)}
        plan = self.team.sync().plan
        assert plan is not None
        for title, row in met.items():
            expected = self.expected[row].replace("settle", "quiet").replace("nothing", "quiet")
            assert _said(plan, title) == expected, (title, row)
        assert self.team.plan().actions == ()
        return Counter(met.values())

    def _row(self, number: int) -> tuple[str, ...]:
        title = _title(number)
        base = self.team.binding(title).base.get(self.team.tracker_id(), {}).get(Field.STATE)
        item = next(each for each in self.team.document().items if each.full_title == title)
        shown = (item.state.value, self.team.issue(title).state.value)
        if base is None:
            return ("none", "none", *shown)
        halves = (base.roadmap, base.tracker)
        return (*(half.value for half in halves if isinstance(half, TaskState)), *shown)


@pytest.mark.parametrize("winner", [each.value for each in OnConflict])
def test_random_histories_follow_the_table_and_visit_every_row(winner: str) -> None:
    visits: Counter[tuple[str, ...]] = Counter()
    for seed in range(6):
        history = History(seed, winner)
        for _ in range(12):
            visits += history.round()

    missed = {row[:4] for row in rows("state")} - set(visits)
    assert not missed
    assert sum(visits.values()) == 6 * 12 * ITEMS


@pytest.mark.parametrize("winner", [each.value for each in OnConflict])
def test_random_values_follow_the_law_for_every_field_and_visit_every_row(winner: str) -> None:
    """The law itself, on random values: what it says is the row that their pattern of equality names."""
    column = 3 + ("hold", "roadmap", "tracker").index(winner)
    expected = {row[:3]: row[column] for row in rows("scalar")}
    visits: Counter[tuple[str, ...]] = Counter()
    dice = random.Random(5)
    for _ in range(4_000):
        values = [dice.choice("pqrs") for _ in range(4)]
        known = dice.random() < 0.9
        was = (values[0], values[1]) if known else None
        letters = _letters(values if known else values[2:])
        row = (letters[:2], letters[2], letters[3]) if known else ("none", letters[0], letters[1])
        merged = merge(
            {TRACKER: Settled(*was)} if was is not None else {},
            values[2],
            {TRACKER: values[3]},
            lambda _left, one, _right, other: one == other,
            OnConflict(winner),
        )
        if merged.held:
            said = "hold"
        elif merged.targets:
            said = "to the roadmap" if ROADMAP in merged.targets else "to the tracker"
        else:
            said = "settle" if merged.settle else "nothing"
        assert said == expected[row], row
        visits[row] += 1

    assert set(visits) == set(expected)


def _letters(values: list[str]) -> str:
    names: dict[str, str] = {}
    return "".join(names.setdefault(value, "ABCD"[len(names)]) for value in values)
