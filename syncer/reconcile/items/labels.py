"""The labels that are ours on an issue. People's labels are never touched."""

from __future__ import annotations

from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, SeenIssue, Settled, Settlement
from syncer.model.plan import ChangeIssue, ItemKey
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.merge import merge_labels


def wanted_labels(draft: PlanDraft) -> frozenset[str]:
    """The managed labels that an item calls for."""
    return frozenset({draft.policy.label}) if draft.policy.label else frozenset()


def plan_labels(
    draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId, issue: SeenIssue
) -> None:
    """Merge the managed labels of one issue."""
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
