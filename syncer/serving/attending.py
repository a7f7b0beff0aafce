"""After a run: the project's status issue, and what people have decided on it."""

from __future__ import annotations

import structlog

from syncer.errors import Interrupted, SyncerError
from syncer.model.plan import Outcome
from syncer.service.cycle import Cycle, Orders
from syncer.service.report import RunReport
from syncer.spans import Attribute
from syncer.wiring import Workshop

_LOG = structlog.get_logger("syncer.status_issue")


def facts_of(report: RunReport) -> dict[str, Attribute]:
    """What a trace says of a run: names, numbers and outcomes."""
    problem = report.problem
    return {
        "run": report.run,
        "outcome": report.outcome.value,
        "rounds": report.rounds,
        "planned": len(report.plan.effects) if report.plan is not None else 0,
        "done": report.count(Outcome.DONE),
        "held": report.verdict.held,
        "error": type(problem).__name__ if problem is not None else "",
    }


def attended(shop: Workshop, cycle: Cycle, report: RunReport) -> RunReport:
    """Look after a project's status issue, and carry out at once what was ticked on it.

    An issue that cannot be attended to does not make a sync fail; the next run tries again.

    Args:
        shop: makes the project.
        cycle: for a further run, which gets an id of its own.
        report: of the run that has just ended.

    Returns:
        The report of the last run.
    """
    if report.dry:
        return report
    try:
        attendant = shop.attendant(report.project)
        if attendant is not None and attendant.attend(report):
            report = cycle.run(shop.project(report.project), Orders())
            attendant.attend(report)
    except Interrupted:
        pass  # the stop is noticed by whoever asked for it
    except SyncerError as error:
        _LOG.warning("the status issue could not be attended to", project=report.project, reason=str(error))
    return report
