"""A checkbox with checkboxes below it: parents with children, checklists where there is no room."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from syncer.forges.memory.tracker import MemoryTracker
from syncer.model.fields import Field, TaskState
from syncer.model.ledger import RunOutcome
from syncer.model.plan import CreateIssue, Outcome, Plan, SetParent
from syncer.reconcile.policy import Dropped, Groups, Policy
from tests.team import PLAIN, Team

NESTED = replace(PLAIN, groups=Groups.SUB_ISSUES)
LISTED = replace(PLAIN, groups=Groups.CHECKLIST)

PLAN = """\
# Plan

## Phase 1: Alpha

- [ ] Parser
  - [ ] Read headings
  - [ ] Read tables
- [ ] Printer
  - [ ] Print headings
- [ ] Write the manual
"""


def team(text: str = PLAN, *, policy: Policy = NESTED) -> Team:
    """A team whose plan is settled."""
    made = Team(text, policy=policy)
    made.settled()
    return made


def parent(made: Team, title: str) -> str:
    """The title of the issue above."""
    above = made.issue(title).parent
    return made.repository().issue(above).title if above else ""


def family(made: Team) -> dict[str, str]:
    """Every issue and what it stands below."""
    return {issue.title: parent(made, issue.title) for issue in made.issues()}


def codes(made: Team) -> list[str]:
    return [hold.code for hold in made.holds]


def links(plan: Plan) -> list[tuple[str, str]]:
    return [(each.subject.title, each.after_title) for each in plan.actions if isinstance(each, SetParent)]


# -- parents and children --------------------------------------------------------------------------------


def test_children_are_created_and_put_below_their_parents_in_one_run() -> None:
    """And nothing is left to do afterwards."""
    assert {
        "Parser": "",
        "Read headings": "Parser",
        "Read tables": "Parser",
        "Printer": "",
        "Print headings": "Printer",
        "Write the manual": "",
    } == family(team())


def test_the_plan_shows_what_will_stand_below_what() -> None:
    """Before anything is created."""
    assert [
        ("Read headings", "Parser"),
        ("Read tables", "Parser"),
        ("Print headings", "Printer"),
    ] == links(Team(PLAN, policy=NESTED).plan())


def test_by_default_every_box_is_an_issue_of_its_own() -> None:
    """As before groups were known."""
    assert {""} == set(family(team(policy=PLAIN)).values())


def test_who_switches_sub_issues_on_has_them_linked() -> None:
    """The issues stay the same ones."""
    made = team(policy=PLAIN)
    numbers = {issue.title: issue.ref.number for issue in made.issues()}
    made.policy = NESTED
    made.settled()

    assert "Parser" == parent(made, "Read tables")
    assert numbers == {issue.title: issue.ref.number for issue in made.issues()}


def test_a_line_that_moves_to_another_group_takes_its_issue_along() -> None:
    """From one parent to the other."""
    made = team()
    made.edit("  - [ ] Read tables\n", "")
    made.edit("  - [ ] Print headings\n", "  - [ ] Print headings\n  - [ ] Read tables\n")
    made.settled()

    assert "Printer" == parent(made, "Read tables")


def test_a_promoted_line_stands_alone() -> None:
    """Its issue is taken out."""
    made = team()
    made.edit("  - [ ] Read tables", "- [ ] Read tables")
    made.settled()

    assert "" == parent(made, "Read tables")


def test_a_demoted_line_stands_below_the_one_before_it() -> None:
    """Its issue is put there."""
    made = team()
    made.edit("- [ ] Write the manual", "  - [ ] Write the manual")
    made.settled()

    assert "Printer" == parent(made, "Write the manual")


def test_eight_levels_stand_below_one_another() -> None:
    """And what is deeper is a line in the last one's checklist."""
    text = "# Plan\n\n" + "".join(f"{'  ' * depth}- [ ] Level {depth + 1}\n" for depth in range(10))
    made = team(text)
    deepest = made.issue("Level 8").body

    assert [f"Level {level}" for level in range(1, 9)] == [issue.title for issue in made.issues()]
    assert "Level 7" == parent(made, "Level 8")
    assert "- [ ] Level 9\n- [ ] Level 10" in deepest
    assert ["no-room"] == codes(made)


def test_the_hundred_and_first_child_is_a_line_in_its_parents_checklist() -> None:
    """It is ticked there, and in the roadmap, both ways."""
    made = team("# Plan\n\n- [ ] All\n" + "".join(f"  - [ ] Step {n}\n" for n in range(1, 104)))
    assert 101 == len(made.issues())
    assert 100 == sum(1 for issue in made.issues() if issue.parent)
    body = made.issue("All").body
    assert "- [ ] Step 101\n- [ ] Step 102\n- [ ] Step 103" in body

    made.repository().change(made.number("All"), body=body.replace("[ ] Step 102", "[x] Step 102"))
    made.settled()
    assert "- [x] Step 102" in made.text

    made.edit("- [ ] Step 103", "- [x] Step 103")
    made.settled()
    assert "- [x] Step 103" in made.issue("All").body
    assert 101 == len(made.issues())


def test_a_line_becomes_an_issue_when_there_is_room_again() -> None:
    """A child that went elsewhere leaves it."""
    made = team("# Plan\n\n- [ ] All\n" + "".join(f"  - [ ] Step {n}\n" for n in range(1, 102)) + "- [ ] B\n")
    made.edit("  - [ ] Step 1\n", "")
    made.edit("- [ ] B\n", "- [ ] B\n- [ ] Step 1\n")
    made.settled()

    assert "All" == parent(made, "Step 101")
    assert "Step 101" not in made.issue("All").body


# -- people on the tracker -------------------------------------------------------------------------------


def test_a_sub_issue_that_a_person_moves_stays_there_and_is_reported() -> None:
    """The roadmap decides, but not over a person's head."""
    made = team()
    made.repository().adopt(made.number("Read tables"), made.number("Printer"))
    made.sync()

    assert "Printer" == parent(made, "Read tables")
    assert ["parent-moved"] == codes(made)
    assert () == made.plan().effects


@pytest.mark.parametrize("where", ["Printer", ""])
def test_a_sub_issue_moved_by_both_sides_is_a_conflict(where: str) -> None:
    """Nothing is written before somebody chooses."""
    made = team()
    made.repository().adopt(made.number("Read tables"), made.number(where) if where else 0)
    made.edit("  - [ ] Read tables\n", "")
    made.edit("- [ ] Write the manual\n", "- [ ] Write the manual\n  - [ ] Read tables\n")
    made.sync()

    assert where == parent(made, "Read tables")
    assert ["conflict"] == codes(made)


def test_a_child_that_a_person_moves_during_the_run_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at right before it is put elsewhere, and the next look finds a conflict."""
    made = team()
    made.edit("  - [ ] Read tables\n", "")
    made.edit("  - [ ] Print headings\n", "  - [ ] Print headings\n  - [ ] Read tables\n")
    look = MemoryTracker.parents_of

    def meanwhile(tracker: MemoryTracker, numbers: Collection[int]) -> Mapping[int, int]:
        made.repository().adopt(made.number("Read tables"), made.number("Write the manual"))
        return look(tracker, numbers)

    monkeypatch.setattr(MemoryTracker, "parents_of", meanwhile)
    report = made.sync()

    assert Outcome.STALE in [each.outcome for each in report.receipts if isinstance(each.action, SetParent)]
    assert "Write the manual" == parent(made, "Read tables")
    assert ["conflict"] == codes(made)


def test_moved_to_the_same_parent_on_both_sides_is_settled() -> None:
    """Nothing is sent."""
    made = team()
    made.repository().adopt(made.number("Read tables"), made.number("Printer"))
    made.edit("  - [ ] Read tables\n", "")
    made.edit("  - [ ] Print headings\n", "  - [ ] Print headings\n  - [ ] Read tables\n")
    made.settled()

    assert [] == codes(made)


def test_where_people_put_an_issue_that_stands_alone_is_nobodys_business() -> None:
    """A parent of their own is neither reported nor undone."""
    made = team()
    above = made.repository().open("Our epic")
    made.repository().adopt(made.number("Write the manual"), above)
    made.settled()

    assert "Our epic" == parent(made, "Write the manual")
    assert [] == codes(made)


def test_sub_issues_of_peoples_own_are_left_alone_and_take_room() -> None:
    """They count towards what the forge allows."""
    made = Team("# Plan\n\n- [ ] All\n  - [ ] Step 1\n", policy=NESTED)
    made.repository().most_children = 2
    made.settled()
    theirs = made.repository().open("Mine")
    made.repository().adopt(theirs, made.number("All"))
    made.write("# Plan\n\n- [ ] All\n  - [ ] Step 1\n  - [ ] Step 2\n")
    made.settled()

    assert "All" == parent(made, "Mine")
    assert "- [ ] Step 2" in made.issue("All").body


def test_a_parent_that_is_full_takes_no_line_that_moves_there() -> None:
    """It is said, and the issue stays where it was."""
    made = Team("# Plan\n\n- [ ] All\n  - [ ] Step 1\n- [ ] Other\n  - [ ] Step 2\n", policy=NESTED)
    made.repository().most_children = 1
    made.settled()
    made.write("# Plan\n\n- [ ] All\n  - [ ] Step 1\n  - [ ] Step 2\n- [ ] Other\n")
    made.sync()

    assert "Other" == parent(made, "Step 2")
    assert ["parent-full"] == codes(made)
    assert () == made.plan().effects


# -- states ----------------------------------------------------------------------------------------------


def test_a_parent_closed_by_a_person_is_ticked_and_its_children_stay_open() -> None:
    """The act was about the parent."""
    made = team()
    made.put("Parser", TaskState.DONE)
    made.settled()

    assert "- [x] Parser\n  - [ ] Read headings" in made.text
    assert TaskState.OPEN is made.issue("Read headings").state


def test_a_parent_is_closed_when_the_last_of_its_children_is_finished() -> None:
    """Its box is a person's word, and stays as it is."""
    made = team(policy=replace(NESTED, dropped=Dropped.MARK))
    made.put("Read headings", TaskState.DONE)
    made.settled()
    assert TaskState.OPEN is made.issue("Parser").state

    made.put("Read tables", TaskState.DROPPED)
    made.settled()
    assert TaskState.DONE is made.issue("Parser").state
    assert "- [ ] Parser\n  - [x] Read headings\n  - [-] Read tables" in made.text


def test_a_child_whose_open_box_is_kept_keeps_its_parent_open() -> None:
    """Its issue was dropped and its line was not: the roadmap still has it to do."""
    made = team()
    made.put("Print headings", TaskState.DROPPED)
    made.settled()

    assert TaskState.OPEN is made.issue("Printer").state


def test_a_parent_is_opened_again_with_one_of_its_children() -> None:
    """It ceases to be complete."""
    made = team()
    made.edit("- [ ] Print headings", "- [x] Print headings")
    made.settled()
    assert TaskState.DONE is made.issue("Printer").state

    made.put("Print headings", TaskState.OPEN)
    made.settled()
    assert TaskState.OPEN is made.issue("Printer").state
    assert "- [ ] Printer\n  - [ ] Print headings" in made.text


def test_a_new_child_opens_its_parent_again() -> None:
    """There is something to do again."""
    made = team()
    made.put("Print headings", TaskState.DONE)
    made.settled()
    made.edit("  - [x] Print headings\n", "  - [x] Print headings\n  - [ ] Print tables\n")
    made.settled()

    assert TaskState.OPEN is made.issue("Printer").state
    assert "Printer" == parent(made, "Print tables")


def test_a_parent_that_a_person_opens_again_stays_open_and_is_reported() -> None:
    """What stands below it is finished all the same."""
    made = team()
    made.put("Print headings", TaskState.DONE)
    made.settled()
    made.put("Printer", TaskState.OPEN)
    made.sync()
    made.sync()

    assert TaskState.OPEN is made.issue("Printer").state
    assert ["parent-stands"] == codes(made)
    assert () == made.plan().actions


def test_a_ticked_parent_that_a_person_opens_again_is_unticked() -> None:
    """Its box follows the act, whatever stands below it."""
    made = team()
    made.edit("- [ ] Printer", "- [x] Printer")
    made.edit("- [ ] Print headings", "- [x] Print headings")
    made.settled()
    made.put("Printer", TaskState.OPEN)
    made.sync()
    made.sync()

    assert "- [ ] Printer\n  - [x] Print headings" in made.text
    assert TaskState.OPEN is made.issue("Printer").state
    assert () == made.plan().actions


def test_a_stage_is_complete_with_its_parents_that_are() -> None:
    """An open box over finished ones holds nothing up."""
    made = team("# Plan\n\n## Phase 1: Alpha\n\n- [ ] Printer\n  - [ ] Print headings\n")
    made.put("Print headings", TaskState.DONE)
    made.settled()

    assert made.milestone("Phase 1: Alpha").closed


# -- checklists ------------------------------------------------------------------------------------------


def test_a_checklist_instead_of_children_is_ticked_both_ways() -> None:
    """One issue for each line that stands alone."""
    made = team(policy=LISTED)
    assert ["Parser", "Printer", "Write the manual"] == [issue.title for issue in made.issues()]
    body = made.issue("Parser").body
    assert "- [ ] Read headings\n- [ ] Read tables" in body

    made.repository().change(made.number("Parser"), body=body.replace("[ ] Read tables", "[x] Read tables"))
    made.edit("- [ ] Read headings", "- [x] Read headings")
    made.settled()

    assert "  - [x] Read headings\n  - [x] Read tables" in made.text
    assert "- [x] Read headings\n- [x] Read tables" in made.issue("Parser").body
    assert TaskState.DONE is made.issue("Parser").state
    assert "- [ ] Parser" in made.text


def test_a_forge_without_sub_issues_gets_checklists() -> None:
    """It is asked once."""
    made = Team(PLAN, policy=NESTED)
    made.repository().families = False
    made.settled()

    assert ["Parser", "Printer", "Write the manual"] == [issue.title for issue in made.issues()]
    assert "- [ ] Read headings" in made.issue("Parser").body
    assert ["no-sub-issues"] == codes(made)


def test_an_item_that_has_an_issue_keeps_it_when_checklists_are_chosen() -> None:
    """Only what is new is a line."""
    made = team()
    made.policy = LISTED
    made.edit("  - [ ] Read tables\n", "  - [ ] Read tables\n  - [ ] Read lists\n")
    made.settled()

    assert "Parser" == parent(made, "Read tables")
    assert "- [ ] Read lists" in made.issue("Parser").body
    assert "Read tables" not in made.issue("Parser").body


def test_a_tick_in_a_list_that_ends_at_the_same_time_is_not_lost() -> None:
    """The person is asked."""
    made = team(policy=LISTED)
    body = made.issue("Printer").body
    made.repository().change(made.number("Printer"), body=body.replace("[ ] Print h", "[x] Print h"))
    made.edit("  - [ ] Print headings\n", "")
    made.sync()

    assert "- [x] Print headings" in made.issue("Printer").body
    assert ["criterion-gone"] == codes(made)


def test_an_open_child_of_a_finished_line_is_an_issue_of_its_own() -> None:
    """There is no issue above it whose list it could be in."""
    made = team("# Plan\n\n- [x] Parser\n  - [ ] Read tables\n", policy=LISTED)

    assert ["Read tables"] == [issue.title for issue in made.issues()]


# -- what is remembered ----------------------------------------------------------------------------------


def test_losing_the_ledger_moves_nothing() -> None:
    """What agrees is found again."""
    made = team()
    before = family(made)
    made.lose_ledger()
    made.settled()

    assert before == family(made)


def test_losing_the_ledger_overrules_nobody() -> None:
    """What differs is a question."""
    made = team()
    made.repository().adopt(made.number("Read tables"), made.number("Printer"))
    made.lose_ledger()
    made.sync()

    assert "Printer" == parent(made, "Read tables")
    assert ["conflict"] == codes(made)


def test_an_issue_is_not_put_below_one_that_stands_below_it() -> None:
    """It is said, the others are put where they belong, and people's own arrangement stays as it is."""
    made = team()
    made.repository().adopt(made.number("Printer"), made.number("Write the manual"))
    made.edit("- [ ] Write the manual\n", "")
    made.edit("- [ ] Print headings\n", "- [ ] Print headings\n  - [ ] Write the manual\n")
    made.edit("  - [ ] Read tables\n", "    - [ ] Read tables\n")
    report = made.sync()

    assert RunOutcome.COMPLETE is report.outcome
    assert "Read headings" == parent(made, "Read tables")
    assert ["parent-below"] == codes(made)
    assert () == made.plan().effects


def test_a_link_that_the_forge_refuses_is_told_and_stops_nothing() -> None:
    """The others are made, and it is tried again."""
    made = Team(PLAN, policy=NESTED)
    made.policy = PLAIN
    made.settled()
    made.policy = NESTED
    made.repository().unadoptable = frozenset({made.number("Read tables")})
    report = made.sync()
    outcomes = {
        each.action.subject.title: each for each in report.receipts if isinstance(each.action, SetParent)
    }

    assert Outcome.FAILED is outcomes["Read tables"].outcome
    assert "the forge refused it: " in outcomes["Read tables"].detail
    assert RunOutcome.PARTIAL is report.outcome
    assert ("Parser", "") == (parent(made, "Read headings"), parent(made, "Read tables"))

    made.repository().unadoptable = frozenset()
    made.settled()
    assert "Parser" == parent(made, "Read tables")


def test_parent_and_child_can_be_swapped() -> None:
    """In one run: the child leaves before its parent joins it."""
    made = team("# Plan\n\n- [ ] Above\n  - [ ] Below\n")
    made.write("# Plan\n\n- [ ] Below\n  - [ ] Above\n")
    made.settled()

    assert {"Above": "Below", "Below": ""} == family(made)


def test_a_child_whose_issue_was_not_created_is_put_below_later() -> None:
    """Nothing is lost by an interruption between the create and the link."""
    made = Team(PLAN, policy=NESTED)
    plan = made.plan()
    assert {True, False} == {each.child for each in plan.actions if isinstance(each, CreateIssue)}
    made.settled()
    made.set_base("Read tables", Field.PARENT, None, None)
    made.repository().adopt(made.number("Read tables"), 0)
    made.settled()

    assert "Parser" == parent(made, "Read tables")
