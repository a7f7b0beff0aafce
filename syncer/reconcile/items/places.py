"""Where bound items belong: a line that moves to another stage takes its issue along."""

from __future__ import annotations

from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, SeenIssue, Settled, Value
from syncer.model.plan import EITHER, ChangeIssue, Hold, ItemKey, Severity
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.items.conflicts import DECIDED
from syncer.reconcile.merge import ROADMAP
from syncer.reconcile.stages.loops import in_iteration


def plan_place(
    draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId, issue: SeenIssue
) -> None:
    """Roadmap to tracker: a line that moves to another stage takes its issue along."""
    if key in draft.moved:
        # The line follows its issue; what stands below it follows with the next run.
        return
    stage_key = draft.stage_key(key)
    if stage_key is not None and (stage_key, tracker) in draft.waiting_stages:
        # Its milestone is a question already.
        return
    uid = draft.stages.get(stage_key) if stage_key is not None else None
    if stage_key is not None and in_iteration(draft, stage_key, tracker, issue.milestone):
        # Whatever iteration people have moved it to, it is in its stage.
        draft.settle(binding.uid, tracker, Field.STAGE, Settled(str(uid) if uid else None, issue.milestone))
        return
    bound = uid is not None and tracker in draft.stage_bindings[uid].milestones
    wanted = stage_key is not None and (stage_key, tracker) in draft.wanted_milestones
    target = stage_key if bound or wanted else None
    milestone = draft.stage_bindings[uid].milestones[tracker] if bound and uid is not None else None
    value: Value = None
    if target is not None:
        value = str(uid) if bound else f"{target.path}#{target.index}"
    base = binding.base.get(tracker, {}).get(Field.STAGE)
    known = base.tracker if base is not None else None
    if issue.milestone == milestone and (bound or target is None):
        draft.settle(binding.uid, tracker, Field.STAGE, Settled(value, issue.milestone))
        return
    roadmap_moved = base is None or value != base.roadmap
    tracker_moved = base is not None and issue.milestone != known
    if base is None and issue.milestone is not None and target is None:
        draft.settle(binding.uid, tracker, Field.STAGE, Settled(value, issue.milestone))
        return
    if not roadmap_moved and not tracker_moved:
        return
    subject = draft.subject(key, uid=binding.uid, tracker=tracker)
    overrules = ""
    if tracker_moved or (base is None and issue.milestone is not None):
        there = _milestone_title(draft, tracker, issue.milestone)
        hold = Hold(
            subject,
            Field.STAGE,
            "milestone-moved" if not roadmap_moved else "conflict",
            Severity.REPORT if not roadmap_moved else Severity.CONFLICT,
            "the issue was moved to another milestone; the roadmap decides where an item belongs"
            if not roadmap_moved
            else "the line and its issue were moved to different places",
            "move the line, or move the issue back; `syncer resolve` does that with `--take roadmap`, "
            "and leaves both where they are with `--take tracker`",
            roadmap=draft.stage(stage_key).title if stage_key is not None else "none",
            tracker=there,
            choices=EITHER,
        )
        winner = draft.decided([hold])
        if winner is None:
            return
        if winner != ROADMAP:
            draft.settle(binding.uid, tracker, Field.STAGE, Settled(value, issue.milestone))
            return
        overrules = there
    parked = draft.state_of(key).finished
    if target is None and not overrules and (parked or not _ours(draft, tracker, issue.milestone)):
        # A finished line that was moved below "Done" keeps its milestone; so does what people set.
        draft.settle(binding.uid, tracker, Field.STAGE, Settled(value, issue.milestone))
        return
    draft.act(
        ChangeIssue(
            subject=subject,
            reason=DECIDED
            if overrules
            else "the line stands in another stage now"
            if base is not None
            else "the line stands in this stage",
            overrules=overrules,
            tracker=tracker,
            uid=binding.uid,
            number=binding.refs[tracker],
            field=Field.STAGE,
            before=issue.milestone,
            after=target,
            item=key,
        )
    )


def _ours(draft: PlanDraft, tracker: TrackerId, milestone: int | None) -> bool:
    return any(binding.milestones.get(tracker) == milestone for binding in draft.stage_bindings.values())


def _milestone_title(draft: PlanDraft, tracker: TrackerId, milestone: int | None) -> str:
    if milestone is None:
        return "none"
    found = draft.observation.trackers[tracker].milestones.get(milestone)
    return found.title if found is not None else f"milestone {milestone}"
