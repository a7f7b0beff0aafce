"""The state of groups: a parent is finished when it says so, or when everything below it is.

Its box is a person's word and is only written where a person's act on a tracker says so. What stands below
it speaks for it where the box is open: the issue is closed when the last of it is finished, and opened again
when something of it is open again. A person who closes or reopens the issue is not overruled.
"""

from __future__ import annotations

from syncer.model.document import ItemKind
from syncer.model.fields import Field, Status, TaskState
from syncer.model.identity import Uid
from syncer.model.ledger import BindingState
from syncer.model.plan import ItemKey, Severity
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.groups.homes import NESTED
from syncer.reconcile.items.states import Reads, plan_state
from syncer.reconcile.policy import Groups


def plan_group_states(draft: PlanDraft) -> None:
    """Merge the state of every bound group, the innermost first, and note which one each group will have."""
    if draft.policy.groups is Groups.ISSUES:
        return
    for path, document in sorted(draft.observation.documents.items()):
        below: dict[int, list[ItemKey]] = {}
        for item in document.items:
            # Plans for later do not count.
            if item.parent is not None and item.kind in NESTED and item.status is not Status.FUTURE:
                below.setdefault(item.parent, []).append(ItemKey(path, item.index))
        for item in reversed(document.items):
            if item.kind is ItemKind.GROUP and draft.manages(item):
                _group(draft, ItemKey(path, item.index), below.get(item.index, []))


def _group(draft: PlanDraft, key: ItemKey, below: list[ItemKey]) -> None:
    item = draft.item(key)
    complete = bool(below) and all(
        draft.state_of(child).finished and child not in draft.unsettled for child in below
    )
    reads = _reading(complete=complete)
    draft.final[key] = reads(item.state)
    uid = _bound(draft, key)
    if uid is None:
        return
    binding = draft.bindings[uid]
    issues = draft.issues(binding)
    if not issues:
        return
    actions, holds = len(draft.actions), len(draft.holds)
    why = ""
    if item.state is TaskState.OPEN:
        why = "everything below it is finished" if complete else "something below it is open"
    plan_state(draft, binding, key, issues, reads, why)
    if (len(draft.actions), len(draft.holds)) != (actions, holds) or not complete:
        return
    for tracker, issue in issues.items():
        if issue.state is TaskState.OPEN and item.state is TaskState.OPEN:
            draft.ask(
                draft.subject(key, uid=uid, tracker=tracker),
                Field.STATE,
                "parent-stands",
                "everything below it is finished, and its issue is open: what a person decided stands",
                severity=Severity.REPORT,
            )


def _reading(*, complete: bool) -> Reads:
    def reads(box: TaskState) -> TaskState:
        return TaskState.DONE if box is TaskState.OPEN and complete else box

    return reads


def _bound(draft: PlanDraft, key: ItemKey) -> Uid | None:
    uid = draft.uid_of.get(key)
    if uid is None or uid not in draft.pairs or draft.bindings[uid].state is BindingState.ENDED:
        return None
    return uid
