"""``syncer init``: from a checkout to a configuration and its first plan, without a question."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncer.cli.shared import Exit, print_error, reports_errors, stop_signals
from syncer.errors import ConfigError, SyncerError

if TYPE_CHECKING:
    from syncer.cli.init_config import Choice
    from syncer.cli.runs import ProjectRun


@click.command("init")
@click.argument(
    "directory", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path(), required=False
)
@click.option("--remote", default="", help="The git remote, where several could be meant.")
@click.option("--kind", type=click.Choice(["github", "gitlab"]), help="What the remote's host is.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write. Default: syncer.toml at the checkout's root.",
)
@click.option("--no-plan", is_flag=True, help="Write the configuration only; the forge is not asked.")
@reports_errors
def init_command(directory: Path, remote: str, kind: str | None, output: Path | None, no_plan: bool) -> None:
    """Write a configuration for a checkout, and show the first plan.

    Finds remote, forge, branch and roadmaps in the checkout and says where each is from. An existing
    configuration is never overwritten. The plan is a dry run: nothing is written on the forge.
    """
    from syncer.cli.init_checkout import look_at
    from syncer.cli.init_config import choose, render
    from syncer.clock import SystemClock

    checkout = look_at(directory, remote)
    target = output if output is not None else checkout.root / "syncer.toml"
    if target.exists():
        raise ConfigError(
            "exists already, and is left alone",
            where=str(target),
            next_step="`syncer doctor` looks at it; --output writes elsewhere",
        )
    choice = choose(checkout, kind or "", SystemClock(threading.Event()))
    _say(choice)
    with target.open("x", encoding="utf-8") as file:
        file.write(render(choice))
    click.echo(f"\nwritten: {target}")
    if no_plan:
        return
    if not checkout.roadmaps:
        click.echo(
            "No roadmap was found, so there is no plan yet: correct `roadmaps`, then `syncer run --dry-run`."
        )
        return
    sys.exit(_plan(target, choice))


def _say(choice: Choice) -> None:
    checkout = choice.checkout
    where = choice.url or checkout.place.origin
    rows = [
        ("forge", f"{choice.kind.value} at {where}", choice.kind.source),
        ("repository", checkout.place.path, f"git remote {checkout.remote.value}, {checkout.remote.source}"),
        ("branch", checkout.branch.value or "the default branch", checkout.branch.source),
        ("token", choice.token.value or "none", choice.token.source),
    ]
    rows += [("roadmap", each.path, each.why) for each in checkout.candidates if each.taken]
    rows += [("left out", each.path, each.why) for each in checkout.candidates if not each.taken]
    for what, value, why in rows:
        click.echo(f"{what:<11}{value}  ({why})")


def _plan(path: Path, choice: Choice) -> Exit:
    """The first plan, with its time and its audience."""
    from syncer.cli.init_config import TOKEN
    from syncer.cli.progress import progress
    from syncer.cli.render import report_lines
    from syncer.cli.runs import run_projects
    from syncer.logs import REDACTOR
    from syncer.service.cycle import Orders

    with stop_signals() as stop, _borrowed(choice.token.value, TOKEN):
        (result,) = run_projects(path, (), Orders(dry=True), progress(), stop).runs
        click.echo("\nThe first plan:")
        for line in report_lines(result.report, seconds=result.seconds):
            click.echo(REDACTOR.clean(line))
        problem = result.report.problem
        if problem is not None:
            print_error(problem)
            click.echo(
                f"  -> the configuration is written; `syncer doctor -c {path}` says what is missing", err=True
            )
            return Exit.FAILED
        for line in _audience(path, choice, result):
            click.echo(line)
    if choice.token.value not in ("", TOKEN):
        click.echo(f"To run it: export {TOKEN}=${choice.token.value}; syncer run -c {path}")
    else:
        click.echo(f"To run it: syncer run -c {path}")
    return Exit.FINE


def _audience(path: Path, choice: Choice, result: ProjectRun) -> Iterator[str]:
    """How many people the plan would notify, as far as the forge says."""
    from syncer.cli.render import creations
    from syncer.clock import SystemClock
    from syncer.settings import load
    from syncer.wiring import workshop

    plan = result.report.plan
    if plan is None or not creations(plan):
        return
    settings = load(path)
    with workshop(settings, path.parent, SystemClock(threading.Event()), read_only=True) as shop:
        try:
            audience = shop.forge("main").audience(choice.checkout.place.path)
        except SyncerError as error:
            yield f"How many people it would notify is not known: {error.what}"
            return
    if audience is None:
        yield "How many people it would notify is not known: the forge does not say."
    else:
        people = "1 person" if audience.people == 1 else f"{audience.people} people"
        yield f"Each new issue would notify {audience.which}: {people}."


@contextmanager
def _borrowed(name: str, as_name: str) -> Iterator[None]:
    """Let a token from another variable count as ours, in this process and for this plan only."""
    if name in ("", as_name):
        yield
        return
    os.environ[as_name] = os.environ[name]
    try:
        yield
    finally:
        del os.environ[as_name]
