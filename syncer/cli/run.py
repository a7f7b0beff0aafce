"""``syncer run``: one sync of everything configured."""

from __future__ import annotations

import json
import sys
from pathlib import Path

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


@click.command("run")
@config_option
@project_option
@json_option
@click.option("--dry-run", is_flag=True, help="Show the plan. Nothing is written anywhere.")
@click.option("--approve", is_flag=True, help="Apply the plan even if the guard would hold it.")
@click.option("--full", is_flag=True, help="List the trackers completely instead of what changed.")
@reports_errors
def run_command(
    config: Path | None,
    projects: tuple[str, ...],
    as_json: bool,
    dry_run: bool,
    approve: bool,
    full: bool,
) -> None:
    """Bring roadmaps and trackers into agreement, once.

    Reads the roadmaps and the trackers of every configured project, works out what would bring them
    into agreement, and does it. A plan that would do suspiciously much is held until it is approved.
    """
    from syncer.cli.as_json import report_json
    from syncer.cli.progress import progress
    from syncer.cli.render import report_lines
    from syncer.cli.runs import run_projects
    from syncer.logs import REDACTOR
    from syncer.service.cycle import Orders

    orders = Orders(dry=dry_run, approve=approve, full=full)
    with stop_signals() as stop:
        results = run_projects(config, projects, orders, progress(), stop)
    if as_json:
        payload = {
            "dry_run": dry_run,
            "projects": [report_json(each.report, seconds=each.seconds) for each in results.runs],
            "requests": results.requests,
        }
        click.echo(json.dumps(REDACTOR.clean(payload), ensure_ascii=False, indent=2))
    for each in results.runs:
        report = each.report
        if not as_json:
            heading = f"{report.project}: {each.source}"
            click.echo(click.style(heading, bold=True) if sys.stdout.isatty() else heading)
            for line in report_lines(report, seconds=each.seconds):
                click.echo(REDACTOR.clean(line))
            click.echo()
        if report.problem is not None:
            print_error(report.problem, project=report.project)
    sys.exit(worst([each.exit for each in results.runs]) if results.runs else Exit.FINE)
