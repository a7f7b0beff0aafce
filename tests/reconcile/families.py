"""Worlds for the tables about groups in ``docs/semantics.md``."""

from __future__ import annotations

from dataclasses import replace

from syncer.model.edits import SetState
from syncer.model.fields import Field, TaskState
from syncer.model.plan import EditRoadmap, Plan, SetIssueState, SetParent, Settle
from syncer.reconcile.policy import Groups
from tests.team import PLAIN, Team

NESTED = replace(PLAIN, groups=Groups.SUB_ISSUES)
STATES = {"open": TaskState.OPEN, "done": TaskState.DONE}


def _lines(above: str) -> str:
    """Four parents, and one child below one of them."""
    lines = [f"- [ ] Parent {each}\n" + ("  - [ ] Child\n" if each == above else "") for each in "ABCD"]
    return "# Plan\n\n" + "".join(lines)


def parent(was: str, roadmap: str, tracker: str) -> Team:
    """A child settled so (one letter for each side; ``none`` for no base), and where it stands now."""
    team = Team(_lines(roadmap), policy=NESTED)
    team.settled()
    halves: tuple[object, object] = (None, None)
    if was != "none":
        halves = (str(team.binding(f"Parent {was[0]}").uid), team.number(f"Parent {was[1]}"))
    team.repository().adopt(team.number("Child"), team.number(f"Parent {tracker}"))
    team.sync()
    team.set_base("Child", Field.PARENT, *halves)
    return team


def said_of_parent(plan: Plan) -> str:
    """What a plan does about where a child stands."""
    codes = {hold.code for hold in plan.holds if hold.field is Field.PARENT}
    if codes:
        return {"conflict": "hold", "parent-moved": "report"}[codes.pop()]
    if any(isinstance(action, SetParent) for action in plan.actions):
        return "move the issue"
    return _settled_or_nothing(plan, Field.PARENT)


def group(was: tuple[str, str] | None, box: str, below: str, issue: str) -> Team:
    """A parent with one child: what was settled, its box, the child's box, and its issue."""
    team = Team("# Plan\n\n- [ ] Parent\n  - [ ] Child\n", policy=NESTED)
    team.settled()
    if below == "done":
        team.edit("- [ ] Child", "- [x] Child")
        team.put("Child", TaskState.DONE)
        team.set_base("Child", Field.STATE, TaskState.DONE, TaskState.DONE)
    if box == "done":
        team.edit("- [ ] Parent", "- [x] Parent")
    team.put("Parent", STATES[issue])
    halves = (STATES[was[0]], STATES[was[1]]) if was is not None else (None, None)
    team.set_base("Parent", Field.STATE, *halves)
    return team


def said_of_group(plan: Plan) -> str:
    """What a plan does about a parent's state."""
    words = []
    for action in plan.actions:
        match action:
            case SetIssueState():
                words.append("close" if action.after.finished else "reopen")
            case EditRoadmap(edit=SetState(state=state)):
                words.append("tick" if state.finished else "untick")
    codes = {hold.code for hold in plan.holds if hold.field is Field.STATE}
    words += ["report"] if "parent-stands" in codes else []
    words += ["hold"] if codes - {"parent-stands"} else []
    settled = _settled_or_nothing(plan, Field.STATE)
    return ", ".join(words + ([settled] if settled == "settle" else [])) or "nothing"


def _settled_or_nothing(plan: Plan, what: Field) -> str:
    settles = [each for action in plan.actions if isinstance(action, Settle) for each in action.settles]
    return "settle" if any(each.field is what for each in settles) else "nothing"
