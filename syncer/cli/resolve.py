"""``syncer resolve``: decide what is held."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from syncer.cli.lookup import ledgers, named
from syncer.cli.shared import Exit, config_option, json_option, print_error, project_option, reports_errors
from syncer.model.fields import Field
from syncer.model.ledger import StandingHold
from syncer.model.plan import Severity
from syncer.service.resolving import Resolution, answerable, decide, remember
from syncer.service.standing import standing_hold, values_of
from syncer.wiring import Workshop

_FIELDS = [each for each in Field if each not in (Field.LABELS, Field.ASSIGNEES)]


@click.command("resolve")
@config_option
@project_option
@json_option
@click.argument("ref", required=False)
@click.option("--take", type=click.Choice(["roadmap", "tracker"]), help="Whose value shall stand.")
@click.option("--tracker", default="", metavar="NAME", help="Which tracker, where several are in conflict.")
@click.option("--field", type=click.Choice([each.value for each in _FIELDS]), help="Only this field.")
@click.option("--all", "everything", is_flag=True, help="All conflicts; with --field, all that waits there.")
@click.option("--run", "at_once", is_flag=True, help="Sync at once instead of with the next run.")
@reports_errors
def resolve_command(
    config: Path | None,
    projects: tuple[str, ...],
    as_json: bool,
    ref: str | None,
    take: str | None,
    tracker: str,
    field: str | None,
    everything: bool,
    at_once: bool,
) -> None:
    """Decide a conflict: REF is '#12', an issue's address, FILE:LINE, a reference, or part of an id.

    The decision is carried out by the next run, and only if both sides still show what they showed when
    it was made. The value that gives way is kept in the journal. Without --take, the open decisions are
    listed. Nothing is asked of any forge, unless the last run does not know of the conflict.
    """
    if ref is not None and everything:
        raise click.UsageError("name one thing, or --all, not both")
    if take is not None and ref is None and not everything:
        raise click.UsageError("name what is to be decided ('#12' needs its quotes in a shell), or --all")
    with ledgers(config, read_only=take is None) as shop:
        found = _holds(shop, projects, ref, field)
        if everything and field is None:
            # Closing an issue or writing over a block is decided by name, or by naming the field.
            found = {name: kept for name, holds in found.items() if (kept := _conflicts(holds))}
        if take is None:
            _list(found, as_json=as_json)
            return
        made = _decide(shop, found, take, tracker)
    if as_json:
        click.echo(json.dumps(_json(made), ensure_ascii=False, indent=2))
    else:
        _say(made, at_once=at_once)
    if not made:
        sys.exit(Exit.FAILED)
    if at_once:
        sys.exit(_run(config, list(made), as_json=as_json))


def _holds(
    shop: Workshop, projects: tuple[str, ...], ref: str | None, field: str | None
) -> dict[str, list[StandingHold]]:
    """What waits for a decision, by project."""
    target = named(shop, projects, ref) if ref is not None else None
    found: dict[str, list[StandingHold]] = {}
    for name in shop.names((target.project,) if target is not None else projects):

        def wanted(hold: StandingHold) -> bool:
            return (
                answerable(hold)
                and field in (None, hold.field)
                and (target is None or hold.uid == target.uid)
            )

        standing = shop.ledger.standing(name)
        holds = [hold for hold in (standing.holds if standing is not None else ()) if wanted(hold)]
        if not holds and target is not None:
            # The last run does not know of it: look now, and say what is seen.
            holds = [hold for hold in _look(shop, name) if wanted(hold)]
        if holds:
            found[name] = holds
    return found


def _conflicts(holds: list[StandingHold]) -> list[StandingHold]:
    return [hold for hold in holds if hold.severity == Severity.CONFLICT.value]


def _look(shop: Workshop, name: str) -> list[StandingHold]:
    from syncer.cli.progress import progress
    from syncer.clock import RandomIds, SystemClock
    from syncer.service.cycle import Cycle, Orders

    clock = SystemClock()
    report = Cycle(shop.ledger, clock, RandomIds(clock), progress()).run(shop.project(name), Orders(dry=True))
    if report.problem is not None:
        raise report.problem
    return [standing_hold(hold) for hold in report.plan.holds] if report.plan is not None else []


def _decide(
    shop: Workshop, found: dict[str, list[StandingHold]], take: str, tracker: str
) -> dict[str, list[Resolution]]:
    from syncer.clock import RandomIds, SystemClock
    from syncer.serving.waking import wake

    clock = SystemClock()
    made: dict[str, list[Resolution]] = {}
    for name, holds in found.items():
        now = clock.now()
        resolutions = decide(holds, take, tracker, now)
        with shop.ledger.lease(name):
            run = RandomIds(clock).run_id()
            shop.ledger.save(name, remember(shop.ledger.load(name), resolutions, run, now))
        made[name] = resolutions
    wake(shop.settings, shop.base, list(made))
    return made


def _list(found: dict[str, list[StandingHold]], *, as_json: bool) -> None:
    from syncer.cli.as_json import standing_hold_json

    if as_json:
        rows = [
            {"project": name, **standing_hold_json(hold)} for name, holds in found.items() for hold in holds
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for name, holds in found.items():
        for hold in holds:
            number = f" #{hold.number}" if hold.number else ""
            click.echo(f'{name}: {hold.place}{number} "{hold.title}" ({hold.field})')
            click.echo(f"  {hold.reason}")
            if values_of(hold):
                click.echo(f"  {values_of(hold)}")
            click.echo(f"  -> syncer resolve {hold.uid} --field {hold.field} --take {'|'.join(hold.choices)}")
    if not found:
        click.echo("Nothing waits for a decision.")


def _say(made: dict[str, list[Resolution]], *, at_once: bool) -> None:
    for name, resolutions in made.items():
        for each in resolutions:
            hold = each.hold
            click.echo(f'{name}: {hold.place} "{hold.title}" ({hold.field}): {each.effect}')
    if not made:
        click.echo("Nothing waits for such a decision.")
    elif not at_once:
        click.echo("The next run carries it out, if both sides still show what they show now.")


def _json(made: dict[str, list[Resolution]]) -> list[dict[str, object]]:
    return [
        {
            "project": name,
            "uid": each.decision.uid,
            "field": each.decision.field.value,
            "winner": each.decision.winner or "roadmap",
            "place": each.hold.place,
            "title": each.hold.title,
            "effect": each.effect,
        }
        for name, resolutions in made.items()
        for each in resolutions
    ]


def _run(config: Path | None, projects: list[str], *, as_json: bool) -> Exit:
    from syncer.cli.progress import progress
    from syncer.cli.render import report_lines
    from syncer.cli.runs import run_projects
    from syncer.cli.shared import stop_signals, worst
    from syncer.logs import REDACTOR
    from syncer.service.cycle import Orders

    with stop_signals() as stop:
        results = run_projects(config, projects, Orders(), progress(), stop)
    for each in results.runs:
        if not as_json:
            click.echo(f"{each.report.project}: {each.source}")
            for line in report_lines(each.report, seconds=each.seconds):
                click.echo(REDACTOR.clean(line))
        if each.report.problem is not None:
            print_error(each.report.problem, project=each.report.project)
    return worst([each.exit for each in results.runs])
