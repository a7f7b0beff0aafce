"""The state of bound items: ticked where the issue was closed, closed where the box was ticked."""

from __future__ import annotations

from syncer.model.document import Item, ItemKind
from syncer.model.edits import SetState
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, SeenIssue, Settled, Settlement
from syncer.model.plan import EITHER, EditRoadmap, Hold, ItemKey, SetIssueState, Severity
from syncer.reconcile.draft import PlanDraft, bases_of, shown
from syncer.reconcile.items.conflicts import DECIDED, choice, decided_so
from syncer.reconcile.merge import ROADMAP, Merged, merge_state
from syncer.reconcile.policy import Dropped


def plan_states(draft: PlanDraft) -> None:
    """Merge the state of every bound item, and note which state each will have."""
    for uid, match in draft.pairs.items():
        binding = draft.bindings[uid]
        item = draft.item(match.item)
        if item.kind is ItemKind.GATE or not draft.manages(item):
            continue
        issues = draft.issues(binding)
        if issues:
            _state(draft, binding, match.item, issues)


def _state(draft: PlanDraft, binding: Binding, key: ItemKey, issues: dict[TrackerId, SeenIssue]) -> None:
    item = draft.item(key)
    states = {tracker: issue.state for tracker, issue in issues.items()}
    bases = bases_of(binding, issues, Field.STATE)

    def merged_with(winner: TrackerId | None) -> Merged:
        return merge_state(
            bases,
            item.state,
            states,
            draft.policy.conflict(Field.STATE),
            winner=winner,
            keep_dropped=draft.policy.dropped is Dropped.KEEP,
            done_wins=draft.policy.done_wins,
        )

    winner: TrackerId | None = None
    if _fell_back(draft, bases, item):
        winner = draft.decided([_rewritten(draft, binding, key, states)])
        if winner is None:
            draft.unsettled.add(key)
            return
    merged = merged_with(winner)
    if merged.held:
        winner = draft.decided(
            [
                choice(draft, binding, key, Field.STATE, tracker, item.state, states[tracker])
                for tracker in merged.held
            ]
        )
        if winner is None:
            draft.unsettled.add(key)
        else:
            merged = merged_with(winner)
    for tracker in merged.settle:
        draft.settle(binding.uid, tracker, Field.STATE, Settled(item.state, states[tracker]))
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
        Settlement(
            binding.uid, tracker, Field.STATE, Settled(value, value if tracker in merged.targets else state)
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
