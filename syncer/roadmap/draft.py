"""An item while it is being read: what a dialect found, before stages, parents and mirrors are known."""

from __future__ import annotations

from dataclasses import dataclass, field

from syncer.model.document import Box, ItemKind, LeftOut, Problem, Span, StatusCell
from syncer.model.fields import Status
from syncer.roadmap.pieces import STRUCK
from syncer.roadmap.titles import PLACEHOLDER_STARTS, is_placeholder, is_struck
from syncer.roadmap.words import read_status


@dataclass(slots=True)
class ItemDraft:
    """One item as its dialect sees it.

    Args:
        offset: of the bullet or the row; drafts are ordered by it.
        node: index of the section it stands in.
        key: what items below it name as their parent; -1 where there can be none. A list item's is
            its index in :attr:`Scan.entries`, a heading's is below -1.
        parent_key: the key of the nearest enclosing item, or -1.
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
    key: int = -1
    parent_key: int = -1
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


def may_need_remark(draft: ItemDraft, marked: str) -> bool:
    """Whether :func:`remark_item` can have anything to say. Cheap; nearly every item needs none."""
    title = draft.title
    return (
        draft.status_text is not None
        or title[:1] in PLACEHOLDER_STARTS
        or "{{" in title
        or (STRUCK in marked and draft.status is Status.OPEN)
    )


def remark_item(draft: ItemDraft, marked: str, findings: Findings) -> None:
    """Why no issue is created for an open item, and what a person should know about it.

    Args:
        draft: the item.
        marked: its line.
        findings: where to report to.
    """
    if not draft.title:
        draft.withheld = "the box has no text"
        findings.problem(draft.line, "empty-title", "the box has no text; no issue is created for it")
    elif is_placeholder(draft.title):
        draft.withheld = "a template's blank that nobody filled in"
        findings.problem(
            draft.line, "placeholder", f"{draft.title!r} looks like a template's blank; no issue is created"
        )
    elif draft.status is Status.OPEN and is_struck(marked):
        draft.withheld = "struck through"
        findings.problem(
            draft.line, "struck", "open, but struck through: tick it or mark it `[-]`; no issue is created"
        )
    if draft.status_text is not None:
        said = read_status(draft.status_text)
        if said is not None and said.status.task_state is not draft.status.task_state:
            findings.problem(
                draft.line,
                "stale-suffix",
                f"the box says {draft.status.value}, the text behind it {draft.status_text!r}: the box wins",
            )
