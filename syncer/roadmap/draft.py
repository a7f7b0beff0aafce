"""An item while it is being read: what a dialect found, before stages, parents and mirrors are known."""

from __future__ import annotations

from dataclasses import dataclass, field

from syncer.model.document import Box, ItemKind, LeftOut, Problem, Span, StatusCell
from syncer.model.fields import Status


@dataclass(slots=True)
class ItemDraft:
    """One item as its dialect sees it.

    Args:
        offset: of the bullet or the row; drafts are ordered by it.
        node: index of the section it stands in.
        entry: index of the list item, or -1.
        parent_entry: index of the nearest enclosing list item that is an item, or -1.
        stage_hint: what a column of its row names as its stage.
    """

    offset: int
    line: int
    node: int
    kind: ItemKind
    status: Status
    status_text: str | None
    title: str
    title_span: Span
    block: Span
    id: str | None = None
    box: Box | None = None
    cell: StatusCell | None = None
    entry: int = -1
    parent_entry: int = -1
    description: str = ""
    link: str | None = None
    withheld: str | None = None
    stage_hint: str | None = None
    mirrors: list[StatusCell] = field(default_factory=list)


@dataclass(slots=True)
class Findings:
    """What is said about a file while it is read."""

    problems: list[Problem] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def problem(self, line: int, code: str, message: str) -> None:
        self.problems.append(Problem(line, code, message))

    def leave_out(self, line: int, code: str, message: str) -> None:
        self.left_out.append(LeftOut(line, code, message))
