"""What the columns of a table are for, told by their headers and by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from syncer.model.document import Span
from syncer.model.fields import Status
from syncer.roadmap.dialects.columnwords import (
    DATE_HEADER,
    FOCUS_HEADER,
    ID_HEADER,
    NAME_HEADER,
    PERHAPS_DATE_HEADER,
    STATUS_HEADER,
    TEXT_HEADER,
    TITLE_HEADER,
    VERSION_HEADER,
)
from syncer.roadmap.headings import find_date
from syncer.roadmap.inline import plain_text
from syncer.roadmap.stagenames import canonical_kind, read_stage_name
from syncer.roadmap.stagewords import KINDS, TOTALS
from syncer.roadmap.structure import Cell, Table
from syncer.roadmap.words import StatusReading, canonical_word, read_status, unaccented

ID_SHAPE = re.compile(
    r"[A-Z]{1,12}(?:[-_. ]?[A-Z0-9]{1,10}){0,4}[-_.]?\d{1,6}(?:\.\d+)*[a-z]?|\d{1,4}(?:[.-]\d{1,4})+"
)
_LOOSE_ID = re.compile(r"[^\s|]{1,40}")
BOX_CELL = re.compile(r"\[(?: |x|X|✓|✔|✅|☑|-|~|)\]".encode())
EMPTY = re.compile(r"[-–—−·.\s]*|n/?a|none|tbd|\?")


class Role(Enum):
    """What a column is for."""

    ID = "id"
    TEXT = "text"
    STATUS = "status"
    STAGE = "stage"
    NAME = "name"
    FOCUS = "focus"
    DATE = "date"
    VERSION = "version"
    BOX = "box"
    OTHER = "other"


@dataclass(slots=True)
class Columns:
    """A table with its columns understood.

    Args:
        texts: folded plain text of every body cell, ``None`` where a short row has none.
        roles: one per column of the header.
        legend: what glyphs mean in this file, from its legend.
        kind: the kind word of the stage column's header ("phase"), ``""`` where there is none.
        named: the text column is headed as a list of names, which may be anybody's.
    """

    table: Table
    headers: list[str]
    texts: list[list[str | None]]
    roles: list[Role]
    legend: Mapping[str, Status] = field(default_factory=dict)
    kind: str = ""
    named: bool = False

    def first(self, role: Role) -> int | None:
        return next((index for index, found in enumerate(self.roles) if found is role), None)

    def text(self, row: int, column: int | None) -> str:
        if column is None or column >= len(self.texts[row]):
            return ""
        return self.texts[row][column] or ""

    def filled(self, column: int) -> list[str]:
        """What stands in a column, empty cells and dashes left out."""
        values = (self.text(row, column) for row in range(len(self.texts)))
        return [value for value in values if value and not EMPTY.fullmatch(value.casefold())]

    def cell(self, row: int, column: int) -> Cell | None:
        cells = self.table.rows[row].cells
        return cells[column] if column < len(cells) else None

    def span(self, row: int, column: int) -> Span | None:
        """The bytes of a cell's text."""
        cell = self.cell(row, column)
        return cell.span if cell is not None else None

    def unique(self, column: int) -> bool:
        """Whether a column's values differ from row to row."""
        values = [value.casefold() for value in self.filled(column)]
        return bool(values) and len(set(values)) == len(values)

    def looks_like_ids(self, column: int) -> bool:
        values = self.filled(column)
        return bool(values) and all(ID_SHAPE.fullmatch(value.strip("`[]")) for value in values)

    def boxes(self, column: int, data: bytes) -> int:
        """How many cells of a column hold nothing but a box; -1 where some hold anything else.

        Told by the bytes: where the file defines a link ``[x]``, such a cell reads as a link.
        """
        spans = [span for row in range(len(self.texts)) if (span := self.span(row, column)) is not None]
        raw = [span.of(data) for span in spans if span.start < span.end]
        return len(raw) if all(len(each) < 8 and BOX_CELL.fullmatch(each) for each in raw) else -1

    def status(self, text: str) -> StatusReading | None:
        """Read a status text as this file means it."""
        return read_status(text, self.legend)

    def is_total(self, row: int) -> bool:
        """Whether a row sums up the others."""
        first = next((text for text in self.texts[row] if text), "")
        return TOTALS.fullmatch(canonical_word(first)) is not None


def identifies(text: str) -> bool:
    """Whether an id is more than the number of its row, which other tables count as well."""
    return any(char.isalpha() for char in text) or "." in text or "-" in text


def read_columns(table: Table, data: bytes, legend: Mapping[str, Status] | None = None) -> Columns:
    """Tell what each column of a table is for.

    Args:
        table: as scanned.
        data: the file.
        legend: what glyphs mean in this file.
    """
    headers = [plain_text(cell.text) for cell in table.head]
    texts = [
        [None if cell.span is None else plain_text(cell.text) for cell in row.cells] for row in table.rows
    ]
    columns = Columns(table, headers, texts, [Role.OTHER] * len(headers), legend or {})
    for index, header in enumerate(headers):
        columns.roles[index] = _role(columns, index, header, data)
    _settle_status(columns)
    _settle_stage(columns)
    _settle_text(columns)
    return columns


def _role(columns: Columns, index: int, header: str, data: bytes) -> Role:
    word = _header_word(header)
    filled = columns.filled(index)
    if columns.boxes(index, data) > 0:
        return Role.BOX
    if STATUS_HEADER.fullmatch(word):
        return Role.STATUS
    if KINDS.fullmatch(canonical_word(header)) and not (word in {"version", "release"} and index > 1):
        return Role.STAGE
    if VERSION_HEADER.fullmatch(word):
        return Role.VERSION
    if ID_HEADER.fullmatch(word) and (columns.looks_like_ids(index) or _is_an_id(columns, index, word)):
        return Role.ID
    if DATE_HEADER.fullmatch(word):
        return Role.DATE
    if PERHAPS_DATE_HEADER.fullmatch(word):
        return Role.DATE if any(find_date(value) for value in filled) else Role.OTHER
    if TEXT_HEADER.fullmatch(word):
        if columns.looks_like_ids(index):
            return Role.ID
        if filled and all(re.fullmatch(r"[\d/%.\s-]+", value) for value in filled):
            # "Requirements: 6" counts them; it does not name one.
            return Role.OTHER
        return Role.TEXT
    if TITLE_HEADER.fullmatch(word):
        return Role.TEXT
    if NAME_HEADER.fullmatch(word):
        return Role.NAME
    return Role.FOCUS if FOCUS_HEADER.fullmatch(word) else Role.OTHER


def _header_word(header: str) -> str:
    return "#" if header == "#" else unaccented(canonical_word(header))


def _is_an_id(columns: Columns, index: int, word: str) -> bool:
    """Whether a column that is called an id holds something of the kind, whatever its shape."""
    values = columns.filled(index)
    if word in {"issue", "ticket", "code", "key", "ref", "reference"}:
        return False
    return (
        bool(values)
        and columns.unique(index)
        and all(_LOOSE_ID.fullmatch(value) and identifies(value) for value in values)
    )


def _settle_status(columns: Columns) -> None:
    """Keep one status column: the one that speaks the vocabulary. A box column outranks it."""
    candidates = [index for index, role in enumerate(columns.roles) if role is Role.STATUS]
    if not candidates:
        candidates = _speaking(columns)
    best, best_share = None, 0.0
    for index in candidates:
        filled = columns.filled(index)
        known = sum(1 for text in filled if columns.status(text) is not None)
        share = known / len(filled) if filled else 0.5
        if share > best_share:
            best, best_share = index, share
    for index in candidates:
        columns.roles[index] = Role.STATUS if index == best else Role.OTHER
    boxes = [index for index, role in enumerate(columns.roles) if role is Role.BOX]
    if len(boxes) > 1:
        # Two or more box columns are a matrix of features, not a list of tasks.
        for index in boxes:
            columns.roles[index] = Role.OTHER
        if best is not None:
            columns.roles[best] = Role.OTHER


def _speaking(columns: Columns) -> list[int]:
    """The one column that is called something unknown and holds nothing but status words."""
    found = []
    for index, role in enumerate(columns.roles):
        known = PERHAPS_DATE_HEADER.fullmatch(_header_word(columns.headers[index])) is not None
        filled = columns.filled(index) if role is Role.OTHER and not known else []
        readings = [reading for text in filled if (reading := columns.status(text)) is not None]
        if len(filled) >= 2 and len(readings) == len(filled) and all(reading.word for reading in readings):
            found.append(index)
    return found if len(found) == 1 else []


def _settle_stage(columns: Columns) -> None:
    stages = [index for index, role in enumerate(columns.roles) if role is Role.STAGE]
    for index in stages[1:]:
        columns.roles[index] = Role.OTHER
    if stages:
        columns.kind = canonical_kind(canonical_word(columns.headers[stages[0]]))


def _settle_text(columns: Columns) -> None:
    """One text column: the first that names things. A description beside it is only a description."""
    texts = [index for index, role in enumerate(columns.roles) if role is Role.TEXT]
    if not texts:
        named = columns.first(Role.NAME)
        identified = columns.first(Role.ID) is not None
        if columns.first(Role.STAGE) is not None:
            return
        if named is not None:
            columns.roles[named] = Role.TEXT
            columns.named = not identified
        elif identified:
            spare = next((at for at, role in enumerate(columns.roles) if role is Role.OTHER), None)
            if spare is not None:
                columns.roles[spare] = Role.TEXT
        return
    for index in texts[1:]:
        columns.roles[index] = Role.OTHER


def stage_of_cell(columns: Columns, row: int) -> str | None:
    """What a row's stage column names, as a heading would spell it: "1" under "Phase" is "Phase 1"."""
    column = columns.first(Role.STAGE)
    if column is None:
        return None
    text = columns.text(row, column)
    if not text or EMPTY.fullmatch(text.casefold()):
        return None
    if columns.kind and re.match(r"\d", text) and not read_stage_name(text).kind:
        return f"{columns.headers[column]} {text}"
    return text
