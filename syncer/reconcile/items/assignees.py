"""Who an issue is assigned to, as far as the roadmap says so. People assign whom they like beside that."""

from __future__ import annotations

from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, SeenIssue, Settled, Settlement
from syncer.model.plan import ChangeIssue, ItemKey
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.items.started import is_going_on
from syncer.reconcile.merge import merge_labels
from syncer.reconcile.policy import StartedBy


def wanted_assignees(draft: PlanDraft, key: ItemKey, tracker: TrackerId) -> frozenset[str]:
    """The accounts of an item's owners on a tracker; only while it is in progress where that says so."""
    if draft.policy.started_by is StartedBy.ASSIGNEE and not is_going_on(draft, key):
        return frozenset()
    return draft.policy.members.assignees(draft.future_item(key), tracker)


def plan_assignees(
    draft: PlanDraft, binding: Binding, key: ItemKey, tracker: TrackerId, issue: SeenIssue
) -> None:
    """Merge the assignees that the roadmap names: the law of labels, for people.

    Whom the forge did not take was settled as it is, and is not tried again until the line changes.
    """
    if draft.policy.started_by is StartedBy.ASSIGNEE and draft.state_of(key).finished:
        return
    calls_for = wanted_assignees(draft, key, tracker)
    base = binding.base.get(tracker, {}).get(Field.ASSIGNEES)
    known = base.roadmap if base is not None and isinstance(base.roadmap, frozenset) else frozenset()
    if not calls_for and not known:
        return
    managed = {login.casefold(): login for login in known} | {login.casefold(): login for login in calls_for}
    now = frozenset(managed[login.casefold()] for login in issue.assignees if login.casefold() in managed)
    wanted = merge_labels(base, calls_for, now)
    if wanted == now:
        draft.settle(binding.uid, tracker, Field.ASSIGNEES, Settled(calls_for, now))
        return
    draft.act(
        ChangeIssue(
            subject=draft.subject(key, uid=binding.uid, tracker=tracker),
            reason="the roadmap names another owner" if known else "the roadmap names its owner",
            settles=(Settlement(binding.uid, tracker, Field.ASSIGNEES, Settled(calls_for, wanted)),),
            tracker=tracker,
            uid=binding.uid,
            number=binding.refs[tracker],
            field=Field.ASSIGNEES,
            before=now,
            after=wanted,
            item=key,
        )
    )
