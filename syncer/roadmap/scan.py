"""Markdown structure with byte positions. The only module that knows the parser (pyromark).

What pyromark's ranges leave open is closed here, each by a test in ``tests/roadmap/test_scan.py``:
a byte order mark shifts every offset; an item's range may start before its bullet (pulldown-cmark
#983); boxes that GitHub Flavored Markdown does not know give no marker event; a marker in front of a
table or a setext heading is no task on GitHub (pulldown-cmark #1124); a short table row yields an
empty cell that lies in the next row; and a panic inside the parser is no ordinary exception.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import pyromark

from syncer.errors import RoadmapError
from syncer.model.document import Span
from syncer.roadmap.admit import Text
from syncer.roadmap.brackets import cell_span, for_parser, read_bullet
from syncer.roadmap.frontmatter import front_matter_end
from syncer.roadmap.pieces import BOLD, BOLD_END, Piece, PieceKind, joined, shown
from syncer.roadmap.structure import (
    Block,
    BlockKind,
    Cell,
    Entry,
    Region,
    RegionKind,
    Row,
    Scan,
    Table,
)

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_FOOTNOTES
)

_LINE_END = re.compile(rb"[\r\n]")


def scan(path: str, text: Text, traced: frozenset[int] = frozenset()) -> Scan:
    """Find headings, list items, tables and ignored regions.

    Args:
        path: for messages.
        text: admitted bytes.
        traced: where the items (their bullets) and cells (their texts) start whose inline content
            is wanted in pieces.

    Raises:
        RoadmapError: with the code ``parser-panic`` when the parser itself breaks.
    """
    front = front_matter_end(text.text)
    shift = text.shift + len(text.text[:front].encode())
    try:
        found = _Scanner(text.data, shift, traced).run(
            pyromark.events_with_range(for_parser(text.text[front:]), options=_OPTIONS)
        )
    except BaseException as error:
        # pyo3 turns a Rust panic into an exception that derives from BaseException only
        # (pulldown-cmark #1129 is one that was reported). Whatever is an Exception is our own fault.
        if isinstance(error, Exception | KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise RoadmapError(
            f"the Markdown parser broke on this file: {str(error)[:200]}",
            where=path,
            next_step="the file is left alone; please report it",
            code="parser-panic",
        ) from None
    if front:
        found.regions.insert(0, Region(RegionKind.FRONT_MATTER, text.shift, shift))
    return found


class _Scanner:
    """Walks the parser's events once and keeps what matters.

    Args:
        data: the file.
        shift: how many bytes of it stand before what the parser sees.
        traced: see :func:`scan`.
    """

    def __init__(self, data: bytes, shift: int, traced: frozenset[int]) -> None:
        self._data = data
        self._shift = shift
        self._traced = traced
        self._scan = Scan()
        self._quote = 0
        # Where inline content goes: its text, its pieces, both or neither.
        self._words: list[str] | None = None
        self._pieces: list[Piece] | None = None
        # What starts before this offset is passed over.
        self._after = 0
        self._items: list[int] = []
        # The innermost item, as long as its first line is still being read.
        self._fresh: Entry | None = None
        self._lists: list[bool] = []
        self._table: Table | None = None
        self._row: Row | None = None
        self._cell: Cell | None = None
        self._openers: dict[str, Callable[[Any, int, int], None]] = {
            "Strong": self._open_strong,
            "Strikethrough": self._open_strike,
            "Emphasis": self._open_other,
            "Image": self._open_other,
            "Link": self._open_link,
            "Item": self._open_item,
            "Paragraph": self._open_paragraph,
            "List": self._open_list,
            "Heading": self._open_heading,
            "Table": self._open_table,
            "TableHead": self._open_row,
            "TableRow": self._open_row,
            "TableCell": self._open_cell,
            "BlockQuote": self._open_quote,
            "FootnoteDefinition": self._open_footnote,
            "CodeBlock": self._open_code,
            "HtmlBlock": self._open_html,
        }
        self._closers: dict[str, Callable[[int, int], None]] = {
            "Strong": self._close_strong,
            "Strikethrough": self._close_strike,
            "Emphasis": self._close_other,
            "Image": self._close_other,
            "Link": self._close_link,
            "Item": self._close_item,
            "Paragraph": self._close_paragraph,
            "List": self._close_list,
            "Heading": self._close_block,
            "CodeBlock": self._close_block,
            "HtmlBlock": self._close_block,
            "Table": self._close_table,
            "TableHead": self._close_row,
            "TableRow": self._close_row,
            "TableCell": self._close_cell,
            "BlockQuote": self._close_quote,
            "FootnoteDefinition": self._close_quote,
        }

    def run(self, events: Iterable[tuple[Any, Any]]) -> Scan:
        """Take in every event. The commonest are dealt with on the spot: this loop runs millions of times."""
        shift = self._shift
        openers, closers = self._openers, self._closers
        for event, position in events:
            if event.__class__ is str:
                self._bare(event, position["start"] + shift, position["end"] + shift)
                continue
            name: str
            value: Any
            ((name, value),) = event.items()
            words = self._words
            if name == "Text":
                if words is not None and self._pieces is None and not self._after:
                    words.append(value)
                elif words is not None or self._pieces is not None:
                    self._inline(PieceKind.TEXT, value, position["start"] + shift, position["end"] + shift)
            elif name == "Start":
                if value == "Strong" and words is not None and self._pieces is None and not self._after:
                    words.append(BOLD)
                    continue
                opener = openers.get(
                    value if value.__class__ is str else next(iter(value)), self._open_unknown
                )
                opener(value, position["start"] + shift, position["end"] + shift)
            elif name == "End":
                if value == "Strong" and words is not None and self._pieces is None and not self._after:
                    words.append(BOLD_END)
                    continue
                closer = closers.get(value if value.__class__ is str else next(iter(value)))
                if closer is not None:
                    closer(position["start"] + shift, position["end"] + shift)
            elif name == "TaskListMarker":
                if self._fresh is not None and self._fresh.box is None and not self._quote:
                    self._fresh.box = Span(position["start"] + shift, position["end"] + shift)
            elif name == "Code":
                self._inline(PieceKind.CODE, value, position["start"] + shift, position["end"] + shift)
            elif name in {"InlineHtml", "Html"}:
                self._inline(PieceKind.HTML, value, position["start"] + shift, position["end"] + shift)
        return self._scan

    # -- inline ------------------------------------------------------------------------------------

    def _inline(self, kind: PieceKind, text: str, start: int, end: int) -> None:
        if start < self._after:
            return
        if self._words is not None:
            self._words.append(shown(kind, text, self._data[start:end]))
        if self._pieces is not None:
            self._pieces.append((kind, text, start, end))

    def _collect(self, words: list[str] | None, pieces: list[Piece] | None, after: int = 0) -> None:
        """Say where the coming inline content goes; ``after`` skips what stands before an offset."""
        self._words, self._pieces, self._after = words, pieces, after

    def _bare(self, event: str, start: int, end: int) -> None:
        if event in {"SoftBreak", "HardBreak"}:
            if self._fresh is not None:
                # The title is the first line; what follows belongs to the description.
                self._end_first_line()
            else:
                self._inline(PieceKind.BREAK, "\n", start, end)
        elif event == "Rule":
            self._end_first_line()
            if not self._items and not self._quote:
                self._scan.blocks.append(Block(BlockKind.RULE, start, end))

    def _open_strong(self, _detail: Any, start: int, end: int) -> None:
        self._inline(PieceKind.STRONG, "", start, end)

    def _close_strong(self, start: int, end: int) -> None:
        self._inline(PieceKind.STRONG_END, "", start, end)

    def _open_strike(self, _detail: Any, start: int, end: int) -> None:
        self._inline(PieceKind.STRIKE, "", start, end)

    def _close_strike(self, start: int, end: int) -> None:
        self._inline(PieceKind.STRIKE_END, "", start, end)

    def _open_other(self, _detail: Any, start: int, end: int) -> None:
        self._inline(PieceKind.OTHER, "", start, end)

    def _close_other(self, start: int, end: int) -> None:
        self._inline(PieceKind.OTHER_END, "", start, end)

    def _open_link(self, detail: Any, start: int, end: int) -> None:
        target = detail["Link"]["dest_url"]
        if self._fresh is not None and start >= self._after:
            self._fresh.links = [*(self._fresh.links or ()), target]
        self._inline(PieceKind.LINK, target, start, end)

    def _close_link(self, start: int, end: int) -> None:
        self._inline(PieceKind.LINK_END, "", start, end)

    # -- blocks that are no items ------------------------------------------------------------------

    def _open_unknown(self, _detail: Any, start: int, end: int) -> None:
        self._end_first_line()
        self._other(start, end)

    def _open_quote(self, _detail: Any, start: int, end: int) -> None:
        self._aside(RegionKind.QUOTE, start, end)

    def _open_footnote(self, _detail: Any, start: int, end: int) -> None:
        self._aside(RegionKind.FOOTNOTE, start, end)

    def _aside(self, kind: RegionKind, start: int, end: int) -> None:
        """Text beside the plan: whatever stands in it is passed over."""
        self._end_first_line()
        if self._quote == 0:
            self._scan.regions.append(Region(kind, start, end))
            self._other(start, end)
        self._quote += 1

    def _close_quote(self, _start: int, _end: int) -> None:
        self._quote -= 1

    def _open_code(self, _detail: Any, start: int, end: int) -> None:
        self._region(RegionKind.CODE, start, end)

    def _open_html(self, _detail: Any, start: int, end: int) -> None:
        self._region(RegionKind.HTML, start, end)

    def _close_block(self, _start: int, _end: int) -> None:
        self._collect(None, None)

    def _other(self, start: int, end: int) -> None:
        if not self._items and not self._quote:
            self._scan.blocks.append(Block(BlockKind.OTHER, start, end))

    def _region(self, kind: RegionKind, start: int, end: int) -> None:
        self._end_first_line()
        if self._quote:
            return
        self._scan.regions.append(Region(kind, start, end))
        if not self._items:
            block_kind = BlockKind.HTML if kind is RegionKind.HTML else BlockKind.OTHER
            self._scan.blocks.append(Block(block_kind, start, end))

    # -- lists -------------------------------------------------------------------------------------

    def _open_list(self, detail: Any, start: int, end: int) -> None:
        self._end_first_line()
        self._lists.append(detail["List"] is not None)
        if not self._items and not self._quote:
            self._scan.blocks.append(Block(BlockKind.LIST, start, end, index=len(self._scan.entries)))

    def _close_list(self, _start: int, _end: int) -> None:
        self._lists.pop()

    def _open_item(self, _detail: Any, start: int, end: int) -> None:
        if self._quote:
            return
        items = self._items
        start, bullet_end, box, after = read_bullet(self._data, start, end)
        parent = items[-1] if items else -1
        entry = Entry(start, end, parent, len(items), self._lists[-1], bullet_end, box)
        if start in self._traced:
            entry.pieces = []
        items.append(len(self._scan.entries))
        self._scan.entries.append(entry)
        self._fresh = entry
        self._words, self._pieces, self._after = [], entry.pieces, after

    def _close_item(self, _start: int, _end: int) -> None:
        if self._quote:
            return
        self._end_first_line()
        self._items.pop()

    def _end_first_line(self) -> None:
        entry = self._fresh
        if entry is not None and not self._quote:
            self._fresh = None
            words = self._words
            if words:
                entry.text = joined(words)
            self._words, self._pieces, self._after = None, None, 0

    # -- paragraphs and headings -------------------------------------------------------------------

    def _open_paragraph(self, _detail: Any, start: int, end: int) -> None:
        if self._quote:
            self._collect(None, None)
        elif not self._items:
            block = Block(BlockKind.PARAGRAPH, start, end)
            self._scan.blocks.append(block)
            self._collect(None, block.pieces)

    def _close_paragraph(self, _start: int, _end: int) -> None:
        if self._items:
            self._end_first_line()
        else:
            self._collect(None, None)

    def _open_heading(self, detail: Any, start: int, end: int) -> None:
        if self._quote:
            return
        if self._items:
            self._no_task(start)
            return
        block = Block(BlockKind.HEADING, start, end, level=int(detail["Heading"]["level"][1]))
        self._scan.blocks.append(block)
        self._collect(None, block.pieces)

    def _no_task(self, start: int) -> None:
        """A box within a table or a setext heading is text on GitHub (pulldown-cmark #1124).

        Args:
            start: of the table or heading; one that begins on a line below the box leaves it alone.
        """
        entry = self._fresh
        if entry is not None and entry.box is not None and _LINE_END.search(self._data, entry.box.end, start):
            self._end_first_line()
        elif entry is not None:
            entry.box = None
            self._fresh = None
        self._collect(None, None)

    # -- tables ------------------------------------------------------------------------------------

    def _open_table(self, _detail: Any, start: int, end: int) -> None:
        self._collect(None, None)
        if self._quote:
            self._table = None
            return
        if self._items:
            self._no_task(start)
        else:
            block = Block(BlockKind.TABLE, start, end, index=len(self._scan.tables))
            self._scan.blocks.append(block)
        self._table = Table(start, end)
        self._scan.tables.append(self._table)

    def _close_table(self, _start: int, _end: int) -> None:
        self._table = None

    def _open_row(self, detail: Any, start: int, end: int) -> None:
        table = self._table
        if table is None:
            return
        self._row = Row(start, end)
        if detail == "TableHead":
            table.head = self._row.cells
        else:
            table.rows.append(self._row)

    def _close_row(self, _start: int, _end: int) -> None:
        self._row = None

    def _open_cell(self, _detail: Any, start: int, end: int) -> None:
        if self._quote or self._row is None:
            return
        data = self._data
        span: Span | None = None
        if start < self._row.end and not (start == end and data[start - 1 : start] != b"|"):
            # A short row's missing cells are reported at the start of the next row: never there.
            span = cell_span(data, start, end)
        self._cell = Cell(span)
        self._row.cells.append(self._cell)
        if span is not None and span.start in self._traced:
            self._cell.pieces = []
        self._collect([], self._cell.pieces)

    def _close_cell(self, _start: int, _end: int) -> None:
        if self._cell is not None and self._words:
            self._cell.text = joined(self._words)
        self._cell = None
        self._collect(None, None)
