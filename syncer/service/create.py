"""What is new on a tracker: labels, milestones, issues. Each is announced, sent once, and bound."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncer.errors import Forbidden, Missing, Rejected, SyncerError, UnknownFate
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
    CreateIteration,
    CreateMilestone,
    EnsureLabel,
    ItemKey,
    Outcome,
    Plan,
    Receipt,
    StageKey,
    UseMilestone,
)
from syncer.model.tracker import Issue, IssueDraft, Label, MilestoneDraft
from syncer.ports import Clock, Documents, Ids, Tracker
from syncer.reconcile.block import VERSION, content_digest, read_block, render_block
from syncer.reconcile.canonical import canonical_text
from syncer.reconcile.gates.lines import roadmap_value
from syncer.reconcile.observation import Observation
from syncer.reconcile.shows import carried, issue_shows
from syncer.service.book import Book, merged, seen
from syncer.service.sending import send
from syncer.service.unassigned import not_assigned

_OLD = timedelta(minutes=2)
"""A lease of a ledger that announces ahead lasts longer by more than any request takes."""


class NotTogether(Exception):
    """Several creates cannot be sent in one request; nothing was done."""


@dataclass(frozen=True, slots=True)
class _Announced:
    """A create that is remembered durably, and about to be sent."""

    action: CreateIssue
    uid: Uid
    draft: IssueDraft
    settles: tuple[Settlement, ...]
    intent: Intent


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
        self._ahead: dict[tuple[TrackerId, ItemKey], _Announced] = {}
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
        settles = _stage_settlements(uid, action, title, canonical_text(action.name), digest)
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

    def create_iteration(self, tracker: Tracker, action: CreateIteration) -> Receipt:
        """Create the milestone of one iteration.

        No intent goes before it: its title is unique on the forge, so that it cannot be there twice.
        """
        marker = Marker(VERSION, self._observed.owner, action.uid)
        url = self.line_url(action.subject.path, action.subject.line)
        description = render_block(action.text, marker, url=url, kind="stage")
        milestone = tracker.create_milestone(MilestoneDraft(action.title, description, None))
        self._book.save(self._book.observe_milestone(action.tracker, milestone))
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
        announced = self._foreseen(action) or self._announce(action)
        if announced is None:
            return _without_milestone(action)
        issue = send(self._book, announced.intent, lambda: tracker.create_issue(announced.draft))
        return self._created(announced, issue)

    def foresee(self, actions: Sequence[CreateIssue]) -> None:
        """Announce creates that will be sent one after the other, where announcing each is dear.

        Args:
            actions: the next ones, and those that follow them.
        """
        wanted = actions[: self._book.foresight]
        if self._ahead or len(wanted) < 2:
            return
        with self._book.gathering():
            announced = {_key(action): self._announce(action) for action in wanted}
        self._ahead = {key: each for key, each in announced.items() if each is not None}

    def _foreseen(self, action: CreateIssue) -> _Announced | None:
        """What was announced for a create that is sent now. Too old an announcement is made again."""
        announced = self._ahead.pop(_key(action), None)
        if announced is None:
            return None
        if self._clock.now() - announced.intent.recorded_at > _OLD:
            self._book.close_intent(announced.intent)
            return None
        return dataclasses.replace(announced, intent=self._book.sending(announced.intent))

    def withdraw(self) -> None:
        """Take back what was announced and not sent."""
        unsent = tuple(each.intent.id for each in self._ahead.values())
        self._ahead = {}
        if unsent:
            self._book.save(LedgerChange(closed_intents=unsent))

    def create_together(self, tracker: Tracker, actions: Sequence[CreateIssue]) -> list[Receipt]:
        """Create several items' issues in one request, each announced and settled for itself.

        Raises:
            NotTogether: the request was refused as a whole, and none was created.
        """
        if len(actions) > tracker.capabilities.creates_together:
            raise NotTogether
        receipts: dict[int, Receipt] = {}
        sent: list[tuple[int, _Announced]] = []
        with self._book.gathering():
            for at, action in enumerate(actions):
                announced = self._foreseen(action) or self._announce(action)
                if announced is None:
                    receipts[at] = _without_milestone(action)
                else:
                    sent.append((at, announced))
        answers: Sequence[Issue | SyncerError] = ()
        try:
            if sent:
                answers = tracker.create_issues([announced.draft for _at, announced in sent])
        except UnknownFate:
            raise
        except SyncerError as error:
            if error.where != "state.url":
                for _at, announced in sent:
                    self._book.close_intent(announced.intent)
            if isinstance(error, (Rejected, Forbidden, Missing)):
                raise NotTogether from error
            raise
        for (at, announced), answer in zip(sent, answers, strict=True):
            if not isinstance(answer, SyncerError):
                receipts[at] = self._created(announced, answer)
                continue
            outcome = Outcome.UNKNOWN
            if not isinstance(answer, UnknownFate):
                self._book.close_intent(announced.intent)
                outcome = Outcome.FAILED
            receipts[at] = Receipt(announced.action, outcome, str(answer))
        return [receipts[at] for at in sorted(receipts)]

    def _announce(self, action: CreateIssue) -> _Announced | None:
        """Remember durably what is about to be sent; ``None`` where its milestone is missing."""
        milestone = self.milestone_of(action.stage, action.tracker)
        if action.stage is not None and milestone is None:
            return None
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
        draft = IssueDraft(
            action.title,
            body,
            milestone,
            action.labels | action.started,
            action.assignees,
            child=action.child,
        )
        return _Announced(action, uid, draft, settles, intent)

    def _created(self, announced: _Announced, issue: Issue) -> Receipt:
        """Bind an item to its new issue, as the forge shows it."""
        action, uid = announced.action, announced.uid
        found = seen(issue)
        binding = binding_with(self._book.bindings.get(uid), uid, action.anchor, action.tracker, found.number)
        shown = {
            Field.STATE: found.state,
            Field.TITLE: canonical_text(found.title),
            Field.STAGE: found.milestone,
            Field.LABELS: carried(action.labels, found.labels),
            Field.STARTED: carried(action.started, found.labels),
            Field.ASSIGNEES: carried(action.assignees, found.assignees),
            Field.BODY: found.digest,
            Field.CRITERIA: issue_shows(found, Field.CRITERIA),
        }
        self._book.save(
            merged(
                self._book.bound(binding, _as_seen(announced.settles, shown)),
                LedgerChange(issues={action.tracker: (found,)}, closed_intents=(announced.intent.id,)),
            )
        )
        self.numbers.setdefault(action.tracker, []).append((found.number, self._clock.now()))
        self.items[action.item] = uid
        return Receipt(
            action,
            Outcome.DONE,
            _what_was_dropped(action, announced.draft.milestone, shown),
            found.number,
            found.url,
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
        if action.started:
            pairs[Field.STARTED] = Settled(action.started, action.started)
        if action.assignees:
            pairs[Field.ASSIGNEES] = Settled(action.assignees, action.assignees)
        if item.kind is ItemKind.GATE:
            lines = roadmap_value(document, item)
            pairs[Field.CRITERIA] = Settled(lines, lines)
        elif action.lines is not None:
            pairs[Field.CRITERIA] = Settled(action.lines, action.lines)
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


def _key(action: CreateIssue) -> tuple[TrackerId, ItemKey]:
    return action.tracker, action.item


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


def _without_milestone(action: CreateIssue) -> Receipt:
    return Receipt(action, Outcome.SKIPPED, "its milestone was not created")


def _what_was_dropped(action: CreateIssue, milestone: int | None, shown: Mapping[Field, object]) -> str:
    """Forges drop labels and milestones without a word where rights are missing."""
    dropped = []
    if milestone is not None and shown[Field.STAGE] != milestone:
        dropped.append("milestone")
    if shown[Field.LABELS] != action.labels:
        dropped.append("labels")
    said = f"the forge dropped its {' and '.join(dropped)}: triage rights are missing" if dropped else ""
    kept = shown[Field.ASSIGNEES]
    lost = action.assignees - (kept if isinstance(kept, frozenset) else frozenset())
    return "; ".join(each for each in (said, not_assigned(lost)) if each)
