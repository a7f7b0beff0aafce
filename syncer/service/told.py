"""Actions as the journal tells them: what was changed from what to what, and why."""

from __future__ import annotations

from datetime import date

from syncer.model.edits import (
    RenameStage,
    Retitle,
    SetDue,
    SetLink,
    SetStageState,
    SetStageStatus,
    SetStarted,
    SetState,
)
from syncer.model.fields import Field, TaskState
from syncer.model.plan import (
    Action,
    BindIssue,
    Bury,
    ChangeIssue,
    ChangeMilestone,
    CreateIssue,
    CreateIteration,
    CreateMilestone,
    EditRoadmap,
    EnsureLabel,
    Revive,
    SetIssueState,
    SetParent,
    StageKey,
    TellPerson,
    UseMilestone,
)

_EDITED: dict[type, str] = {
    SetState: "state",
    SetStarted: "progress",
    SetStageState: "state",
    SetStageStatus: "status",
    Retitle: "title",
    RenameStage: "name",
    SetDue: "due date",
    SetLink: "link",
}


def told(action: Action) -> str:
    """What an action does, with both values, without its reason."""
    match action:
        case EnsureLabel():
            return f"create the label {action.name!r}"
        case CreateMilestone():
            return f"create a milestone on {action.tracker}"
        case CreateIteration():
            return f"create the milestone {action.title!r} on {action.tracker}"
        case UseMilestone():
            return f"use milestone {action.key} of {action.tracker}"
        case CreateIssue():
            return f"create an issue on {action.tracker}"
        case BindIssue():
            return f"bind to #{action.number} of {action.tracker}"
        case SetIssueState():
            return f"state of #{action.number}: {action.before.value} -> {action.after.value}"
        case SetParent():
            number = f"#{action.number}" if action.number is not None else "its issue"
            above = f"below {action.after_title!r}" if action.after is not None else "out on its own"
            return f"put {number} {above} on {action.tracker}"
        case ChangeIssue():
            return f"{action.field.value} of #{action.number}{_values(action)}"
        case ChangeMilestone():
            return f"{action.field.value} of milestone {action.key}{_values(action)}"
        case TellPerson():
            return f"comment below #{action.number}"
        case EditRoadmap():
            what = _EDITED.get(type(action.edit), "text")
            return f"{what} in {action.path}: {action.before} -> {action.after}"
        case Bury():
            return "set aside"
        case Revive():
            return "take up again"
        case _:
            name = type(action).__name__
            return "".join(f" {each.lower()}" if each.isupper() else each for each in name).strip()


def gives_way(action: Action) -> str:
    """The value that an action overwrites although a person set it, in a sentence; empty without one."""
    if not action.overrules:
        return ""
    side = action.path if isinstance(action, EditRoadmap) else str(getattr(action, "tracker", ""))
    return f"{action.subject.title}: {side} said {action.overrules!r}; it gives way, because {action.reason}"


def _values(action: ChangeIssue | ChangeMilestone) -> str:
    if action.field in (Field.BODY, Field.DESCRIPTION):
        return ": the managed block"
    if isinstance(action.after, StageKey):
        return ": the milestone of its stage"
    return f": {_plain(action.before)} -> {_plain(action.after)}"


def _plain(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(str(each) for each in value)) or "none"
    if isinstance(value, TaskState):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return "none" if value is None else str(value)
