"""Milestone tables: every row is a stage."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from syncer.model.document import DateCell, Span, StatusCell
from syncer.roadmap.dialects.cells import column_wording, status_cell
from syncer.roadmap.dialects.columns import EMPTY, Columns, Role
from syncer.roadmap.dialects.columnwords import COLLECTIVE_HEADING
from syncer.roadmap.draft import Findings
from syncer.roadmap.headings import find_date, read_heading
from syncer.roadmap.lines import Lines
from syncer.roadmap.outline import Named
from syncer.roadmap.sections import IGNORE, Node, Setting
from syncer.roadmap.stagenames import NO_NAME, StageName, read_stage_name

_MILESTONE_ID = re.compile(r"(?:M|MS|PH|MILESTONE|PHASE)[-_ ]?\d+(?:\.\d+)*[a-z]?", re.IGNORECASE)
_STAGE_ID = re.compile(r"(?:M|MS|P|PH|S|V|R|Q|PHASE|SPRINT)[-_ ]?\d+(?:\.\d+)*[a-z]?", re.IGNORECASE)


@dataclass(slots=True)
class RowStage:
    """One row of a milestone table.

    Args:
        title: the name as written in the name column, else in the stage column.
        name: kind and number of it.
        id: the row's own id, where a column holds one.
    """

    line: int
    offset: int
    title: str
    name: StageName
    title_span: Span | None
    id: str | None = None
    version: str | None = None
    cell: StatusCell | None = None
    due: date | None = None
    due_cell: DateCell | None = None
    mirrors: list[StatusCell] = field(default_factory=list)

    @property
    def named(self) -> Named:
        return Named(self.name, self.title)


def is_milestone_table(columns: Columns, node: Node) -> bool:
    """Whether a table's rows are stages rather than items."""
    status = columns.first(Role.STATUS) is not None
    dated = columns.first(Role.DATE) is not None
    if not (status or dated) or not columns.texts:
        return False
    stage = columns.first(Role.STAGE)
    identifier = columns.first(Role.ID)
    text = columns.first(Role.TEXT)
    heading = node.reading.name.casefold().strip(" :.")
    collective = COLLECTIVE_HEADING.fullmatch(heading) is not None
    if stage is not None:
        if stage > 1 or (text is not None and text < stage):
            # "Task | Phase | Status" tells in which phase a task is.
            return False
        if stage == 1 and columns.roles[0] is Role.ID:
            requirements = columns.looks_like_ids(0) and not _all_ids(columns, 0, _STAGE_ID)
            if text is not None or requirements:
                # "Requirement | Phase | Status" tells where requirements stand.
                return False
        return columns.unique(stage)
    if identifier is not None:
        pattern = _STAGE_ID if collective else _MILESTONE_ID
        return _all_ids(columns, identifier, pattern)
    version = columns.first(Role.VERSION)
    if version == 0 and text is None:
        return columns.unique(version)
    return text is not None and text <= 1 and dated and collective


def read_milestone_table(
    columns: Columns, data: bytes, lines: Lines, findings: Findings, *, damaged: bool
) -> list[RowStage]:
    """Turn the rows of a milestone table into stages."""
    status_column = columns.first(Role.STATUS)
    wording = column_wording(columns, status_column, damaged=damaged)
    rows: list[RowStage] = []
    for number, row in enumerate(columns.table.rows):
        line = lines.number(row.start)
        if IGNORE.search(data, row.start, row.end):
            findings.leave_out(line, Setting.IGNORED.value, "left out on request (`syncer: ignore`)")
            continue
        stage = None if columns.is_total(number) else _row(columns, number, line, row.start)
        if stage is None:
            findings.leave_out(line, "no-stage", "the row names no stage")
            continue
        if status_column is not None:
            stage.cell = status_cell(columns, number, status_column, lines, wording)
            if stage.cell is None:
                findings.problem(
                    line,
                    "unknown-status",
                    f"{columns.text(number, status_column)!r} is no status word that syncer knows; "
                    "the stage's state is taken from its items alone",
                )
        _date(columns, number, line, stage, findings)
        rows.append(stage)
    return rows


def _row(columns: Columns, number: int, line: int, offset: int) -> RowStage | None:
    stage_column = columns.first(Role.STAGE)
    version_column = columns.first(Role.VERSION)
    label = read_heading(columns.text(number, stage_column)).name if stage_column is not None else ""
    own = NO_NAME if columns.kind and label[:1].isdigit() else read_stage_name(label)
    key = own if own.number else read_stage_name(label, columns.kind)
    # "1" below "Phase" is a number that something else has to name; "RC1–RC6" is a name.
    counted = bool(key.number) and not own.number and not key.rest
    describing = [columns.first(Role.FOCUS), columns.first(Role.TEXT)] if counted or not label else []
    candidates = [columns.first(Role.NAME), *describing, stage_column, version_column]
    title_column = next(
        (column for column in candidates if column is not None and _says(columns, number, column)), None
    )
    if title_column is None:
        return None
    identifier = _identifier(columns, number)
    title = read_heading(columns.text(number, title_column)).name
    if not label:
        key = read_stage_name(identifier or title)
    elif key.number and title_column != stage_column:
        # "1 | Specification Audit" is what a heading calls "Phase 1: Specification Audit".
        key = StageName(key.kind, key.number, title, keyed=True)
    elif key.number and key.rest and not own.number:
        # "1. Specification Audit" below "Phase".
        title = key.rest
    elif not key.number and title_column != stage_column:
        # The stage column names it and another column describes it.
        title, title_column = label, stage_column or 0
    if not key.number and columns.kind and identifier is not None and identifier.isdecimal():
        # "1 | Foundation" below "# | Phase".
        numbered = read_stage_name(f"{columns.kind} {identifier}")
        key = StageName(numbered.kind, numbered.number, title, keyed=True)
    version = columns.text(number, version_column) or None
    if version is not None and (EMPTY.fullmatch(version.casefold()) or version_column == title_column):
        version = None
    return RowStage(
        line=line,
        offset=offset,
        title=title,
        name=key,
        title_span=columns.span(number, title_column),
        id=identifier if identifier != title and _tells(identifier) else None,
        version=version,
    )


def _says(columns: Columns, row: int, column: int) -> bool:
    text = columns.text(row, column)
    return bool(text) and EMPTY.fullmatch(text.casefold()) is None


def _identifier(columns: Columns, row: int) -> str | None:
    column = columns.first(Role.ID)
    if column is None or not _says(columns, row, column):
        return None
    return columns.text(row, column).strip("`[]") or None


def _tells(identifier: str | None) -> bool:
    """Whether an id is more than the number of its row."""
    return identifier is not None and any(char.isalpha() for char in identifier)


def _date(columns: Columns, number: int, line: int, stage: RowStage, findings: Findings) -> None:
    column = columns.first(Role.DATE)
    if column is None:
        return
    span = columns.span(number, column)
    text = columns.text(number, column)
    if span is None:
        return
    if not text or EMPTY.fullmatch(text.casefold()):
        stage.due_cell = DateCell(line, span)
        return
    found = find_date(text)
    if found is None:
        findings.leave_out(line, "no-date", f"{text!r} is no calendar date; the stage has no due date")
        return
    day, start, end = found
    stage.due = day
    if end - start == len(text):
        stage.due_cell = DateCell(line, span)


def _all_ids(columns: Columns, column: int, pattern: re.Pattern[str]) -> bool:
    filled = columns.filled(column)
    return bool(filled) and all(pattern.fullmatch(value.strip("`[]")) for value in filled)
