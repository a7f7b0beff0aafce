"""``syncer forget``: end a binding, or a file, for good."""

from __future__ import annotations

import json
from pathlib import Path

import click

from syncer.cli.lookup import ledgers, states
from syncer.cli.shared import config_option, json_option, project_option, reports_errors
from syncer.service.forgetting import forget, forget_file, knows_file
from syncer.service.naming import find


@click.command("forget")
@config_option
@project_option
@json_option
@click.argument("target")
@reports_errors
def forget_command(config: Path | None, projects: tuple[str, ...], as_json: bool, target: str) -> None:
    """End the binding of TARGET for good. Nothing is closed, deleted or edited, on either side.

    TARGET is a file's path, which ends all that was bound in it, or an item: '#12', an issue's address,
    FILE:LINE, a reference, or part of an id. The line gets no new issue, and the issue no new line;
    `syncer adopt '#12=FILE:LINE'` binds them again.
    """
    from syncer.clock import RandomIds, SystemClock

    clock = SystemClock()
    said: list[dict[str, str]] = []
    with ledgers(config, read_only=False) as shop:
        known = states(shop, projects)
        owners = [state.project for state in known if knows_file(state, target)]
        found = None if owners else find(target, known)
        for name in owners or ([found.project] if found is not None else []):
            with shop.ledger.lease(name):
                # Read again under the lease: a run may have ended in between.
                state, run, now = shop.ledger.load(name), RandomIds(clock).run_id(), clock.now()
                ended = (
                    forget_file(state, target, run, now)
                    if found is None
                    else forget(state, find(target, [state]), run, now)
                )
                shop.ledger.save(name, ended.change)
            said += [{"project": name, "text": text} for text in ended.said]
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return
    for each in said:
        click.echo(f"{each['project']}: {each['text']}")
