"""What a plan does to the state of one item, in the words of ``docs/semantics.md``."""

from __future__ import annotations

from syncer.model.edits import SetState
from syncer.model.fields import Field, TaskState
from syncer.model.plan import EditRoadmap, Hold, Plan, SetIssueState, Settle
from syncer.reconcile.policy import Policy
from tests.team import PLAIN, Team

MARKS = {TaskState.OPEN: " ", TaskState.DONE: "x", TaskState.DROPPED: "-"}
TITLE = "Write the parser"


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
    if any(_conflict(hold) for hold in plan.holds):
        words.append("hold")
    return ", ".join(words) or "nothing"


def _conflict(hold: Hold) -> bool:
    return hold.field is Field.STATE
