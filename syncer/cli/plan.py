"""``syncer plan`` and ``syncer apply``: a plan as a file that a person can review."""

from __future__ import annotations

import json
import sys
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
from syncer.errors import PlanMoved, UserError

_FORMAT = 1


@click.command("plan")
@config_option
@project_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where to save the plan.",
)
@reports_errors
def plan_command(config: Path | None, projects: tuple[str, ...], output: Path) -> None:
    """Work out what a run would do, and save it for review.

    The file is readable text in JSON: what would be done, why, and a digest of each action. `syncer
    apply FILE` does it, and refuses if it would have to do anything that the file does not contain.
    """
    from syncer.cli.as_json import plan_json
    from syncer.cli.progress import progress
    from syncer.cli.render import report_lines
    from syncer.cli.runs import run_projects
    from syncer.logs import REDACTOR
    from syncer.service.cycle import Orders

    with stop_signals() as stop:
        results = run_projects(config, projects, Orders(dry=True), progress(), stop)
    plans = []
    for each in results.runs:
        report = each.report
        if report.problem is not None:
            print_error(report.problem, project=report.project)
            continue
        click.echo(f"{report.project}: {each.source}")
        for line in report_lines(report, seconds=each.seconds):
            click.echo(REDACTOR.clean(line))
        if report.plan is not None:
            plans.append(plan_json(report.plan, held=report.verdict.reasons, seconds=each.seconds))
    saved = {"syncer_plan": _FORMAT, "plans": plans}
    output.write_text(
        json.dumps(REDACTOR.clean(saved), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    click.echo(f"saved to {output}; `syncer apply {output}` applies it")
    sys.exit(worst([each.exit for each in results.runs]))


@click.command("apply")
@config_option
@json_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@reports_errors
def apply_command(config: Path | None, as_json: bool, file: Path) -> None:
    """Apply a saved plan.

    What has become true meanwhile is skipped. If planning again yields an action that FILE does not
    contain, nothing is done and the difference is named. Saving a plan and applying that very plan
    passes the guard: somebody has seen it.
    """
    from syncer.cli.as_json import report_json
    from syncer.cli.moved import moved_lines
    from syncer.cli.progress import progress
    from syncer.cli.render import report_lines
    from syncer.cli.runs import Runs, run_projects
    from syncer.logs import REDACTOR
    from syncer.service.cycle import Orders

    results = Runs()
    with stop_signals() as stop:
        saved = _read(file)
        for name, actions in saved.items():
            only = frozenset(each["digest"] for each in actions)
            found = run_projects(config, (name,), Orders(only=only), progress(), stop)
            results.runs.extend(found.runs)
            for kind, count in found.requests.items():
                results.requests[kind] = results.requests.get(kind, 0) + count
    if as_json:
        payload = {
            "dry_run": False,
            "projects": [report_json(each.report, seconds=each.seconds) for each in results.runs],
            "requests": results.requests,
        }
        click.echo(json.dumps(REDACTOR.clean(payload), ensure_ascii=False, indent=2))
    for each in results.runs:
        if not as_json:
            click.echo(f"{each.report.project}: {each.source}")
            if not isinstance(each.report.problem, PlanMoved):
                for line in report_lines(each.report, seconds=each.seconds):
                    click.echo(REDACTOR.clean(line))
        problem = each.report.problem
        if problem is not None:
            print_error(problem, project=each.report.project)
        if isinstance(problem, PlanMoved) and each.report.plan is not None:
            for line in moved_lines(saved[each.report.project], each.report.plan):
                click.echo(REDACTOR.clean(line), err=True)
    sys.exit(worst([each.exit for each in results.runs]) if results.runs else Exit.FINE)


def _read(file: Path) -> dict[str, list[dict[str, Any]]]:
    """The actions of each plan in a file, as JSON has them."""
    try:
        saved: Any = json.loads(file.read_text(encoding="utf-8"))
        if saved["syncer_plan"] != _FORMAT:
            raise UserError(
                f"the plan has format {saved['syncer_plan']}, this version knows {_FORMAT}",
                where=str(file),
                next_step="save a new plan",
            )
        return {
            plan["project"]: [{**action, "digest": str(action["digest"])} for action in plan["actions"]]
            for plan in saved["plans"]
        }
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            "is no saved plan", where=str(file), next_step="save one with `syncer plan -o FILE`"
        ) from None
