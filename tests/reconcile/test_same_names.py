"""Stages of several files that are called the same: each has its milestone, told apart by its file."""

from __future__ import annotations

from tests.team import Team

PLAN = "# Plan\n\n## Beta\n\n- [ ] Weld the frame\n"


def test_each_stage_has_its_milestone_and_a_second_run_plans_nothing() -> None:
    team = Team({"TODO.md": PLAN, "docs/NEXT.md": PLAN})

    team.sync()

    assert [each.title for each in team.milestones()] == ["Beta", "Beta (NEXT)"]
    assert team.plan().actions == ()


def test_a_name_that_becomes_the_same_is_told_apart_from_then_on() -> None:
    team = Team({"TODO.md": PLAN, "docs/NEXT.md": PLAN.replace("Beta", "Gamma")})
    team.sync()
    team.edit("## Gamma", "## Beta", "docs/NEXT.md")

    team.sync()

    assert [each.title for each in team.milestones()] == ["Beta", "Beta (NEXT)"]
    assert team.plan().actions == ()


def test_a_name_that_is_the_only_one_again_loses_what_told_it_apart() -> None:
    team = Team({"TODO.md": PLAN, "docs/NEXT.md": PLAN})
    team.sync()
    team.edit("## Beta", "## Alpha", "TODO.md")

    team.sync()
    team.settled()

    assert sorted(each.title for each in team.milestones()) == ["Alpha", "Beta"]
