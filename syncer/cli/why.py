"""``syncer why``: an item's story."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from syncer.cli.lookup import ledgers, named
from syncer.cli.shared import config_option, json_option, project_option, reports_errors
from syncer.model.fields import Field, TaskState
from syncer.model.ledger import Value
from syncer.service.naming import place_of
from syncer.service.standing import values_of
from syncer.service.story import Story, tell

_SHOWN = (Field.STATE, Field.TITLE, Field.NAME, Field.DUE)


@click.command("why")
@config_option
@project_option
@json_option
@click.argument("ref")
@reports_errors
def why_command(config: Path | None, projects: tuple[str, ...], as_json: bool, ref: str) -> None:
    """Tell the story of REF: what was seen, decided and done, by which run, and what it waits for.

    REF is '#12', an issue's address, FILE:LINE, a reference, or part of an id. No forge is asked: lines are
    counted in the file as the last run saw it.
    """
    with ledgers(config, read_only=True) as shop:
        found = named(shop, projects, ref)
        story = tell(found, shop.ledger.load(found.project), shop.ledger)
    if as_json:
        click.echo(json.dumps(_json(story), ensure_ascii=False, indent=2))
        return
    for line in _lines(story):
        click.echo(line)


def _lines(story: Story) -> Iterator[str]:
    yield str(story.named)
    if place_of(story.named):
        yield f"  in {place_of(story.named)}"
    yield (
        "  "
        + {
            "live": "bound",
            "buried": "set aside: its line is gone and its issue is closed; a line that returns is bound",
            "ended": "ended by a person: neither side is looked at any more",
            "stage": "a stage with its milestone",
            "unbound": "not bound",
        }[story.state]
    )
    for side in story.sides:
        yield f'  {side.tracker}#{side.number} "{side.title}" is {side.state}  {side.url}'.rstrip()
        for field, pair in side.settled:
            if field in _SHOWN:
                mine, theirs = _value(pair.roadmap), _value(pair.tracker)
                agreed = f"{mine}" if mine == theirs else f"roadmap {mine}, tracker {theirs}"
                yield f"    settled {field.value}: {agreed}"
    if story.entries:
        yield ""
        run = ""
        for entry in story.entries:
            if entry.run != run:
                run = entry.run
                yield f"run {run}"
            outcome = f" [{entry.outcome}]" if entry.outcome else ""
            yield f"  {entry.at:%Y-%m-%d %H:%M:%S} {entry.kind}{outcome}  {entry.place}"
            yield f"    {entry.text}"
    yield ""
    yield from _waiting(story)


def _waiting(story: Story) -> Iterator[str]:
    for hold in story.holds:
        yield f"waits ({hold.code}, {hold.field}): {hold.reason}"
        if values_of(hold):
            yield f"  {values_of(hold)}"
        if hold.remedy:
            yield f"  -> {hold.remedy}"
    for decision in story.decisions:
        winner = decision.winner or "the roadmap"
        yield f"decided for {winner} ({decision.field.value}), carried out by the next run: {decision.saw}"
    for intent in story.unanswered:
        yield f"waits for the fate of a request of {intent.recorded_at:%Y-%m-%d %H:%M:%S}: {intent.summary}"
    if not (story.holds or story.decisions or story.unanswered):
        yield "It waits for nothing."


def _value(value: Value) -> str:
    if isinstance(value, TaskState):
        return value.value
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return "none" if value is None else str(value)


def _json(story: Story) -> dict[str, Any]:
    from syncer.cli.as_json import standing_hold_json

    named = story.named
    anchor = named.binding.anchor if named.binding is not None else named.anchor
    return {
        "project": named.project,
        "uid": named.uid,
        "state": story.state,
        "reference": place_of(named),
        "path": anchor.path if anchor is not None else None,
        "line": anchor.line if anchor is not None else None,
        "title": anchor.title if anchor is not None else (named.stage.anchor.name if named.stage else None),
        "sides": [
            {
                "tracker": side.tracker,
                "number": side.number,
                "title": side.title,
                "state": side.state,
                "url": side.url,
                "settled": {
                    field.value: {"roadmap": _value(pair.roadmap), "tracker": _value(pair.tracker)}
                    for field, pair in side.settled
                },
            }
            for side in story.sides
        ],
        "journal": [
            {
                "at": entry.at.isoformat(),
                "run": entry.run,
                "kind": entry.kind,
                "place": entry.place,
                "text": entry.text,
                "outcome": entry.outcome,
            }
            for entry in story.entries
        ],
        "holds": [standing_hold_json(hold) for hold in story.holds],
        "decisions": [
            {
                "field": each.field.value,
                "winner": each.winner or "roadmap",
                "at": each.at.isoformat(),
                "saw": each.saw,
            }
            for each in story.decisions
        ],
        "unanswered": [
            {"summary": each.summary, "recorded_at": each.recorded_at.isoformat(), "run": each.run}
            for each in story.unanswered
        ],
    }
