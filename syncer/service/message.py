"""What a commit of ours says: what was changed and why, in words that trigger nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from syncer.model.edits import (
    InsertTask,
    MoveItem,
    RenameStage,
    Retitle,
    SetDue,
    SetLink,
    SetStageState,
    SetStageStatus,
    SetStarted,
    SetState,
)
from syncer.model.fields import TaskState
from syncer.model.identity import TrackerId
from syncer.model.plan import EditRoadmap
from syncer.reconcile.canonical import cut
from syncer.reconcile.inert import inert_title

TRAILER = "Syncer-Run"
"""By this line a commit is recognised as our own: by its content, never by its author."""

_MOST = 40
_TRAILER = re.compile(rf"^{TRAILER}: (?P<run>\S+)$", re.MULTILINE)


def commit_message(
    actions: Sequence[EditRoadmap], run: str, here: TrackerId | None, *, skip_ci: bool = False
) -> str:
    """The message of the commit that carries these edits.

    Args:
        actions: the edits.
        run: recorded in the trailer.
        here: the tracker in the source's own repository, where a bare number means its issue.
        skip_ci: ask the forge to start no pipeline for it.

    Issue numbers come first on their lines, so that no word of a title can stand in front of one and
    close it (docs.github.com, "Linking a pull request to an issue").
    """
    lines = [headline(actions), "", *edit_lines(actions, here), ""]
    if skip_ci:
        lines += ["[skip ci]", ""]
    return "\n".join([*lines, f"{TRAILER}: {run}"]) + "\n"


def headline(actions: Sequence[EditRoadmap]) -> str:
    """The first line: how many edits of which kind."""
    counts = Counter(_verb(action) for action in actions)
    summary = ", ".join(f"{count} {verb}" for verb, count in counts.items())
    return cut(f"Follow the issues in the roadmap: {summary}", 72)


def edit_lines(actions: Sequence[EditRoadmap], here: TrackerId | None) -> list[str]:
    """One line for each edit, the first forty."""
    lines = [f"- {_source(action, here)}{_verb(action)}: {_what(action)}" for action in actions[:_MOST]]
    if len(actions) > _MOST:
        lines.append(f"- and {len(actions) - _MOST} more")
    return lines


def run_of(message: str) -> str | None:
    """The run that made a commit, if it is one of ours."""
    match = _TRAILER.search(message)
    return match["run"] if match is not None else None


def _verb(action: EditRoadmap) -> str:
    match action.edit:
        case SetState(state=TaskState.OPEN) | SetStageState(state=TaskState.OPEN):
            return "reopened"
        case SetState(state=TaskState.DROPPED) | SetStageState(state=TaskState.DROPPED):
            return "dropped"
        case SetState() | SetStageState():
            return "done"
        case SetStarted(started=started):
            return "started" if started else "not started"
        case SetStageStatus():
            return "brought up to date"
        case Retitle() | RenameStage():
            return "renamed"
        case SetDue():
            return "rescheduled"
        case InsertTask():
            return "added"
        case MoveItem():
            return "moved"
        case SetLink():
            return "linked"


def _source(action: EditRoadmap, here: TrackerId | None) -> str:
    number = action.subject.number
    if number is None:
        return ""
    if isinstance(action.edit, (SetStageState, RenameStage, SetDue)):
        return "milestone "
    if action.subject.tracker == here:
        return f"#{number} "
    return f"issue {number} of {action.subject.tracker} "


def _what(action: EditRoadmap) -> str:
    subject = action.subject
    title = inert_title(cut(subject.title, 100))
    if isinstance(action.edit, (Retitle, RenameStage)):
        title = f"{title} -> {inert_title(cut(action.after, 100))}"
    elif isinstance(action.edit, SetDue):
        title = f"{title}: {action.after}"
    return f"{title} ({action.path}:{subject.line})"
