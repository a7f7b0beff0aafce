"""What follows from the end of a sync: rest, another try, or a place in the car park."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from syncer.errors import Interrupted, Move, RateLimited, SyncerError
from syncer.model.ledger import RunOutcome
from syncer.service.report import RunReport


class Next(Enum):
    """What a project does after a sync."""

    REST = "rest"
    """All is done that can be done now."""
    RETRY = "retry"
    """Something did not work that may work later."""
    PARK = "park"
    """Somebody has to change something first; it is tried again, but seldom."""
    STOP = "stop"
    """A stop was asked for. The wake-up is kept for whoever comes next."""


@dataclass(frozen=True, slots=True)
class Landing:
    """How a sync ended.

    Args:
        reason: why not all is well, for people; empty if it is.
        remedy: what a person can do about it.
        not_before: a moment (aware) before which there is no point in trying again.
    """

    next: Next
    reason: str = ""
    remedy: str = ""
    not_before: datetime | None = None


def landing_of(report: RunReport) -> Landing:
    """What follows from a report."""
    problem = report.problem
    if problem is not None:
        return _after(problem)
    if report.outcome is RunOutcome.HELD:
        return Landing(
            Next.REST,
            "; ".join(report.verdict.reasons),
            f"look with `syncer status`, then `syncer approve {report.project}`",
        )
    if report.outcome is RunOutcome.PARTIAL:
        return Landing(
            Next.RETRY,
            _unfinished(report),
            f"`syncer history {report.project} {report.run}` lists what was not done",
            report.waiting_until,
        )
    return Landing(Next.REST)


def _after(problem: SyncerError) -> Landing:
    if isinstance(problem, Interrupted):
        return Landing(Next.STOP, problem.what)
    where = f"{problem.where}: " if problem.where else ""
    reason, remedy = f"{where}{problem.what}", problem.next_step
    if problem.move is Move.RETRY:
        until = problem.retry_at if isinstance(problem, RateLimited) else None
        return Landing(Next.RETRY, reason, remedy, until)
    if problem.move is Move.BUG:
        remedy = remedy or "this is a defect of syncer; please report it"
    return Landing(Next.PARK, reason, remedy)


def _unfinished(report: RunReport) -> str:
    if report.failures:
        first = report.failures[0]
        return f"{len(report.failures)} actions were not done, the first because: {first.detail}"
    if report.waiting_until is not None:
        return "a create without an answer is being looked for"
    return "the project kept changing while it was synced"
