"""Criteria of a stage are one issue with a checklist, ticked both ways line by line."""

from __future__ import annotations

import pytest

from syncer.model.fields import TaskState
from syncer.reconcile.policy import Policy
from tests.team import UNLIMITED, Team

GATED = Policy(limits=UNLIMITED)
PLAN = """# Plan

## Phase 1: Alpha

- [ ] Write the parser

### Exit criteria

- [ ] All tests pass
- [x] The manual is written
- [ ] Nobody waits @tm/core longer than a second

## Phase 2: Beta

- [ ] Publish it
"""
GATE = "Exit criteria: Phase 1: Alpha"


@pytest.fixture
def team() -> Team:
    team = Team(PLAN, policy=GATED)
    team.settled()
    return team


def _lines(team: Team, title: str = GATE) -> list[str]:
    return [line for line in team.issue(title).body.splitlines() if line.startswith("- [")]


def _tick(team: Team, old: str, new: str) -> None:
    issue = team.issue(GATE)
    assert issue.body.count(old) == 1
    team.repository().change(issue.ref.number, body=issue.body.replace(old, new))


def test_a_stage_with_open_criteria_has_one_gate_in_its_milestone(team: Team) -> None:
    gate = team.issue(GATE)
    assert gate.milestone == team.milestone("Phase 1: Alpha").key
    assert "roadmap" in gate.labels
    assert [line[:5] for line in _lines(team)] == ["- [ ]", "- [x]", "- [ ]"]
    assert "@tm/core" not in gate.body
    assert len(team.issues()) == 3


def test_a_line_that_is_ticked_in_the_roadmap_is_ticked_in_the_issue(team: Team) -> None:
    team.edit("- [ ] All tests", "- [x] All tests")
    team.settled()
    assert _lines(team)[0] == "- [x] All tests pass"
    assert team.issue(GATE).state is TaskState.OPEN


def test_a_line_that_is_ticked_in_the_issue_is_ticked_in_the_roadmap(team: Team) -> None:
    _tick(team, "- [ ] All tests", "- [x] All tests")
    team.settled()
    assert team.text == PLAN.replace("- [ ] All tests", "- [x] All tests")


def test_different_lines_ticked_on_both_sides_do_not_disturb_each_other(team: Team) -> None:
    _tick(team, "- [ ] All tests", "- [x] All tests")
    team.edit("- [x] The manual", "- [ ] The manual")
    team.settled()
    assert [line[:5] for line in _lines(team)] == ["- [x]", "- [ ]", "- [ ]"]
    assert team.text == PLAN.replace("- [ ] All tests", "- [x] All tests").replace(
        "- [x] The manual", "- [ ] The manual"
    )


def test_the_gate_closes_when_all_is_met_and_reopens_when_it_is_not(team: Team) -> None:
    team.edit("- [ ] All tests", "- [x] All tests")
    _tick(team, "- [ ] Nobody", "- [x] Nobody")
    team.settled()
    assert team.issue(GATE).state is TaskState.DONE
    assert not team.milestone("Phase 1: Alpha").closed

    team.edit("- [x] All tests", "- [ ] All tests")
    team.settled()
    assert team.issue(GATE).state is TaskState.OPEN


def test_the_milestone_waits_for_the_gate(team: Team) -> None:
    team.edit("- [ ] Write the parser", "- [x] Write the parser")
    team.settled()
    assert not team.milestone("Phase 1: Alpha").closed

    team.edit("- [ ] All tests", "- [x] All tests")
    team.edit("- [ ] Nobody", "- [x] Nobody")
    team.settled()
    assert team.milestone("Phase 1: Alpha").closed


def test_a_gate_that_a_person_closed_stays_closed_and_is_reported(team: Team) -> None:
    team.put(GATE, TaskState.DONE)
    team.settled()
    assert team.issue(GATE).state is TaskState.DONE
    assert team.text == PLAN


def test_a_new_criterion_appears_in_the_list_and_a_reworded_one_keeps_its_tick(team: Team) -> None:
    _tick(team, "- [ ] All tests pass", "- [x] All tests pass")
    team.edit("- [ ] All tests pass", "- [ ] All the tests pass on Windows")
    team.edit("- [ ] Nobody", "- [ ] The logs are clean\n- [ ] Nobody")
    team.settled()
    assert _lines(team)[0] == "- [x] All the tests pass on Windows"
    assert "- [ ] The logs are clean" in _lines(team)
    assert "- [x] All the tests pass on Windows" in team.text


def test_a_tick_of_a_line_that_is_gone_is_asked_about(team: Team) -> None:
    _tick(team, "- [ ] All tests pass", "- [x] All tests pass")
    team.edit("- [ ] All tests pass\n", "")
    team.settled()
    assert [hold.code for hold in team.holds] == ["criterion-gone"]
    assert "- [x] All tests pass" in _lines(team)


def test_what_people_write_around_the_list_stays(team: Team) -> None:
    issue = team.issue(GATE)
    team.repository().change(issue.ref.number, body=f"Mine.\n\n{issue.body}\n\nToo.")
    team.edit("- [ ] All tests", "- [x] All tests")
    team.settled()
    body = team.issue(GATE).body
    assert body.startswith("Mine.\n\n")
    assert body.endswith("\n\nToo.")
    assert "- [x] All tests pass" in body


def test_text_written_into_the_list_holds_it_and_ticks_are_carried_all_the_same(team: Team) -> None:
    _tick(team, "- [ ] All tests pass", "- [x] All tests pass\n- [ ] Mine")
    team.settled()
    assert "- [x] All tests pass" in team.text
    assert "- [ ] Mine" in team.issue(GATE).body
    assert [hold.code for hold in team.holds] == ["block-edited"]


def test_a_renamed_stage_keeps_its_gate(team: Team) -> None:
    number = team.number(GATE)
    team.edit("Phase 1: Alpha", "Phase 1: Preview")
    team.settled()
    assert len(team.issues()) == 3
    assert "Preview" in team.repository().issue(number).body


def test_the_ledger_is_lost_and_the_gate_is_found_again(team: Team) -> None:
    team.lose_ledger()
    team.settled()
    assert len(team.issues()) == 3
    _tick(team, "- [ ] All tests", "- [x] All tests")
    team.settled()
    assert "- [x] All tests" in team.text


def test_criteria_that_are_all_met_need_no_gate() -> None:
    team = Team(
        "# Plan\n\n## Phase 1: Alpha\n\n- [ ] Write it\n\n### Exit criteria\n\n- [x] Fast\n", policy=GATED
    )
    team.settled()
    assert [issue.title for issue in team.issues()] == ["Write it"]
