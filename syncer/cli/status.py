"""``syncer status`` and ``approve``: where things stand, without asking any forge."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from syncer.cli.shared import Exit, config_option, json_option, project_option, reports_errors


@click.command("status")
@config_option
@project_option
@json_option
@reports_errors
def status_command(config: Path | None, projects: tuple[str, ...], as_json: bool) -> None:
    """Say where every project stands: last run, held plan, conflicts, problems. No forge is asked."""
    from syncer.cli.as_json import standing_hold_json
    from syncer.clock import SystemClock
    from syncer.model.ledger import BindingState
    from syncer.settings import find_file, load
    from syncer.wiring import workshop

    path = find_file(config)
    found: list[dict[str, Any]] = []
    with workshop(load(path), path.parent, SystemClock(), read_only=True) as shop:
        for name in shop.names(projects):
            state = shop.ledger.load(name)
            standing = shop.ledger.standing(name)
            found.append(
                {
                    "project": name,
                    "outcome": standing.outcome.value if standing is not None else "never run",
                    "last_run": standing.at.isoformat() if standing is not None else None,
                    "last_success": standing.last_success.isoformat()
                    if standing is not None and standing.last_success is not None
                    else None,
                    "items_bound": sum(
                        1 for each in state.bindings.values() if each.state is BindingState.LIVE
                    ),
                    "stages_bound": len(state.stages),
                    "unanswered_requests": len(state.intents),
                    "decisions": len(state.decisions),
                    "detached": state.detached,
                    "held": list(standing.held) if standing is not None else [],
                    "holds": [
                        standing_hold_json(hold) for hold in (standing.holds if standing is not None else ())
                    ],
                    "problem": standing.problem if standing is not None else "",
                }
            )
    if as_json:
        click.echo(json.dumps({"projects": found}, ensure_ascii=False, indent=2))
        return
    for each in found:
        _print(each)


def _print(status: dict[str, Any]) -> None:
    click.echo(f"{status['project']}: {status['outcome']}")
    if status["last_run"] is None:
        click.echo("  -> `syncer run --dry-run` shows what a first run would do")
        return
    click.echo(f"  last run {status['last_run']}, last success {status['last_success'] or 'never'}")
    click.echo(f"  {status['items_bound']} items and {status['stages_bound']} stages are bound")
    if status["unanswered_requests"]:
        click.echo(f"  {status['unanswered_requests']} requests were never answered and are looked into")
    if status["detached"]:
        click.echo("  detached: nothing is synced any more; `syncer adopt` begins again")
    if status["decisions"]:
        click.echo(f"  {status['decisions']} decisions wait for the next run")
    for reason in status["held"]:
        click.echo(f"  held: {reason}")
    if status["held"]:
        click.echo(f"  -> `syncer approve {status['project']}`, then `syncer run`")
    for hold in status["holds"]:
        number = f" #{hold['number']}" if hold["number"] else ""
        click.echo(f"  {hold['severity']} {hold['place']}{number} {hold['title']!r} ({hold['field']})")
        click.echo(f"    {hold['reason']} ({hold['code']})")
        if hold["base"] or hold["roadmap_value"] or hold["tracker_value"]:
            values = {
                "settled": hold["base"],
                "roadmap": hold["roadmap_value"],
                "tracker": hold["tracker_value"],
            }
            click.echo("    " + "; ".join(f"{name}: {value}" for name, value in values.items() if value))
        if hold["remedy"]:
            click.echo(f"    -> {hold['remedy']}")
    if status["problem"]:
        click.echo(f"  problem: {status['problem']}")


@click.command("approve")
@config_option
@click.argument("project")
@reports_errors
def approve_command(config: Path | None, project: str) -> None:
    """Approve the plan that the guard holds for PROJECT.

    The approval covers exactly the actions that were shown: what has become true meanwhile is
    skipped, what is new waits again.
    """
    from syncer.clock import SystemClock
    from syncer.model.ledger import LedgerChange
    from syncer.serving.waking import wake
    from syncer.settings import find_file, load
    from syncer.wiring import workshop

    path = find_file(config)
    with workshop(load(path), path.parent, SystemClock()) as shop:
        (name,) = shop.names([project])
        standing = shop.ledger.standing(name)
        if standing is None or not standing.digests:
            click.echo(f"{name}: no plan is held")
            sys.exit(Exit.FINE)
        shop.ledger.save(name, LedgerChange(approved=frozenset(standing.digests)))
        wake(shop.settings, path.parent, [name])
        click.echo(f"{name}: {len(standing.digests)} actions approved; the next run applies them")
