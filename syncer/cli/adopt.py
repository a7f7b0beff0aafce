"""``syncer adopt``: bind issues that exist to lines that exist."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from syncer.cli.lookup import ledgers
from syncer.cli.shared import Exit, config_option, json_option, project_option, reports_errors
from syncer.clock import RandomIds, SystemClock
from syncer.errors import UserError
from syncer.model.identity import Owner
from syncer.model.ledger import RunOutcome
from syncer.model.plan import ItemKey, Outcome
from syncer.ports import Ledger
from syncer.service.adoption import (
    Scene,
    bind,
    line_of,
    look_around,
    marked_by,
    named_pair,
    owners_of,
    proposals,
    take_over,
)
from syncer.service.book import Book
from syncer.service.markers import Target, Touched
from syncer.service.project import Project
from syncer.service.proposing import Pair
from syncer.wiring import Workshop


@click.command("adopt")
@config_option
@project_option
@json_option
@click.argument("pairs", nargs=-1, metavar="[#NUMBER=LINE]...")
@click.option("--new", multiple=True, metavar="LINE", help="A line that is new, whatever it resembles.")
@click.option("--from", "owner", metavar="OWNER", help="Take over the issues of another installation.")
@click.option("--approve", is_flag=True, help="Do it without asking.")
@reports_errors
def adopt_command(
    config: Path | None,
    projects: tuple[str, ...],
    as_json: bool,
    pairs: tuple[str, ...],
    new: tuple[str, ...],
    owner: str | None,
    approve: bool,
) -> None:
    """Bind issues that exist to lines that exist; ask before anything is remembered.

    Without arguments, lines and issues of the same title or id are paired, then those that are clearly
    alike, with scores; what is not clear is listed and left to you. With pairs such as
    '#12=TODO.md:14', exactly these are bound. LINE is FILE:LINE or a reference. The next run writes the
    markers, and holds what differs. Nothing is ever bound twice.
    """
    if owner is not None and (pairs or new):
        raise click.UsageError("--from takes over everything of an owner; name no pairs with it")
    with ledgers(config, read_only=False) as shop:
        names = shop.names(projects)
        if (pairs or new or owner) and len(names) > 1:
            raise click.UsageError(f"say which project: --project {'|'.join(names)}")
        answers: list[dict[str, Any]] | None = [] if as_json else None
        codes = [
            _take_over(shop, name, Owner(owner), approve=approve, as_json=as_json)
            if owner is not None
            else _adopt(shop, name, pairs, new, answers, approve=approve)
            for name in names
        ]
    if answers is not None and owner is None:
        click.echo(json.dumps(answers, ensure_ascii=False, indent=2))
    sys.exit(next((code for code in codes if code is not Exit.FINE), Exit.FINE))


def _adopt(
    shop: Workshop,
    name: str,
    named: tuple[str, ...],
    new: tuple[str, ...],
    answers: list[dict[str, Any]] | None,
    *,
    approve: bool,
) -> Exit:
    """Adopt in one project; the answer goes to ``answers`` where programs are to read it."""
    project, clock = shop.project(name), SystemClock()
    with shop.ledger.lease(name):
        run = RandomIds(clock).run_id()
        again = shop.ledger.load(name).detached
        scene = look_around(project, Book(shop.ledger, name, run, clock, dry=True), clock)
        pairs, unclear, lines = _wanted(scene, named, new)
        something = bool(pairs or lines or again)
        if answers is None:
            _show(name, scene, pairs, unclear, lines)
        agreed = something and (approve or (answers is None and _asked(f"Bind what is shown of {name}?")))
        if answers is not None:
            answers.append(_json(name, pairs, unclear, bound=agreed))
        if not something:
            return Exit.FINE
        if not agreed:
            click.echo(f"{name}: nothing was bound. --approve binds what is shown.", err=answers is not None)
            return Exit.HELD
        _bind(shop.ledger, project, run, clock, pairs, named, new)
    if answers is None:
        click.echo(f"{name}: {len(pairs)} bound. `syncer run --project {name}` writes their markers.")
    return Exit.FINE


def _asked(question: str) -> bool:
    """Ask, where somebody is there to be asked."""
    return sys.stdin.isatty() and click.confirm(question)


def _wanted(
    scene: Scene, named: tuple[str, ...], new: tuple[str, ...]
) -> tuple[list[Pair], list[Pair], list[ItemKey]]:
    if named or new:
        return [named_pair(scene, each) for each in named], [], [line_of(scene, each) for each in new]
    found = proposals(scene)
    return found.pairs, found.unclear, []


def _bind(
    ledger: Ledger,
    project: Project,
    run: str,
    clock: SystemClock,
    shown: list[Pair],
    named: tuple[str, ...],
    new: tuple[str, ...],
) -> None:
    """Look again, and bind what was shown and is still so."""
    ledger.begin_run(project.name, run, clock.now())
    scene = look_around(project, Book(ledger, project.name, run, clock), clock)
    pairs, _unclear, lines = _wanted(scene, named, new)
    seen = {(each.tracker, each.issue.number, each.anchor.digest) for each in shown}
    still = [each for each in pairs if (each.tracker, each.issue.number, each.anchor.digest) in seen]
    bind(scene, still, lines)
    ledger.end_run(project.name, run, clock.now(), RunOutcome.COMPLETE, f"adopt: {len(still)} bound")


def _show(name: str, scene: Scene, pairs: list[Pair], unclear: list[Pair], lines: list[ItemKey]) -> None:
    click.echo(f"{name}: {len(pairs)} to bind" if pairs or not lines else f"{name}:")
    for line in _pair_lines(pairs):
        click.echo(line)
    for key in lines:
        item = scene.observed.documents[key.path].items[key.index]
        click.echo(f'  + {key.path}:{item.line} "{item.full_title}" is new')
    if unclear:
        click.echo("Not clear, and left to you (`syncer adopt '#NUMBER=FILE:LINE'`):")
        for each in unclear:
            click.echo(f'  ? {_place(each)}  ~  #{each.issue.number} "{each.issue.title}"  ({_how(each)})')
    others = owners_of(scene)
    if others:
        click.echo(f"Managed by others: `syncer adopt --from {others[0]}` takes theirs over.")


def _pair_lines(pairs: list[Pair]) -> Iterator[str]:
    for each in pairs:
        state = "" if each.issue.state.value == "open" else f", {each.issue.state.value}"
        yield f'  = {_place(each)}  <->  #{each.issue.number} "{each.issue.title}"  ({_how(each)}{state})'


def _place(pair: Pair) -> str:
    title = f"{pair.anchor.id}: {pair.anchor.title}" if pair.anchor.id else pair.anchor.title
    return f'{pair.anchor.path}:{pair.anchor.line} "{title}"'


def _how(pair: Pair) -> str:
    return pair.how if pair.score >= 100 else f"{pair.how}, {pair.score:.0f} %"


def _json(name: str, pairs: list[Pair], unclear: list[Pair], *, bound: bool) -> dict[str, Any]:
    return {
        "project": name,
        "bound": bound,
        "pairs": [_pair_json(each) for each in pairs],
        "unclear": [_pair_json(each) for each in unclear],
    }


def _pair_json(pair: Pair) -> dict[str, Any]:
    return {
        "path": pair.anchor.path,
        "line": pair.anchor.line,
        "title": pair.anchor.title,
        "id": pair.anchor.id,
        "tracker": pair.tracker,
        "number": pair.issue.number,
        "issue_title": pair.issue.title,
        "issue_state": pair.issue.state.value,
        "url": pair.issue.url,
        "how": pair.how,
        "score": pair.score,
    }


# -- another installation's --------------------------------------------------------------------------------


def _take_over(shop: Workshop, name: str, owner: Owner, *, approve: bool, as_json: bool) -> Exit:
    project, clock = shop.project(name), SystemClock()
    with shop.ledger.lease(name):
        run = RandomIds(clock).run_id()
        scene = look_around(project, Book(shop.ledger, name, run, clock, dry=True), clock)
        if owner == scene.observed.owner:
            raise UserError(
                f"{owner} is this installation", where=name, next_step="nothing has to be taken over"
            )
        targets = marked_by(scene, owner)
        if not as_json:
            _show_targets(f"{name}: {len(targets)} to take over from {owner}", targets)
        if not targets:
            others = ", ".join(owners_of(scene)) or "nobody"
            click.echo(f"{name}: nothing here is managed by {owner}; others: {others}", err=True)
            return Exit.FINE
        agreed = approve or (not as_json and _asked("Take them over?"))
        if not agreed:
            click.echo(f"{name}: nothing was changed. --approve takes them over.", err=as_json)
            return Exit.HELD
        shop.ledger.begin_run(name, run, clock.now())
        book = Book(shop.ledger, name, run, clock)
        touched = take_over(Scene(project, book, scene.observed, scene.plan), owner, targets)
        code = report_touched(touched, targets, as_json=as_json)
        outcome = RunOutcome.COMPLETE if code is Exit.FINE else RunOutcome.PARTIAL
        done = sum(1 for each in touched if each.outcome is Outcome.DONE)
        shop.ledger.end_run(name, run, clock.now(), outcome, f"adopt: {done} taken over from {owner}")
    if code is Exit.FINE and not as_json:
        click.echo(f"{name}: `syncer run --project {name}` binds them to their lines.")
    return code


def _show_targets(heading: str, targets: list[Target]) -> None:
    click.echo(heading)
    for each in targets:
        click.echo(f"  ~ {each}")


def report_touched(touched: list[Touched], targets: list[Target], *, as_json: bool) -> Exit:
    """Say what became of issues and milestones whose markers were changed."""
    done = [each for each in touched if each.outcome in (Outcome.DONE, Outcome.ALREADY)]
    failed = [each for each in touched if each.outcome not in (Outcome.DONE, Outcome.ALREADY)]
    if as_json:
        rows = [
            {
                "tracker": each.target.tracker,
                "number": each.target.number,
                "milestone": each.target.milestone,
                "title": each.target.title,
                "outcome": each.outcome.value,
                "detail": each.detail,
            }
            for each in touched
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for each in failed:
            click.echo(f"  ! not done: {each.target}: {each.detail}")
        click.echo(f"{len(done)} of {len(targets)} done." + (" Call this again to go on." if failed else ""))
    return Exit.FINE if len(done) == len(targets) else Exit.PARTIAL
