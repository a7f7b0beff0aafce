"""Actions and holds in words: one symbol, what, why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from syncer.model.edits import (
    InsertTask,
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
    ChangeIssue,
    ChangeMilestone,
    CreateIssue,
    CreateIteration,
    CreateMilestone,
    EditRoadmap,
    EnsureLabel,
    ReviseProposal,
    SetIssueState,
    SetParent,
    StageKey,
    TellPerson,
    UseMilestone,
)

CREATE, CHANGE, FINISH, REOPEN, USE, HOLD = "+", "~", "x", "o", "=", "!"

COLOURS = {CREATE: "green", CHANGE: "yellow", FINISH: "cyan", REOPEN: "magenta", USE: "blue", HOLD: "red"}


@dataclass(frozen=True, slots=True)
class Words:
    """An action for people.

    Args:
        symbol: one character.
        what: what will be done.
        why: the reason.
    """

    symbol: str
    what: str
    why: str


def describe(action: Action) -> Words:
    """An action in words."""
    title = f'"{action.subject.title}"'
    number = f"#{action.subject.number} " if action.subject.number else ""
    match action:
        case EnsureLabel():
            return Words(CREATE, f'label "{action.name}"', action.reason)
        case CreateMilestone():
            due = f", due {action.due.isoformat()}" if action.due is not None else ""
            return Words(CREATE, f'milestone "{action.title}"{due}', action.reason)
        case CreateIteration():
            return Words(CREATE, f'milestone "{action.title}"', action.reason)
        case UseMilestone():
            return Words(USE, f"milestone {title}", action.reason)
        case ChangeMilestone():
            return _milestone(action)
        case CreateIssue():
            return Words(
                CREATE, f'issue "{action.title}"', f"line {action.subject.line} is open and has no issue"
            )
        case BindIssue():
            return Words(USE, f"issue {number}{title}", action.reason)
        case ChangeIssue():
            return Words(CHANGE, f"issue {number}{title}: {_field(action)}", action.reason)
        case SetParent(after=None):
            return Words(CHANGE, f"issue {number}{title}: out of #{action.before}", action.reason)
        case SetParent():
            return Words(CHANGE, f'issue {number}{title}: below "{action.after_title}"', action.reason)
        case SetIssueState():
            verbs = {
                TaskState.OPEN: (REOPEN, "reopen issue"),
                TaskState.DONE: (FINISH, "close issue"),
                TaskState.DROPPED: (FINISH, "close issue as not planned:"),
            }
            symbol, verb = verbs[action.after]
            return Words(symbol, f"{verb} {number}{title}", action.reason)
        case EditRoadmap():
            return _edit(action)
        case TellPerson():
            return Words(CHANGE, f"comment below issue {number}{title}", action.reason)
        case ReviseProposal():
            symbol, verb = (FINISH, "close") if action.closes else (CHANGE, "change")
            return Words(symbol, f"{verb} our request {action.subject.title}", action.reason)
        case _:
            return Words(USE, title, action.reason)


def _milestone(action: ChangeMilestone) -> Words:
    title = f'milestone "{action.subject.title}"'
    match action.field:
        case Field.STATE if action.after is TaskState.DONE:
            return Words(FINISH, f"close {title}", action.reason)
        case Field.STATE:
            return Words(REOPEN, f"reopen {title}", action.reason)
        case Field.NAME:
            return Words(CHANGE, f'rename milestone "{action.before}" to "{action.after}"', action.reason)
        case Field.DUE:
            return Words(
                CHANGE, f"{title}: due {_date(action.before)} -> {_date(action.after)}", action.reason
            )
        case _:
            return Words(CHANGE, f"{title}: managed description", action.reason)


def _date(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else "no date"


def _field(action: ChangeIssue) -> str:
    match action.field:
        case Field.TITLE:
            return f'title -> "{action.after}"'
        case Field.STAGE:
            return "milestone" if isinstance(action.after, StageKey) else "no milestone"
        case Field.LABELS:
            after = action.after if isinstance(action.after, frozenset) else frozenset()
            return f"labels -> {', '.join(sorted(after)) or 'none'}"
        case Field.STARTED:
            return "in progress" if action.after else "not in progress"
        case Field.ASSIGNEES:
            after = action.after if isinstance(action.after, frozenset) else frozenset()
            return f"assigned by the roadmap -> {', '.join(sorted(after)) or 'nobody'}"
        case _:
            return "managed block"


def _edit(action: EditRoadmap) -> Words:
    place = f"line {action.subject.line}"
    title = f'"{action.subject.title}"'
    match action.edit:
        case SetStageState(state=state):
            symbol = REOPEN if state is TaskState.OPEN else FINISH
            return Words(symbol, f"mark stage in {place} as {state.value}: {title}", action.reason)
        case SetStageStatus():
            return Words(CHANGE, f"mark stage in {place} as {action.after}: {title}", action.reason)
        case SetState(state=TaskState.OPEN):
            return Words(REOPEN, f"untick {place}: {title}", action.reason)
        case SetState(state=TaskState.DROPPED):
            return Words(FINISH, f"drop {place}: {title}", action.reason)
        case SetState():
            return Words(FINISH, f"tick {place}: {title}", action.reason)
        case SetStarted(started=started):
            what = "in progress" if started else "not in progress"
            return Words(CHANGE, f"mark {place} as {what}: {title}", action.reason)
        case Retitle() | RenameStage():
            return Words(CHANGE, f'{place}: {title} -> "{action.after}"', action.reason)
        case InsertTask():
            where = action.subject.section[-1] if action.subject.section else action.path
            return Words(CREATE, f'task {title} at the end of "{where}"', action.reason)
        case SetLink():
            return Words(CHANGE, f"{place}: link {title} to {action.after}", action.reason)
        case SetDue():
            return Words(CHANGE, f"{place}: due {action.before} -> {action.after}", action.reason)
        case _:
            return Words(CREATE, f"{place}: {title}", action.reason)
