"""A milestone for every stage that calls for one: created, or used where one of that name exists."""

from __future__ import annotations

from dataclasses import dataclass, replace

from syncer.model.fields import Field
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import StageBinding
from syncer.model.plan import Action, CreateMilestone, Severity, StageKey, Subject, UseMilestone
from syncer.model.tracker import Milestone
from syncer.reconcile.adopted import adopted_uid
from syncer.reconcile.block import read_block
from syncer.reconcile.canonical import canonical_text, cut
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.match_stages import anchor_of_stage
from syncer.reconcile.observation import TrackerView
from syncer.reconcile.stages.completeness import Completeness
from syncer.reconcile.stages.fields import StageFields, stage_text
from syncer.reconcile.stages.names import milestone_titles
from syncer.reconcile.stages.states import plan_stage_state


@dataclass(frozen=True, slots=True)
class Milestones:
    """What became of the stages.

    Args:
        fields: of each stage that has milestones.
        closing: what closes milestones; it comes after the issues.
    """

    fields: tuple[StageFields, ...]
    closing: tuple[Action, ...]


def plan_milestones(draft: PlanDraft) -> Milestones:
    """Plan every stage's milestones, but for their descriptions."""
    completeness = Completeness(draft)
    planned: list[StageFields] = []
    last: list[Action] = []
    for key, title in milestone_titles(draft).items():
        bound: dict[TrackerId, Milestone] = {}
        for tracker, view in draft.observation.trackers.items():
            uid = draft.stages.get(key)
            number = draft.stage_bindings[uid].milestones.get(tracker) if uid is not None else None
            milestone = view.milestones.get(number) if number is not None else None
            if uid is not None and number is not None and milestone is None:
                _gone(draft, key, uid, tracker, number)
            elif milestone is None and completeness.wanted(key):
                milestone = _create(draft, key, uid, view, title)
            if milestone is not None and milestone.writable:
                bound[tracker] = milestone
        if bound:
            fields = StageFields(draft, key, bound, title)
            fields.plan()
            planned.append(fields)
            last += plan_stage_state(draft, fields, completeness)
    for uid, binding in draft.stage_bindings.items():
        if uid not in draft.stages.values():
            _lost(draft, binding)
    return Milestones(tuple(planned), tuple(last))


def plan_descriptions(draft: PlanDraft, milestones: Milestones) -> None:
    """Let all milestones, new ones too, say what the roadmap will say."""
    for fields in milestones.fields:
        fields.plan_descriptions()
    if not draft.future:
        return
    titles = milestone_titles(draft)
    for position, action in enumerate(draft.actions):
        if isinstance(action, CreateMilestone):
            stage = draft.future_stage(action.stage)
            limit = draft.observation.trackers[action.tracker].capabilities.milestone_title_limit
            draft.actions[position] = replace(
                action,
                name=titles[action.stage],
                title=cut(titles[action.stage], limit),
                due=stage.due,
                text=stage_text(action.stage.path, stage),
            )


def _create(
    draft: PlanDraft, key: StageKey, uid: Uid | None, view: TrackerView, title: str
) -> Milestone | None:
    """Create a milestone for a stage, or use the open one of its name, which is returned."""
    stage = draft.stage(key)
    subject = draft.stage_subject(key, uid=uid, tracker=view.id)
    if not view.complete:
        draft.waiting_stages[key, view.id] = "the tracker was not read completely"
        return None
    wanted = cut(title, view.capabilities.milestone_title_limit)
    same = [
        milestone
        for milestone in view.milestones.values()
        if canonical_text(milestone.title).casefold() == canonical_text(wanted).casefold()
        and not _claimed(draft, view.id, milestone.key)
    ]
    same.sort(
        key=lambda milestone: (canonical_text(milestone.title) != wanted, milestone.closed, milestone.key)
    )
    anchor = anchor_of_stage(draft.document(key.path), stage)
    if same and same[0].closed:
        draft.waiting_stages[key, view.id] = "its milestone is closed"
        draft.ask(
            subject,
            Field.PRESENCE,
            "closed-milestone",
            f"a closed milestone {same[0].title!r} ({same[0].shown}) exists on {view.id}, "
            "and the stage is not complete",
            "reopen that milestone or rename it",
        )
        return None
    reading = read_block(same[0].description) if same else None
    if reading is not None and draft.observation.is_elsewhere(reading.reference):
        draft.waiting_stages[key, view.id] = "its milestone belongs to another project"
        draft.ask(
            subject,
            Field.PRESENCE,
            "shared-milestone",
            f"the milestone {same[0].title!r} ({same[0].shown}) on {view.id} belongs to {reading.reference}",
            "rename one of the two stages, or put both files into one project",
        )
        return None
    marker = reading.marker if reading is not None else None
    if marker is not None and marker.owner != draft.observation.owner:
        draft.waiting_stages[key, view.id] = f"{marker.owner} manages its milestone"
        draft.ask(
            subject,
            Field.PRESENCE,
            "foreign-milestone",
            f"{marker.owner} manages the milestone {same[0].title!r} ({same[0].shown}) on {view.id}",
            f"`syncer adopt --from {marker.owner}` takes it over",
        )
        return None
    taken = next((each for each in view.milestones.values() if canonical_text(each.title) == wanted), None)
    if taken is not None and not same:
        # Forges refuse a second milestone of one title, and would again in every run.
        draft.waiting_stages[key, view.id] = "another stage's milestone has its title"
        draft.ask(
            subject,
            Field.PRESENCE,
            "title-taken",
            f"milestone {taken.shown} of another stage is titled {taken.title!r} already",
            "rename the stage, or that milestone",
        )
        return None
    draft.wanted_milestones.add((key, view.id))
    if same:
        uid = uid or adopted_uid(draft.observation.owner, view.id, same[0].key, "milestone")
        known = draft.stage_bindings.get(uid) or StageBinding(uid, anchor, {}, {})
        draft.stage_bindings[uid] = replace(known, milestones={**known.milestones, view.id: same[0].key})
        draft.stages[key] = uid
        draft.act(
            UseMilestone(
                subject=draft.stage_subject(key, uid=uid, tracker=view.id, number=same[0].key),
                reason=f"an open milestone of that name exists ({same[0].shown})",
                tracker=view.id,
                stage=key,
                uid=uid,
                anchor=anchor,
                key=same[0].key,
                by_marker=False,
            )
        )
        return same[0]
    draft.act(
        CreateMilestone(
            subject=subject,
            reason="the stage has no milestone",
            tracker=view.id,
            stage=key,
            uid=uid,
            anchor=anchor,
            name=title,
            title=wanted,
            due=stage.due,
            text=stage_text(key.path, stage),
        )
    )
    return None


def _claimed(draft: PlanDraft, tracker: TrackerId, number: int) -> bool:
    return any(binding.milestones.get(tracker) == number for binding in draft.stage_bindings.values())


def _gone(draft: PlanDraft, key: StageKey, uid: Uid, tracker: TrackerId, number: int) -> None:
    draft.waiting_stages[key, tracker] = "its milestone is gone"
    draft.ask(
        draft.stage_subject(key, uid=uid, tracker=tracker, number=number),
        Field.PRESENCE,
        "milestone-gone",
        f"milestone {number} was deleted on {tracker}; it is not created again by itself",
        f"`syncer forget {uid[:8]}` has a new milestone created for the stage",
    )


def _lost(draft: PlanDraft, binding: StageBinding) -> None:
    anchor = binding.anchor
    if anchor.path in draft.observation.unreadable or anchor.path in draft.observation.absent:
        return
    for tracker, number in binding.milestones.items():
        view = draft.observation.trackers.get(tracker)
        milestone = view.milestones.get(number) if view is not None else None
        if milestone is None or milestone.closed:
            continue
        subject = Subject(anchor.path, anchor.line, (anchor.name,), anchor.name, binding.uid, tracker, number)
        draft.ask(
            subject,
            Field.PRESENCE,
            "stage-gone",
            f"the stage {anchor.name!r} is gone from {anchor.path}; its milestone is left as it is",
            severity=Severity.REPORT,
        )
