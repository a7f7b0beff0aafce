"""The law for gates: each line merged on its own, the whole closed when all of it is met.

Planned in two steps. Ticks that the issue brings become edits of the roadmap first; once it is known how the
roadmap will read, the checklist in the issue is brought in line with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from syncer.model.document import Item, ItemKind
from syncer.model.edits import SetState
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId
from syncer.model.ledger import Binding, BlockState, SeenIssue, Settled, Settlement, Value
from syncer.model.plan import (
    EITHER,
    ChangeIssue,
    Choice,
    EditRoadmap,
    Hold,
    ItemKey,
    SetIssueState,
    Severity,
)
from syncer.reconcile.block import content_digest
from syncer.reconcile.draft import PlanDraft, bases_of
from syncer.reconcile.gates.lines import (
    checklist,
    criteria,
    roadmap_value,
    shown_states,
    states_of,
    value_of,
)
from syncer.reconcile.items.blocks import block_text
from syncer.reconcile.items.conflicts import DECIDED
from syncer.reconcile.merge import ROADMAP, chosen, merge, same
from syncer.reconcile.similar import similarity

_REWORDED = 60.0
"""From this similarity on a new line may be an old one in other words."""


@dataclass(slots=True)
class Gate:
    """One bound gate while it is planned.

    Args:
        issues: by tracker.
        states: what each line will say, by its text.
        edited: whether lines of the roadmap are edited.
        waiting: trackers whose checklist is left alone until a person has answered.
    """

    binding: Binding
    key: ItemKey
    issues: dict[TrackerId, SeenIssue]
    states: dict[str, TaskState] = field(default_factory=dict)
    edited: bool = False
    waiting: set[TrackerId] = field(default_factory=set)


def plan_gates(draft: PlanDraft) -> list[Gate]:
    """Merge the lines of every bound gate, and whether it is met.

    The checklist of a group is merged like a gate's. Its state is its own: it has a box.
    """
    gates: list[Gate] = []
    for uid, match in draft.pairs.items():
        item = draft.item(match.item)
        binding = draft.bindings[uid]
        if item.kind is not ItemKind.GATE and match.item not in draft.members:
            continue
        if not draft.manages(item):
            continue
        gate = Gate(binding, match.item, draft.issues(binding))
        if gate.issues:
            _lines(draft, gate)
            if item.kind is ItemKind.GATE:
                _state(draft, gate)
            gates.append(gate)
    return gates


def gate_text(draft: PlanDraft, key: ItemKey, tracker: TrackerId, states: dict[str, TaskState]) -> str:
    """The content of a gate's block, or of a group's with a checklist."""
    item = draft.future_item(key)
    document = draft.future.get(key.path, draft.document(key.path))
    parts = [item.description, checklist(document, item, states)]
    whole = replace(item, description="\n\n".join(part for part in parts if part))
    return block_text(key.path, whole, draft.observation.trackers[tracker].capabilities)


def plan_checklists(draft: PlanDraft, gates: list[Gate]) -> None:
    """Bring the checklists in line with what the roadmap will say, and remember what was settled."""
    for gate in gates:
        document = draft.future.get(gate.key.path, draft.document(gate.key.path))
        reads = roadmap_value(document, draft.future_item(gate.key))
        settled: list[Settlement] = []
        for tracker, issue in gate.issues.items():
            shows = _checklist(draft, gate, tracker, issue, reads)
            if tracker not in gate.waiting:
                settled.append(Settlement(gate.binding.uid, tracker, Field.CRITERIA, Settled(reads, shows)))
        if not gate.edited:
            for each in settled:
                if each.settled.tracker == value_of(shown_states(gate.issues[each.tracker].checks)):
                    draft.settle(each.uid, each.tracker, each.field, each.settled)
            continue
        for position, action in enumerate(draft.actions):
            if isinstance(action, EditRoadmap) and action.subject.uid == gate.binding.uid:
                draft.actions[position] = replace(action, settles=tuple(settled))


# -- lines -----------------------------------------------------------------------------------------------


def _lines(draft: PlanDraft, gate: Gate) -> None:
    document, item = draft.document(gate.key.path), draft.item(gate.key)
    now = criteria(document, item)
    bases = bases_of(gate.binding, gate.issues, Field.CRITERIA)
    was = {t: (states_of(base.roadmap), states_of(base.tracker)) for t, base in bases.items()}
    shows = {t: shown_states(issue.checks) for t, issue in gate.issues.items()}
    formerly = _reworded(now, was, shows)
    for text, criterion in now.items():
        old = formerly.get(text, text)
        known = {
            t: Settled(roadmap[old], there[old])
            for t, (roadmap, there) in was.items()
            if old in roadmap and old in there
        }
        theirs: dict[TrackerId, Value] = {t: states[old] for t, states in shows.items() if old in states}
        mine = TaskState.DONE if criterion.state.finished else TaskState.OPEN
        merged = merge(known, mine, theirs, same, draft.policy.conflict(Field.STATE))
        gate.states[text] = mine
        if merged.held:
            holds = {t: _choice(draft, gate, t, criterion, mine, theirs[t]) for t in merged.held}
            winners = {draft.decisions.line(hold) for hold in holds.values()}
            winner = winners.pop() if len(winners) == 1 else None
            if winner is not None:
                merged = chosen(known, mine, theirs, same, winner)
            for tracker in merged.held:
                draft.unsettled.add(gate.key)
                gate.waiting.add(tracker)
                draft.hold(holds[tracker])
        if not merged.targets or merged.source == ROADMAP:
            continue
        gate.states[text] = value = TaskState(theirs[merged.source])
        if ROADMAP in merged.targets:
            _edit(draft, gate, merged.source, criterion, value)
    for tracker, (_roadmap, there) in was.items():
        for text in sorted(set(there) - set(now) - set(formerly.values())):
            shown = shows[tracker].get(text)
            if shown is not None and shown is not there[text]:
                gate.waiting.add(tracker)
                _ask_about_gone(draft, gate, tracker, text)


def _reworded(
    now: dict[str, Item],
    was: dict[TrackerId, tuple[dict[str, TaskState], dict[str, TaskState]]],
    shows: dict[TrackerId, dict[str, TaskState]],
) -> dict[str, str]:
    """New texts that stand for old ones: similar enough, and each other's only choice."""
    before = {text for roadmap, _there in was.values() for text in roadmap}
    before |= {text for states in shows.values() for text in states}
    lost, fresh = sorted(before - set(now)), sorted(set(now) - before)
    alike = {
        (new, old): score for new in fresh for old in lost if (score := similarity(new, old)) >= _REWORDED
    }
    found: dict[str, str] = {}
    for new, old in sorted(alike):
        rivals = [pair for pair in alike if pair != (new, old) and (pair[0] == new or pair[1] == old)]
        if not rivals:
            found[new] = old
    return found


def _edit(draft: PlanDraft, gate: Gate, source: TrackerId, criterion: Item, value: TaskState) -> None:
    gate.edited = True
    key = ItemKey(gate.key.path, criterion.index)
    draft.final[key] = value
    number = gate.binding.refs[source]
    verb = "ticked" if value.finished else "unticked"
    draft.act(
        EditRoadmap(
            subject=draft.subject(key, uid=gate.binding.uid, tracker=source),
            reason=f"its line in issue #{number} was {verb}",
            path=gate.key.path,
            edit=SetState(criterion.index, value),
            before=criterion.state.value,
            after=value.value,
            by=gate.issues[source].url,
        )
    )


def _choice(
    draft: PlanDraft, gate: Gate, tracker: TrackerId, criterion: Item, mine: TaskState, theirs: Value
) -> Hold:
    return Hold(
        draft.subject(ItemKey(gate.key.path, criterion.index), uid=gate.binding.uid, tracker=tracker),
        Field.CRITERIA,
        "no-base",
        Severity.CONFLICT,
        "nothing was settled yet, and the roadmap and the checklist in the issue differ about this line",
        "tick or untick one of them, or choose with "
        f"`syncer resolve '#{gate.binding.refs[tracker]}' --take roadmap` or `--take tracker`",
        roadmap=mine.value,
        tracker=theirs.value if isinstance(theirs, TaskState) else str(theirs),
        fingerprint=criterion.full_title,
        choices=EITHER,
    )


def _ask_about_gone(draft: PlanDraft, gate: Gate, tracker: TrackerId, text: str) -> None:
    draft.ask(
        draft.subject(gate.key, uid=gate.binding.uid, tracker=tracker),
        Field.CRITERIA,
        "criterion-gone",
        f"{text!r} was ticked or unticked in the issue, and is gone from the roadmap",
        "undo that in the issue, or bring the line back",
        fingerprint=text,
    )


# -- the whole -------------------------------------------------------------------------------------------


def _state(draft: PlanDraft, gate: Gate) -> None:
    """Close what becomes met, reopen what ceases to be; what a person did stands."""
    met = all(state.finished for state in gate.states.values()) and gate.key not in draft.unsettled
    mine = TaskState.DONE if met else TaskState.OPEN
    draft.final[gate.key] = mine
    bases = bases_of(gate.binding, gate.issues, Field.STATE)
    uid = gate.binding.uid
    for tracker, issue in gate.issues.items():
        base = bases.get(tracker)
        if issue.state.finished is met:
            draft.settle(uid, tracker, Field.STATE, Settled(mine, issue.state))
        elif base is not None and base.roadmap is not mine and base.tracker is issue.state:
            draft.act(
                SetIssueState(
                    subject=draft.subject(gate.key, uid=uid, tracker=tracker),
                    reason="all of its criteria are met" if met else "a criterion is not met any more",
                    settles=(Settlement(uid, tracker, Field.STATE, Settled(mine, mine)),),
                    tracker=tracker,
                    uid=uid,
                    number=gate.binding.refs[tracker],
                    before=issue.state,
                    after=mine,
                )
            )
        else:
            draft.settle(uid, tracker, Field.STATE, Settled(mine, issue.state))
            draft.ask(
                draft.subject(gate.key, uid=uid, tracker=tracker),
                Field.STATE,
                "gate-stands",
                f"the issue is {issue.state.value}, and its criteria are {'met' if met else 'not all met'}: "
                "what a person decided about it stands",
                severity=Severity.REPORT,
            )


def _checklist(
    draft: PlanDraft, gate: Gate, tracker: TrackerId, issue: SeenIssue, reads: frozenset[str]
) -> frozenset[str]:
    """Plan the checklist of one issue.

    Returns:
        The lines that the issue will show.
    """
    uid, number = gate.binding.uid, gate.binding.refs[tracker]
    shown = value_of(shown_states(issue.checks))
    content = gate_text(draft, gate.key, tracker, gate.states)
    if tracker in gate.waiting or (
        issue.block is BlockState.WHOLE and issue.digest == content_digest(content)
    ):
        return shown
    adopted = issue.block is BlockState.NONE and Field.BODY not in gate.binding.base.get(tracker, {})
    subject = draft.subject(gate.key, uid=uid, tracker=tracker)
    overrules = ""
    if not (issue.untouched or adopted):
        hold = Hold(
            subject,
            Field.BODY,
            "block-edited",
            Severity.REPORT,
            "the managed block of the issue was edited or removed; it is not written to",
            "write outside the markers; ticks in the list are carried all the same; "
            f"`syncer resolve '#{number}' --take roadmap` writes the block anew",
            fingerprint=f"{issue.block.value} {issue.digest}",
            choices=(Choice.ROADMAP,),
        )
        if draft.decided([hold]) != ROADMAP:
            return shown
        overrules = "a block that a person edited"
    wanted = value_of(gate.states)
    digest = content_digest(content)
    listed = "its criteria" if draft.item(gate.key).kind is ItemKind.GATE else "what stands below it"
    reason = DECIDED if overrules else f"the list of {listed} was changed"
    draft.act(
        ChangeIssue(
            subject=subject,
            reason=reason,
            overrules=overrules,
            settles=(Settlement(uid, tracker, Field.BODY, Settled(digest, digest)),),
            tracker=tracker,
            uid=uid,
            number=number,
            field=Field.BODY,
            before=issue.digest,
            after=content,
            item=gate.key,
        )
    )
    if wanted != shown:
        settled = Settled(reads, wanted)
        draft.act(
            ChangeIssue(
                subject=subject,
                reason=reason,
                settles=() if gate.edited else (Settlement(uid, tracker, Field.CRITERIA, settled),),
                tracker=tracker,
                uid=uid,
                number=number,
                field=Field.CRITERIA,
                before=shown,
                after=wanted,
                item=gate.key,
            )
        )
    return wanted
