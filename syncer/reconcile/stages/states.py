"""A stage's completeness and the state of its milestones."""

from __future__ import annotations

from syncer.model.edits import SetStageState
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId
from syncer.model.ledger import Settled, Value
from syncer.model.plan import Action, Severity
from syncer.model.tracker import Milestone
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.items.conflicts import decided_so
from syncer.reconcile.merge import ROADMAP, merge, same
from syncer.reconcile.stages.completeness import Completeness
from syncer.reconcile.stages.fields import StageFields


def plan_stage_state(draft: PlanDraft, fields: StageFields, completeness: Completeness) -> list[Action]:
    """Close what becomes complete, reopen what ceases to be; a person's own close or reopen stands.

    A stage without items that has a status of its own is merged like any other field.

    Returns:
        What closes milestones: it comes after the issues.
    """
    if completeness.speaks_for_itself(fields.key):
        return _merge_status(draft, fields, completeness)
    mine = _state(completeness.complete(fields.key))
    closing: list[Action] = []
    bases = fields.bases(Field.STATE)
    for tracker, milestone in fields.milestones.items():
        theirs = _state(milestone.closed)
        base = bases.get(tracker)
        became = base is not None and base.roadmap is not mine and base.tracker is theirs
        if mine is theirs:
            fields.settle(Field.STATE, tracker, mine, theirs)
        elif became:
            closing += _carry(draft, fields, tracker, mine)
        else:
            fields.settle(Field.STATE, tracker, mine, theirs)
            _report_difference(draft, fields, tracker, mine)
    return closing


def _merge_status(draft: PlanDraft, fields: StageFields, completeness: Completeness) -> list[Action]:
    mine = _state(completeness.complete(fields.key))
    theirs: dict[TrackerId, Value] = {t: _state(m.closed) for t, m in fields.milestones.items()}
    merged = merge(fields.bases(Field.STATE), mine, theirs, same, draft.policy.conflict(Field.STATE))
    merged = fields.decided(Field.STATE, merged, mine, theirs, same)
    for tracker in merged.settle:
        fields.settle(Field.STATE, tracker, mine, theirs[tracker])
    value = mine if merged.source == ROADMAP else _state(fields.milestones[merged.source].closed)
    closing: list[Action] = []
    for side in merged.targets:
        if side != ROADMAP:
            closing += _carry(draft, fields, side, value)
            continue
        words = draft.stage_bindings[fields.uid].words
        stage, source = fields.stage, fields.milestones[merged.source]
        fields.edit(
            Field.STATE,
            SetStageState(stage.index, value, words if value is TaskState.OPEN else ()),
            merged.source,
            (stage.cell.text if stage.cell is not None else mine.value, value.value),
            f"milestone {source.shown} was {'closed' if source.closed else 'reopened'}{decided_so(merged)}",
            {t: Settled(value, value if t in merged.targets else theirs[t]) for t in theirs},
            overrules=mine.value if ROADMAP in merged.overruled else "",
        )
    return closing


def _carry(draft: PlanDraft, fields: StageFields, tracker: TrackerId, value: TaskState) -> list[Action]:
    milestone = fields.milestones[tracker]
    change = fields.change(
        Field.STATE,
        tracker,
        _state(milestone.closed),
        value,
        "the stage became complete" if value.finished else "the stage is no longer complete",
        Settled(value, value),
    )
    if not value.finished:
        # Reopened before anything is created in it.
        draft.act(change)
        return []
    strangers = _strangers(draft, tracker, milestone)
    if not strangers:
        return [change]
    draft.ask(
        fields.subject(tracker),
        Field.STATE,
        "milestone-in-use",
        f"the stage is complete, but its milestone holds {_open_issues(strangers)} that no line of the "
        f"roadmap explains ({', '.join(f'#{number}' for number in strangers[:5])})",
        "close or move them; the milestone is closed after that",
        severity=Severity.WAIT,
    )
    return []


def _open_issues(numbers: list[int]) -> str:
    return "1 open issue" if len(numbers) == 1 else f"{len(numbers)} open issues"


def _strangers(draft: PlanDraft, tracker: TrackerId, milestone: Milestone) -> list[int]:
    """Open issues in a milestone that no line of the roadmap explains, be they of a line that is gone."""
    ours = {draft.bindings[uid].refs.get(tracker) for uid in draft.pairs}
    return sorted(
        issue.number
        for issue in draft.observation.trackers[tracker].issues.values()
        if issue.milestone == milestone.key and issue.state is TaskState.OPEN and issue.number not in ours
    )


def _report_difference(draft: PlanDraft, fields: StageFields, tracker: TrackerId, mine: TaskState) -> None:
    closed = fields.milestones[tracker].closed
    draft.ask(
        fields.subject(tracker),
        Field.STATE,
        "milestone-stands",
        f"the milestone is {'closed' if closed else 'open'}, and the stage is "
        f"{'complete' if mine.finished else 'not complete'}: what a person decided about it stands",
        severity=Severity.REPORT,
    )


def _state(finished: bool) -> TaskState:
    return TaskState.DONE if finished else TaskState.OPEN
