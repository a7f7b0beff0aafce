"""``syncer history``: past runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from syncer.cli.lookup import ledgers
from syncer.cli.shared import config_option, json_option, project_option, reports_errors
from syncer.errors import UnresolvedReference
from syncer.model.ledger import JournalEntry, RunRecord
from syncer.wiring import Workshop

_MANY = 100_000


@click.command("history")
@config_option
@project_option
@json_option
@click.argument("run", required=False)
@click.option("-n", "--limit", default=20, show_default=True, help="How many runs of each project to list.")
@reports_errors
def history_command(
    config: Path | None, projects: tuple[str, ...], as_json: bool, run: str | None, limit: int
) -> None:
    """List past runs, newest first; or show what RUN saw, decided and did, in order.

    RUN may be cut short as long as it means one run. No forge is asked.
    """
    with ledgers(config, read_only=True) as shop:
        if run is None:
            _list(shop, projects, limit, as_json=as_json)
            return
        name, found, entries = _find(shop, projects, run)
    if as_json:
        payload = {**_run_json(name, found), "journal": [_entry_json(each) for each in entries]}
        click.echo(json.dumps(payload, ensure_ascii=False, indent=2))
        return
    if found is not None:
        click.echo(f"{name}: run {found.run}")
        finished = f"{found.finished_at:%Y-%m-%d %H:%M:%S}" if found.finished_at is not None else "never"
        click.echo(
            f"  started {found.started_at:%Y-%m-%d %H:%M:%S}, finished {finished} UTC: {_outcome(found)}"
        )
        click.echo(f"  {found.summary or 'it left no summary'}")
    for entry in entries:
        outcome = f" [{entry.outcome}]" if entry.outcome else ""
        click.echo(f"  {entry.at:%H:%M:%S} {entry.kind}{outcome}  {entry.place}")
        click.echo(f"    {entry.text}")
    if not entries:
        click.echo("  nothing had to be done")


def _list(shop: Workshop, projects: Sequence[str], limit: int, *, as_json: bool) -> None:
    rows = [(name, each) for name in shop.names(projects) for each in shop.ledger.runs(name, limit)]
    if as_json:
        click.echo(json.dumps([_run_json(name, each) for name, each in rows], ensure_ascii=False, indent=2))
        return
    for name, each in rows:
        click.echo(f"{each.run}  {name}  {_outcome(each):<11}  {each.summary}")
    if not rows:
        click.echo("No run is recorded.")


def _find(
    shop: Workshop, projects: Sequence[str], run: str
) -> tuple[str, RunRecord | None, tuple[JournalEntry, ...]]:
    """The one run, or decision, that begins like this."""
    found = [
        (name, each)
        for name in shop.names(projects)
        for each in shop.ledger.runs(name, _MANY)
        if each.run.startswith(run)
    ]
    if not found:
        # What people decide between runs is in the journal too, under a name of its own.
        for name in shop.names(projects):
            entries = shop.ledger.journal(name, run=run)
            if entries:
                return name, None, entries
        raise UnresolvedReference(
            f"{run!r} is no run that is recorded", next_step="`syncer history` lists them"
        )
    if len({each.run for _name, each in found}) > 1 or len(found) > 1:
        raise UnresolvedReference(
            f"{run!r} may mean {len(found)} runs",
            next_step="write more of it, or name the project",
            candidates=tuple(f"{name}: {each.run}" for name, each in found[:20]),
        )
    ((name, record),) = found
    return name, record, shop.ledger.journal(name, run=record.run)


def _outcome(run: RunRecord) -> str:
    return run.outcome.value if run.outcome is not None else "died"


def _run_json(name: str, run: RunRecord | None) -> dict[str, Any]:
    if run is None:
        return {"project": name, "run": None}
    return {
        "project": name,
        "run": run.run,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at is not None else None,
        "outcome": _outcome(run),
        "summary": run.summary,
    }


def _entry_json(entry: JournalEntry) -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "place": entry.place,
        "text": entry.text,
        "uid": entry.uid,
        "outcome": entry.outcome,
    }
