"""What moved since a plan was saved: new actions, changed ones, and those that are not needed any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from syncer.cli.as_json import action_json
from syncer.model.plan import Plan

_SAME = ("kind", "path", "title", "tracker", "number", "field")
"""By these an action is recognised although its values changed."""


def moved_lines(saved: Sequence[Mapping[str, Any]], plan: Plan) -> Iterator[str]:
    """Say what moved.

    Args:
        saved: the actions of the saved plan, as JSON has them.
        plan: as planning again yields it.
    """
    now: list[Mapping[str, Any]] = [action_json(action) for action in plan.effects]
    known = {each["digest"] for each in saved}
    wanted = {each["digest"] for each in now}
    gone = [each for each in saved if each["digest"] not in wanted]
    for each in now:
        if each["digest"] in known:
            continue
        before = next((old for old in gone if all(old.get(key) == each[key] for key in _SAME)), None)
        place = f"{each['path']}:{each['line']} " if each["path"] else ""
        if before is None:
            yield f"  new since:     {each['symbol']} {place}{each['text']}  ({each['reason']})"
        else:
            gone.remove(before)
            yield f"  changed since: {each['symbol']} {place}{each['text']}  (was: {before['text']})"
    for each in gone:
        place = f"{each.get('path')}:{each.get('line')} " if each.get("path") else ""
        yield f"  not needed:    {each.get('symbol', '-')} {place}{each.get('text', each['digest'])}"
