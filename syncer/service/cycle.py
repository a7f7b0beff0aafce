"""One run of one project: observe, plan, guard, apply, settle, under a lease.

A lost race (the branch moved, somebody edited an issue meanwhile) sends the run back to looking, a
few times; nothing of it is settled before it was seen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncer.errors import Interrupted, PlanMoved, SyncerError
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import (
    Binding,
    BindingState,
    IntentKind,
    LedgerChange,
    LedgerState,
    RunOutcome,
    SourceState,
)
from syncer.model.plan import (
    Action,
    ChangeIssue,
    CreateIssue,
    CreateMilestone,
    EnsureLabel,
    Outcome,
    Plan,
    action_digest,
)
from syncer.ports import Clock, Ids, Ledger, Progress
from syncer.reconcile.guard import judge
from syncer.reconcile.observation import Observation
from syncer.reconcile.planner import plan as make_plan
from syncer.service.apply import Applied, Executor
from syncer.service.arrivals import bind_arrived
from syncer.service.book import Book, merged
from syncer.service.carry import Carrying
from syncer.service.glance import glance, suffices
from syncer.service.newcomers import newcomers
from syncer.service.observe import Look, look, observation, owner_of
from syncer.service.pending_places import expecting
from syncer.service.places import places
from syncer.service.project import Project
from syncer.service.recover import Pending, proven_lost, recover
from syncer.service.rehearse import as_it_is, preview
from syncer.service.report import RunReport
from syncer.service.resting import Ahead
from syncer.service.restored import distrust_restored
from syncer.service.standing import answered, refuse_detached, standing_after
from syncer.spans import span

Created = dict[TrackerId, list[tuple[int, datetime]]]

_ROUNDS = 4
"""How often a run looks again after a lost race before it leaves the rest to the next run."""


@dataclass(frozen=True, slots=True)
class Orders:
    """How a run is to be made.

    Args:
        dry: plan only; nothing is written anywhere.
        approve: apply the plan even if the guard would hold it.
        full: list the trackers completely.
        only: digests of the actions that may be applied, from a saved plan.
        issues: the only ones that changed, as events say, where a project has one tracker; the
            run looks at nothing else unless it has to.
    """

    dry: bool = False
    approve: bool = False
    full: bool = False
    only: frozenset[str] | None = None
    issues: frozenset[int] = frozenset()


class Cycle:
    """Runs projects.

    Args:
        ledger: where everything is remembered.
        clock: time, and waiting that a stop signal ends.
        ids: fresh identities.
        progress: where long work says how far it is.
    """

    def __init__(self, ledger: Ledger, clock: Clock, ids: Ids, progress: Progress) -> None:
        self._ledger = ledger
        self._clock = clock
        self._ids = ids
        self._progress = progress
        self._looked_for: set[int] = set()

    def run(self, project: Project, orders: Orders | None = None, *, ahead: Ahead | None = None) -> RunReport:
        """Bring one project's sides into agreement.

        Errors that end the run are in the report, not raised; only a stop signal is.

        Args:
            project: which.
            orders: how.
            ahead: what was read a moment ago.
        """
        orders = orders or Orders()
        report = RunReport(project.name, self._ids.run_id(), orders.dry, self._clock.now())
        lease: AbstractContextManager[None] = (
            nullcontext() if orders.dry else self._ledger.lease(project.name)
        )
        try:
            with lease:
                if not orders.dry:
                    self._ledger.begin_run(project.name, report.run, report.started_at)
                try:
                    self._run(project, orders, report, ahead)
                except SyncerError as error:
                    report.problem = error
                    report.outcome = (
                        RunOutcome.INTERRUPTED if isinstance(error, Interrupted) else RunOutcome.FAILED
                    )
                if not orders.dry:
                    self._conclude(project, report)
        except SyncerError as error:
            if report.problem is None:
                report.problem = error
                report.outcome = RunOutcome.FAILED
        return report

    def _run(self, project: Project, orders: Orders, report: RunReport, ahead: Ahead | None) -> None:
        book = Book(self._ledger, project.name, report.run, self._clock, dry=orders.dry)
        refuse_detached(book.state)
        distrust_restored(book)
        approved: frozenset[str] = book.state.approved
        created: Created = {}
        arrived: frozenset[Uid] = frozenset()
        self._looked_for = set(book.intents)
        for number in range(_ROUNDS):
            report.rounds = number + 1
            found = glance(project, book, orders.issues) if number == 0 and not orders.full else None
            first = number == 0
            found = found or look(
                project, book, self._clock, full=orders.full and first, ahead=ahead if first else None
            )
            carrying, pending, observed, planned = self._consider(project, book, found, report)
            if found.issues and (not suffices(planned, found.issues) or carrying.holds_back(planned)):
                found = look(project, book, self._clock)
                carrying, pending, observed, planned = self._consider(project, book, found, report)
            rehearsal = carrying.divide(planned, observed.readings)
            if report.plan is None:
                report.plan = rehearsal.plan
                if orders.approve:
                    approved |= frozenset(action_digest(action) for action in rehearsal.plan.effects)
            report.waiting_until = max(pending.until.values(), default=None)
            report.verdict = judge(
                rehearsal.plan, project.policy.limits, _bound(book), approved | (orders.only or frozenset())
            )
            if orders.dry:
                return
            if orders.only is not None:
                _refuse_others(rehearsal.plan, orders.only, arrived)
            if report.verdict.held:
                report.plan = rehearsal.plan
                report.outcome = RunOutcome.HELD
                book.flush()
                return
            self._wait_for_pending(project, pending, rehearsal.plan)
            applied = Executor(
                project,
                book,
                observed,
                rehearsal,
                carrying,
                found.source.head.branch,
                found.source.blobs,
                self._clock,
                self._ids,
                self._progress,
            ).run()
            report.receipts.extend(applied.receipts)
            if applied.committed is not None:
                report.committed.append(applied.committed)
            self._settle(project, book, found, rehearsal.plan, applied)
            if applied.stopped is not None:
                report.problem = applied.stopped
                break
            for tracker, numbers in applied.created.items():
                created.setdefault(tracker, []).extend(numbers)
            again = self._resolve(project, book, created)
            arrived |= applied.arrived
            if not (applied.stale or again or applied.arrived):
                break
        unfinished = report.failures or report.waiting_until is not None or _still_stale(report)
        report.outcome = RunOutcome.PARTIAL if unfinished else RunOutcome.COMPLETE

    # -- parts of a round ------------------------------------------------------------------------------

    def _consider(
        self, project: Project, book: Book, found: Look, report: RunReport
    ) -> tuple[Carrying, Pending, Observation, Plan]:
        """What follows from a look."""
        self._remember(project, book, found, report)
        carrying = Carrying(project, book, found.source, self._clock)
        carrying.look()
        pending = recover(project, book, found.source.head.revision, self._clock.now())
        bind_arrived(book, found.source.documents)
        observed, planned = self._plan(project, book, found, pending, carrying)
        return carrying, pending, observed, planned

    def _remember(self, project: Project, book: Book, found: Look, report: RunReport) -> None:
        """What was seen is remembered before anything is done about it."""
        owner = owner_of(project, found.source.profile)
        change = merged(found.change, LedgerChange(owner=owner))
        book.save(change)
        report.unreadable = dict(found.source.unreadable)
        report.missing = tuple(sorted(found.source.missing))

    @span("plan")
    def _plan(
        self, project: Project, book: Book, found: Look, pending: Pending, carrying: Carrying
    ) -> tuple[Observation, Plan]:
        observed = observation(project, book, found)
        waiting = frozenset(
            (uid, intent.tracker) for uid, intent in pending.intents.items() if intent.tracker is not None
        )
        observed = dataclasses.replace(
            observed, pending=waiting, newcomers=newcomers(project, book, observed)
        )
        state = expecting(_with_pending(book.state, pending), observed.documents)
        planned = make_plan(observed, state, project.policy, preview)
        if carrying.holds_back(planned):
            # The roadmap goes on reading as it does now, and whatever is said about it elsewhere too.
            planned = make_plan(observed, state, project.policy, as_it_is)
        return observed, planned

    @span("settle")
    def _settle(self, project: Project, book: Book, found: Look, plan: Plan, applied: Applied) -> None:
        """Remember where everything stands now: places, files, the head."""
        source = found.source
        documents = dict(source.documents)
        blobs = dict(source.blobs)
        head = source.head
        if applied.committed is not None:
            documents |= {path: edited.document for path, edited in applied.rehearsal.files.items()}
            blobs |= applied.committed.blobs
        edited = applied.rehearsal.files if applied.committed is not None else {}
        stand = places(book, plan, documents, blobs, applied.new_items, applied.stages, edited=edited)
        state = book.state
        known = {binding.anchor.path for binding in book.bindings.values()}
        dropped = tuple(
            path
            for path in state.files
            if path not in documents and path not in source.unreadable and path not in known
        )
        revision = head.revision if applied.committed is None else applied.committed.revision
        # A commit that stands on one that nobody here has read says nothing about the other files.
        unread = applied.committed is not None and applied.committed.parent != head.revision
        complete = not plan.unsettled and not unread
        remembered = SourceState(
            branch=head.branch,
            revision=revision if complete else "",
            etag=head.etag if applied.committed is None and complete else "",
            unreadable=dict(source.unreadable),
            paths=frozenset(documents),
            patterns=project.patterns,
            # Until a person has decided, what was rewritten is still news.
            rewritten=any(hold.code == "history-rewritten" for hold in plan.holds),
        )
        book.save(
            merged(
                stand,
                LedgerChange(dropped_files=dropped, source=remembered),
                answered(state, plan, applied.receipts),
            )
        )

    def _resolve(self, project: Project, book: Book, created: Created) -> bool:
        """Whether later numbers prove that creates without an answer never happened.

        True as well where a create of this very run lost its answer: another round looks for it.
        """
        trackers = {tracker.id: tracker for tracker in project.trackers}
        settling = timedelta(seconds=project.waiting.settling)
        again = False
        for intent in list(book.intents.values()):
            tracker = trackers.get(intent.tracker) if intent.tracker is not None else None
            if intent.kind is not IntentKind.CREATE_ISSUE or tracker is None:
                continue
            later = [
                number
                for number, at in created.get(tracker.id, [])
                if number > intent.highest and at >= intent.recorded_at + settling
            ]
            if later and proven_lost(book, intent, tracker, max(later)):
                book.note(
                    "recovered", intent.summary, "later numbers prove that it was not created", uid=intent.uid
                )
                book.close_intent(intent)
                again = True
            elif intent.id not in self._looked_for:
                self._looked_for.add(intent.id)
                again = True
        return again

    def _wait_for_pending(self, project: Project, pending: Pending, plan: Plan) -> None:
        """Before creating anything beside a create without an answer, let that request settle."""
        if not pending.intents or not any(isinstance(action, CreateIssue) for action in plan.actions):
            return
        settled_at = max(intent.recorded_at for intent in pending.intents.values()) + timedelta(
            seconds=project.waiting.settling
        )
        wait = (settled_at - self._clock.now()).total_seconds()
        if wait > 0:
            self._progress.waiting(wait, "until a request without an answer can no longer take effect")
            self._clock.sleep(wait)

    def _conclude(self, project: Project, report: RunReport) -> None:
        now = self._clock.now()
        previous = self._ledger.standing(project.name)
        self._ledger.save(project.name, standing_after(previous, report, now))
        self._ledger.end_run(project.name, report.run, now, report.outcome, _summary(report))


def _with_pending(state: LedgerState, pending: Pending) -> LedgerState:
    """The ledger with a place-holder for every create whose fate is unknown, so that its line is matched."""
    bindings = dict(state.bindings)
    for uid, intent in pending.intents.items():
        if uid not in bindings and intent.anchor is not None:
            bindings[uid] = Binding(uid, intent.anchor, {}, {})
    return dataclasses.replace(state, bindings=bindings)


def _bound(book: Book) -> int:
    return sum(1 for binding in book.bindings.values() if binding.state is BindingState.LIVE)


def _refuse_others(plan: Plan, only: frozenset[str], arrived: Collection[Uid]) -> None:
    """A saved plan covers what it shows and nothing else."""
    others = [
        action
        for action in plan.effects
        if action_digest(action) not in only and not _marks(plan, action, arrived)
    ]
    if others:
        first = others[0]
        count = f"{len(others)} action{'s' if len(others) > 1 else ''}"
        raise PlanMoved(
            f"planning again yields {count} that the saved plan does not contain, "
            f"such as: {first.subject.title!r}, because {first.reason}; nothing was done",
            where=_place(first.subject.path, first.subject.line),
            next_step="save a new plan and review it",
        )


def _marks(plan: Plan, action: Action, arrived: Collection[Uid]) -> bool:
    """Whether an action belongs to a line that was written a round before, as the plan said it would."""
    marking = [each for each in plan.effects if isinstance(each, ChangeIssue) and each.uid in arrived]
    match action:
        case ChangeIssue(uid=uid) | CreateIssue(uid=uid):
            return uid in arrived
        case CreateMilestone():
            return any(each.after == action.stage and each.tracker == action.tracker for each in marking)
        case EnsureLabel():
            return any(isinstance(each.after, frozenset) and action.name in each.after for each in marking)
        case _:
            return False


def _still_stale(report: RunReport) -> bool:
    """Whether the last round was overtaken too."""
    return report.rounds >= _ROUNDS and any(
        receipt.outcome is Outcome.STALE for receipt in report.receipts[-1:]
    )


def _place(path: str, line: int) -> str:
    return f"{path}:{line}" if line else path


def _summary(report: RunReport) -> str:
    done = report.count(Outcome.DONE)
    planned = len(report.plan.effects) if report.plan else 0
    parts = [f"{planned} action{'' if planned == 1 else 's'} planned", f"{done} done"]
    if report.failures:
        parts.append(f"{len(report.failures)} not done")
    if report.verdict.held:
        parts.append("held")
    if report.problem is not None:
        parts.append(report.problem.what)
    return ", ".join(parts)
