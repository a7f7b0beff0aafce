"""Overview rows, status lines and headings that follow the items of their stage, by option."""

from __future__ import annotations

from syncer.model.document import Stage
from syncer.model.edits import SetStageStatus
from syncer.model.fields import Field, Status
from syncer.model.overview import Contradiction, box_contradicts, contradictions
from syncer.model.plan import EditRoadmap, Severity, StageKey
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.policy import StageStatus
from syncer.reconcile.stages.completeness import Completeness

_SHOWN = {Status.OPEN: "open", Status.IN_PROGRESS: "in progress", Status.DONE: "done"}


def plan_overviews(draft: PlanDraft) -> None:
    """Write what repeats a stage's status where it contradicts the items, in the file's own words.

    It is derived, so there is nothing to settle. What says more than a state, such as "Complete
    (pending benchmarking)", is a person's text: it is reported, and the stage is left as it is.
    """
    if draft.policy.stage_status is not StageStatus.WRITE:
        return
    completeness = Completeness(draft)
    for path, document in sorted(draft.observation.documents.items()):
        for stage in document.stages:
            key = StageKey(path, stage.index)
            if completeness.members(key):
                _stage(draft, key, stage, _derived(draft, completeness, key))


def _derived(draft: PlanDraft, completeness: Completeness, key: StageKey) -> Status:
    """How far a stage is, from its items as they will be."""
    if completeness.complete(key):
        return Status.DONE
    members = completeness.members(key)
    begun = any(
        draft.state_of(member).finished or draft.item(member).status is Status.IN_PROGRESS
        for member in members
    )
    return Status.IN_PROGRESS if begun else Status.OPEN


def _stage(draft: PlanDraft, key: StageKey, stage: Stage, status: Status) -> None:
    uid = draft.stages.get(key)
    texts = draft.stage_bindings[uid].words if uid is not None else ()
    found = contradictions(stage, status, texts)
    for each in found:
        if each.word is None:
            _report(draft, key, each, status)
    if any(each.cell.qualified for each in found):
        # It explains the other places of the stage, too.
        return
    written = [each.cell.text for each in found if each.word is not None]
    if box_contradicts(stage, stage.overview_ticked, status):
        written.append("[x]" if stage.overview_ticked else "[ ]")
    if not written:
        return
    claimed = [each.cell.text for each in found if each.word is not None and each.cell.status is Status.DONE]
    draft.act(
        EditRoadmap(
            subject=draft.stage_subject(key, uid=uid),
            reason=f"its items are {'all finished' if status is Status.DONE else 'not all finished'}",
            overrules=", ".join(claimed),
            path=key.path,
            edit=SetStageStatus(stage.index, status, texts),
            before=", ".join(written),
            after=_SHOWN[status],
        )
    )


def _report(draft: PlanDraft, key: StageKey, found: Contradiction, status: Status) -> None:
    why = "says more than a state" if found.cell.qualified else "has no counterpart in this file"
    draft.ask(
        draft.stage_subject(key, uid=draft.stages.get(key)),
        Field.STATE,
        "stage-status",
        f"line {found.cell.line} says {found.cell.text!r}, and the stage is {_SHOWN[status]}; "
        f"that text {why} and is left alone",
        "change it by hand",
        severity=Severity.REPORT,
        roadmap=found.cell.text,
        tracker=_SHOWN[status],
    )
