"""Status cells, and the words that their column would show for another state."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from syncer.model.document import Span, StatusCell, Wording
from syncer.model.fields import Status, TaskState
from syncer.roadmap.dialects.columns import EMPTY, Columns
from syncer.roadmap.lines import Lines
from syncer.roadmap.mojibake import damage, fold_mojibake
from syncer.roadmap.words import StatusReading, answer, read_status

_COLON = re.compile(":|：".encode())
_AROUND = b" \t*_"
_NOT_STARTED = frozenset({"pending", "planned", "todo", "to do", "not started", "open", "backlog", "queued"})


class ColumnWording:
    """The words that a status column uses, so that a written word is one of the file's own.

    Args:
        readings: what the column's cells say, text and reading.
        damaged: whether the file's own glyphs are double-encoded, so that a new one has to look the same.
    """

    def __init__(self, readings: Iterable[tuple[str, StatusReading | None]], *, damaged: bool) -> None:
        by_status: dict[Status, Counter[str]] = {}
        for text, reading in readings:
            if reading is not None and not reading.qualified:
                by_status.setdefault(reading.status, Counter())[text] += 1
        self._damaged = damaged
        self._known: dict[tuple[str, Status], Wording] = {}
        self._words = {status: counter.most_common(1)[0][0] for status, counter in by_status.items()}

    def for_text(self, text: str, status: Status) -> Wording:
        """What would stand in place of a text for each state."""
        known = self._known.get((text, status))
        if known is None:
            known = self._known[text, status] = self._for_text(text, status)
        return known

    def _for_text(self, text: str, status: Status) -> Wording:
        done = text if status is Status.DONE else self._words.get(Status.DONE) or answer(text, done=True)
        opened = (
            text
            if status.task_state is TaskState.OPEN
            else self._words.get(Status.OPEN)
            or self._words.get(Status.IN_PROGRESS)
            or answer(text, done=False)
        )
        dropped = text if status is Status.DROPPED else self._words.get(Status.DROPPED)
        going_on = status is Status.IN_PROGRESS
        started = text if going_on else self._words.get(Status.IN_PROGRESS) or _started(text)
        planned = text if status is Status.OPEN else self._words.get(Status.OPEN)
        return Wording(
            self._spelled(opened),
            self._spelled(done),
            self._spelled(dropped),
            self._spelled(started),
            self._spelled(planned),
        )

    def for_empty(self) -> Wording:
        """What would stand in an empty cell."""
        return Wording(
            "",
            self._spelled(self._words.get(Status.DONE)),
            self._spelled(self._words.get(Status.DROPPED)),
            self._spelled(self._words.get(Status.IN_PROGRESS)),
            "",
        )

    def _spelled(self, word: str | None) -> str | None:
        return damage(word) if word is not None and self._damaged else word


def _started(text: str) -> str | None:
    """The counterpart of a word for what is planned, in its own spelling."""
    if text.casefold() not in _NOT_STARTED:
        return None
    if text.isupper():
        return "IN PROGRESS"
    return "in progress" if text.islower() else "In Progress"


def column_wording(columns: Columns, column: int | None, *, damaged: bool) -> ColumnWording:
    """The words of one column of a table."""
    texts = [] if column is None else columns.filled(column)
    return ColumnWording([(text, columns.status(text)) for text in texts], damaged=damaged)


def status_cell(
    columns: Columns, row: int, column: int, lines: Lines, wording: ColumnWording
) -> StatusCell | None:
    """The status cell of a row, or ``None`` where it is missing or not understood."""
    span = columns.span(row, column)
    if span is None:
        return None
    text = columns.text(row, column)
    line = lines.number(span.start)
    reading = columns.status(text)
    if reading is None:
        if text and not EMPTY.fullmatch(text.casefold()):
            return None
        return StatusCell(line, span, text, Status.OPEN, wording.for_empty())
    return StatusCell(
        line,
        span,
        text,
        reading.status,
        Wording(None, None, None) if reading.qualified else wording.for_text(text, reading.status),
        reading.qualified,
    )


def status_line(
    text: str, data: bytes, start: int, end: int, lines: Lines, *, damaged: bool
) -> StatusCell | None:
    """A status behind a label, "**Status:** Planned", as a cell without a column.

    Args:
        text: what stands behind the label, folded.
        data: the file.
        start: where the line begins.
        end: where it ends.
        lines: of the file.
        damaged: whether the file holds double-encoded text.
    """
    reading = read_status(text)
    span = value_span(data, start, end)
    if reading is None or span is None or fold_mojibake(span.of(data).decode("utf-8")) != text:
        return None
    wording = ColumnWording([(text, reading)], damaged=damaged).for_text(text, reading.status)
    if reading.qualified:
        wording = Wording(None, None, None)
    return StatusCell(lines.number(span.start), span, text, reading.status, wording, reading.qualified)


def value_span(data: bytes, start: int, end: int) -> Span | None:
    """The bytes of what stands behind the first colon of a range, emphasis around it left out."""
    colon = _COLON.search(data, start, end)
    if colon is None:
        return None
    start = colon.end()
    while start < end and data[start] in _AROUND:
        start += 1
    while end > start and data[end - 1] in _AROUND:
        end -= 1
    return Span(start, end) if end > start else None
