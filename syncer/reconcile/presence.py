"""What appears and what disappears: issues created for new lines, nothing concluded from absence."""

from __future__ import annotations

from collections import Counter

from syncer.model.document import Item, ItemKind
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Binding, BindingState, Settled, Settlement
from syncer.model.plan import (
    Bury,
    ChangeIssue,
    Choice,
    CreateIssue,
    Hold,
    ItemKey,
    Revive,
    SetIssueState,
    Severity,
    StageKey,
    Subject,
)
from syncer.reconcile.canonical import canonical_text
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.gates.gates import gate_text
from syncer.reconcile.gates.lines import criteria, roadmap_value
from syncer.reconcile.items.assignees import wanted_assignees
from syncer.reconcile.items.blocks import block_text
from syncer.reconcile.items.conflicts import DECIDED
from syncer.reconcile.items.labels import marking_label, wanted_labels
from syncer.reconcile.items.started import started_label
from syncer.reconcile.items.titles import issue_title
from syncer.reconcile.matching import anchor_of
from syncer.reconcile.merge import ROADMAP, merge_labels
from syncer.reconcile.policy import Groups, Removed

_FEW = 3
"""A file with fewer bound lines than this may lose all of them without a question."""


def plan_creates(draft: PlanDraft, foreign: dict[tuple[str, TrackerId], str]) -> None:
    """Create an issue for every open line that has none, where nothing speaks against it."""
    told: set[tuple[str, TrackerId, str]] = set()
    for path, document in sorted(draft.observation.documents.items()):
        for item in document.entries:
            key = ItemKey(path, item.index)
            uid = draft.uid_of.get(key)
            if not draft.calls_for_issue(item) or draft.state_of(key) is not TaskState.OPEN:
                continue
            if key in draft.lines:
                continue
            binding = draft.bindings[uid] if uid is not None else None
            if binding is not None and binding.state is not BindingState.LIVE:
                continue
            for tracker in draft.observation.trackers:
                if (
                    binding is not None
                    and tracker in binding.refs
                    and not _again(draft, binding, key, tracker)
                ):
                    continue
                reason = _obstacle(draft, key, tracker, foreign, told)
                if reason is None:
                    _create(draft, key, uid, tracker)


def _obstacle(
    draft: PlanDraft,
    key: ItemKey,
    tracker: TrackerId,
    foreign: dict[tuple[str, TrackerId], str],
    told: set[tuple[str, TrackerId, str]],
) -> str | None:
    """Why no issue is created for a line now; said once per file where it concerns the whole file."""
    view = draft.observation.trackers[tracker]
    owner = foreign.get((key.path, tracker))
    if owner is not None:
        if (key.path, tracker, "foreign") not in told:
            told.add((key.path, tracker, "foreign"))
            draft.ask(
                _file_subject(key.path, tracker),
                Field.PRESENCE,
                "foreign-owner",
                f"{tracker} holds issues for {key.path} that {owner} manages; no issue is created",
                f"`syncer adopt --from {owner}` takes them over",
            )
        return "foreign"
    if not view.complete:
        if (key.path, tracker, "incomplete") not in told:
            told.add((key.path, tracker, "incomplete"))
            draft.ask(
                _file_subject(key.path, tracker),
                Field.PRESENCE,
                "incomplete-view",
                f"{tracker} was not read completely; no issue is created until it was",
                severity=Severity.WAIT,
            )
        return "incomplete"
    uid = draft.uid_of.get(key)
    if uid is not None and (uid, tracker) in draft.observation.pending:
        draft.ask(
            draft.subject(key, uid=uid, tracker=tracker),
            Field.PRESENCE,
            "unknown-fate",
            "its issue was requested and no answer came; it is looked for before that is repeated",
            severity=Severity.WAIT,
        )
        return "pending"
    unclear = draft.matching.unclear_items.get(key)
    if unclear is not None and unclear.asked:
        return "unclear"
    if unclear is not None:
        draft.ask(
            draft.subject(key, tracker=tracker),
            Field.PRESENCE,
            "unclear",
            f"{unclear.reason}: {', '.join(unclear.candidates[:5])}",
            "put a link to its issue behind the line, or change one of the texts, or say what it is: "
            f"`syncer adopt '#NUMBER={key.path}:{draft.item(key).line}'`, or `syncer adopt --new "
            f"{key.path}:{draft.item(key).line}`",
        )
        return "unclear"
    stage = draft.stage_key(key)
    if stage is not None and (stage, tracker) in draft.waiting_stages:
        draft.ask(
            draft.subject(key, tracker=tracker),
            Field.PRESENCE,
            "stage-waits",
            f"its stage waits: {draft.waiting_stages[stage, tracker]}",
            severity=Severity.WAIT,
        )
        return "stage"
    return None


def _create(draft: PlanDraft, key: ItemKey, uid: Uid | None, tracker: TrackerId) -> None:
    item = draft.future_item(key)
    capabilities = draft.observation.trackers[tracker].capabilities
    draft.act(
        CreateIssue(
            subject=draft.subject(key, uid=uid, tracker=tracker),
            reason="the line is open and has no issue",
            tracker=tracker,
            item=key,
            uid=uid,
            anchor=anchor_of(draft.document(key.path), item),
            title=issue_title(item, capabilities),
            text=_text(draft, key, item, tracker),
            lines=_lines(draft, key),
            child=key in draft.homes and draft.policy.groups is Groups.SUB_ISSUES,
            stage=_milestone_stage(draft, key, tracker),
            labels=wanted_labels(draft, key, tracker),
            started=started_label(draft, key),
            assignees=wanted_assignees(draft, key, tracker),
        )
    )


def _text(draft: PlanDraft, key: ItemKey, item: Item, tracker: TrackerId) -> str:
    if item.kind is not ItemKind.GATE and not draft.members.get(key):
        return block_text(key.path, item, draft.observation.trackers[tracker].capabilities)
    lines = criteria(draft.document(key.path), draft.item(key))
    return gate_text(draft, key, tracker, {text: line.state for text, line in lines.items()})


def _lines(draft: PlanDraft, key: ItemKey) -> frozenset[str] | None:
    """The lines of a checklist, as they are settled."""
    item = draft.item(key)
    return roadmap_value(draft.document(key.path), item) if item.members else None


def _milestone_stage(draft: PlanDraft, key: ItemKey, tracker: TrackerId) -> StageKey | None:
    stage = draft.stage_key(key)
    if stage is None:
        return None
    uid = draft.stages.get(stage)
    bound = uid is not None and tracker in draft.stage_bindings[uid].milestones
    return stage if bound or (stage, tracker) in draft.wanted_milestones else None


def plan_disappearances(draft: PlanDraft) -> None:
    """Report lines and issues that are gone. Nothing is closed, deleted or recreated for it."""
    emptied = _emptied_files(draft)
    for path, reason in sorted(_lost_files(draft, emptied).items()):
        count = sum(
            1
            for uid, binding in draft.bindings.items()
            if binding.anchor.path == path and binding.state is BindingState.LIVE and uid not in draft.pairs
        )
        if count:
            draft.ask(
                _file_subject(path, None),
                Field.PRESENCE,
                "file-lost",
                f"{reason}; {count} issues keep their bindings and nothing happens to them",
                f"bring the file back, or end its bindings with `syncer forget {path}`",
            )
    for uid, binding in sorted(draft.bindings.items()):
        if binding.state is BindingState.LIVE and uid not in draft.pairs:
            _line_gone(draft, binding, emptied)
        elif binding.state is BindingState.BURIED and uid in draft.pairs:
            key = draft.pairs[uid].item
            draft.act(
                Revive(
                    subject=draft.subject(key, uid=uid),
                    reason="the line is back",
                    uid=uid,
                    anchor=anchor_of(draft.document(key.path), draft.item(key)),
                )
            )
        if uid in draft.pairs:
            _issues_gone(draft, binding, draft.pairs[uid].item)


def _emptied_files(draft: PlanDraft) -> set[str]:
    """Files that are there and hold none of the lines that were bound in them."""
    bound: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for uid, binding in draft.bindings.items():
        if binding.state is BindingState.LIVE:
            bound[binding.anchor.path] += 1
            found[binding.anchor.path] += uid in draft.pairs
    return {
        path
        for path, count in bound.items()
        if path in draft.observation.documents
        and count >= _FEW
        and found[path] == 0
        and not draft.observation.documents[path].items
    }


def _lost_files(draft: PlanDraft, emptied: set[str]) -> dict[str, str]:
    lost = {path: f"{path} is gone" for path in draft.observation.absent}
    lost |= {path: f"{path} cannot be read: {why}" for path, why in draft.observation.unreadable.items()}
    return lost | {path: f"{path} holds no items any more" for path in emptied}


def _line_gone(draft: PlanDraft, binding: Binding, emptied: set[str]) -> None:
    path = binding.anchor.path
    if path in draft.observation.absent or path in draft.observation.unreadable or path in emptied:
        return
    subject = draft.gone_subject(binding)
    unclear = draft.matching.unclear_bindings.get(binding.uid)
    if unclear is not None and unclear.asked:
        return
    if unclear is not None:
        draft.ask(
            subject,
            Field.PRESENCE,
            "unclear",
            f"{unclear.reason}: {', '.join(unclear.candidates[:5])}",
            "put a link to the issue behind the right line, or say it: "
            f"`syncer adopt '#{subject.number}=FILE:LINE'`, or `syncer forget '#{subject.number}'`",
        )
        return
    states: dict[TrackerId, TaskState | None] = {}
    for tracker, number in binding.refs.items():
        view = draft.observation.trackers.get(tracker)
        issue = draft.issue(tracker, number)
        gone = view is not None and number in view.gone
        states[tracker] = issue.state if issue is not None else (TaskState.DROPPED if gone else None)
    if None in states.values():
        return
    if all(state is not None and state.finished for state in states.values()):
        draft.act(Bury(subject=subject, reason="the line is gone and its issue is closed", uid=binding.uid))
        return
    if _edited_since(draft, binding):
        hold = _removed(draft, binding, "line-removed-issue-edited", Severity.QUESTION)
        if draft.decided([hold]) == ROADMAP:
            _close_removed(draft, binding, DECIDED)
        return
    if draft.policy.removed is Removed.CLOSE:
        _close_removed(draft, binding, 'its line was removed (`removed = "close"`)')
        return
    if draft.policy.removed is Removed.LABEL:
        _label_removed(draft, binding)
        return
    if draft.decided([_removed(draft, binding, "line-removed", Severity.REPORT)]) == ROADMAP:
        _close_removed(draft, binding, DECIDED)


def _removed(draft: PlanDraft, binding: Binding, code: str, severity: Severity) -> Hold:
    subject = draft.gone_subject(binding)
    shows = [f"{issue.state.value} {issue.title}" for issue in draft.issues(binding).values()]
    return Hold(
        subject,
        Field.PRESENCE,
        code,
        severity,
        "the line is gone from the roadmap; its issue stays open"
        if code == "line-removed"
        else "the line was removed, and its issue was changed since",
        f"bring the line back, or close the issue (`syncer resolve '#{subject.number}' --take roadmap` "
        f"closes it as not planned), or end the binding with `syncer forget '#{subject.number}'`",
        fingerprint="; ".join(shows),
        choices=(Choice.ROADMAP,),
    )


def _close_removed(draft: PlanDraft, binding: Binding, reason: str) -> None:
    for tracker, issue in draft.issues(binding).items():
        if issue.state is TaskState.OPEN:
            draft.act(
                SetIssueState(
                    subject=draft.gone_subject(binding, tracker),
                    reason=reason,
                    tracker=tracker,
                    uid=binding.uid,
                    number=issue.number,
                    before=issue.state,
                    after=TaskState.DROPPED,
                    removed=True,
                )
            )
    draft.act(
        Bury(
            subject=draft.gone_subject(binding),
            reason="the line is gone and its issue is closed",
            uid=binding.uid,
        )
    )


def _label_removed(draft: PlanDraft, binding: Binding) -> None:
    for tracker, issue in draft.issues(binding).items():
        number = issue.number
        base = binding.base.get(tracker, {}).get(Field.LABELS)
        known = base.roadmap if base is not None and isinstance(base.roadmap, frozenset) else None
        called_for = (marking_label(draft) if known is None else known) | {draft.policy.removed_label}
        if base is not None and base.roadmap == called_for:
            continue
        now = frozenset(label for label in issue.labels if label in called_for)
        wanted = merge_labels(base, called_for, now)
        draft.act(
            ChangeIssue(
                subject=draft.gone_subject(binding, tracker),
                reason='its line was removed (`removed = "label"`)',
                settles=(Settlement(binding.uid, tracker, Field.LABELS, Settled(called_for, wanted)),),
                tracker=tracker,
                uid=binding.uid,
                number=number,
                field=Field.LABELS,
                before=now,
                after=wanted,
                item=None,
            )
        )


def _edited_since(draft: PlanDraft, binding: Binding) -> bool:
    for tracker, number in binding.refs.items():
        issue = draft.issue(tracker, number)
        fields = binding.base.get(tracker, {})
        state, title = fields.get(Field.STATE), fields.get(Field.TITLE)
        if issue is None:
            continue
        if state is not None and state.tracker is not issue.state:
            return True
        if title is not None and title.tracker != canonical_text(issue.title):
            return True
    return False


def _issues_gone(draft: PlanDraft, binding: Binding, key: ItemKey) -> None:
    for tracker, number in sorted(binding.refs.items()):
        view = draft.observation.trackers.get(tracker)
        if view is not None and number in view.gone and not _again(draft, binding, key, tracker):
            draft.hold(_gone(draft, binding, key, tracker))


def _gone(draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId) -> Hold:
    number = binding.refs[tracker]
    return Hold(
        draft.subject(key, uid=binding.uid, tracker=tracker),
        Field.PRESENCE,
        "issue-gone",
        Severity.QUESTION,
        f"#{number} was deleted or moved away on {tracker}; it is not created again by itself",
        f"`syncer resolve '#{number}' --take roadmap` has a new one created for the line, "
        f"`syncer forget '#{number}'` ends the binding",
        choices=(Choice.ROADMAP,),
    )


def _again(draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId) -> bool:
    """Whether a person wants a new issue in the place of one that is gone."""
    return (
        binding.refs[tracker] in draft.observation.trackers[tracker].gone
        and draft.calls_for_issue(draft.item(key))
        and draft.decisions.winner([_gone(draft, binding, key, tracker)]) == ROADMAP
    )


def _file_subject(path: str, tracker: TrackerId | None) -> Subject:
    return Subject(path, 0, (), path, None, tracker)
