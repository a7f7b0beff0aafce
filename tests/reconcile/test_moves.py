"""Lines that follow their issues into another stage, as ``docs/semantics.md`` has it, by option."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.model.edits import MoveItem
from syncer.model.fields import Field, TaskState
from syncer.model.plan import ChangeIssue, EditRoadmap, Plan, Settle
from syncer.reconcile.policy import Placement
from tests.reconcile.tables import Row, rows
from tests.team import PLAIN, Team

BOTH = replace(PLAIN, placement=Placement.BOTH)
LINE = "- [ ] Write the parser\n  It reads everything.\n"
PLAN = "# Plan\n\n## Phase 1: Alpha\n\n- [ ] Stay in A\n{A}\n## Phase 2: Beta\n\n- [ ] Stay in B\n{B}"
HEADINGS = {"A": "Phase 1: Alpha", "B": "Phase 2: Beta"}


def _roadmap(letter: str) -> str:
    return PLAN.format(**{each: LINE if each == letter else "" for each in "AB"})


@pytest.mark.parametrize("row", rows("moves"), ids="-".join)
def test_moves(row: Row) -> None:
    was, roadmap, tracker, expected = row
    team = Team(_roadmap("A"), policy=BOTH)
    team.settled()
    keys: dict[str, int | None] = {each: team.milestone(title).key for each, title in HEADINGS.items()}
    keys |= {"C": team.repository().add_milestone("Somebody's"), "none": None}
    uids = {binding.anchor.name: str(uid) for uid, binding in team.state.stages.items()}
    halves = (uids[HEADINGS[was[0]]], keys[was[1]]) if was != "none" else (None, None)
    team.set_base("Write the parser", Field.STAGE, *halves)
    if roadmap != "A":
        team.write(_roadmap(roadmap))
    team.repository().change(team.number("Write the parser"), milestone=keys[tracker])

    assert _said(team.plan()) == expected
    team.settled()
    if expected == "to the roadmap":
        assert team.text == _roadmap("B" if roadmap == "A" and tracker == "B" else roadmap)


def _said(plan: Plan) -> str:
    for action in plan.actions:
        match action:
            case EditRoadmap(edit=MoveItem()):
                return "to the roadmap"
            case ChangeIssue(field=Field.STAGE):
                return "to the tracker"
    for hold in plan.holds:
        if hold.field is Field.STAGE:
            return "report" if hold.code == "milestone-moved" else "hold"
    if any(isinstance(each, Settle) and each.settles[0].field is Field.STAGE for each in plan.actions):
        return "settle"
    return "nothing"


def test_a_line_goes_under_the_heading_of_the_same_name() -> None:
    text = (
        "# Plan\n\n## Phase 1\n\n### Tests\n\n- [ ] Test the parser\n- [ ] Test the lexer\n\n"
        "## Phase 2\n\n### Tests\n\n- [ ] Test the emitter\n\n### Docs\n\n- [ ] Write the manual\n"
    )
    team = Team(text, policy=BOTH)
    team.settled()
    key = team.milestone("Phase 2").key
    team.repository().change(team.number("Test the lexer"), milestone=key)
    team.settled()
    moved = "- [ ] Test the lexer\n"
    assert team.text == text.replace(moved, "").replace("Test the emitter\n", f"Test the emitter\n{moved}")
    assert "Phase 2 :: Tests" in team.issue("Test the lexer").body


def test_an_item_that_is_closed_and_moved_at_once_ends_in_its_new_place_ticked() -> None:
    team = Team(_roadmap("A"), policy=BOTH)
    team.settled()
    team.repository().change(team.number("Write the parser"), milestone=team.milestone("Phase 2: Beta").key)
    team.put("Write the parser", TaskState.DONE)
    team.sync()
    team.sync()
    team.settled()
    assert team.text == _roadmap("B").replace("[ ] Write", "[x] Write")


def test_a_line_takes_what_stands_below_it_along() -> None:
    text = (
        "# Plan\n\n## Phase 1\n\n- [ ] Write the parser\n  - [ ] Read numbers\n  - [ ] Read texts\n"
        "- [ ] Stay\n\n## Phase 2\n\n* [ ] Ship it\n"
    )
    team = Team(text, policy=BOTH)
    team.settled()
    key = team.milestone("Phase 2").key
    team.repository().change(team.number("Write the parser"), milestone=key)
    team.sync()
    team.settled()
    assert team.text.endswith(
        "* [ ] Ship it\n* [ ] Write the parser\n  - [ ] Read numbers\n  - [ ] Read texts\n"
    )
    assert {issue.title for issue in team.issues() if issue.milestone == key} >= {
        "Write the parser",
        "Ship it",
    }


def test_rows_are_reported_as_before() -> None:
    text = (
        "# Plan\n\n## Phase 1\n\n| ID | Task | Status |\n|---|---|---|\n| A-1 | Parse | Pending |\n\n"
        "## Phase 2\n\n- [ ] Ship it\n"
    )
    team = Team(text, policy=BOTH)
    team.settled()
    team.repository().change(team.number("A-1: Parse"), milestone=team.milestone("Phase 2").key)
    assert [hold.code for hold in team.settled().holds] == ["milestone-moved"]
    assert team.text == text


def test_a_task_is_not_moved_among_criteria() -> None:
    text = (
        "# Plan\n\n## Phase 1\n\n- [ ] Write the parser\n- [ ] Stay\n\n## Phase 2\n\n- [ ] Ship it\n\n"
        "### Exit criteria\n\n- [ ] Everybody is happy\n"
    )
    team = Team(text, policy=BOTH)
    team.settled()
    team.repository().change(team.number("Write the parser"), milestone=team.milestone("Phase 2").key)
    team.settled()
    assert "- [ ] Ship it\n- [ ] Write the parser\n\n### Exit criteria" in team.text


def test_a_line_and_its_issue_that_were_moved_to_different_stages_are_a_question() -> None:
    text = _roadmap("A") + "\n## Phase 3: Gamma\n\n- [ ] Stay in C\n"
    team = Team(text, policy=BOTH)
    team.settled()
    moved = _roadmap("B") + "\n## Phase 3: Gamma\n\n- [ ] Stay in C\n"
    team.write(moved)
    gamma = team.milestone("Phase 3: Gamma").key
    team.repository().change(team.number("Write the parser"), milestone=gamma)
    plan = team.settled()
    assert [(hold.field, hold.code) for hold in plan.holds] == [(Field.STAGE, "conflict")]
    assert team.text == moved
    assert team.issue("Write the parser").milestone == gamma
