"""A stage that is repeated: one set of items; by option a milestone for every iteration. Over real HTTP."""

from __future__ import annotations

from syncer.ledger.memory import MemoryLedger
from tests.practice.conftest import YardMaker

NAME = "Phase 2: Release candidates (RC1 – RC3)"
TEXT = f"""# Plan

## Phase 1: Alpha

- [ ] Build it

## {NAME}

_Repeat the RC loop (RC1 through RC3) until nothing is found any more._

- [ ] Freeze the branch
- [ ] Triage the findings
"""


def test_a_loop_is_one_set_of_items_in_one_milestone(yard: YardMaker) -> None:
    team = yard(TEXT, labels={"loop": "loop: {}"})
    team.settled()
    assert sorted(each.title for each in team.repository.milestones()) == ["Phase 1: Alpha", NAME]
    assert len(team.repository.issues()) == 3
    assert "loop: RC1–RC3" in team.issue("Freeze the branch").labels
    assert team.issue("Build it").labels == {"roadmap"}


def test_every_iteration_gets_a_milestone_and_issues_move_through_them_freely(yard: YardMaker) -> None:
    team = yard(TEXT, loops="expand")
    before = team.text()
    team.settled()
    milestones = {each.title: each for each in team.repository.milestones()}
    assert sorted(milestones) == ["Phase 1: Alpha", NAME, "RC1", "RC2", "RC3"]
    assert len(team.repository.issues()) == 3

    issue = team.issue("Freeze the branch")
    for title in ("RC1", "RC2"):
        issue.set_milestone(milestones[title])
        team.settled()
        assert team.codes() == []
        assert issue.milestone_title == title
    assert team.text() == before

    # Its line still decides about its stage.
    team.edit("- [ ] Freeze the branch\n", "")
    team.edit("- [ ] Build it\n", "- [ ] Build it\n- [ ] Freeze the branch\n")
    team.settled()
    assert issue.milestone_title == "Phase 1: Alpha"


def test_iterations_are_known_again_without_a_ledger_and_never_made_twice(yard: YardMaker) -> None:
    team = yard(TEXT, loops="expand")
    team.settled()
    team.issue("Freeze the branch").set_milestone(
        next(each for each in team.repository.milestones() if each.title == "RC2")
    )
    team.settled()
    team.ledger = MemoryLedger()
    team.settled()
    assert len(team.repository.milestones()) == 5
    assert team.issue("Freeze the branch").milestone_title == "RC2"


def test_what_people_do_to_iterations_stands(yard: YardMaker) -> None:
    team = yard(TEXT, loops="expand")
    team.settled()
    milestones = {each.title: each for each in team.repository.milestones()}
    milestones["RC1"].close()
    milestones["RC2"].rename("RC2 (March)")
    milestones["RC3"].delete()
    team.settled()
    found = {each.title: each.state for each in team.repository.milestones()}
    assert found.keys() == {"Phase 1: Alpha", NAME, "RC1", "RC2 (March)", "RC3"}
    assert found["RC1"] == "closed"

    for title in ("Freeze the branch", "Triage the findings"):
        team.issue(title).close()
    team.settled()
    found = {each.title: each.state for each in team.repository.milestones()}
    assert found[NAME] == "closed"
    assert found["RC3"] != "closed"
