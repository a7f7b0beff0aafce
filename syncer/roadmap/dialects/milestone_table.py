"""Milestone tables: every row is a stage. And the blocks elsewhere that repeat one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from syncer.model.document import DateCell, Span, StatusCell
from syncer.model.fields import Status
from syncer.roadmap.dialects.columns import (
    EMPTY,
    Columns,
    ColumnWording,
    Role,
    cell_span,
    status_cell,
)
from syncer.roadmap.draft import Findings
from syncer.roadmap.headings import StageName, find_date, fold_key, read_heading, read_stage_name
from syncer.roadmap.inline import plain_text
from syncer.roadmap.lines import Lines
from syncer.roadmap.outline import Node, Outline
from syncer.roadmap.scan import Entry, Scan
from syncer.roadmap.words import read_status

_COLLECTIVE = re.compile(
    r".*\b(?:milestones?|phases|stages|releases|versions|sprints|iterations|road ?map|timeline|release plan)"
    r"(?: overview| plan| status| summary| table)?"
    r"|.*(?:里程碑|阶段|路线图|マイルストーン|フェーズ|ロードマップ|마일스톤|로드맵|вехи|этапы|дорожная карта|hitos|marcos|fases|jalons|meilensteine)"
)
_STAGE_ID = re.compile(r"(?:M|MS|P|PH|S|V|R)-?\d+(?:\.\d+)*", re.IGNORECASE)
_KEY_VALUE = re.compile(r"^\s*(?P<key>[^:：]{1,40})\s*[:：]\s*(?P<value>.*\S)\s*$")
_MIRROR_KEYS = frozenset({"status", "state", "estado", "statut", "статус", "状态", "状態", "상태", "durum"})
_NAMING_KEYS = frozenset(
    {"id", "name", "milestone", "phase", "stage", "current milestone", "current phase", "title"}
)


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
    own_table: bool = True


def is_milestone_table(columns: Columns, node: Node, outline: Outline) -> bool:
    """Whether a table's rows are stages rather than items."""
    status = columns.first(Role.STATUS) is not None
    dated = columns.first(Role.DATE) is not None
    if not (status or dated) or not columns.texts:
        return False
    stage = columns.first(Role.STAGE)
    identifier = columns.first(Role.ID)
    text = columns.first(Role.TEXT)
    if stage is not None and stage <= 1:
        if identifier == 0 and text is not None and stage == 1:
            return False
        if columns.roles[0] is Role.ID and columns.looks_like_ids(0) and not _stage_ids(columns, 0):
            # "Requirement | Phase | Status" tells where requirements stand.
            return False
        return columns.unique(stage)
    if identifier is not None and _stage_ids(columns, identifier):
        return True
    version = columns.first(Role.VERSION)
    if version == 0 and text is None:
        return columns.unique(version)
    heading = outline.nodes[node.index].reading.name.casefold().strip(" :.")
    named = text is not None and text <= 1
    return named and dated and identifier is None and _COLLECTIVE.fullmatch(heading) is not None


def read_milestone_table(
    columns: Columns, lines: Lines, findings: Findings, *, damaged: bool
) -> list[RowStage]:
    """Turn the rows of a milestone table into stages."""
    status_column = columns.first(Role.STATUS)
    wording = ColumnWording(
        [columns.text(row, status_column) for row in range(len(columns.texts))], damaged=damaged
    )
    rows: list[RowStage] = []
    for number, row in enumerate(columns.table.rows):
        line = lines.number(row.start)
        stage = _row(columns, number, line, row.start)
        if stage is None:
            findings.leave_out(line, "empty-row", "the row names no stage")
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
    id_column = columns.first(Role.ID)
    name_column = columns.first(Role.NAME)
    text_column = columns.first(Role.TEXT)
    version_column = columns.first(Role.VERSION)
    identifier = columns.text(number, id_column).strip("`[]") or None
    label = read_heading(columns.text(number, stage_column)).name if stage_column is not None else ""
    title_column = next(
        (
            column
            for column in (
                name_column,
                text_column if stage_column is None else None,
                stage_column,
                version_column,
            )
            if column is not None and not EMPTY.fullmatch(columns.text(number, column).casefold())
        ),
        None,
    )
    if title_column is None:
        return None
    title = read_heading(columns.text(number, title_column)).name
    key = read_stage_name(label or identifier or title, columns.kind)
    if label and key.number and title_column != stage_column:
        # "1 | Specification Audit" is what a heading calls "Phase 1: Specification Audit".
        key = StageName(key.kind or columns.kind, key.number, title, keyed=True)
    elif label and not key.number and title_column != stage_column:
        # The stage column names it and another column describes it.
        title, title_column = label, stage_column
    version = columns.text(number, version_column) or None
    if version is not None and (EMPTY.fullmatch(version.casefold()) or version_column == title_column):
        version = None
    if identifier is not None and identifier == title:
        identifier = None
    return RowStage(
        line=line,
        offset=offset,
        title=title,
        name=key,
        title_span=cell_span(columns, number, title_column) if title_column is not None else None,
        id=identifier,
        version=version,
    )


def _date(columns: Columns, number: int, line: int, stage: RowStage, findings: Findings) -> None:
    column = columns.first(Role.DATE)
    if column is None:
        return
    span = cell_span(columns, number, column)
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


def _stage_ids(columns: Columns, column: int) -> bool:
    values = [columns.text(row, column) for row in range(len(columns.texts))]
    filled = [value.strip("`[]") for value in values if value]
    return bool(filled) and all(_STAGE_ID.fullmatch(value) for value in filled)


def attach_mirrors(rows: list[RowStage], scan: Scan, data: bytes, lines: Lines, *, damaged: bool) -> None:
    """Find "Current Milestone" blocks: bullets ``ID: M2`` and ``Status: In Progress`` that repeat a row."""
    siblings: dict[tuple[int, int], list[Entry]] = {}
    run = 0
    last: Entry | None = None
    for entry in scan.entries:
        if entry.depth:
            continue
        if last is not None and data[last.end : entry.start].strip():
            run += 1
        siblings.setdefault((entry.parent, run), []).append(entry)
        last = entry
    for entries in siblings.values():
        _attach_block(rows, entries, data, lines, damaged=damaged)


def _attach_block(
    rows: list[RowStage], entries: list[Entry], data: bytes, lines: Lines, *, damaged: bool
) -> None:
    pairs: dict[str, tuple[str, Entry]] = {}
    for entry in entries:
        match = _KEY_VALUE.match(plain_text(entry.text))
        if match is None:
            return
        pairs.setdefault(match["key"].strip().casefold(), (match["value"], entry))
    named = {fold_key(pairs[key][0]) for key in _NAMING_KEYS if key in pairs}
    status = next((pairs[key] for key in _MIRROR_KEYS if key in pairs), None)
    if not named or status is None:
        return
    for row in rows:
        names = {fold_key(row.title)} | ({fold_key(row.id)} if row.id else set())
        if not named & names or row.cell is None:
            continue
        text, entry = status
        span = _value_span(entry, data, lines)
        reading = read_status(text)
        if span is None or reading is None:
            return
        wording = ColumnWording([text], damaged=damaged).for_text(text, reading.status)
        own = row.cell.wording
        row.mirrors.append(
            StatusCell(
                lines.number(span.start),
                span,
                text,
                reading.status,
                type(own)(
                    wording.open if reading.status is not Status.DONE else own.open,
                    wording.done if reading.status is Status.DONE else own.done,
                    own.dropped,
                ),
                reading.qualified,
            )
        )
        return


def _value_span(entry: Entry, data: bytes, lines: Lines) -> Span | None:
    """The bytes of what stands behind the colon on a bullet's line."""
    line = lines.number(entry.start)
    start, end = entry.bullet_end, lines.end(line)
    raw = data[start:end]
    colon = raw.find(b":")
    if colon < 0:
        return None
    start += colon + 1
    while start < end and data[start] in b" \t*_":
        start += 1
    while end > start and data[end - 1] in b" \t*_":
        end -= 1
    return Span(start, end) if end > start else None
