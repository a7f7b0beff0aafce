"""Where a project stands after a run: what waits for whom, and what is new about that in the journal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from syncer.errors import Refusal
from syncer.model.ledger import (
    JournalEntry,
    LedgerChange,
    LedgerState,
    RunOutcome,
    Standing,
    StandingHold,
)
from syncer.model.plan import Hold, Outcome, Plan, Receipt, action_digest
from syncer.service.report import RunReport


def standing_after(previous: Standing | None, report: RunReport, now: datetime) -> LedgerChange:
    """What is to be remembered of a run as a whole.

    A hold is written into the journal when it begins, with its values, and when it is over; not by every
    run that finds it again.

    Args:
        previous: where the project stood before.
        report: what the run came to.
        now: by our clock.
    """
    before = {hold.digest: hold for hold in (previous.holds if previous is not None else ())}
    # A run that could not plan knows nothing new about what waits.
    holds = (
        [standing_hold(hold) for hold in report.plan.holds] if report.plan is not None else [*before.values()]
    )
    success = report.outcome is RunOutcome.COMPLETE
    held = report.outcome is RunOutcome.HELD
    effects = report.plan.effects if held and report.plan is not None else ()
    standing = Standing(
        at=now,
        outcome=report.outcome,
        last_success=now if success else (previous.last_success if previous is not None else None),
        counts=report.counts,
        holds=tuple(holds),
        held=report.verdict.reasons if held else (),
        digests=tuple(action_digest(action) for action in effects),
        problem=str(report.problem) if report.problem is not None else "",
    )
    after = {hold.digest for hold in holds}
    entries = [_entry(hold, report.run, now) for hold in holds if hold.digest not in before]
    entries += [
        JournalEntry(
            now, report.run, "hold-over", hold.place, f"{hold.title}: no longer held ({hold.code})", hold.uid
        )
        for digest, hold in before.items()
        if digest not in after
    ]
    entries += [
        JournalEntry(now, report.run, "guard", report.project, f"the plan is held: {reason}")
        for reason in standing.held
        if previous is None or reason not in previous.held
    ]
    return LedgerChange(
        standing=standing,
        journal=tuple(entries),
        # What was approved has been done; the same change another time is another question.
        approved=frozenset() if success else None,
    )


def answered(state: LedgerState, plan: Plan, receipts: Iterable[Receipt]) -> LedgerChange:
    """What is to be forgotten of people's answers after a plan was applied: they have been carried out.

    Args:
        state: as remembered.
        plan: that was applied.
        receipts: what became of its actions.
    """
    held = {hold.digest for hold in plan.holds}
    unfinished = {
        receipt.action.subject.uid
        for receipt in receipts
        if receipt.outcome not in (Outcome.DONE, Outcome.ALREADY)
    }
    kept = tuple(
        each
        for each in state.decisions
        if each in plan.decisions
        or each.holds & held
        or (each in plan.carried_out and each.uid in unfinished)
    )
    return LedgerChange(
        decisions=kept if kept != state.decisions else None,
        pins=plan.pins if plan.pins != state.pins else None,
    )


def refuse_detached(state: LedgerState) -> None:
    """Stop where a person ended it all.

    Raises:
        Refusal: the project was detached.
    """
    if state.detached:
        raise Refusal(
            "the project was detached; nothing is synced any more",
            where=state.project,
            next_step=f"take projects.{state.project} out of the configuration, or begin again with "
            f"`syncer adopt --project {state.project}`",
        )


def standing_hold(hold: Hold) -> StandingHold:
    """A hold as it is remembered."""
    subject = hold.subject
    return StandingHold(
        digest=hold.digest,
        severity=hold.severity.value,
        code=hold.code,
        field=hold.field.value,
        place=f"{subject.path}:{subject.line}" if subject.line else subject.path,
        title=subject.title,
        reason=hold.reason,
        remedy=hold.remedy,
        base=hold.base,
        roadmap=hold.roadmap,
        there=hold.tracker,
        choices=tuple(choice.value for choice in hold.choices),
        uid=subject.uid,
        tracker=subject.tracker,
        number=subject.number,
    )


def values_of(hold: StandingHold) -> str:
    """Base and both values in one line; empty where a hold is not about values."""
    named = (("settled", hold.base), ("roadmap", hold.roadmap), ("tracker", hold.there))
    return "; ".join(f"{name}: {value}" for name, value in named if value)


def _entry(hold: StandingHold, run: str, now: datetime) -> JournalEntry:
    number = f" #{hold.number}" if hold.number else ""
    values = values_of(hold)
    text = f"{hold.title} ({hold.field}): {hold.reason}" + (f" [{values}]" if values else "")
    return JournalEntry(now, run, "hold", f"{hold.place}{number}", text, hold.uid, hold.severity)
