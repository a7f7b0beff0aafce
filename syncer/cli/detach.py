"""``syncer detach``: leave for good."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from syncer.cli.adopt import report_touched
from syncer.cli.lookup import ledgers
from syncer.cli.shared import Exit, config_option, json_option, reports_errors
from syncer.clock import RandomIds, SystemClock
from syncer.model.ledger import RunOutcome
from syncer.service.adoption import look_around
from syncer.service.book import Book
from syncer.service.detaching import Remove, end, finished, ours, take_away
from syncer.service.markers import Target
from syncer.wiring import Workshop


@click.command("detach")
@config_option
@json_option
@click.argument("project")
@click.option(
    "--remove",
    type=click.Choice([each.value for each in Remove]),
    default=Remove.NOTHING.value,
    show_default=True,
    help="What to take away on the trackers: the hidden markers, or the managed blocks with them.",
)
@click.option("--labels", is_flag=True, help="Take the managed label away too.")
@click.option("--approve", is_flag=True, help="Do it without asking.")
@reports_errors
def detach_command(
    config: Path | None, as_json: bool, project: str, remove: str, labels: bool, approve: bool
) -> None:
    """Leave for good: PROJECT is not synced any more.

    Issues, milestones and the roadmap stay as they are; people's text is never touched. `--remove blocks`
    leaves no trace of syncer in issues and milestones. Afterwards runs refuse to work on PROJECT until it is
    taken out of the configuration, or adopted again.
    """
    removal = Remove(remove)
    with ledgers(config, read_only=False) as shop:
        (name,) = shop.names([project])
        sys.exit(_detach(shop, name, removal, labels=labels, approve=approve, as_json=as_json))


def _detach(shop: Workshop, name: str, remove: Remove, *, labels: bool, approve: bool, as_json: bool) -> Exit:
    project, clock = shop.project(name), SystemClock()
    label = project.policy.label if labels else ""
    with shop.ledger.lease(name):
        run = RandomIds(clock).run_id()
        scene = look_around(project, Book(shop.ledger, name, run, clock, dry=True), clock)
        targets = ours(scene, label) if label or remove is not Remove.NOTHING else []
        if not as_json:
            _show(name, targets, remove, label)
        if not (approve or (not as_json and sys.stdin.isatty() and click.confirm(f"Leave {name} for good?"))):
            click.echo(f"{name}: nothing was changed. --approve does it.", err=as_json)
            return Exit.HELD
        shop.ledger.begin_run(name, run, clock.now())
        scene = look_around(project, Book(shop.ledger, name, run, clock), clock)
        touched = take_away(scene, targets, remove)
        code = report_touched(touched, targets, as_json=as_json) if targets or as_json else Exit.FINE
        if finished(touched, targets):
            end(scene)
        outcome = RunOutcome.COMPLETE if code is Exit.FINE else RunOutcome.PARTIAL
        shop.ledger.end_run(name, run, clock.now(), outcome, f"detach: {len(touched)} issues and milestones")
    if code is Exit.FINE and not as_json:
        click.echo(f"{name} is detached. Take projects.{name} out of the configuration.")
    return code


def _show(name: str, targets: list[Target], remove: Remove, label: str) -> None:
    click.echo(f"{name}: nothing will be synced any more.")
    if remove is not Remove.NOTHING:
        click.echo(f"The {remove.value} are taken away from {len(targets)} issues and milestones:")
    elif label:
        click.echo(f"The label {label!r} is taken away from {len(targets)} issues:")
    for each in targets:
        click.echo(f"  ~ {each}")
