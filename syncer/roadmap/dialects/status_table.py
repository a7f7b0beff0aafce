"""Status tables: every row is a requirement, its status cell is its state.

A table qualifies with a status column and either a column of unique ids or a column of texts, or with
exactly one column of boxes. A table of unique ids without a status column lists what is to come: its
rows are read as ``future`` and no issue is made of them.
"""

from __future__ import annotations

from syncer.model.document import Box, ItemKind, Span, StatusCell
from syncer.model.fields import Status
from syncer.roadmap.dialects.cells import column_wording, status_cell
from syncer.roadmap.dialects.checklist import CHECKED
from syncer.roadmap.dialects.columns import BOX_CELL, Columns, Role, identifies, stage_of_cell
from syncer.roadmap.dialects.columnwords import TEXT_HEADER
from syncer.roadmap.draft import Findings, ItemDraft
from syncer.roadmap.inline import plain_text
from syncer.roadmap.lines import Lines
from syncer.roadmap.links import written_link
from syncer.roadmap.outline import Outline
from syncer.roadmap.sections import IGNORE, Node, Setting
from syncer.roadmap.titles import is_placeholder, without_link
from syncer.roadmap.words import unaccented


def is_status_table(columns: Columns, node: Node) -> bool:
    """Whether a table's rows are items with a state.

    A column that is called a list of names and nothing more may name people or servers; it counts
    only below a heading that speaks of tasks, features and the like.
    """
    named = columns.first(Role.TEXT) is not None
    if columns.named:
        words = node.reading.name.casefold().split()
        named = any(
            TEXT_HEADER.fullmatch(unaccented(word)) for word in [*words, node.reading.name.casefold()]
        )
    identified = (column := columns.first(Role.ID)) is not None and columns.unique(column)
    if columns.first(Role.BOX) is not None:
        return named or identified
    return columns.first(Role.STATUS) is not None and (named or identified)


def is_future_table(columns: Columns) -> bool:
    """Whether a table lists requirements without saying how far they are."""
    column = columns.first(Role.ID)
    return (
        column is not None
        and columns.first(Role.STATUS) is None
        and columns.first(Role.BOX) is None
        and columns.first(Role.TEXT) is not None
        and columns.unique(column)
        and columns.looks_like_ids(column)
    )


def read_status_table(
    columns: Columns, data: bytes, lines: Lines, outline: Outline, findings: Findings, *, damaged: bool
) -> list[ItemDraft]:
    """Turn the rows of a status table into drafts."""
    status_column = columns.first(Role.STATUS)
    box_column = columns.first(Role.BOX)
    id_column = columns.first(Role.ID)
    text_column = columns.first(Role.TEXT)
    wording = column_wording(columns, status_column, damaged=damaged)
    drafts: list[ItemDraft] = []
    for number, row in enumerate(columns.table.rows):
        line = lines.number(row.start)
        node = outline.at(row.start)
        setting = outline.setting(node)
        ignored = IGNORE.search(data, row.start, row.end) is not None
        if setting is not Setting.PLAN or ignored:
            code = Setting.IGNORED.value if ignored else setting.value
            findings.leave_out(line, code, "a table row that is no part of the plan")
            continue
        if columns.is_total(number):
            findings.leave_out(line, "total", "a row of sums")
            continue
        identifier = columns.text(number, id_column).strip("`[]") or None
        title, link = _title(columns, number, text_column, data)
        if not title and identifier is None:
            findings.leave_out(line, "empty-row", "neither an id nor a text")
            continue
        cell: StatusCell | None = None
        box: Box | None = None
        status = Status.FUTURE
        status_text: str | None = None
        if box_column is not None:
            box = _box(columns, number, box_column, data, lines)
            if box is None:
                findings.leave_out(line, "no-box", "the row's box column holds no box")
                continue
            status = (
                Status.DONE if box.mark in CHECKED else Status.DROPPED if box.mark == "-" else Status.OPEN
            )
        elif status_column is not None:
            cell = status_cell(columns, number, status_column, lines, wording)
            if cell is None:
                _report_unread(columns, number, status_column, line, findings)
                continue
            status, status_text = cell.status, cell.text
        title_column = text_column if title else id_column
        span = columns.span(number, title_column) if title_column is not None else None
        draft = ItemDraft(
            offset=row.start,
            line=line,
            node=node,
            kind=ItemKind.REQUIREMENT,
            status=status,
            status_text=status_text,
            title=title or identifier or "",
            title_span=span or Span(row.start, row.start),
            block=Span(lines.start(line), lines.next_start(line)),
            id=identifier if title and identifier and identifies(identifier) else None,
            box=box,
            cell=cell,
            description=_details(columns, number),
            stage_hint=stage_of_cell(columns, number),
            link=link,
        )
        if not title and identifier is not None and identifies(identifier):
            draft.id = identifier
        if outline.in_criteria(node):
            draft.kind = ItemKind.CRITERION
        if is_placeholder(draft.title):
            draft.withheld = "a template's blank that nobody filled in"
        drafts.append(draft)
    return drafts


def _title(columns: Columns, row: int, column: int | None, data: bytes) -> tuple[str, str | None]:
    """A row's text, and the link to an issue that stands behind it."""
    text = columns.text(row, column)
    cell = columns.cell(row, column) if column is not None and "#" in text else None
    if cell is None or cell.span is None:
        return text, None
    link = written_link(data, cell.span)
    end = without_link(cell.text)
    return (plain_text(cell.text[:end]), link) if link is not None else (text, None)


def _box(columns: Columns, row: int, column: int, data: bytes, lines: Lines) -> Box | None:
    span = columns.span(row, column)
    if span is None:
        return None
    if BOX_CELL.fullmatch(span.of(data)) is None:
        return None
    return Box(lines.number(span.start), span, span.of(data)[1:-1].decode("utf-8"))


def _report_unread(columns: Columns, row: int, column: int, line: int, findings: Findings) -> None:
    cell = columns.cell(row, column)
    if cell is None or cell.span is None:
        findings.problem(line, "short-row", "the row ends before its status cell; it is not read as an item")
        return
    text = columns.text(row, column)
    findings.problem(
        line,
        "unknown-status",
        f"{text!r} is no status word that syncer knows; the row is not read as an item",
    )


def _details(columns: Columns, row: int) -> str:
    """What a row says besides id, text, status and stage, as a list of its remaining cells."""
    taken = {Role.ID, Role.TEXT, Role.STATUS, Role.STAGE, Role.BOX}
    details = [
        f"- {header}: {text}"
        for index, header in enumerate(columns.headers)
        if columns.roles[index] not in taken and header and (text := columns.text(row, index))
    ]
    return "\n".join(details)
