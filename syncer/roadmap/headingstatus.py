"""Statuses in headings as places that can be written: ``## ✅ Phase 1``, ``## Phase 2 — IN PROGRESS``."""

from __future__ import annotations

from syncer.model.document import Span, StatusCell, Wording
from syncer.roadmap.dialects.cells import ColumnWording
from syncer.roadmap.lines import Lines
from syncer.roadmap.mojibake import damage
from syncer.roadmap.outline import Outline
from syncer.roadmap.sections import Node
from syncer.roadmap.words import read_status


class HeadingStatuses:
    """What the headings of a file say about their states; all of them together are a column of words.

    Args:
        outline: the file's headings.
        lines: its lines.
        data: the file.
        damaged: whether the file holds double-encoded text.
    """

    def __init__(self, outline: Outline, lines: Lines, data: bytes, *, damaged: bool) -> None:
        texts = [node.reading.status_text for node in outline.nodes if node.reading.status_text is not None]
        self._lines = lines
        self._data = data
        self._damaged = damaged
        self._wording = ColumnWording([(text, read_status(text)) for text in texts], damaged=damaged)

    def cell(self, node: Node) -> StatusCell | None:
        """The status of one heading; ``None`` where it says none, or says it in more than one place."""
        text, status = node.reading.status_text, node.reading.status
        if text is None or status is None:
            return None
        span = self._span(node, text)
        if span is None:
            return None
        reading = read_status(text)
        qualified = reading is None or reading.qualified
        wording = Wording(None, None, None) if qualified else self._wording.for_text(text, status)
        return StatusCell(node.line, span, text, status, wording, qualified)

    def _span(self, node: Node, text: str) -> Span | None:
        start, end = node.start, self._lines.end(node.line)
        raw = self._data[start:end]
        for form in [text, *([damage(text)] if self._damaged else [])]:
            written = form.encode()
            if raw.count(written) == 1:
                at = start + raw.find(written)
                return Span(at, at + len(written))
        return None
