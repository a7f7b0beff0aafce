"""The labels that are ours on an issue. People's labels are never touched."""

from __future__ import annotations

from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, SeenIssue, Settled, Settlement
from syncer.model.plan import ChangeIssue, ItemKey, StageKey
from syncer.reconcile.canonical import cut
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.merge import merge_labels


def marking_label(draft: PlanDraft) -> frozenset[str]:
    """The label that marks managed issues."""
    return frozenset({draft.policy.label}) if draft.policy.label else frozenset()


def wanted_labels(draft: PlanDraft, key: ItemKey, tracker: TrackerId) -> frozenset[str]:
    """The managed labels that an item will call for.

    Those that mean something else to syncer are left out: a tag ``#dropped`` must not close an issue.
    """
    item, labelling = draft.future_item(key), draft.policy.labelling
    stage = draft.future_stage(StageKey(key.path, item.stage)) if item.stage is not None else None
    loop = f"{stage.iterations[0]}–{stage.iterations[-1]}" if stage is not None and stage.iterations else ""
    capabilities = draft.observation.trackers[tracker].capabilities
    reserved = {labelling.started, draft.policy.removed_label}
    if not capabilities.close_reasons:
        reserved.add(capabilities.dropped_label)
    name = stage.name if stage is not None else ""
    taken = {name.casefold() for name in reserved}
    wanted = {cut(name, capabilities.label_limit) for name in labelling.labels(item, name, loop)}
    # Forges take names that differ in case for one label: the first one of them stands.
    named = {name.casefold(): name for name in sorted(wanted, reverse=True) if name.casefold() not in taken}
    return marking_label(draft) | frozenset(named.values())


def plan_labels(
    draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId, issue: SeenIssue
) -> None:
    """Merge the managed labels of one issue."""
    calls_for = wanted_labels(draft, key, tracker)
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
            reason="labels mark what syncer manages"
            if calls_for <= marking_label(draft)
            else "labels follow what the roadmap says",
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
