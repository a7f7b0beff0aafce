"""One milestone per iteration of a repeat loop (``loops = "expand"``), on the trackers only.

The items stay one set, with one issue each, in the milestone of their stage. People move the issues from
iteration to iteration; an issue in any of them is in its stage. Titles of milestones are unique on every
forge, so an iteration is known by its title and nothing has to be remembered about it: what was created
and never answered is there in the next listing, and cannot be created twice.
"""

from __future__ import annotations

import hashlib

from syncer.model.document import Stage
from syncer.model.identity import TrackerId, Uid
from syncer.model.plan import CreateIteration, StageKey
from syncer.model.reference import SEPARATOR, format_reference
from syncer.reconcile.block import item_content, read_block
from syncer.reconcile.canonical import canonical_text
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.inert import inert_text
from syncer.reconcile.policy import Loops
from syncer.reconcile.stages.completeness import Completeness


def plan_loops(draft: PlanDraft) -> None:
    """Create a milestone for every iteration of a loop that has open items and none of that title yet."""
    if draft.policy.loops is not Loops.EXPAND:
        return
    completeness = Completeness(draft)
    for path, document in sorted(draft.observation.documents.items()):
        for stage in document.stages:
            key = StageKey(path, stage.index)
            if not stage.iterations or not completeness.wanted(key):
                continue
            for tracker, view in draft.observation.trackers.items():
                if view.complete and (key, tracker) not in draft.waiting_stages:
                    _create(draft, key, stage, tracker)


def _create(draft: PlanDraft, key: StageKey, stage: Stage, tracker: TrackerId) -> None:
    view = draft.observation.trackers[tracker]
    titles = {canonical_text(each.title).casefold() for each in view.milestones.values()}
    known = {read_block(each.description).reference for each in view.milestones.values()}
    for number, name in enumerate(stage.iterations, start=1):
        reference = format_reference(key.path, (stage.name, name))
        if name.casefold() in titles or reference in known:
            continue
        text = f"Iteration {number} of {len(stage.iterations)} of {inert_text(stage.title)}."
        draft.act(
            CreateIteration(
                subject=draft.stage_subject(key, uid=draft.stages.get(key), tracker=tracker),
                reason=f"{stage.title} is repeated, and has no milestone for this iteration",
                tracker=tracker,
                uid=_uid(draft, key, name),
                title=name,
                text=item_content(reference, text),
            )
        )


def in_iteration(draft: PlanDraft, key: StageKey, tracker: TrackerId, milestone: int | None) -> bool:
    """Whether a milestone is one of a loop's iterations, so that an issue in it is in its stage."""
    if draft.policy.loops is not Loops.EXPAND or milestone is None:
        return False
    found = draft.observation.trackers[tracker].milestones.get(milestone)
    stage = draft.stage(key)
    if found is None or not stage.iterations:
        return False
    names = {name.casefold() for name in stage.iterations}
    reference = read_block(found.description).reference
    references = {format_reference(key.path, (stage.name, name)) for name in stage.iterations}
    return canonical_text(found.title).casefold() in names or reference in references


def is_iteration(reference: str | None) -> bool:
    """Whether a milestone's reference is an iteration's: it has a segment more than a stage's."""
    return reference is not None and len(reference.split(SEPARATOR)) > 2


def _uid(draft: PlanDraft, key: StageKey, name: str) -> Uid:
    text = f"{draft.observation.owner}\x1f{key.path}\x1f{draft.stage(key).name}\x1f{name}"
    return Uid("l" + hashlib.sha256(text.encode()).hexdigest()[:15])
