"""Random histories for the other tables of ``docs/semantics.md``: places, labels, states of milestones."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from dataclasses import replace

from syncer.model.fields import Field, TaskState
from syncer.model.identity import Uid
from syncer.model.ledger import LedgerChange, Settled
from syncer.model.plan import ChangeIssue, ChangeMilestone, Plan
from tests.reconcile.tables import Row, rows
from tests.team import PLAIN, Team

STAGES = ("Phase 1: Alpha", "Phase 2: Beta", "Phase 3: Gamma", "Phase 4: Delta")
ITEMS = 20
OURS = frozenset({"roadmap"})


def _title(number: int) -> str:
    return f"Build part {number:02d} of the machine"


def _letters(values: list[object]) -> str:
    names: dict[object, str] = {}
    return "".join(names.setdefault(value, "ABCD"[len(names)]) for value in values)


# -- places ----------------------------------------------------------------------------------------------


def _text(where: dict[int, int]) -> str:
    parts = ["# Plan"]
    for stage, heading in enumerate(STAGES):
        lines = [f"- [ ] Stay in {heading}"]
        lines += [f"- [ ] {_title(number)}" for number in range(ITEMS) if where[number] == stage]
        parts += [f"## {heading}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _said_of_place(plan: Plan, title: str) -> str:
    for action in plan.actions:
        if isinstance(action, ChangeIssue) and action.field is Field.STAGE and action.subject.title == title:
            return "to the tracker"
    for hold in plan.holds:
        if hold.field is Field.STAGE and hold.subject.title == title:
            return "report" if hold.code == "milestone-moved" else "hold"
    return "quiet"


def test_places_follow_their_table_and_visit_every_row() -> None:
    expected: dict[Row, str] = {row[:3]: row[3] for row in rows("place")}
    visits: Counter[Row] = Counter()
    for seed in range(4):
        dice = random.Random(seed)
        where = {number: number % 4 for number in range(ITEMS)}
        team = Team(_text(where))
        team.settled()
        keys = [next(m.key for m in team.milestones() if m.title == heading) for heading in STAGES]
        for _ in range(8):
            uid_of = {b.anchor.name: str(uid) for uid, b in team.state.stages.items()}
            uids = [uid_of[heading] for heading in STAGES]
            met: dict[str, Row] = {}
            for number in range(ITEMS):
                if dice.random() < 0.5:
                    where[number] = dice.randrange(4)
                if dice.random() < 0.5:
                    team.repository().change(team.number(_title(number)), milestone=keys[dice.randrange(4)])
                if dice.random() < 0.4:
                    halves = (None, None)
                    if dice.random() < 0.8:
                        halves = (uids[dice.randrange(4)], keys[dice.randrange(4)])  # type: ignore[assignment]
                    team.set_base(_title(number), Field.STAGE, *halves)
            team.write(_text(where))
            for number in range(ITEMS):
                fields = team.binding(_title(number)).base.get(team.tracker_id(), {})
                base, milestone = fields.get(Field.STAGE), team.issue(_title(number)).milestone
                assert milestone is not None
                now: list[object] = [where[number], keys.index(milestone)]
                if base is None:
                    letters = _letters(now)
                    met[_title(number)] = ("none", letters[0], letters[1])
                else:
                    was = [uids.index(str(base.roadmap)), keys.index(int(str(base.tracker)))]
                    letters = _letters([*was, *now])
                    met[_title(number)] = (letters[:2], letters[2], letters[3])
            plan = team.sync().plan
            assert plan is not None
            for title, row in met.items():
                says = expected[row].replace("settle", "quiet").replace("nothing", "quiet")
                assert _said_of_place(plan, title) == says, (title, row)
                visits[row] += 1
            assert team.plan().actions == ()

    assert set(visits) == set(expected)


# -- labels ----------------------------------------------------------------------------------------------


def test_labels_follow_their_table_and_visit_every_row() -> None:
    expected: dict[Row, str] = {row[:3]: row[3] for row in rows("labels")}
    visits: Counter[Row] = Counter()
    team = Team("# Plan\n\n" + "".join(f"- [ ] {_title(number)}\n" for number in range(ITEMS)))
    team.settled()
    dice = random.Random(2)
    for round_number in range(8):
        team.policy = replace(PLAIN, label="roadmap" if round_number % 2 else "")
        wanted = "yes" if round_number % 2 else "no"
        met: dict[str, Row] = {}
        for number in range(ITEMS):
            title = _title(number)
            now = OURS if dice.random() < 0.5 else frozenset()
            team.repository().change(team.number(title), labels=frozenset({"people's"}) | now)
            was = dice.choice(("yes", "no", "none"))
            halves = (None, None) if was == "none" else (OURS if was == "yes" else frozenset(),) * 2
            team.set_base(title, Field.LABELS, *halves)
            met[title] = (was, wanted, "yes" if now else "no")
        plan = team.sync().plan
        assert plan is not None
        for title, row in met.items():
            says = [
                "add" if action.after else "take away"
                for action in plan.actions
                if isinstance(action, ChangeIssue)
                and action.field is Field.LABELS
                and action.subject.title == title
            ]
            assert (says or ["nothing"]) == [expected[row]], (title, row)
            assert "people's" in team.issue(title).labels
            visits[row] += 1
        assert team.plan().actions == ()

    assert set(visits) == set(expected)


# -- milestones ------------------------------------------------------------------------------------------

WORDS = {TaskState.OPEN: "open", TaskState.DONE: "finished"}


def test_states_of_milestones_follow_their_table_and_visit_every_row() -> None:
    expected: dict[Row, str] = {row[:4]: row[4] for row in rows("milestone")}
    visits: Counter[Row] = Counter()
    dice = random.Random(4)
    headings = [f"Phase {number + 1}: Part {number:02d}" for number in range(ITEMS)]
    done = dict.fromkeys(headings, False)

    def text() -> str:
        return "# Plan\n\n" + "\n".join(
            f"## {heading}\n\n- [{'x' if done[heading] else ' '}] Build {heading}\n" for heading in headings
        )

    team = Team(text())
    team.settled()
    keys = {milestone.title: milestone.key for milestone in team.milestones()}
    for _ in range(10):
        stages = {binding.anchor.name: uid for uid, binding in team.state.stages.items()}
        for heading in headings:
            if dice.random() < 0.5:
                done[heading] = not done[heading]
            team.put(f"Build {heading}", TaskState.DONE if done[heading] else TaskState.OPEN)
            if dice.random() < 0.5:
                team.repository().change_milestone(keys[heading], closed=dice.random() < 0.5)
            if dice.random() < 0.5:
                _set_base(team, stages[heading], dice)
        team.write(text())
        met = {heading: _row(team, stages[heading], keys[heading], done[heading]) for heading in headings}
        plan = team.sync().plan
        assert plan is not None
        for heading, row in met.items():
            assert _said_of_milestone(plan, heading) == expected[row].replace(", settle", "").replace(
                "settle", "nothing"
            ), (heading, row)
            visits[row] += 1
        assert team.plan().actions == ()

    assert set(visits) == set(expected)


def _set_base(team: Team, uid: Uid, dice: random.Random) -> None:
    binding = team.state.stages[uid]
    fields = dict(binding.base[team.tracker_id()])
    fields.pop(Field.STATE, None)
    if dice.random() < 0.8:
        fields[Field.STATE] = Settled(dice.choice(list(WORDS)), dice.choice(list(WORDS)))
    changed = dataclasses.replace(binding, base={team.tracker_id(): fields})
    team.ledger.save("rune", LedgerChange(stages=(changed,)))


def _row(team: Team, uid: Uid, key: int, complete: bool) -> Row:
    base = team.state.stages[uid].base[team.tracker_id()].get(Field.STATE)
    was = ("none", "none")
    if base is not None:
        was = (WORDS[TaskState(base.roadmap)], WORDS[TaskState(base.tracker)])
    closed = team.repository().milestone(key).closed
    return (*was, "finished" if complete else "open", "finished" if closed else "open")


def _said_of_milestone(plan: Plan, heading: str) -> str:
    for action in plan.actions:
        if isinstance(action, ChangeMilestone) and action.subject.title == heading:
            return "reopen" if action.after is TaskState.OPEN else "close"
    held = any(hold.code == "milestone-stands" and hold.subject.title == heading for hold in plan.holds)
    return "report" if held else "nothing"
