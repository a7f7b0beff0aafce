"""What is new on a tracker: labels, milestones, issues. Each is announced, sent once, and bound."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime

from syncer.model.document import ItemKind
from syncer.model.fields import Field, TaskState
from syncer.model.identity import Marker, TrackerId, Uid
from syncer.model.ledger import (
    Anchor,
    Binding,
    Intent,
    IntentKind,
    LedgerChange,
    Settled,
    Settlement,
    StageAnchor,
    StageBinding,
)
from syncer.model.plan import (
    BindIssue,
    CreateIssue,
    CreateMilestone,
    EnsureLabel,
    ItemKey,
    Outcome,
    Plan,
    Receipt,
    StageKey,
    UseMilestone,
)
from syncer.model.tracker import IssueDraft, Label, MilestoneDraft
from syncer.ports import Clock, Documents, Ids, Tracker
from syncer.reconcile.block import VERSION, content_digest, read_block, render_block
from syncer.reconcile.canonical import canonical_text
from syncer.reconcile.gates.lines import roadmap_value
from syncer.reconcile.observation import Observation
from syncer.reconcile.shows import issue_shows
from syncer.service.book import Book, merged, seen
from syncer.service.sending import send


class Creator:
    """Creates and binds.

    Args:
        book: the ledger during this run.
        observed: what the plan was made from.
        plan: what is applied.
        documents: where references lead to.
        clock: for intents.
        ids: for what is new.
    """

    def __init__(
        self, book: Book, observed: Observation, plan: Plan, documents: Documents, clock: Clock, ids: Ids
    ) -> None:
        self._book = book
        self._observed = observed
        self._revision = plan.revision
        self._documents = documents
        self._clock = clock
        self._ids = ids
        self.stages: dict[StageKey, Uid] = dict(plan.stages)
        self.items: dict[ItemKey, Uid] = {}
        self._given: dict[ItemKey, Uid] = {}
        self.numbers: dict[TrackerId, list[tuple[int, datetime]]] = {}

    def milestone_of(self, stage: StageKey | None, tracker: TrackerId) -> int | None:
        """A stage's milestone on a tracker, also one that was created a moment ago."""
        uid = self.stages.get(stage) if stage is not None else None
        binding = self._book.stages.get(uid) if uid is not None else None
        return binding.milestones.get(tracker) if binding is not None else None

    def line_url(self, path: str, line: int) -> str:
        """Where a reference leads to: the line at the revision that it was read from."""
        return self._documents.line_url(path, self._revision, line)

    # -- labels and milestones -------------------------------------------------------------------------

    def ensure_label(self, tracker: Tracker, action: EnsureLabel) -> Receipt:
        """Make sure that a label exists."""
        created = tracker.ensure_label(Label(action.name, action.colour, action.description))
        return Receipt(action, Outcome.DONE if created else Outcome.ALREADY)

    def create_milestone(self, tracker: Tracker, action: CreateMilestone) -> Receipt:
        """Create a stage's milestone."""
        uid = action.uid or self.stages.get(action.stage) or self._ids.uid()
        marker = Marker(VERSION, self._observed.owner, uid)
        description = render_block(
            action.text, marker, url=self.line_url(action.anchor.path, action.anchor.line), kind="stage"
        )
        digest = content_digest(action.text)
        title = canonical_text(action.title)
        stage = self._observed.documents[action.stage.path].stages[action.stage.index]
        settles = _stage_settlements(uid, action, title, canonical_text(stage.title), digest)
        intent = self._intend(
            IntentKind.CREATE_MILESTONE,
            action,
            uid,
            settles,
            stage_anchor=action.anchor,
        )
        milestone = send(
            self._book,
            intent,
            lambda: tracker.create_milestone(MilestoneDraft(action.title, description, action.due)),
        )
        binding = stage_with(self._book, uid, action.anchor, action.tracker, milestone.key)
        shown = {
            Field.NAME: canonical_text(milestone.title),
            Field.DUE: milestone.due,
            Field.DESCRIPTION: read_block(milestone.description).digest,
        }
        self._book.save(
            merged(
                self._book.bound_stage(binding, _as_seen(settles, shown)),
                self._book.observe_milestone(action.tracker, milestone),
                LedgerChange(closed_intents=(intent.id,)),
            )
        )
        self.stages[action.stage] = uid
        return Receipt(action, Outcome.DONE, number=milestone.key, url=milestone.url)

    def use_milestone(self, action: UseMilestone) -> Receipt:
        """Bind a stage to a milestone that exists."""
        binding = stage_with(self._book, action.uid, action.anchor, action.tracker, action.key)
        self._book.save(LedgerChange(stages=(binding,)))
        self.stages[action.stage] = action.uid
        return Receipt(action, Outcome.DONE, number=action.key)

    # -- issues ----------------------------------------------------------------------------------------

    def create_issue(self, tracker: Tracker, action: CreateIssue) -> Receipt:
        """Create an item's issue, in its stage's milestone."""
        milestone = self.milestone_of(action.stage, action.tracker)
        if action.stage is not None and milestone is None:
            return Receipt(action, Outcome.SKIPPED, "its milestone was not created")
        # One binding for all of an item's issues, also where the answer to the first create was lost.
        uid = action.uid or self._given.get(action.item) or self._ids.uid()
        self._given[action.item] = uid
        marker = Marker(VERSION, self._observed.owner, uid)
        body = render_block(
            action.text,
            marker,
            url=self.line_url(action.anchor.path, action.subject.line),
            origin=action.anchor.digest,
        )
        settles = self._issue_settlements(action, uid, milestone)
        intent = self._intend(IntentKind.CREATE_ISSUE, action, uid, settles, anchor=action.anchor)
        issue = send(
            self._book,
            intent,
            lambda: tracker.create_issue(IssueDraft(action.title, body, milestone, action.labels)),
        )
        found = seen(issue)
        binding = binding_with(self._book.bindings.get(uid), uid, action.anchor, action.tracker, found.number)
        shown = {
            Field.STATE: found.state,
            Field.TITLE: canonical_text(found.title),
            Field.STAGE: found.milestone,
            Field.LABELS: frozenset(action.labels & found.labels),
            Field.BODY: found.digest,
            Field.CRITERIA: issue_shows(found, Field.CRITERIA),
        }
        self._book.save(
            merged(
                self._book.bound(binding, _as_seen(settles, shown)),
                LedgerChange(issues={action.tracker: (found,)}, closed_intents=(intent.id,)),
            )
        )
        self.numbers.setdefault(action.tracker, []).append((found.number, self._clock.now()))
        self.items[action.item] = uid
        return Receipt(
            action, Outcome.DONE, _what_was_dropped(action, milestone, shown), found.number, found.url
        )

    def _issue_settlements(
        self, action: CreateIssue, uid: Uid, milestone: int | None
    ) -> tuple[Settlement, ...]:
        document = self._observed.documents[action.item.path]
        item = document.entry(action.item.index)
        stage = self.stages.get(action.stage) if action.stage is not None else None
        digest = content_digest(action.text)
        pairs = {
            Field.STATE: Settled(item.state, item.state),
            Field.TITLE: Settled(canonical_text(item.full_title), canonical_text(action.title)),
            Field.STAGE: Settled(str(stage) if stage is not None else None, milestone),
            Field.LABELS: Settled(action.labels, action.labels),
            Field.BODY: Settled(digest, digest),
        }
        if item.kind is ItemKind.GATE:
            lines = roadmap_value(document, item)
            pairs[Field.CRITERIA] = Settled(lines, lines)
        return tuple(Settlement(uid, action.tracker, what, pair) for what, pair in pairs.items())

    def bind(self, actions: list[BindIssue]) -> None:
        """Bind items to issues that exist."""
        bindings: dict[Uid, Binding] = {}
        for action in actions:
            known = bindings.get(action.uid) or self._book.bindings.get(action.uid)
            bindings[action.uid] = binding_with(
                known, action.uid, action.anchor, action.tracker, action.number
            )
        self._book.save(LedgerChange(bindings=tuple(bindings.values())))

    # -- beneath ---------------------------------------------------------------------------------------

    def _intend(
        self,
        kind: IntentKind,
        action: CreateIssue | CreateMilestone,
        uid: Uid,
        settles: tuple[Settlement, ...],
        **anchors: object,
    ) -> Intent:
        intent = Intent(
            id=0,
            run=self._book.run,
            kind=kind,
            tracker=action.tracker,
            uid=uid,
            target=0,
            settlements=settles,
            recorded_at=self._clock.now(),
            highest=self._book.highest(action.tracker),
            summary=action.title,
        )
        return self._book.intend(dataclasses.replace(intent, **anchors))  # type: ignore[arg-type]


def binding_with(known: Binding | None, uid: Uid, anchor: Anchor, tracker: TrackerId, number: int) -> Binding:
    """An item's binding with one more issue."""
    if known is None:
        return Binding(uid, anchor, {tracker: number}, {})
    return dataclasses.replace(known, anchor=anchor, refs={**known.refs, tracker: number})


def stage_with(book: Book, uid: Uid, anchor: StageAnchor, tracker: TrackerId, key: int) -> StageBinding:
    """A stage's binding with one more milestone."""
    known = book.stages.get(uid)
    if known is None:
        return StageBinding(uid, anchor, {tracker: key}, {})
    return dataclasses.replace(known, anchor=anchor, milestones={**known.milestones, tracker: key})


def _as_seen(settles: tuple[Settlement, ...], shown: Mapping[Field, object]) -> tuple[Settlement, ...]:
    """Settlements with what the forge really shows in the tracker's halves."""
    return tuple(
        dataclasses.replace(each, settled=Settled(each.settled.roadmap, shown[each.field]))  # type: ignore[arg-type]
        if each.field in shown
        else each
        for each in settles
    )


def _stage_settlements(
    uid: Uid, action: CreateMilestone, title: str, name: str, digest: str
) -> tuple[Settlement, ...]:
    pairs = {
        Field.NAME: Settled(name, title),
        Field.DUE: Settled(action.due, action.due),
        Field.STATE: Settled(TaskState.OPEN, TaskState.OPEN),
        Field.DESCRIPTION: Settled(digest, digest),
    }
    return tuple(Settlement(uid, action.tracker, what, pair, stage=True) for what, pair in pairs.items())


def _what_was_dropped(action: CreateIssue, milestone: int | None, shown: Mapping[Field, object]) -> str:
    """Forges drop labels and milestones without a word where rights are missing."""
    dropped = []
    if milestone is not None and shown[Field.STAGE] != milestone:
        dropped.append("milestone")
    if shown[Field.LABELS] != action.labels:
        dropped.append("labels")
    return f"the forge dropped its {' and '.join(dropped)}: triage rights are missing" if dropped else ""
