"""Effects: each with an intent before it and a receipt after it, in the order of the plan.

The expected value is read again right before every change and compared after it. What another hand
changed meanwhile makes the action stale: it is skipped, and the next plan sees what there is. The
failure of one action is a receipt, not an exception; only what concerns them all ends the run.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from syncer.errors import (
    AccessError,
    Forbidden,
    Interrupted,
    Protected,
    RateLimited,
    StaleHead,
    SyncerError,
    Unauthorized,
    Unavailable,
    UnknownFate,
)
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import BindingState
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
    ItemKey,
    Outcome,
    Plan,
    Receipt,
    Relocate,
    RelocateStage,
    ReviseProposal,
    Revive,
    SetIssueState,
    SetParent,
    Settle,
    StageKey,
    TellPerson,
    UseMilestone,
)
from syncer.model.source import Committed
from syncer.ports import Clock, Ids, Progress, Tracker
from syncer.reconcile.observation import Observation
from syncer.service.book import Book, merged
from syncer.service.carry import Carrying
from syncer.service.change import IssueChanger
from syncer.service.change_milestone import MilestoneChanger
from syncer.service.commit import Committer
from syncer.service.create import Creator, NotTogether
from syncer.service.families import FamilyMaker
from syncer.service.links_to_come import LinksToCome
from syncer.service.project import Project
from syncer.service.rehearse import Rehearsal, rehearse
from syncer.service.telling import Teller
from syncer.service.told import gives_way, told
from syncer.spans import span

_GIVE_UP = 3
"""After so many failures to reach a forge in a row the rest of the plan is left for the next run."""


@dataclass(slots=True)
class Applied:
    """What became of a plan.

    Args:
        rehearsal: the edited roadmaps as they were committed.
        committed: the commit that carried the edits, if there was one.
        arrived: bindings whose line was written; the next round marks their issues.
        stale: whether another look may bring more: something moved while we worked.
        stopped: why the rest of the plan was not tried.
        created: the numbers that our creates were given, and when, by tracker.
        new_items: what was bound to an issue that was created.
        stages: all stages that are bound now.
    """

    rehearsal: Rehearsal
    receipts: list[Receipt] = field(default_factory=list)
    committed: Committed | None = None
    arrived: frozenset[Uid] = frozenset()
    stale: bool = False
    stopped: SyncerError | None = None
    created: dict[TrackerId, list[tuple[int, datetime]]] = field(default_factory=dict)
    new_items: dict[ItemKey, Uid] = field(default_factory=dict)
    stages: dict[StageKey, Uid] = field(default_factory=dict)


class Executor:
    """Applies one plan.

    Args:
        project: what it is for.
        book: the ledger during this run.
        observed: what the plan was made from.
        rehearsal: the plan, with its edits tried out.
        carrying: how edits reach a branch that takes no commits.
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
        carrying: Carrying,
        branch: str,
        blobs: Mapping[str, str],
        clock: Clock,
        ids: Ids,
        progress: Progress,
    ) -> None:
        self._project = project
        self._book = book
        self._observed = observed
        self._plan: Plan = rehearsal.plan
        self._carrying = carrying
        self._clock = clock
        self._progress = progress
        self._trackers: dict[TrackerId, Tracker] = {tracker.id: tracker for tracker in project.trackers}
        self._applied = Applied(rehearsal)
        self._groups: deque[list[Action]] = deque()
        self._unreachable = 0
        self._new = Creator(book, observed, self._plan, project.documents, clock, ids)
        self._issues = IssueChanger(book, clock)
        self._bound: dict[ItemKey, Uid] = dict(self._plan.items)
        self._families = FamilyMaker(book, clock, self._uid_of_item)
        self._milestones = MilestoneChanger(book, clock)
        self._teller = Teller(book, observed.owner, clock)
        self._roadmap = Committer(
            book,
            project.documents,
            blobs,
            branch,
            clock,
            skip_ci=project.write_back.skip_ci,
        )

    @span("apply")
    def run(self) -> Applied:
        """Apply the plan as far as it goes."""
        effects = self._plan.effects
        self._progress.start(len(effects), self._project.name)
        try:
            self._run()
        finally:
            self._progress.finish()
            self._applied.committed = self._roadmap.committed
            self._applied.arrived = self._roadmap.arrived
            self._applied.created = self._new.numbers
            self._applied.new_items = self._new.items
            self._applied.stages = self._new.stages
        return self._applied

    def _run(self) -> None:
        together = {each: tracker.capabilities.creates_together for each, tracker in self._trackers.items()}
        groups = self._groups = deque(_groups(self._plan.actions, together))
        while groups:
            group = groups.popleft()
            if self._applied.stopped is not None:
                for action in group:
                    self._keep(Receipt(action, Outcome.SKIPPED, self._applied.stopped.what))
                continue
            try:
                self._attempt(group)
            except NotTogether:
                groups.extendleft([action] for action in reversed(group))
                continue
            self._let_settle(group, groups[0] if groups else [])
        with suppress(SyncerError):  # where the ledger is lost, that is known already
            self._new.withdraw()

    def _let_settle(self, done: list[Action], following: list[Action]) -> None:
        """After a create without an answer, wait before the next one.

        What is created after that wait gets a later number than anything the lost request could
        still create, and so proves what became of it (:func:`~syncer.service.recover.proven_lost`).
        """
        latest = self._applied.receipts[-len(done) :]
        if not any(receipt.outcome is Outcome.UNKNOWN for receipt in latest):
            return
        if following and all(isinstance(group[0], CreateIssue) for group in (done, following)):
            seconds = self._project.waiting.settling
            self._progress.waiting(seconds, "until a request without an answer can no longer take effect")
            try:
                self._clock.sleep(seconds)
            except Interrupted as error:
                self._applied.stopped = error

    def _attempt(self, group: list[Action]) -> None:
        try:
            self._keep_losers(group)
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
            refused = isinstance(error, AccessError) and not isinstance(error, Forbidden)
            if refused or error.where == "state.url":
                self._applied.stopped = error
            receipts = [Receipt(each, Outcome.FAILED, str(error)) for each in group]
        for receipt in receipts:
            self._keep(receipt)
        if any(receipt.outcome is Outcome.STALE for receipt in receipts):
            self._applied.stale = True

    def _keep_losers(self, group: list[Action]) -> None:
        """A value that gives way is in the journal, durably, before it is overwritten."""
        losing = [action for action in group if action.overrules]
        for action in losing:
            subject = action.subject
            number = f" #{subject.number}" if subject.number else ""
            place = f"{subject.path}:{subject.line}{number}"
            self._book.note("lost-value", place, gives_way(action), uid=subject.uid)
        if losing:
            self._book.flush()

    def _uid_of(self, action: Action) -> Uid | None:
        """The binding that an action belongs to, also where the action has just made it."""
        if isinstance(action, CreateIssue):
            return self._new.items.get(action.item, action.subject.uid)
        if isinstance(action, SetParent):
            return self._new.items.get(action.item, action.subject.uid)
        if isinstance(action, CreateMilestone):
            return self._new.stages.get(action.stage, action.subject.uid)
        return action.subject.uid

    def _uid_of_item(self, item: ItemKey) -> Uid | None:
        return self._new.items.get(item, self._bound.get(item))

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
            f"{subject.title}: {told(action)}, because {action.reason}"
            + (f" ({receipt.detail})" if receipt.detail else ""),
            uid=self._uid_of(action),
            outcome=receipt.outcome.value,
        )
        self._progress.step(subject.title)

    def _perform(self, group: list[Action]) -> list[Receipt]:
        action = group[0]
        match action:
            case EnsureLabel():
                return [self._new.ensure_label(self._trackers[action.tracker], action)]
            case CreateIteration():
                return [self._new.create_iteration(self._trackers[action.tracker], action)]
            case CreateMilestone():
                return [self._new.create_milestone(self._trackers[action.tracker], action)]
            case UseMilestone():
                return [self._new.use_milestone(action)]
            case ChangeMilestone():
                changes = [each for each in group if isinstance(each, ChangeMilestone)]
                tracker = self._trackers[action.tracker]
                return self._milestones.change(tracker, changes, self._observed.owner, self._new.line_url)
            case BindIssue():
                self._new.bind([each for each in group if isinstance(each, BindIssue)])
            case CreateIssue():
                tracker = self._trackers[action.tracker]
                creates = [each for each in group if isinstance(each, CreateIssue)]
                self._new.foresee([*creates, *self._creates_ahead()])
                if len(group) == 1:
                    return [self._new.create_issue(tracker, action)]
                return self._new.create_together(tracker, creates)
            case ChangeIssue():
                changed = [each for each in group if isinstance(each, ChangeIssue)]
                return self._issues.change(
                    self._trackers[action.tracker],
                    changed,
                    self._observed.owner,
                    self._new.milestone_of,
                    self._new.line_url,
                )
            case SetParent():
                put = [each for each in group if isinstance(each, SetParent)]
                return self._families.set(self._trackers[action.tracker], put)
            case TellPerson():
                return [self._teller.tell(self._trackers[action.tracker], action)]
            case SetIssueState():
                return [self._issues.set_state(self._trackers[action.tracker], action)]
            case EditRoadmap() | ReviseProposal():
                return self._write_back(group)
            case Settle():
                self._book.save(self._book.settled(each for action in group for each in action.settles))
            case Bury():
                return self._bury([each for each in group if isinstance(each, Bury)])
            case Revive():
                self._book.save(self._book.with_state(action.uid, BindingState.LIVE, action.anchor))
            case _:
                # Places are remembered at the end, as they are after our own edits.
                pass
        return [Receipt(each, Outcome.DONE) for each in group]

    def _creates_ahead(self) -> Iterator[CreateIssue]:
        """The creates that will be sent right behind the present ones."""
        for group in islice(self._groups, self._book.foresight - 1):
            creates = [each for each in group if isinstance(each, CreateIssue)]
            if len(creates) != len(group):
                return
            yield from creates

    def _write_back(self, group: list[Action]) -> list[Receipt]:
        """One commit where the branch takes one, else the rolling request."""
        known = LinksToCome(self._book, self._new.items).known
        lost = [each for each in group if isinstance(each, EditRoadmap) and known(each) is None]
        receipts = [Receipt(each, Outcome.SKIPPED, "its issue was not created") for each in lost]
        left = [each for each in group if each not in lost]
        if not left:
            return receipts
        if not self._carrying.wanted():
            edits = [each for each in left if isinstance(each, EditRoadmap)]
            try:
                return receipts + self._commit(edits, known)
            except Protected:
                if not self._carrying.possible:
                    raise
                self._carrying.was_refused()
        return receipts + self._carrying.carry(left, known)

    def _commit(
        self, edits: list[EditRoadmap], known: Callable[[EditRoadmap], EditRoadmap | None]
    ) -> list[Receipt]:
        """One commit, once every link knows its number."""
        if any(each.awaits is not None for each in edits):
            wanted = [now for each in edits if (now := known(each)) is not None]
            self._applied.rehearsal = rehearse(
                replace(self._plan, actions=tuple(wanted), holds=()), self._observed.readings
            )
            edits = [each for each in self._applied.rehearsal.plan.actions if isinstance(each, EditRoadmap)]
            # With their numbers they read like their stand-ins did, so that all of them work.
            assert len(edits) == len(wanted), self._applied.rehearsal.plan.holds  # noqa: S101
        return self._roadmap.commit(self._applied.rehearsal, edits, self._new.items, self._new.stages)

    def _bury(self, group: list[Bury]) -> list[Receipt]:
        """Bury what really is finished; closing an issue earlier in the plan may have failed."""
        ready = [each for each in group if self._book.finished(each.uid)]
        self._book.save(merged(*(self._book.with_state(each.uid, BindingState.BURIED) for each in ready)))
        return [
            Receipt(each, Outcome.DONE)
            if each in ready
            else Receipt(each, Outcome.SKIPPED, "its issue is still open")
            for each in group
        ]


def _groups(actions: tuple[Action, ...], together: Mapping[TrackerId, int]) -> list[list[Action]]:
    """Actions in the plan's order, together where one request or one transaction carries them all.

    Args:
        actions: of the plan.
        together: how many creates one request carries, by tracker.
    """
    groups: dict[object, list[Action]] = {}
    batches: Counter[TrackerId] = Counter()
    for number, action in enumerate(actions):
        carrier = _carrier(number, action)
        if isinstance(action, CreateIssue) and together[action.tracker] > 1 and not action.assignees:
            carrier = (CreateIssue, action.tracker, batches[action.tracker] // together[action.tracker])
            batches[action.tracker] += 1
        groups.setdefault(carrier, []).append(action)
    return list(groups.values())


def _carrier(number: int, action: Action) -> object:
    match action:
        case ChangeIssue():
            return (ChangeIssue, action.tracker, action.number)
        case SetParent():
            return (SetParent, action.tracker)
        case ChangeMilestone():
            # Closing comes last, so it is never sent together with an earlier change.
            closing = action.field is Field.STATE and action.after is TaskState.DONE
            return (ChangeMilestone, action.tracker, action.key, closing)
        case EditRoadmap() | ReviseProposal():
            return EditRoadmap
        case Settle() | Bury() | BindIssue() | Relocate() | RelocateStage():
            return type(action)
        case _:
            return number


def _kind(action: Action) -> str:
    name = type(action).__name__
    return "".join(f"-{char.lower()}" if char.isupper() else char for char in name).lstrip("-")
