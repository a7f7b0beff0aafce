"""The law applied to bound items, field by field."""

from __future__ import annotations

from syncer.model.document import Item
from syncer.model.edits import Retitle, SetState
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, BlockState, SeenIssue, Settled, Settlement, Value
from syncer.model.plan import (
    ChangeIssue,
    EditRoadmap,
    ItemKey,
    SetIssueState,
    Severity,
)
from syncer.model.reference import format_reference
from syncer.model.tracker import Capabilities
from syncer.reconcile.block import content_digest, item_content
from syncer.reconcile.canonical import canonical_text, cut, is_cut
from syncer.reconcile.draft import PlanDraft, bases_of, shown
from syncer.reconcile.inert import inert_text, inert_title
from syncer.reconcile.merge import ROADMAP, Merged, Side, merge, merge_labels, merge_state
from syncer.reconcile.policy import Dropped

_CHOOSE = "choose with `syncer resolve {ref} --take roadmap` or `--take tracker`"


def issue_title(item: Item, capabilities: Capabilities) -> str:
    """The title that an item's issue shall carry."""
    return inert_title(cut(item.full_title, capabilities.title_limit))


def block_text(path: str, item: Item, capabilities: Capabilities) -> str:
    """The content of an item's managed block: reference, full title where it was cut, description."""
    parts = []
    if is_cut(item.full_title, capabilities.title_limit):
        parts.append(inert_text(item.full_title))
    if item.description:
        parts.append(inert_text(item.description))
    content = item_content(format_reference(path, item.section), "\n\n".join(parts))
    room = capabilities.body_limit - 2_000
    return content if len(content) <= room else cut(content, room)


def plan_states(draft: PlanDraft) -> None:
    """Merge the state of every bound item, and note which state each will have."""
    for uid, match in draft.pairs.items():
        binding = draft.bindings[uid]
        if not draft.manages(draft.item(match.item)):
            continue
        issues = draft.issues(binding)
        if issues:
            _state(draft, binding, match.item, issues)


def plan_fields(draft: PlanDraft) -> None:
    """Merge title, stage, labels and block of every bound item."""
    for uid, match in draft.pairs.items():
        binding = draft.bindings[uid]
        if not draft.manages(draft.item(match.item)):
            continue
        issues = draft.issues(binding)
        if not issues:
            continue
        _title(draft, binding, match.item, issues)
        for tracker, issue in issues.items():
            _stage(draft, binding, match.item, tracker, issue)
            _labels(draft, binding, match.item, tracker, issue)
            _block(draft, binding, match.item, tracker, issue)


# -- state -----------------------------------------------------------------------------------------------


def _state(draft: PlanDraft, binding: Binding, key: ItemKey, issues: dict[TrackerId, SeenIssue]) -> None:
    item = draft.item(key)
    states = {tracker: issue.state for tracker, issue in issues.items()}
    bases = bases_of(binding, issues, Field.STATE)
    if _fell_back(draft, bases, item):
        draft.unsettled.add(key)
        draft.ask(
            draft.subject(key, uid=binding.uid, tracker=next(iter(issues))),
            Field.STATE,
            "history-rewritten",
            "the branch was rewritten and this box fell back to an earlier value",
            "tick or untick it once more to say that it is meant",
            roadmap=shown(item.state),
            tracker=shown(next(iter(states.values()))),
        )
        return
    merged = merge_state(
        bases,
        item.state,
        states,
        draft.policy.conflict(Field.STATE),
        keep_dropped=draft.policy.dropped is Dropped.KEEP,
        done_wins=draft.policy.done_wins,
    )
    for tracker in merged.settle:
        draft.settle(binding.uid, tracker, Field.STATE, Settled(item.state, states[tracker]))
    for tracker in merged.held:
        draft.unsettled.add(key)
        _conflict(draft, binding, key, Field.STATE, tracker, item.state, states[tracker])
    if not merged.targets:
        return
    value = item.state if merged.source == ROADMAP else states[merged.source]
    for side in merged.targets:
        if side == ROADMAP:
            draft.final[key] = value
            _edit_state(draft, binding, key, value, merged, states)
        else:
            settled = Settled(item.state, value)
            draft.act(
                SetIssueState(
                    subject=draft.subject(key, uid=binding.uid, tracker=side),
                    reason=_because(draft, merged, key, value),
                    settles=(Settlement(binding.uid, side, Field.STATE, settled),),
                    tracker=side,
                    uid=binding.uid,
                    number=binding.refs[side],
                    before=states[side],
                    after=value,
                )
            )


def _fell_back(draft: PlanDraft, bases: dict[TrackerId, Settled], item: Item) -> bool:
    """Whether a rewritten history, rather than a person, unticked a box."""
    return draft.observation.rewritten and any(
        base.roadmap is not item.state and item.state is TaskState.OPEN for base in bases.values()
    )


def _edit_state(
    draft: PlanDraft,
    binding: Binding,
    key: ItemKey,
    value: TaskState,
    merged: Merged,
    states: dict[TrackerId, TaskState],
) -> None:
    item = draft.item(key)
    texts = binding.words if value is TaskState.OPEN else ()
    source = draft.issue(merged.source, binding.refs[merged.source])
    settles = tuple(
        Settlement(binding.uid, tracker, Field.STATE, Settled(value, state))
        for tracker, state in states.items()
        if tracker not in merged.targets
    )
    draft.act(
        EditRoadmap(
            subject=draft.subject(key, uid=binding.uid, tracker=merged.source),
            reason=f"issue #{binding.refs[merged.source]} was {_past(value)}",
            settles=settles,
            path=key.path,
            edit=SetState(item.index, value, texts),
            before=item.state.value,
            after=value.value,
            by=source.url if source is not None else "",
        )
    )


def _past(state: TaskState) -> str:
    return {
        TaskState.OPEN: "reopened",
        TaskState.DONE: "closed as completed",
        TaskState.DROPPED: "closed as not planned",
    }[state]


def _because(draft: PlanDraft, merged: Merged, key: ItemKey, value: TaskState) -> str:
    if merged.source != ROADMAP:
        return f"it was {_past(value)} on {merged.source}"
    item = draft.item(key)
    where = f"line {item.line} of {key.path}"
    if item.box is not None:
        verb = {
            TaskState.OPEN: "was unticked",
            TaskState.DONE: "was ticked",
            TaskState.DROPPED: "was dropped",
        }
        return f"{where} {verb[value]}"
    return f"{where} says {item.status_text or value.value!r}"


# -- title -----------------------------------------------------------------------------------------------


def _title(draft: PlanDraft, binding: Binding, key: ItemKey, issues: dict[TrackerId, SeenIssue]) -> None:
    item = draft.item(key)
    full = canonical_text(item.full_title)
    titles: dict[TrackerId, Value] = {t: canonical_text(issue.title) for t, issue in issues.items()}

    def agree(left: Side, mine: Value, right: Side, theirs: Value) -> bool:
        return _as_shown(draft, left, mine, right) == _as_shown(draft, right, theirs, left)

    bases = bases_of(binding, issues, Field.TITLE)
    merged = merge(bases, full, titles, agree, draft.policy.conflict(Field.TITLE))
    for tracker in merged.settle:
        draft.settle(binding.uid, tracker, Field.TITLE, Settled(full, titles[tracker]))
    for tracker in merged.held:
        _conflict(draft, binding, key, Field.TITLE, tracker, full, titles[tracker])
    value = full if merged.source == ROADMAP else str(titles[merged.source])
    for side in merged.targets:
        if side == ROADMAP:
            _edit_title(draft, binding, key, value, merged, titles)
            continue
        wanted = inert_title(cut(value, draft.observation.trackers[side].capabilities.title_limit))
        settled = Settled(full, canonical_text(wanted))
        draft.act(
            ChangeIssue(
                subject=draft.subject(key, uid=binding.uid, tracker=side),
                reason="its text was changed in the roadmap"
                if merged.source == ROADMAP
                else f"it was retitled on {merged.source}",
                settles=(Settlement(binding.uid, side, Field.TITLE, settled),),
                tracker=side,
                uid=binding.uid,
                number=binding.refs[side],
                field=Field.TITLE,
                before=issues[side].title,
                after=wanted,
                item=key,
            )
        )


def _as_shown(draft: PlanDraft, side: Side, value: Value, other: Side) -> str:
    """A title as the other side would store it."""
    text = str(value)
    if side == ROADMAP and other != ROADMAP:
        return canonical_text(cut(text, draft.observation.trackers[other].capabilities.title_limit))
    return text


def _edit_title(
    draft: PlanDraft,
    binding: Binding,
    key: ItemKey,
    value: str,
    merged: Merged,
    titles: dict[TrackerId, Value],
) -> None:
    item = draft.item(key)
    subject = draft.subject(key, uid=binding.uid, tracker=merged.source)
    limit = draft.observation.trackers[merged.source].capabilities.title_limit
    if is_cut(item.full_title, limit):
        draft.ask(
            subject,
            Field.TITLE,
            "cut-title",
            "the issue shows only the beginning of this text, so its new title cannot replace the whole",
            "change the text in the roadmap",
            roadmap=item.full_title,
            tracker=value,
        )
        return
    title = value
    if item.id is not None:
        prefix = f"{item.id}: "
        if not value.startswith(prefix):
            draft.ask(
                subject,
                Field.TITLE,
                "id-changed",
                f"the new title does not begin with {prefix!r}, by which the roadmap knows this item",
                "put the id back in front of the title",
                roadmap=item.full_title,
                tracker=value,
            )
            return
        title = value.removeprefix(prefix)
    settles = tuple(
        Settlement(binding.uid, tracker, Field.TITLE, Settled(value, shown_title))
        for tracker, shown_title in titles.items()
        if tracker not in merged.targets
    )
    source = draft.issue(merged.source, binding.refs[merged.source])
    draft.act(
        EditRoadmap(
            subject=subject,
            reason=f"issue #{binding.refs[merged.source]} was retitled",
            settles=settles,
            path=key.path,
            edit=Retitle(item.index, title),
            before=item.full_title,
            after=value,
            by=source.url if source is not None else "",
        )
    )


# -- stage -----------------------------------------------------------------------------------------------


def _stage(draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId, issue: SeenIssue) -> None:
    """Roadmap to tracker: a line that moves to another stage takes its issue along."""
    stage_key = draft.stage_key(key)
    uid = draft.stages.get(stage_key) if stage_key is not None else None
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
    if tracker_moved or (base is None and issue.milestone is not None):
        draft.ask(
            subject,
            Field.STAGE,
            "milestone-moved" if not roadmap_moved else "conflict",
            "the issue was moved to another milestone; the roadmap decides where an item belongs"
            if not roadmap_moved
            else "the line and its issue were moved to different places",
            "move the line, or move the issue back",
            severity=Severity.REPORT if not roadmap_moved else Severity.CONFLICT,
            roadmap=draft.stage(stage_key).title if stage_key is not None else "none",
            tracker=_milestone_title(draft, tracker, issue.milestone),
        )
        return
    parked = draft.state_of(key).finished
    if target is None and (parked or not _ours(draft, tracker, issue.milestone)):
        # A finished line that was moved below "Done" keeps its milestone; so does what people set.
        draft.settle(binding.uid, tracker, Field.STAGE, Settled(value, issue.milestone))
        return
    draft.act(
        ChangeIssue(
            subject=subject,
            reason="the line stands in another stage now"
            if base is not None
            else "the line stands in this stage",
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


# -- labels and block ------------------------------------------------------------------------------------


def wanted_labels(draft: PlanDraft) -> frozenset[str]:
    """The managed labels that an item calls for."""
    return frozenset({draft.policy.label}) if draft.policy.label else frozenset()


def _labels(draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId, issue: SeenIssue) -> None:
    calls_for = wanted_labels(draft)
    base = binding.base.get(tracker, {}).get(Field.LABELS)
    managed = {label.casefold(): label for label in calls_for}
    if base is not None and isinstance(base.roadmap, frozenset):
        managed |= {label.casefold(): label for label in base.roadmap}
    now = frozenset(managed[label.casefold()] for label in issue.labels if label.casefold() in managed)
    wanted = merge_labels(base, calls_for, now)
    if wanted == now:
        draft.settle(binding.uid, tracker, Field.LABELS, Settled(calls_for, now))
        return
    draft.act(
        ChangeIssue(
            subject=draft.subject(key, uid=binding.uid, tracker=tracker),
            reason="labels mark what syncer manages",
            settles=(Settlement(binding.uid, tracker, Field.LABELS, Settled(calls_for, wanted)),),
            tracker=tracker,
            uid=binding.uid,
            number=binding.refs[tracker],
            field=Field.LABELS,
            before=now,
            after=wanted,
            item=key,
        )
    )


def _block(draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId, issue: SeenIssue) -> None:
    """Roadmap to tracker, inside the managed block only. What a person edits in there is a conflict."""
    content = block_text(key.path, draft.item(key), draft.observation.trackers[tracker].capabilities)
    wanted = content_digest(content)
    base = binding.base.get(tracker, {}).get(Field.BODY)
    subject = draft.subject(key, uid=binding.uid, tracker=tracker)
    if issue.block is BlockState.WHOLE and issue.digest == wanted:
        draft.settle(binding.uid, tracker, Field.BODY, Settled(wanted, issue.digest))
        return
    adopted = base is None and issue.block is BlockState.NONE
    if not adopted and base is None:
        # Written by an installation whose memory is lost: the block says what it said.
        draft.settle(binding.uid, tracker, Field.BODY, Settled(wanted, issue.digest))
        return
    if base is not None and issue.digest != base.tracker:
        code, what = {
            BlockState.NONE: ("block-removed", "the managed block was removed from the issue"),
            BlockState.DAMAGED: ("block-damaged", "the markers of the managed block are damaged"),
        }.get(issue.block, ("block-edited", "the managed block of the issue was edited"))
        draft.ask(
            subject,
            Field.BODY,
            code,
            f"{what}; it is not written to",
            "write outside the markers, or let `syncer resolve --take roadmap` restore the block",
            severity=Severity.REPORT if wanted == base.roadmap else Severity.CONFLICT,
        )
        return
    if base is not None and wanted == base.roadmap:
        return
    draft.act(
        ChangeIssue(
            subject=subject,
            reason="the issue was bound and carries no managed block yet"
            if adopted
            else "what the roadmap says about it was changed",
            settles=(Settlement(binding.uid, tracker, Field.BODY, Settled(wanted, wanted)),),
            tracker=tracker,
            uid=binding.uid,
            number=binding.refs[tracker],
            field=Field.BODY,
            before=issue.digest,
            after=content,
            item=key,
        )
    )


def _conflict(
    draft: PlanDraft,
    binding: Binding,
    key: ItemKey,
    what: Field,
    tracker: TrackerId,
    roadmap: Value,
    there: Value,
) -> None:
    base = binding.base.get(tracker, {}).get(what)
    reason = (
        f"the roadmap says {shown(roadmap)!r}, the issue says {shown(there)!r}"
        if base is not None
        else f"nothing was settled yet, and the roadmap says {shown(roadmap)!r}, the issue {shown(there)!r}"
    )
    draft.ask(
        draft.subject(key, uid=binding.uid, tracker=tracker),
        what,
        "conflict" if base is not None else "no-base",
        reason,
        _CHOOSE.format(ref=f"#{binding.refs[tracker]}"),
        severity=Severity.CONFLICT,
        base=f"{shown(base.roadmap)} / {shown(base.tracker)}" if base is not None else "",
        roadmap=shown(roadmap),
        tracker=shown(there),
    )
