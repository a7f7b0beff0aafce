"""The state of bound items: ticked where the issue was closed, closed where the box was ticked."""

from __future__ import annotations

from collections.abc import Callable

from syncer.model.document import ItemKind
from syncer.model.edits import SetState
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, SeenIssue, Settled, Settlement
from syncer.model.plan import EITHER, EditRoadmap, Hold, ItemKey, SetIssueState, Severity
from syncer.reconcile.draft import PlanDraft, bases_of, shown
from syncer.reconcile.items.conflicts import DECIDED, choice, decided_so
from syncer.reconcile.merge import ROADMAP, Merged, merge_state
from syncer.reconcile.policy import Dropped, Groups

Reads = Callable[[TaskState], TaskState]
"""What a box with a certain mark says about its item: the roadmap's side of its state."""


def as_marked(state: TaskState) -> TaskState:
    """A box says what its mark says."""
    return state


def plan_states(draft: PlanDraft) -> None:
    """Merge the state of every bound item, and note which state each will have.

    A group's depends on what stands below it, so it is merged later, unless each item is on its own.
    """
    for uid, match in draft.pairs.items():
        binding = draft.bindings[uid]
        item = draft.item(match.item)
        if item.kind is ItemKind.GATE or not draft.manages(item):
            continue
        if item.kind is ItemKind.GROUP and draft.policy.groups is not Groups.ISSUES:
            continue
        issues = draft.issues(binding)
        if issues:
            plan_state(draft, binding, match.item, issues)


def plan_state(
    draft: PlanDraft,
    binding: Binding,
    key: ItemKey,
    issues: dict[TrackerId, SeenIssue],
    reads: Reads = as_marked,
    why: str = "",
) -> None:
    """Merge the state of one bound item.

    Args:
        draft: the plan so far.
        binding: of the item.
        key: the item.
        issues: by tracker.
        reads: what its box says about it.
        why: the reason for a change, where it is not the box itself that changed.
    """
    item = draft.item(key)
    mine = reads(item.state)
    states = {tracker: issue.state for tracker, issue in issues.items()}
    bases = bases_of(binding, issues, Field.STATE)

    def merged_with(winner: TrackerId | None) -> Merged:
        return merge_state(
            bases,
            mine,
            states,
            draft.policy.conflict(Field.STATE),
            winner=winner,
            keep_dropped=draft.policy.dropped is Dropped.KEEP,
            done_wins=draft.policy.done_wins,
        )

    winner: TrackerId | None = None
    if _fell_back(draft, bases, mine):
        winner = draft.decided([_rewritten(draft, binding, key, states)])
        if winner is None:
            draft.unsettled.add(key)
            return
    merged = merged_with(winner)
    if merged.held:
        winner = draft.decided(
            [
                choice(draft, binding, key, Field.STATE, tracker, mine, states[tracker])
                for tracker in merged.held
            ]
        )
        if winner is None:
            draft.unsettled.add(key)
        else:
            merged = merged_with(winner)
    for tracker in merged.settle:
        draft.settle(binding.uid, tracker, Field.STATE, Settled(mine, states[tracker]))
    if not merged.targets:
        return
    value = mine if merged.source == ROADMAP else states[merged.source]
    for side in merged.targets:
        if side == ROADMAP and value is item.state:
            # Its box says so already, and what it stands for says something else: a person's act stands.
            for tracker, state in states.items():
                if tracker not in merged.targets:
                    draft.settle(binding.uid, tracker, Field.STATE, Settled(mine, state))
        elif side == ROADMAP:
            draft.final[key] = reads(value)
            _edit_state(draft, binding, key, value, reads(value), merged, states)
        else:
            settled = Settled(reads(value) if ROADMAP in merged.targets else mine, value)
            draft.act(
                SetIssueState(
                    subject=draft.subject(key, uid=binding.uid, tracker=side),
                    reason=why if why and merged.source == ROADMAP else _because(draft, merged, key, value),
                    settles=(Settlement(binding.uid, side, Field.STATE, settled),),
                    overrules=shown(states[side]) if side in merged.overruled else "",
                    tracker=side,
                    uid=binding.uid,
                    number=binding.refs[side],
                    before=states[side],
                    after=value,
                )
            )


def _rewritten(draft: PlanDraft, binding: Binding, key: ItemKey, states: dict[TrackerId, TaskState]) -> Hold:
    tracker, state = next(iter(states.items()))
    return Hold(
        draft.subject(key, uid=binding.uid, tracker=tracker),
        Field.STATE,
        "history-rewritten",
        Severity.QUESTION,
        "the branch was rewritten and this box fell back to an earlier value",
        "tick or untick it once more to say that it is meant, or choose with "
        f"`syncer resolve '#{binding.refs[tracker]}' --take roadmap` or `--take tracker`",
        roadmap=shown(draft.item(key).state),
        tracker=shown(state),
        choices=EITHER,
    )


def _fell_back(draft: PlanDraft, bases: dict[TrackerId, Settled], mine: TaskState) -> bool:
    """Whether a rewritten history, rather than a person, unticked a box."""
    return draft.observation.rewritten and any(
        base.roadmap is not mine and mine is TaskState.OPEN for base in bases.values()
    )


def _edit_state(
    draft: PlanDraft,
    binding: Binding,
    key: ItemKey,
    value: TaskState,
    reads: TaskState,
    merged: Merged,
    states: dict[TrackerId, TaskState],
) -> None:
    item = draft.item(key)
    texts = binding.words if value is TaskState.OPEN else ()
    source = draft.issue(merged.source, binding.refs[merged.source])
    settles = tuple(
        Settlement(
            binding.uid, tracker, Field.STATE, Settled(reads, value if tracker in merged.targets else state)
        )
        for tracker, state in states.items()
    )
    draft.act(
        EditRoadmap(
            subject=draft.subject(key, uid=binding.uid, tracker=merged.source),
            reason=f"issue #{binding.refs[merged.source]} was {_past(value)}{decided_so(merged)}",
            settles=settles,
            overrules=shown(item.state) if ROADMAP in merged.overruled else "",
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
    if merged.decided:
        return DECIDED
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
