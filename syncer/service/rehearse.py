"""Edits tried out before anything is sent, so that a plan shows only what can be done.

An edit that its roadmap refuses becomes a hold with the reason, and the others go on. Nothing here
performs I/O: what is rehearsed is exactly what will be committed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncer.errors import RoadmapError
from syncer.model.document import Document, Stage, StatusCell
from syncer.model.edits import (
    Edit,
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
from syncer.model.fields import Field, Status, TaskState
from syncer.model.identity import Uid
from syncer.model.overview import places as repeating
from syncer.model.plan import EditRoadmap, Hold, Plan, Severity
from syncer.roadmap.edit import Edited, apply_edits


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A plan whose edits are known to work.

    Args:
        plan: with the edits that work, and a hold for each that does not.
        files: the edited roadmaps by path.
        words: the status texts that the edits replace, by binding, so that reopening restores them.
    """

    plan: Plan
    files: Mapping[str, Edited]
    words: Mapping[Uid, tuple[str | None, ...]]


def rehearse(plan: Plan, documents: Mapping[str, Document]) -> Rehearsal:
    """Try a plan's edits on the roadmaps they are for."""
    by_path: dict[str, list[EditRoadmap]] = {}
    for action in plan.actions:
        if isinstance(action, EditRoadmap):
            by_path.setdefault(action.path, []).append(action)
    files: dict[str, Edited] = {}
    refused: dict[int, RoadmapError] = {}
    for path, actions in by_path.items():
        edited, bad = _try(documents[path], [action.edit for action in actions])
        if edited is not None:
            files[path] = edited
        refused |= {id(actions[position]): error for position, error in bad.items()}
    holds = [
        _hold(action, refused[id(action)])
        for action in plan.actions
        if isinstance(action, EditRoadmap) and id(action) in refused
    ]
    kept = tuple(action for action in plan.actions if id(action) not in refused)
    words = {
        action.subject.uid: _words(documents[action.path], action)
        for action in kept
        if isinstance(action, EditRoadmap) and action.subject.uid is not None and _replaces_words(action)
    }
    return Rehearsal(dataclasses.replace(plan, actions=kept, holds=(*plan.holds, *holds)), files, words)


def preview(document: Document, edits: Sequence[Edit]) -> Document:
    """How a roadmap will read once edits are applied; those that it refuses change nothing."""
    edited, _refused = _try(document, edits)
    return edited.document if edited is not None else document


def as_it_is(document: Document, edits: Sequence[Edit]) -> Document:
    """How a roadmap reads as long as edits wait to be merged: as before."""
    del edits
    return document


def _try(document: Document, edits: Sequence[Edit]) -> tuple[Edited | None, dict[int, RoadmapError]]:
    """All edits at once; if that is refused, each on its own, and then those that work together.

    Returns:
        The result, and by position the edits that were refused.
    """
    try:
        return apply_edits(document, list(edits)), {}
    except RoadmapError as error:
        if len(edits) == 1:
            return None, {0: error}
    refused: dict[int, RoadmapError] = {}
    working: list[int] = []
    for position, edit in enumerate(edits):
        try:
            apply_edits(document, [edit])
            working.append(position)
        except RoadmapError as error:
            refused[position] = error
    while working:
        try:
            return apply_edits(document, [edits[position] for position in working]), refused
        except RoadmapError as error:
            # They work alone and not together: the last one waits for the next run.
            refused[working.pop()] = error
    return None, refused


def _hold(action: EditRoadmap, error: RoadmapError) -> Hold:
    return Hold(
        subject=action.subject,
        field=_FIELDS[type(action.edit)],
        code="edit-refused",
        severity=Severity.QUESTION,
        reason=f"{action.reason}, and the roadmap cannot be changed accordingly: {error.what}",
        remedy="change the line by hand",
        roadmap=action.before,
        tracker=action.after,
    )


_FIELDS: dict[type, Field] = {
    SetState: Field.STATE,
    SetStarted: Field.STARTED,
    SetStageState: Field.STATE,
    SetStageStatus: Field.STATE,
    Retitle: Field.TITLE,
    RenameStage: Field.NAME,
    SetDue: Field.DUE,
    InsertTask: Field.PRESENCE,
    MoveItem: Field.STAGE,
    SetLink: Field.LINK,
}


def _replaces_words(action: EditRoadmap) -> bool:
    edit = action.edit
    if isinstance(edit, SetStarted):
        return edit.started
    if isinstance(edit, SetStageStatus):
        return edit.status is Status.DONE
    return isinstance(edit, (SetState, SetStageState)) and edit.state is not TaskState.OPEN


def _words(document: Document, action: EditRoadmap) -> tuple[str | None, ...]:
    """The status texts that stand in an item's, or a stage's, places now, as bytes decoded."""
    edit = action.edit
    if isinstance(edit, (SetState, SetStarted)):
        item = document.items[edit.item]
        places: list[StatusCell] = ([item.cell] if item.cell is not None else []) + list(item.mirrors)
    elif isinstance(edit, SetStageState):
        stage: Stage = document.stages[edit.stage]
        places = ([stage.cell] if stage.cell is not None else []) + list(stage.mirrors)
    elif isinstance(edit, SetStageStatus):
        places = list(repeating(document.stages[edit.stage]))
    else:
        return ()
    return tuple(cell.text if cell.status.task_state is TaskState.OPEN else None for cell in places)
