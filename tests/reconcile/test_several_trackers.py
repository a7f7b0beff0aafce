"""One roadmap, two trackers: what happens on one reaches the roadmap and the other, once."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from syncer.model.fields import TaskState
from syncer.reconcile.planner import plan
from syncer.service.book import Book
from syncer.service.observe import look, observation
from syncer.service.rehearse import preview
from tests.team import PLAIN, Team

HERE, THERE = "acme/rune", "acme/rune-issues"
PLAN = """# Plan

| Milestone | Target date | Status |
|---|---|---|
| M1: Alpha | 2026-03-06 | Planned |

## Phase 1: Beta

- [ ] Write the parser
- [ ] Write the manual
"""


@pytest.fixture
def team() -> Team:
    team = Team(PLAN, trackers=(HERE, THERE), policy=PLAIN)
    team.settled()
    return team


def test_every_line_has_an_issue_on_each_tracker(team: Team) -> None:
    assert [i.title for i in team.issues(HERE)] == [i.title for i in team.issues(THERE)]
    assert len(team.issues(HERE)) == 2


def test_closing_on_one_ticks_the_box_and_closes_on_the_other(team: Team) -> None:
    team.put("Write the parser", TaskState.DONE, HERE)
    team.settled()
    assert "- [x] Write the parser" in team.text
    assert team.issue("Write the parser", THERE).state is TaskState.DONE


def test_a_retitled_issue_renames_line_and_the_other_issue(team: Team) -> None:
    team.repository(THERE).retitle(team.number("Write the manual", THERE), "Write the handbook")
    team.settled()
    assert "- [ ] Write the handbook" in team.text
    assert team.issue("Write the handbook", HERE)


def test_different_titles_on_two_trackers_are_held_on_all_sides(team: Team) -> None:
    team.repository(HERE).retitle(team.number("Write the manual", HERE), "Write the handbook")
    team.repository(THERE).retitle(team.number("Write the manual", THERE), "Write the guide")
    team.settled()
    assert team.text == PLAN
    assert {hold.code for hold in team.holds} == {"conflict"}


def test_a_date_changed_on_one_reaches_roadmap_and_the_other(team: Team) -> None:
    (milestone,) = (each for each in team.milestones(THERE) if each.title.endswith("Alpha"))
    team.repository(THERE).change_milestone(milestone.key, due=date(2026, 4, 1))
    team.settled()
    assert "2026-04-01" in team.text
    (other,) = (each for each in team.milestones(HERE) if each.title.endswith("Alpha"))
    assert other.due == date(2026, 4, 1)


def test_a_stage_renamed_on_one_is_renamed_everywhere_in_one_run(team: Team) -> None:
    (milestone,) = (each for each in team.milestones(HERE) if each.title.endswith("Beta"))
    team.repository(HERE).change_milestone(milestone.key, title="Phase 1: Preview")
    team.settled()
    assert "## Phase 1: Preview" in team.text
    assert [each for each in team.milestones(THERE) if each.title == "Phase 1: Preview"]
    assert all("Preview" in issue.body for issue in [*team.issues(HERE), *team.issues(THERE)])


def test_a_tracker_that_is_added_later_gets_its_issues_and_keeps_the_others(team: Team) -> None:
    alone = Team(PLAN, trackers=(HERE,), policy=PLAIN)
    alone.settled()
    alone.put("Write the parser", TaskState.DONE)
    alone.settled()
    alone.names = (HERE, THERE)
    alone.forge.repository(THERE)
    alone.settled()
    assert [issue.title for issue in alone.issues(THERE)] == ["Write the manual"]
    assert len(alone.issues(HERE)) == 2


def test_the_same_look_gives_the_same_plan_whatever_the_order_of_lists(team: Team) -> None:
    """Plans are compared as text, byte for byte."""
    team.edit("- [ ] Write the parser", "- [x] Write the parser\n- [ ] Count the tokens")
    team.put("Write the manual", TaskState.DROPPED, THERE)
    book = Book(team.ledger, "rune", "run", team.clock)
    observed = observation(team.project, book, look(team.project, book, team.clock))
    state = team.state
    first = repr(plan(observed, state, team.policy, preview))
    shuffled = random.Random(1)
    for _ in range(5):
        views = list(observed.trackers.items())
        mixed = {
            name: replace(
                view,
                issues=dict(shuffled.sample(sorted(view.issues.items()), len(view.issues))),
                milestones=dict(shuffled.sample(sorted(view.milestones.items()), len(view.milestones))),
            )
            for name, view in views
        }
        bindings = dict(shuffled.sample(sorted(state.bindings.items()), len(state.bindings)))
        again = plan(
            replace(observed, trackers=mixed), replace(state, bindings=bindings), team.policy, preview
        )
        assert repr(again) == first
