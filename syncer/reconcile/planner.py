"""All of it: one pure function from what is known to what shall be done."""

from __future__ import annotations

from syncer.model.edits import InsertTask
from syncer.model.fields import Field
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import BindingState, LedgerState, Settlement
from syncer.model.plan import (
    Action,
    BindIssue,
    Bury,
    ChangeIssue,
    ChangeMilestone,
    CreateIssue,
    CreateIteration,
    CreateMilestone,
    EditRoadmap,
    EnsureLabel,
    Hold,
    ItemKey,
    Plan,
    Relocate,
    RelocateStage,
    Revive,
    SetIssueState,
    SetParent,
    Settle,
    Subject,
    TellPerson,
    UseMilestone,
)
from syncer.reconcile.draft import PlanDraft, Preview
from syncer.reconcile.estranged import report_estranged
from syncer.reconcile.gates.gates import plan_checklists, plan_gates
from syncer.reconcile.gates.match import match_gates
from syncer.reconcile.groups.homes import find_homes
from syncer.reconcile.groups.parents import plan_parents
from syncer.reconcile.groups.states import plan_group_states
from syncer.reconcile.items.fields import plan_attributes, plan_blocks, plan_fields, plan_progress
from syncer.reconcile.items.linkback import plan_link_back
from syncer.reconcile.items.moves import carry_moves, find_moves
from syncer.reconcile.items.states import plan_states
from syncer.reconcile.links import adopt_links, bound_links, linked_lines
from syncer.reconcile.match import match_items
from syncer.reconcile.match_stages import anchor_of_stage, match_stages
from syncer.reconcile.matching import Match, anchor_of
from syncer.reconcile.mirror_files import plan_mirror_files
from syncer.reconcile.newcomers import plan_newcomers
from syncer.reconcile.observation import Observation
from syncer.reconcile.pins import pinned_lines, take_new_lines
from syncer.reconcile.policy import Policy
from syncer.reconcile.presence import plan_creates, plan_disappearances
from syncer.reconcile.relinked import part_relinked, relinked_lines
from syncer.reconcile.stages.loops import plan_loops
from syncer.reconcile.stages.milestones import plan_descriptions, plan_milestones
from syncer.reconcile.stages.overviews import plan_overviews
from syncer.reconcile.unexplained import bind_milestones, bind_strangers, find_strangers

# The order of effects. Each boundary between two of them is a place where a process may die.
_ORDER: tuple[type[Action], ...] = (
    EnsureLabel,
    UseMilestone,
    CreateMilestone,
    CreateIteration,
    ChangeMilestone,
    BindIssue,
    CreateIssue,
    SetParent,
    ChangeIssue,
    SetIssueState,
    TellPerson,
    EditRoadmap,
    Revive,
    Relocate,
    RelocateStage,
    Settle,
    Bury,
)


_MANAGED = "Managed by syncer: this issue belongs to a line of the roadmap"
_REMOVED = "Managed by syncer: this issue's line is gone from the roadmap"


def plan(observation: Observation, ledger: LedgerState, policy: Policy, preview: Preview) -> Plan:
    """Work out what would bring all sides into agreement.

    The same observation, ledger and policy yield the same plan.

    Args:
        observation: all sides at one moment.
        ledger: what is remembered.
        policy: what the team has chosen.
        preview: how a roadmap reads after edits.
    """
    draft = PlanDraft(
        observation,
        ledger,
        policy,
        {uid: ledger.bindings[uid] for uid in sorted(ledger.bindings)},
        {uid: ledger.stages[uid] for uid in sorted(ledger.stages)},
    )
    links = linked_lines(draft)
    relinked = relinked_lines(draft, links)
    _match(draft, {**bound_links(draft, links), **pinned_lines(draft)}, relinked)
    part_relinked(draft, relinked)
    match_gates(draft)
    strangers = find_strangers(draft)
    adopt_links(draft, links)
    free = {
        ItemKey(path, item.index): item
        for path, document in sorted(observation.documents.items())
        for item in document.entries
        if ItemKey(path, item.index) not in draft.uid_of and draft.manages(item)
    }
    bind_strangers(draft, strangers, free)
    take_new_lines(draft)
    plan_newcomers(draft, preview)
    for key, uid in draft.uid_of.items():
        if uid not in ledger.bindings:
            draft.pairs[uid] = Match(key)
    _match_stages(draft)
    bind_milestones(draft)
    find_homes(draft)
    plan_states(draft)
    gates = plan_gates(draft)
    plan_group_states(draft)
    milestones = plan_milestones(draft)
    plan_loops(draft)
    moves = find_moves(draft)
    plan_fields(draft)
    plan_progress(draft)
    plan_overviews(draft)
    draft.foresee(preview)
    carry_moves(draft, moves)
    plan_attributes(draft)
    plan_descriptions(draft, milestones)
    plan_blocks(draft)
    plan_checklists(draft, gates)
    plan_creates(draft, strangers.foreign)
    plan_parents(draft)
    plan_link_back(draft)
    plan_mirror_files(draft, preview)
    plan_disappearances(draft)
    report_estranged(draft)
    unsettled = frozenset(
        [key.path for key in draft.matching.unclear_items]
        + [draft.bindings[uid].anchor.path for uid in draft.matching.unclear_bindings]
    )
    _remember_places(draft, unsettled)
    actions = [*_labels(draft), *draft.actions, *_settles(draft)]
    actions.sort(key=_rank)
    edits = _ORDER.index(EditRoadmap)
    before_edits = [action for action in actions if _ORDER.index(type(action)) < edits]
    after = [action for action in actions if _ORDER.index(type(action)) >= edits]
    last = sorted(milestones.closing, key=_rank)
    return Plan(
        observation.project,
        (*before_edits, *last, *after),
        tuple(sorted(draft.holds, key=_hold_order)),
        observation.revision,
        ledger.generation,
        tuple(sorted(draft.stages.items(), key=lambda entry: (entry[0].path, entry[0].index))),
        tuple(
            sorted(
                ((match.item, uid) for uid, match in draft.pairs.items()),
                key=lambda entry: (entry[0].path, entry[0].index),
            )
        ),
        unsettled,
        draft.decisions.still_open(draft.holds, _unseen(draft)),
        draft.decisions.used,
        tuple(pin for pin in ledger.pins if pin.anchor.path in unsettled),
    )


def _unseen(draft: PlanDraft) -> list[Uid]:
    """Live bindings whose line or stage is out of sight now."""
    items = [
        uid
        for uid, binding in draft.bindings.items()
        if binding.state is BindingState.LIVE and uid not in draft.pairs
    ]
    return items + [uid for uid in draft.stage_bindings if uid not in draft.stages.values()]


def _match(draft: PlanDraft, links: dict[ItemKey, Uid], relinked: frozenset[Uid]) -> None:
    ledger, observation = draft.ledger, draft.observation
    unclear = draft.matching.unclear_items
    draft.matching = match_items(
        observation.documents,
        observation.bases,
        [
            binding
            for binding in ledger.bindings.values()
            if not binding.anchor.gate and binding.uid not in relinked
        ],
        links,
        draft.policy.thresholds,
    )
    draft.matching.unclear_items |= unclear
    for uid, match in draft.matching.pairs.items():
        draft.uid_of[match.item] = uid
        if ledger.bindings[uid].state is not BindingState.ENDED:
            draft.pairs[uid] = match


def _match_stages(draft: PlanDraft) -> None:
    items = {uid: match.item for uid, match in draft.pairs.items()}
    found = match_stages(draft.observation.documents, draft.stage_bindings.values(), items, draft.bindings)
    for uid, match in found.items():
        draft.stages[match.stage] = uid
        anchor = anchor_of_stage(draft.document(match.stage.path), draft.stage(match.stage))
        if anchor != draft.stage_bindings[uid].anchor:
            draft.act(
                RelocateStage(
                    subject=draft.stage_subject(match.stage, uid=uid),
                    reason=match.how or "its line moved",
                    uid=uid,
                    anchor=anchor,
                    how=match.how,
                )
            )


def _remember_places(draft: PlanDraft, unsettled: frozenset[str]) -> None:
    for uid, match in draft.pairs.items():
        if uid not in draft.ledger.bindings or draft.bindings[uid].state is not BindingState.LIVE:
            continue
        if match.item.path in unsettled:
            # Its places are remembered once everything in the file is told apart.
            continue
        anchor = anchor_of(draft.document(match.item.path), draft.item(match.item))
        if anchor != draft.bindings[uid].anchor:
            draft.act(
                Relocate(
                    subject=draft.subject(match.item, uid=uid),
                    reason=match.how or "its line moved",
                    uid=uid,
                    anchor=anchor,
                    how=match.how,
                    score=match.score,
                )
            )


def _labels(draft: PlanDraft) -> list[Action]:
    """The managed labels, before the first issue that needs them on a tracker."""
    found: list[Action] = []
    for tracker, view in draft.observation.trackers.items():
        needed: set[str] = set()
        for action in draft.actions:
            match action:
                case CreateIssue(tracker=where, labels=labels, started=started) if where == tracker:
                    needed |= labels | started
                case ChangeIssue(
                    tracker=where,
                    field=Field.LABELS | Field.STARTED,
                    after=frozenset() as after,
                    before=before,
                ):
                    needed |= after - (before if isinstance(before, frozenset) else frozenset())
        # A label that an issue carries is there.
        there = {label.casefold() for issue in view.issues.values() for label in issue.labels}
        found += [
            EnsureLabel(
                subject=Subject("", 0, (), name, None, tracker),
                reason="managed issues carry it",
                tracker=tracker,
                name=name,
                colour=draft.policy.label_colour,
                description=_REMOVED if name == draft.policy.removed_label else _MANAGED,
            )
            for name in sorted(needed)
            if name.casefold() not in there
        ]
    return found


def _settles(draft: PlanDraft) -> list[Action]:
    found: list[Action] = []
    for (uid, is_stage), settlements in sorted(draft.settlements.items()):
        subject = _subject_of(draft, uid, is_stage=is_stage)
        unique: dict[tuple[TrackerId, Field], Settlement] = {
            (settlement.tracker, settlement.field): settlement for settlement in settlements
        }
        found.append(
            Settle(
                subject=subject, reason="both sides agree, or differ for good", settles=tuple(unique.values())
            )
        )
    return found


def _subject_of(draft: PlanDraft, uid: Uid, *, is_stage: bool) -> Subject:
    if is_stage:
        key = next((key for key, found in draft.stages.items() if found == uid), None)
        if key is not None:
            return draft.stage_subject(key, uid=uid)
        anchor = draft.stage_bindings[uid].anchor
        return Subject(anchor.path, anchor.line, (anchor.name,), anchor.name, uid)
    if uid in draft.pairs:
        return draft.subject(draft.pairs[uid].item, uid=uid)
    return draft.gone_subject(draft.bindings[uid])


def _rank(action: Action) -> tuple[object, ...]:
    """Order of effects first, then place; reopening before closing; parents as they were ordered."""
    subject = action.subject
    later = action.after.finished if isinstance(action, SetIssueState) else 0
    if isinstance(action, SetParent):
        later = action.order
    return (
        _ORDER.index(type(action)),
        later,
        subject.path,
        subject.line,
        _turn(action),
        subject.title,
        subject.tracker or "",
        subject.uid or "",
        action.field.value if isinstance(action, (ChangeIssue, ChangeMilestone)) else "",
        type(action.edit).__name__ if isinstance(action, EditRoadmap) else "",
    )


def _turn(action: Action) -> int:
    """Lines of one section are added in the order in which people opened their issues."""
    added = isinstance(action, EditRoadmap) and isinstance(action.edit, InsertTask)
    return action.subject.number or 0 if added else 0


def _hold_order(hold: Hold) -> tuple[object, ...]:
    subject = hold.subject
    return (
        subject.path,
        subject.line,
        subject.title,
        subject.tracker or "",
        subject.number or 0,
        hold.field.value,
        hold.code,
    )
