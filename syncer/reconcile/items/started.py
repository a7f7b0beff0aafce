"""Work in progress: a word in the cell of a row, a mark in a box; a label on the issue, or an assignee.

In progress counts as open everywhere else; it is a detail that is carried both ways on its own.
"""

from __future__ import annotations

from syncer.model.document import ItemKind
from syncer.model.edits import SetStarted
from syncer.model.fields import Field, Status
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, SeenIssue, Settled, Settlement, Value
from syncer.model.plan import ChangeIssue, EditRoadmap, ItemKey
from syncer.reconcile.draft import PlanDraft, bases_of
from syncer.reconcile.items.conflicts import choice, decided_so
from syncer.reconcile.merge import ROADMAP, Merged, chosen, merge, same
from syncer.reconcile.policy import OnConflict, StartedBy

NOT_STARTED: frozenset[str] = frozenset()
_ASSIGNED = "assigned"


def started_label(draft: PlanDraft, key: ItemKey) -> frozenset[str]:
    """The label that an item calls for because it will be in progress; nothing where no label says so."""
    label = draft.policy.labelling.started
    by_label = label and draft.policy.started_by is StartedBy.LABEL
    return frozenset({label}) if by_label and is_going_on(draft, key) else NOT_STARTED


def is_going_on(draft: PlanDraft, key: ItemKey) -> bool:
    """Whether an item will be in progress."""
    return draft.future_item(key).status is Status.IN_PROGRESS and not draft.state_of(key).finished


def plan_started(
    draft: PlanDraft, binding: Binding, key: ItemKey, issues: dict[TrackerId, SeenIssue]
) -> None:
    """Merge whether an item is in progress. Without a base it is, if either side says so."""
    by_label = draft.policy.started_by is StartedBy.LABEL
    label = draft.policy.labelling.started if by_label else _ASSIGNED
    item = draft.item(key)
    if not label or item.kind is ItemKind.GATE or (not by_label and draft.state_of(key).finished):
        # Who did a piece of work may stay assigned to it.
        return
    started = frozenset({label})
    mine = started if is_going_on(draft, key) else NOT_STARTED
    theirs: dict[TrackerId, Value] = {
        tracker: started if _is_started(issue, label, by_label=by_label) else NOT_STARTED
        for tracker, issue in issues.items()
    }
    nothing = dict.fromkeys(issues, Settled(NOT_STARTED, NOT_STARTED))
    bases = nothing | bases_of(binding, issues, Field.STARTED)
    merged = merge(bases, mine, theirs, same, OnConflict.HOLD)
    if merged.held:
        holds = [choice(draft, binding, key, Field.STARTED, t, mine, theirs[t]) for t in merged.held]
        winner = draft.decided(holds)
        if winner is not None:
            merged = chosen(bases, mine, theirs, same, winner)
    if ROADMAP in merged.targets and key in draft.final:
        # Its cell is written already; the next run sees which word came of it.
        return
    if ROADMAP in merged.targets and (item.cell is None or draft.state_of(key).finished):
        # Boxes have no common mark for it, and what is finished is not going on.
        for tracker, there in theirs.items():
            draft.settle(binding.uid, tracker, Field.STARTED, Settled(mine, there))
        return
    for tracker in merged.settle:
        if (mine, theirs[tracker]) != (NOT_STARTED, NOT_STARTED) or binding.base.get(tracker, {}).get(
            Field.STARTED
        ):
            draft.settle(binding.uid, tracker, Field.STARTED, Settled(mine, theirs[tracker]))
    value = mine if merged.source == ROADMAP else theirs[merged.source]
    for side in merged.targets:
        if side == ROADMAP:
            _edit(draft, binding, key, merged, value, theirs)
            continue
        if not by_label:
            # Its owners are assigned by themselves, if the roadmap names any; nobody else is.
            continue
        draft.act(
            ChangeIssue(
                subject=draft.subject(key, uid=binding.uid, tracker=side),
                reason="the roadmap says that it is in progress"
                if value
                else "the roadmap no longer says that it is in progress",
                settles=(Settlement(binding.uid, side, Field.STARTED, Settled(mine, value)),),
                tracker=side,
                uid=binding.uid,
                number=binding.refs[side],
                field=Field.STARTED,
                before=_labels(theirs[side]),
                after=_labels(value),
                item=key,
            )
        )


def _is_started(issue: SeenIssue, label: str, *, by_label: bool) -> bool:
    """Whether an issue shows that work on it goes on."""
    if by_label:
        return label.casefold() in {each.casefold() for each in issue.labels}
    return bool(issue.assignees)


def _edit(
    draft: PlanDraft,
    binding: Binding,
    key: ItemKey,
    merged: Merged,
    value: Value,
    theirs: dict[TrackerId, Value],
) -> None:
    item, number = draft.item(key), binding.refs[merged.source]
    source = draft.issue(merged.source, number)
    draft.act(
        EditRoadmap(
            subject=draft.subject(key, uid=binding.uid, tracker=merged.source),
            reason=f"issue #{number} was {'marked' if value else 'no longer marked'} as in progress"
            f"{decided_so(merged)}",
            settles=tuple(
                Settlement(
                    binding.uid,
                    tracker,
                    Field.STARTED,
                    Settled(value, value if tracker in merged.targets else shown),
                )
                for tracker, shown in theirs.items()
            ),
            path=key.path,
            edit=SetStarted(item.index, bool(value), () if value else binding.words),
            before=item.status_text or item.status.value,
            after="in progress" if value else "open",
            by=source.url if source is not None else "",
        )
    )


def _labels(value: Value) -> frozenset[str]:
    return value if isinstance(value, frozenset) else NOT_STARTED
