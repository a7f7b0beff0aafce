"""Short ways to read a roadmap and to say what was seen, for the tests of this folder."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from syncer.model.document import Document, Item, Problem, Stage
from syncer.roadmap.parse import parse


def read(text: str | bytes, path: str = "TODO.md") -> Document:
    """Read a roadmap given as text; a common indentation is taken off first."""
    data = text if isinstance(text, bytes) else textwrap.dedent(text).lstrip("\n").encode()
    return parse(path, data)


def titles(items: Iterable[Item]) -> list[str]:
    return [item.title for item in items]


def states(items: Iterable[Item]) -> list[str]:
    return [item.status.value for item in items]


def names(stages: Iterable[Stage]) -> list[str]:
    return [stage.name for stage in stages]


def codes(problems: Iterable[Problem]) -> list[tuple[int, str]]:
    """Where something was found, and what: (line, code)."""
    return [(problem.line, problem.code) for problem in problems]


def left_out(document: Document) -> list[tuple[int, str]]:
    """What looks like an item and is none: (line, code)."""
    return [(each.line, each.code) for each in document.left_out]


def item_on(document: Document, line: int) -> Item:
    """The item whose box or row stands on a line."""
    return next(item for item in document.items if item.line == line)


def only(document: Document) -> Item:
    """The one item of a roadmap that has no other."""
    (item,) = document.items
    return item


def stage_named(document: Document, name: str) -> Stage:
    return next(stage for stage in document.stages if stage.name == name)


def depth(document: Document, item: Item) -> int:
    """How many boxes an item stands below."""
    count = 0
    while item.parent is not None:
        item = document.items[item.parent]
        count += 1
    return count
