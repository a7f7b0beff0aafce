"""What a plan does to one field of one item or stage, in the words of ``docs/semantics.md``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from syncer.model.edits import RenameStage, Retitle, SetDue, SetState
from syncer.model.fields import Field, TaskState
from syncer.model.plan import Action, ChangeIssue, ChangeMilestone, EditRoadmap, Plan, SetIssueState, Settle
from syncer.reconcile.policy import OnConflict, Policy
from tests.team import PLAIN, UNLIMITED, Team

MARKS = {TaskState.OPEN: " ", TaskState.DONE: "x", TaskState.DROPPED: "-"}
TITLE = "Write the parser"
STAGE = "Alpha"


def with_policy(field: Field, winner: str) -> Policy:
    """The plain policy, with a winner of conflicts about one field: ``hold``, ``roadmap``, ``tracker``."""
    return Policy(criteria=PLAIN.criteria, limits=UNLIMITED, on_conflict={field: OnConflict(winner)})


# -- state -----------------------------------------------------------------------------------------------


def team_with(
    settled: tuple[TaskState, TaskState] | None,
    roadmap: TaskState,
    tracker: TaskState,
    policy: Policy = PLAIN,
) -> Team:
    """A team whose one item was settled so, and shows this now on both sides."""
    team = Team(f"# Plan\n\n- [ ] {TITLE}\n", policy=policy)
    team.settled()
    team.set_base(TITLE, Field.STATE, *(settled or (None, None)))
    if roadmap is not TaskState.OPEN:
        team.edit("- [ ]", f"- [{MARKS[roadmap]}]")
    team.put(TITLE, tracker)
    return team


# -- the other fields: values by letter ------------------------------------------------------------------

TEXTS = {"A": "Write the parser", "B": "Write the reader", "C": "Write a parser", "D": "Write the scanner"}
NAMES = {"A": "Alpha", "B": "Preview", "C": "First steps", "D": "Groundwork"}
DATES: Mapping[str, date] = {
    letter: date(2026, 3, 6) + timedelta(days=7 * n) for n, letter in enumerate("ABCD")
}


def team_with_titles(settled: str, roadmap: str, tracker: str, policy: Policy = PLAIN) -> Team:
    """One item; its title was settled as two letters say (none: ``""``), and reads so now."""
    team = Team(f"# Plan\n\n- [ ] {TEXTS['A']}\n", policy=policy)
    team.settled()
    halves = [TEXTS[letter] for letter in settled]
    team.set_base(TEXTS["A"], Field.TITLE, *(halves or (None, None)))
    if roadmap != "A":
        team.edit(TEXTS["A"], TEXTS[roadmap])
    if tracker != "A":
        team.repository().retitle(team.number(TEXTS["A"]), TEXTS[tracker])
    return team


def team_with_names(settled: str, roadmap: str, tracker: str, policy: Policy = PLAIN) -> Team:
    """One stage; its name was settled as two letters say (none: ``""``), and reads so now."""
    team = Team(f"# Plan\n\n## Phase 1: {NAMES['A']}\n\n- [ ] Write the parser\n", policy=policy)
    team.settled()
    halves = [f"Phase 1: {NAMES[letter]}" for letter in settled]
    team.set_stage_base(Field.NAME, *(halves or (None, None)))
    if roadmap != "A":
        team.edit(NAMES["A"], NAMES[roadmap])
    if tracker != "A":
        (milestone,) = team.milestones()
        team.repository().change_milestone(milestone.key, title=f"Phase 1: {NAMES[tracker]}")
    return team


def team_with_dates(settled: str, roadmap: str, tracker: str, policy: Policy = PLAIN) -> Team:
    """One stage; its due date was settled as two letters say (none: ``""``), and is this now."""
    table = "| Milestone | Target date | Status |\n|---|---|---|\n| M1: Alpha | {} | Planned |\n"
    team = Team("# Plan\n\n" + table.format(DATES["A"]), policy=policy)
    team.settled()
    halves = [DATES[letter] for letter in settled]
    team.set_stage_base(Field.DUE, *(halves or (None, None)))
    if roadmap != "A":
        team.edit(str(DATES["A"]), str(DATES[roadmap]))
    if tracker != "A":
        (milestone,) = team.milestones()
        team.repository().change_milestone(milestone.key, due=DATES[tracker])
    return team


def carried(plan: Plan, field: Field) -> str:
    """What the plan does about a field that has no words of its own: where its value is carried to."""
    words = {_direction(action, field) for action in plan.actions} - {""}
    if any(hold.field is field for hold in plan.holds):
        words.add("hold")
    return ", ".join(sorted(words)) or "nothing"


def _direction(action: Action, field: Field) -> str:
    edits = {Field.TITLE: Retitle, Field.NAME: RenameStage, Field.DUE: SetDue}
    match action:
        case EditRoadmap(edit=edit) if isinstance(edit, edits[field]):
            return "to the roadmap"
        case ChangeIssue(field=found) | ChangeMilestone(field=found) if found is field:
            return "to the tracker"
        case Settle(settles=settles) if any(each.field is field for each in settles):
            return "settle"
    return ""


# -- state, in words -------------------------------------------------------------------------------------


def said(plan: Plan) -> str:
    """What the plan does about the item's state."""
    words: list[str] = []
    for action in plan.actions:
        match action:
            case EditRoadmap(edit=SetState(state=TaskState.OPEN)):
                words.append("untick")
            case EditRoadmap(edit=SetState(state=TaskState.DONE)):
                words.append("tick")
            case EditRoadmap(edit=SetState(state=TaskState.DROPPED)):
                words.append("mark dropped")
            case SetIssueState(after=TaskState.OPEN):
                words.append("reopen")
            case SetIssueState(after=TaskState.DONE):
                words.append("close")
            case SetIssueState(after=TaskState.DROPPED):
                words.append("close as not planned")
            case Settle():
                words.append("settle")
            case _:
                words.append(type(action).__name__)
    if any(hold.field is Field.STATE for hold in plan.holds):
        words.append("hold")
    return ", ".join(words) or "nothing"
