"""Effects: each with an intent before it and a receipt after it, in the order of the plan.

The expected value is read again right before every change and compared after it. What another hand
changed meanwhile makes the action stale: it is skipped, and the next plan sees what there is. The
failure of one action is a receipt, not an exception; only what concerns them all ends the run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncer.errors import (
    AccessError,
    Forbidden,
    Interrupted,
    RateLimited,
    StaleHead,
    SyncerError,
    Unauthorized,
    Unavailable,
    UnknownFate,
)
from syncer.model.fields import Field, TaskState
from syncer.model.identity import Marker, TrackerId, Uid
from syncer.model.ledger import (
    Binding,
    BindingState,
    Intent,
    IntentKind,
    LedgerChange,
    Settled,
    Settlement,
    StageBinding,
)
from syncer.model.plan import (
    Action,
    BindIssue,
    Bury,
    ChangeIssue,
    ChangeMilestone,
    CreateIssue,
    CreateMilestone,
    EditRoadmap,
    EnsureLabel,
    ItemKey,
    Outcome,
    Plan,
    Receipt,
    Relocate,
    RelocateStage,
    Revive,
    SetIssueState,
    Settle,
    StageKey,
    UseMilestone,
)
from syncer.model.source import CommitDraft, Committed
from syncer.model.tracker import IssueDraft, Label, MilestoneDraft
from syncer.ports import Clock, Ids, Progress, Tracker
from syncer.reconcile.block import VERSION, content_digest, read_block, render_block
from syncer.reconcile.canonical import canonical_text
from syncer.reconcile.observation import Observation
from syncer.service.book import Book, merged, seen
from syncer.service.change import IssueChanger, MilestoneChanger, send
from syncer.service.message import commit_message
from syncer.service.project import Project
from syncer.service.rehearse import Rehearsal

_GIVE_UP = 3
"""After so many failures to reach a forge in a row the rest of the plan is left for the next run."""


@dataclass(slots=True)
class Applied:
    """What became of a plan.

    Args:
        committed: the commit that carried the edits, if there was one.
        stale: whether another look may bring more: something moved while we worked.
        stopped: why the rest of the plan was not tried.
        created: the numbers that our creates were given, and when, by tracker.
    """

    receipts: list[Receipt] = field(default_factory=list)
    committed: Committed | None = None
    stale: bool = False
    stopped: SyncerError | None = None
    created: dict[TrackerId, list[tuple[int, datetime]]] = field(default_factory=dict)
    new_items: dict[ItemKey, Uid] = field(default_factory=dict)
    new_stages: dict[StageKey, Uid] = field(default_factory=dict)


class Executor:
    """Applies one plan.

    Args:
        project: what it is for.
        book: the ledger during this run.
        observed: what the plan was made from.
        rehearsal: the plan, with its edits tried out.
        branch: where edits are committed.
        clock: for intents.
        ids: for what is new.
        progress: where it is told how far the work is.
    """

    def __init__(
        self,
        project: Project,
        book: Book,
        observed: Observation,
        rehearsal: Rehearsal,
        branch: str,
        blobs: Mapping[str, str],
        clock: Clock,
        ids: Ids,
        progress: Progress,
    ) -> None:
        self._project = project
        self._book = book
        self._observed = observed
        self._rehearsal = rehearsal
        self._plan: Plan = rehearsal.plan
        self._branch = branch
        self._blobs = blobs
        self._clock = clock
        self._ids = ids
        self._progress = progress
        self._trackers: dict[TrackerId, Tracker] = {tracker.id: tracker for tracker in project.trackers}
        self._stages: dict[StageKey, Uid] = dict(self._plan.stages)
        self._applied = Applied()
        self._unreachable = 0
        self._issues = IssueChanger(book, clock)
        self._milestones = MilestoneChanger(book, clock)

    def run(self) -> Applied:
        """Apply the plan as far as it goes."""
        effects = self._plan.effects
        self._progress.start(len(effects), self._project.name)
        try:
            self._run()
        finally:
            self._progress.finish()
            self._applied.new_stages.update(self._stages)
        return self._applied

    def _run(self) -> None:
        groups = _groups(self._plan.actions)
        for at, group in enumerate(groups):
            if self._applied.stopped is None:
                self._attempt(group)
                self._let_settle(groups[at : at + 2])
            else:
                for action in group:
                    self._keep(Receipt(action, Outcome.SKIPPED, self._applied.stopped.what))

    def _let_settle(self, two: list[list[Action]]) -> None:
        """After a create without an answer, wait before the next one.

        What is created after that wait gets a later number than anything the lost request could
        still create, and so proves what became of it (:func:`~syncer.service.recover.proven_lost`).
        """
        if not self._applied.receipts or self._applied.receipts[-1].outcome is not Outcome.UNKNOWN:
            return
        if len(two) == 2 and all(isinstance(group[0], CreateIssue) for group in two):
            seconds = self._project.waiting.settling
            self._progress.waiting(seconds, "until a request without an answer can no longer take effect")
            try:
                self._clock.sleep(seconds)
            except Interrupted as error:
                self._applied.stopped = error

    def _attempt(self, group: list[Action]) -> None:
        try:
            receipts = self._perform(group)
            self._unreachable = 0
        except UnknownFate as error:
            receipts = [Receipt(each, Outcome.UNKNOWN, str(error)) for each in group]
        except StaleHead as error:
            self._applied.stale = True
            receipts = [Receipt(each, Outcome.STALE, error.what) for each in group]
        except (Unauthorized, RateLimited, Interrupted) as error:
            # What one request is refused for, all others would be refused for as well.
            self._applied.stopped = error
            receipts = [Receipt(each, Outcome.FAILED, str(error)) for each in group]
        except Unavailable as error:
            self._unreachable += 1
            if self._unreachable >= _GIVE_UP or error.where == "state.url":
                self._applied.stopped = error
            receipts = [Receipt(each, Outcome.FAILED, str(error)) for each in group]
        except SyncerError as error:
            if isinstance(error, AccessError) and not isinstance(error, Forbidden):
                self._applied.stopped = error
            receipts = [Receipt(each, Outcome.FAILED, str(error)) for each in group]
        for receipt in receipts:
            self._keep(receipt)
        if any(receipt.outcome is Outcome.STALE for receipt in receipts):
            self._applied.stale = True

    def _keep(self, receipt: Receipt) -> None:
        self._applied.receipts.append(receipt)
        action = receipt.action
        if isinstance(action, (Settle, Relocate, RelocateStage)):
            return
        subject = action.subject
        where = f"{subject.path}:{subject.line}" if subject.path else str(subject.tracker or "")
        number = (
            f" #{subject.number}" if subject.number else (f" #{receipt.number}" if receipt.number else "")
        )
        self._book.note(
            _kind(action),
            f"{where}{number}",
            f"{subject.title}: {action.reason}" + (f" ({receipt.detail})" if receipt.detail else ""),
            uid=subject.uid,
            outcome=receipt.outcome.value,
        )
        self._progress.step(subject.title)

    def _perform(self, group: list[Action]) -> list[Receipt]:
        action = group[0]
        match action:
            case EnsureLabel():
                return [self._ensure_label(action)]
            case CreateMilestone():
                return [self._create_milestone(action)]
            case UseMilestone():
                return [self._use_milestone(action)]
            case ChangeMilestone():
                changes = [each for each in group if isinstance(each, ChangeMilestone)]
                return self._milestones.change(self._trackers[action.tracker], changes, self._observed.owner)
            case BindIssue():
                self._bind([each for each in group if isinstance(each, BindIssue)])
            case CreateIssue():
                return [self._create_issue(action)]
            case ChangeIssue():
                changed = [each for each in group if isinstance(each, ChangeIssue)]
                return self._issues.change(
                    self._trackers[action.tracker],
                    changed,
                    self._observed.owner,
                    self._milestone_of,
                    self._line_url,
                )
            case SetIssueState():
                return [self._issues.set_state(self._trackers[action.tracker], action)]
            case EditRoadmap():
                return self._commit([each for each in group if isinstance(each, EditRoadmap)])
            case Settle():
                self._book.save(self._book.settled(each for action in group for each in action.settles))
            case Bury():
                buried = [each.uid for each in group if isinstance(each, Bury)]
                self._book.save(merged(*(self._book.with_state(uid, BindingState.BURIED) for uid in buried)))
            case Revive():
                self._book.save(self._book.with_state(action.uid, BindingState.LIVE, action.anchor))
            case _:
                # Places are remembered at the end, as they are after our own edits.
                pass
        return [Receipt(each, Outcome.DONE) for each in group]

    # -- what is new -----------------------------------------------------------------------------------

    def _ensure_label(self, action: EnsureLabel) -> Receipt:
        tracker = self._trackers[action.tracker]
        created = tracker.ensure_label(Label(action.name, action.colour, action.description))
        return Receipt(action, Outcome.DONE if created else Outcome.ALREADY)

    def _create_milestone(self, action: CreateMilestone) -> Receipt:
        tracker = self._trackers[action.tracker]
        uid = action.uid or self._stages.get(action.stage) or self._ids.uid()
        marker = Marker(VERSION, self._observed.owner, uid)
        description = render_block(
            action.text, marker, url=self._line_url(action.anchor.path, action.anchor.line), kind="stage"
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
        known = self._book.stages.get(uid)
        binding = StageBinding(
            uid,
            action.anchor,
            {**(known.milestones if known is not None else {}), action.tracker: milestone.key},
            known.base if known is not None else {},
        )
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
        self._stages[action.stage] = uid
        return Receipt(action, Outcome.DONE, number=milestone.key, url=milestone.url)

    def _use_milestone(self, action: UseMilestone) -> Receipt:
        known = self._book.stages.get(action.uid)
        binding = StageBinding(
            action.uid,
            action.anchor,
            {**(known.milestones if known is not None else {}), action.tracker: action.key},
            known.base if known is not None else {},
        )
        self._book.save(LedgerChange(stages=(binding,)))
        self._stages[action.stage] = action.uid
        return Receipt(action, Outcome.DONE, number=action.key)

    def _create_issue(self, action: CreateIssue) -> Receipt:
        tracker = self._trackers[action.tracker]
        milestone = self._milestone_of(action.stage, action.tracker)
        if action.stage is not None and milestone is None:
            return Receipt(action, Outcome.SKIPPED, "its milestone was not created")
        uid = action.uid or self._ids.uid()
        marker = Marker(VERSION, self._observed.owner, uid)
        body = render_block(
            action.text,
            marker,
            url=self._line_url(action.anchor.path, action.subject.line),
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
        known = self._book.bindings.get(uid)
        binding = Binding(
            uid,
            action.anchor,
            {**(known.refs if known is not None else {}), action.tracker: found.number},
            known.base if known is not None else {},
        )
        shown = {
            Field.STATE: found.state,
            Field.TITLE: canonical_text(found.title),
            Field.STAGE: found.milestone,
            Field.LABELS: frozenset(action.labels & found.labels),
            Field.BODY: found.digest,
        }
        self._book.save(
            merged(
                self._book.bound(binding, _as_seen(settles, shown)),
                LedgerChange(issues={action.tracker: (found,)}, closed_intents=(intent.id,)),
            )
        )
        self._applied.created.setdefault(action.tracker, []).append((found.number, self._clock.now()))
        self._applied.new_items[action.item] = uid
        return Receipt(
            action, Outcome.DONE, _what_was_dropped(action, milestone, shown), found.number, found.url
        )

    def _issue_settlements(
        self, action: CreateIssue, uid: Uid, milestone: int | None
    ) -> tuple[Settlement, ...]:
        item = self._observed.documents[action.item.path].items[action.item.index]
        stage = self._stages.get(action.stage) if action.stage is not None else None
        digest = content_digest(action.text)
        pairs = {
            Field.STATE: Settled(item.state, item.state),
            Field.TITLE: Settled(canonical_text(item.full_title), canonical_text(action.title)),
            Field.STAGE: Settled(str(stage) if stage is not None else None, milestone),
            Field.LABELS: Settled(action.labels, action.labels),
            Field.BODY: Settled(digest, digest),
        }
        return tuple(Settlement(uid, action.tracker, what, pair) for what, pair in pairs.items())

    def _bind(self, actions: list[BindIssue]) -> None:
        bindings: dict[Uid, Binding] = {}
        for action in actions:
            known = bindings.get(action.uid) or self._book.bindings.get(action.uid)
            bindings[action.uid] = Binding(
                action.uid,
                action.anchor,
                {**(known.refs if known is not None else {}), action.tracker: action.number},
                known.base if known is not None else {},
            )
        self._book.save(LedgerChange(bindings=tuple(bindings.values())))

    # -- the roadmap -----------------------------------------------------------------------------------

    def _commit(self, actions: list[EditRoadmap]) -> list[Receipt]:
        settles = tuple(each for action in actions for each in action.settles)
        intent = self._book.intend(
            Intent(
                id=0,
                run=self._book.run,
                kind=IntentKind.COMMIT,
                tracker=None,
                uid=Uid(""),
                target=0,
                settlements=settles,
                recorded_at=self._clock.now(),
                revision=self._plan.revision,
                summary=f"commit of {len(actions)} edits",
            )
        )
        files = {path: edited.data for path, edited in sorted(self._rehearsal.files.items())}
        draft = CommitDraft(
            self._branch,
            self._plan.revision,
            files,
            {path: self._blobs[path] for path in files if path in self._blobs},
            commit_message(actions, self._book.run, self._own_tracker()),
        )
        committed = send(self._book, intent, lambda: self._project.documents.commit(draft))
        self._applied.committed = committed
        self._book.save(
            merged(
                self._book.settled(self._book.shown(settles), self._rehearsal.words),
                LedgerChange(closed_intents=(intent.id,)),
            )
        )
        return [
            Receipt(action, Outcome.DONE, committed.revision[:12], url=committed.url) for action in actions
        ]

    def _own_tracker(self) -> TrackerId | None:
        """The tracker that lives in the source's own repository."""
        state = self._book.state
        source = state.source_profile
        for tracker, known in state.trackers.items():
            if known.profile is None or source is None:
                continue
            mine = (known.profile.host, known.profile.repository_id)
            if mine == (source.host, source.repository_id):
                return tracker
        return None

    # -- beneath ---------------------------------------------------------------------------------------

    def _milestone_of(self, stage: StageKey | None, tracker: TrackerId) -> int | None:
        uid = self._stages.get(stage) if stage is not None else None
        binding = self._book.stages.get(uid) if uid is not None else None
        return binding.milestones.get(tracker) if binding is not None else None

    def _line_url(self, path: str, line: int) -> str:
        return self._project.documents.line_url(path, self._plan.revision, line)

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


def _groups(actions: tuple[Action, ...]) -> list[list[Action]]:
    """Actions in the plan's order, together where one request or one transaction carries them all."""
    groups: dict[object, list[Action]] = {}
    for number, action in enumerate(actions):
        groups.setdefault(_carrier(number, action), []).append(action)
    return list(groups.values())


def _carrier(number: int, action: Action) -> object:
    match action:
        case ChangeIssue():
            return (ChangeIssue, action.tracker, action.number)
        case ChangeMilestone():
            # Closing comes last, so it is never sent together with an earlier change.
            closing = action.field is Field.STATE and action.after is TaskState.DONE
            return (ChangeMilestone, action.tracker, action.key, closing)
        case EditRoadmap() | Settle() | Bury() | BindIssue() | Relocate() | RelocateStage():
            return type(action)
        case _:
            return number


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


def _kind(action: Action) -> str:
    name = type(action).__name__
    return "".join(f"-{char.lower()}" if char.isupper() else char for char in name).lstrip("-")
