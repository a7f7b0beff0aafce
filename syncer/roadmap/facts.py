"""What stands under a stage's heading: its goal, its criteria without boxes, its date, its status line."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date

from syncer.model.document import DateCell, Span, StatusCell
from syncer.roadmap.dialects.cells import status_line, value_span
from syncer.roadmap.dialects.columns import EMPTY
from syncer.roadmap.dialects.columnwords import STATUS_LABEL
from syncer.roadmap.headings import find_date
from syncer.roadmap.inline import marked_text, plain_text
from syncer.roadmap.lines import Lines
from syncer.roadmap.outline import Outline
from syncer.roadmap.pieces import Piece, PieceKind
from syncer.roadmap.sections import Node
from syncer.roadmap.stagewords import CRITERIA
from syncer.roadmap.structure import Block, BlockKind, Scan
from syncer.roadmap.timewords import DUE_LABEL, GOAL_LABEL
from syncer.roadmap.words import unaccented

_LABELLED = re.compile(r"^\s*(?P<label>[^:：]{2,60}?)\s*[:：]\s*(?P<text>.*\S)?\s*$", re.S)


class StageFacts:
    """What a stage's text says, gathered over all of its headings.

    Args:
        scan: the file's structure.
        data: the file.
        lines: its lines.
        outline: its headings, settled.
        damaged: whether the file holds double-encoded text.
    """

    def __init__(self, scan: Scan, data: bytes, lines: Lines, outline: Outline, *, damaged: bool) -> None:
        self._scan = scan
        self._data = data
        self._lines = lines
        self._outline = outline
        self._damaged = damaged
        self._starts = [block.start for block in scan.blocks]

    def gather(self, nodes: Sequence[Node]) -> Facts:
        """What is said under some headings, the first word on each matter."""
        facts = Facts()
        for node in nodes:
            first, last = bisect_left(self._starts, node.body), bisect_left(self._starts, node.end)
            for block in self._scan.blocks[first:last]:
                if block.kind is BlockKind.PARAGRAPH:
                    for row in _rows(block.pieces):
                        self._line(row, node, facts)
                elif block.kind is BlockKind.LIST:
                    self._list(block, node, facts)
        return facts

    def _line(self, row: list[Piece], node: Node, facts: Facts) -> None:
        start, end = row[0][2], row[-1][3]
        own = self._outline.at(start) == node.index
        self._labelled(plain_text(marked_text(row, self._data)), start, end, facts, own=own)

    def _list(self, block: Block, node: Node, facts: Facts) -> None:
        index = self._outline.at(block.start)
        criteria = self._outline.in_criteria(index)
        if not criteria and index != node.index:
            return
        at = block.index
        entries = self._scan.entries
        while at < len(entries) and (entry := entries[at]).start < block.end:
            at += 1
            text = plain_text(entry.text) if entry.depth == 0 and entry.box is None else ""
            if criteria:
                if text:
                    facts.criteria.append(text)
            elif text:
                line_end = self._lines.end(self._lines.number(entry.start))
                self._labelled(text, entry.bullet_end, line_end, facts, own=True, bullet=True)

    def _labelled(
        self, text: str, start: int, end: int, facts: Facts, *, own: bool, bullet: bool = False
    ) -> None:
        match = _LABELLED.match(text)
        if match is None or match["text"] is None:
            return
        label, value = match["label"].casefold().strip(), match["text"]
        if not bullet and CRITERIA.search(label):
            facts.criteria.append(value)
        elif not own:
            return
        elif not bullet and not facts.goal and GOAL_LABEL.fullmatch(label):
            facts.goal = value
        elif facts.due is None and DUE_LABEL.fullmatch(label):
            self._due(value, start, end, facts)
        elif facts.status is None and STATUS_LABEL.fullmatch(unaccented(label)):
            self._status(value, start, end, facts)

    def _due(self, value: str, start: int, end: int, facts: Facts) -> None:
        found = find_date(value)
        if found is None:
            span = value_span(self._data, start, end) if EMPTY.fullmatch(value.casefold()) else None
            if span is not None and facts.due_cell is None:
                facts.due_cell = DateCell(self._lines.number(span.start), span)
            return
        written = found[0].isoformat().encode()
        at = self._data.find(written, start, end)
        if at >= 0:
            facts.due = found[0]
            facts.due_cell = DateCell(self._lines.number(at), Span(at, at + len(written)))

    def _status(self, value: str, start: int, end: int, facts: Facts) -> None:
        facts.status = status_line(value, self._data, start, end, self._lines, damaged=self._damaged)


class Facts:
    """What a stage's text says."""

    def __init__(self) -> None:
        self.goal = ""
        self.criteria: list[str] = []
        self.due: date | None = None
        self.due_cell: DateCell | None = None
        self.status: StatusCell | None = None


def _rows(pieces: list[Piece]) -> list[list[Piece]]:
    rows: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece[0] is PieceKind.BREAK:
            rows.append([])
        else:
            rows[-1].append(piece)
    return [row for row in rows if row]
