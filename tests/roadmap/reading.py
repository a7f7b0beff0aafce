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


def said(document: Document) -> list[str]:
    """What was read of a roadmap, in lines that fit into a table.

    ``3 task open a <1 @Phase 1 / Backend`` is an item on line 3, below the box on line 1, in a section;
    ``= 1 Phase 1: open 2/0`` a stage with two open and no finished items; ``! 4 code`` a problem;
    ``~ 5 code`` something left out. What an item withholds stands in brackets.
    """
    lines = []
    for item in document.items:
        parent = f" <{document.items[item.parent].line}" if item.parent is not None else ""
        section = f" @{' / '.join(item.section)}" if item.section else ""
        mirrors = "".join(f" +{mirror.line}" for mirror in item.mirrors)
        withheld = f" [{item.withheld}]" if item.withheld else ""
        what = f"{item.line} {item.kind.value} {item.status.value} {item.full_title}"
        lines.append(f"{what}{parent}{mirrors}{section}{withheld}")
    for stage in document.stages:
        due = f" due {stage.due.isoformat()}" if stage.due else ""
        finished = stage.done + stage.dropped
        lines.append(f"= {stage.line} {stage.title}: {stage.status.value} {stage.open}/{finished}{due}")
    lines += [f"! {problem.line} {problem.code}" for problem in document.problems]
    lines += [f"~ {left.line} {left.code}" for left in document.left_out]
    return lines
