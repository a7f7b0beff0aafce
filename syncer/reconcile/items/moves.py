"""Lines that follow their issues into another stage (``placement = "both"``).

A person who moves an issue to the milestone of another stage of the same file moves its line there, to
the end of the list under the heading of the same name, else of the stage's last list. Everything below
the line goes along.
"""

from __future__ import annotations

from syncer.model.document import Document, Item, ItemKind, Section, Stage
from syncer.model.edits import MoveItem, SetLink
from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, SeenIssue, Settled, Settlement
from syncer.model.plan import EditRoadmap, ItemKey, StageKey
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.policy import Placement


def find_moves(draft: PlanDraft) -> list[EditRoadmap]:
    """The lines that follow their issues; nothing is done about their places in any other way.

    Only what the tracker alone changed is carried: a line that was moved as well is a conflict, and an
    issue in a milestone that is no stage of its file is reported, as by default.
    """
    if draft.policy.placement is not Placement.BOTH:
        return []
    found: list[EditRoadmap] = []
    for uid, match in draft.pairs.items():
        binding, key = draft.bindings[uid], match.item
        if draft.item(key).box is None or draft.item(key).parent is not None:
            # Rows stand in their tables, and a child stands below its parent.
            continue
        moved = {
            (tracker, target)
            for tracker, issue in draft.issues(binding).items()
            if (target := _target(draft, binding, key, tracker, issue)) is not None
        }
        if len({target for _tracker, target in moved}) == 1:
            tracker, target = min(moved, key=lambda each: each[0])
            found.append(_move(draft, binding, key, tracker, target))
    return found


def carry_moves(draft: PlanDraft, moves: list[EditRoadmap]) -> None:
    """Plan the moves of lines that are not edited otherwise; the others are moved by the next run."""
    edited = {
        (action.path, getattr(action.edit, "item", None))
        for action in draft.actions
        if isinstance(action, EditRoadmap) and not isinstance(action.edit, SetLink)
    }
    for action in moves:
        if not isinstance(action.edit, MoveItem):
            continue
        members = _block(draft.document(action.path), action.edit.item)
        if edited & {(action.path, index) for index in members}:
            for index in members:
                draft.moved.pop(ItemKey(action.path, index), None)
            continue
        draft.act(action)


def _target(
    draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId, issue: SeenIssue
) -> StageKey | None:
    """The stage that somebody moved an issue to, where the line stayed."""
    base = binding.base.get(tracker, {}).get(Field.STAGE)
    if base is None or issue.milestone is None or issue.milestone == base.tracker:
        return None
    here = draft.stage_key(key)
    uid = draft.stages.get(here) if here is not None else None
    if (str(uid) if uid is not None else None) != base.roadmap:
        return None
    theirs = (
        stage
        for stage, owner in draft.stages.items()
        if draft.stage_bindings[owner].milestones.get(tracker) == issue.milestone
    )
    return next((stage for stage in theirs if stage.path == key.path and stage != here), None)


def _move(
    draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId, target: StageKey
) -> EditRoadmap:
    document, item, stage = draft.document(key.path), draft.item(key), draft.stage(target)
    section = _section(document, item, stage)
    for index in _block(document, item.index):
        draft.moved[ItemKey(key.path, index)] = (document.sections[section].segments, stage.index)
    milestone = draft.issues(binding)[tracker].milestone
    source = draft.issue(tracker, binding.refs[tracker])
    here = draft.stage_key(key)
    settled = Settled(str(draft.stages[target]), milestone)
    return EditRoadmap(
        subject=draft.subject(key, uid=binding.uid, tracker=tracker),
        reason=f"issue #{binding.refs[tracker]} was moved to the milestone of that stage",
        settles=(Settlement(binding.uid, tracker, Field.STAGE, settled),),
        path=key.path,
        edit=MoveItem(item.index, section),
        before=draft.stage(here).title if here is not None else "no stage",
        after=stage.title,
        by=source.url if source is not None else "",
    )


def _section(document: Document, item: Item, stage: Stage) -> int:
    """Where in a stage a line belongs: under a heading of the same name, else in its last list of tasks."""
    inside = [at for at, section in enumerate(document.sections) if section.stage == stage.index]
    kinds = {at: _kinds(document, document.sections[at]) for at in inside}
    open_to_tasks = [at for at in inside if ItemKind.CRITERION not in kinds[at]]
    name = item.section[-1].casefold() if item.section else ""
    named = [at for at in open_to_tasks if _last(document.sections[at]) == name]
    listed = [at for at in open_to_tasks if kinds[at]]
    return (named or listed[-1:] or open_to_tasks[:1] or inside[:1])[0]


def _last(section: Section) -> str:
    return section.segments[-1].casefold() if len(section.segments) > 1 else ""


def _kinds(document: Document, section: Section) -> set[ItemKind]:
    """What kinds of list items stand directly in a section. Among criteria a task would become one."""
    own = section.own
    inside = (item for item in document.items if own.start <= item.block.start < own.end)
    return {item.kind for item in inside if item.box is not None and item.cell is None}


def _block(document: Document, index: int) -> list[int]:
    """An item and everything below it."""
    block = document.items[index].block
    return [item.index for item in document.items if block.start <= item.block.start < block.end]
