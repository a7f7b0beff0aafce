"""``syncer check``: whether roadmaps and trackers agree, for pipelines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from syncer.cli.shared import (
    Exit,
    config_option,
    json_option,
    print_error,
    project_option,
    reports_errors,
    stop_signals,
    worst,
)
from syncer.model.plan import Action, EditRoadmap, Hold, Severity
from syncer.service.report import RunReport


@click.command("check")
@config_option
@project_option
@json_option
@click.option("--strict", is_flag=True, help="What is only reported counts as drift too.")
@reports_errors
def check_command(config: Path | None, projects: tuple[str, ...], as_json: bool, strict: bool) -> None:
    """Say whether roadmaps and trackers agree. Exits with 10 where they do not.

    What a run would do, and what waits for a person, is drift. Nothing is written anywhere: not on a
    forge, not in the state database, which need not exist.
    """
    from syncer.cli.progress import progress
    from syncer.cli.runs import run_projects
    from syncer.logs import REDACTOR
    from syncer.service.cycle import Orders

    with stop_signals() as stop:
        results = run_projects(config, projects, Orders(dry=True), progress(), stop)
    found = [_findings(each.report, strict=strict) for each in results.runs]
    if as_json:
        payload = {
            "drift": any(each["drift"] for each in found),
            "projects": found,
            "requests": results.requests,
        }
        click.echo(json.dumps(REDACTOR.clean(payload), ensure_ascii=False, indent=2))
    codes = []
    for each, run in zip(found, results.runs, strict=True):
        if not as_json:
            for line in _lines(run.report, drift=each["drift"]):
                click.echo(REDACTOR.clean(line))
        if run.report.problem is not None:
            print_error(run.report.problem, project=run.report.project)
            codes.append(Exit.FAILED)
        else:
            codes.append(Exit.DRIFT if each["drift"] else Exit.FINE)
    sys.exit(worst(codes))


def _findings(report: RunReport, *, strict: bool) -> dict[str, Any]:
    from syncer.cli.as_json import action_json, hold_json

    plan = report.plan
    actions = plan.effects if plan is not None else ()
    holds = plan.holds if plan is not None else ()
    waiting = [hold for hold in holds if hold.severity is not Severity.REPORT]
    reported = [hold for hold in holds if hold.severity is Severity.REPORT]
    problem = report.problem
    return {
        "project": report.project,
        "drift": bool(actions or waiting or report.unreadable or report.missing or (strict and reported)),
        "revision": plan.revision if plan is not None else None,
        "to_trackers": [action_json(action) for action in actions if not _to_roadmap(action)],
        "to_roadmaps": [action_json(action) for action in actions if _to_roadmap(action)],
        "holds": [hold_json(hold) for hold in waiting],
        "reports": [hold_json(hold) for hold in reported],
        "guard": {"held": report.verdict.held, "reasons": list(report.verdict.reasons)},
        "unreadable": dict(report.unreadable),
        "missing": list(report.missing),
        "problem": {"what": problem.what, "where": problem.where, "next_step": problem.next_step}
        if problem is not None
        else None,
    }


def _to_roadmap(action: Action) -> bool:
    """Which way a change goes: only edits of a roadmap carry something from a tracker."""
    return isinstance(action, EditRoadmap)


def _lines(report: RunReport, *, drift: bool) -> Iterator[str]:
    if report.plan is None:
        return
    actions, holds = report.plan.effects, report.plan.holds
    yield f"{report.project}: {'out of step' if drift else 'in agreement'}"
    for title, members in (
        ("roadmap -> tracker", [each for each in actions if not _to_roadmap(each)]),
        ("tracker -> roadmap", [each for each in actions if _to_roadmap(each)]),
    ):
        if members:
            yield f"  {title}"
            yield from (_action(each) for each in members)
    for title, found in (
        ("waits", [each for each in holds if each.severity is not Severity.REPORT]),
        ("reported", [each for each in holds if each.severity is Severity.REPORT]),
    ):
        if found:
            yield f"  {title}"
            yield from (_hold(each) for each in found)
    for path, why in sorted(report.unreadable.items()):
        yield f"  ! {path}: {why}"
    for path in report.missing:
        yield f"  ! {path}: there is no such file on this branch"
    for reason in report.verdict.reasons:
        yield f"  ! a run would be held by the guard: {reason}"


def _action(action: Action) -> str:
    from syncer.cli.describe import describe

    words, subject = describe(action), action.subject
    place = f"{subject.path}:{subject.line} " if subject.path else ""
    return f"    {words.symbol} {place}{words.what}  ({words.why})"


def _hold(hold: Hold) -> str:
    subject = hold.subject
    place = f"{subject.path}:{subject.line}" if subject.line else subject.path
    number = f" #{subject.number}" if subject.number else ""
    return f'    ! {place}{number} "{subject.title}" ({hold.field.value}): {hold.reason}'
