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
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pyromark

from syncer.errors import RoadmapError
from syncer.model.document import Span
from syncer.roadmap.admit import Text
from syncer.roadmap.pieces import BOLD, BOLD_END, Piece, PieceKind, joined, shown

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_YAML_STYLE_METADATA_BLOCKS
)

MARKS = " xX✓✔✅☑хХ×-~/>!?"
"""The closed set of marks that make a box. Any other single character between brackets is text."""

_VS16 = "\ufe0f"
_MARK = b"(?:" + b"|".join(re.escape(mark.encode()) for mark in MARKS) + b")(?:" + _VS16.encode() + b")?"
_BULLET = rb"(?:[-*+]|[0-9]{1,9}[.)])"
# "[]" is let through as well: whether it is a box depends on the rest of the file.
_BOX = re.compile(_BULLET + rb"[ \t]+(\[(?:" + _MARK + rb")?\])(?=[ \t\r\n]|\Z)")
_BULLET_ONLY = re.compile(_BULLET)
_GFM_MARKS = frozenset((b" ", b"x", b"X"))
_BLANKS = b" \t\r\n"


class BlockKind(Enum):
    """What stands directly in the document, outside quotes and lists."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    HTML = "html"
    RULE = "rule"
    OTHER = "other"


@dataclass(slots=True)
class Block:
    """One block directly in the document.

    Args:
        level: of a heading, 1 to 6.
        pieces: inline content of a heading or paragraph.
        index: of a table in :attr:`Scan.tables`; of a list's first item in :attr:`Scan.entries`.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    pieces: list[Piece] = field(default_factory=list)
    index: int = -1


@dataclass(slots=True)
class Entry:
    """One list item outside quotes.

    Args:
        start: of the bullet.
        bullet_end: just behind the bullet.
        box: the brackets of its box, if its first bytes are one.
        text: the first line of its first paragraph, box excluded, as a marked text.
        links: addresses that the line links to.
        pieces: the same line in pieces, for items that are being traced only.
        parent: index of the enclosing list item, or -1.
    """

    start: int
    end: int
    parent: int
    depth: int
    ordered: bool
    bullet_end: int
    box: Span | None = None
    text: str = ""
    links: list[str] | None = None
    pieces: list[Piece] | None = None
    first_line_open: bool = True


@dataclass(slots=True)
class Cell:
    """One table cell.

    Args:
        span: its bytes between the outer blanks; ``None`` where a short row has no such cell.
        text: as a marked text.
        pieces: the same in pieces, for cells that are being traced only.
    """

    span: Span | None
    text: str = ""
    pieces: list[Piece] | None = None


@dataclass(slots=True)
class Row:
    """One body row of a table."""

    start: int
    end: int
    cells: list[Cell] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """One table outside quotes, in a list item or not."""

    start: int
    end: int
    head: list[Cell] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


class RegionKind(Enum):
    """Why bytes are never read as items."""

    FRONT_MATTER = "front-matter"
    CODE = "code"
    HTML = "html"
    QUOTE = "quote"


@dataclass(slots=True)
class Region:
    """Bytes that are never read as items."""

    kind: RegionKind
    start: int
    end: int


@dataclass(slots=True)
class Scan:
    """Everything the readers of a roadmap need, in document order."""

    blocks: list[Block] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)


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
    try:
        return _Scanner(text, traced).run(pyromark.events_with_range(text.text, options=_OPTIONS))
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except RoadmapError:
        raise
    except BaseException as error:
        # pyo3 turns a Rust panic into an exception that derives from BaseException only
        # (pulldown-cmark #1129 is one that was reported); anything else here is our own fault.
        if isinstance(error, Exception):
            raise
        raise RoadmapError(
            f"the Markdown parser broke on this file: {str(error)[:200]}",
            where=path,
            next_step="the file is left alone; please report it",
            code="parser-panic",
        ) from None


class _Scanner:
    """Walks the parser's events once and keeps what matters."""

    def __init__(self, text: Text, traced: frozenset[int]) -> None:
        self._data = text.data
        self._shift = text.shift
        self._traced = traced
        self._scan = Scan()
        self._quote = 0
        # Where inline content goes: its text, its pieces, both or neither.
        self._words: list[str] | None = None
        self._pieces: list[Piece] | None = None
        self._after = 0
        self._items: list[int] = []
        self._lists: list[bool] = []
        self._table: Table | None = None
        self._row: Row | None = None
        self._cell: Cell | None = None
        self._block: Block | None = None
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
            "TableHead": self._open_head,
            "TableRow": self._open_row,
            "TableCell": self._open_cell,
            "BlockQuote": self._open_quote,
            "CodeBlock": self._open_code,
            "HtmlBlock": self._open_html,
            "MetadataBlock": self._open_front_matter,
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
            "MetadataBlock": self._close_block,
            "Table": self._close_table,
            "TableHead": self._close_head,
            "TableCell": self._close_cell,
            "BlockQuote": self._close_quote,
        }

    def run(self, events: Iterable[tuple[Any, Any]]) -> Scan:
        shift = self._shift
        openers, closers = self._openers, self._closers
        for event, position in events:
            if event.__class__ is str:
                self._bare(event, position["start"] + shift, position["end"] + shift)
                continue
            value = event.get("Text")
            if value is not None:
                words = self._words
                if words is not None and self._pieces is None and not self._after:
                    words.append(value)
                elif words is not None or self._pieces is not None:
                    self._inline(PieceKind.TEXT, value, position["start"] + shift, position["end"] + shift)
                continue
            value = event.get("Start")
            if value is not None:
                if value == "Strong" and self._words is not None and self._pieces is None and not self._after:
                    self._words.append(BOLD)
                    continue
                name = value if value.__class__ is str else next(iter(value))
                opener = openers.get(name, self._open_unknown)
                opener(value, position["start"] + shift, position["end"] + shift)
                continue
            value = event.get("End")
            if value is not None:
                if value == "Strong" and self._words is not None and self._pieces is None and not self._after:
                    self._words.append(BOLD_END)
                    continue
                name = value if value.__class__ is str else next(iter(value))
                closer = closers.get(name)
                if closer is not None:
                    closer(position["start"] + shift, position["end"] + shift)
                continue
            ((name, value),) = event.items()
            start, end = position["start"] + shift, position["end"] + shift
            if name == "TaskListMarker":
                self._marker(start, end)
            elif name == "Code":
                self._inline(PieceKind.CODE, value, start, end)
            elif name in {"InlineHtml", "Html"}:
                self._inline(PieceKind.HTML, value, start, end)
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
            if self._items and self._block is None and self._cell is None:
                # The title is the first line; what follows belongs to the description.
                self._end_first_line()
            else:
                self._inline(PieceKind.BREAK, "\n", start, end)
        elif event == "Rule":
            self._end_first_line()
            if not self._items and not self._quote:
                self._scan.blocks.append(Block(BlockKind.RULE, start, end))

    def _marker(self, start: int, end: int) -> None:
        if self._items and not self._quote:
            entry = self._scan.entries[self._items[-1]]
            if entry.box is None and entry.first_line_open:
                entry.box = Span(start, end)

    def _open_strong(self, _detail: Any, start: int, end: int) -> None:
        self._sign(PieceKind.STRONG, start, end)

    def _close_strong(self, start: int, end: int) -> None:
        self._sign(PieceKind.STRONG_END, start, end)

    def _open_strike(self, _detail: Any, start: int, end: int) -> None:
        self._sign(PieceKind.STRIKE, start, end)

    def _close_strike(self, start: int, end: int) -> None:
        self._sign(PieceKind.STRIKE_END, start, end)

    def _open_other(self, _detail: Any, start: int, end: int) -> None:
        self._sign(PieceKind.OTHER, start, end)

    def _close_other(self, start: int, end: int) -> None:
        self._sign(PieceKind.OTHER_END, start, end)

    def _open_link(self, detail: Any, start: int, end: int) -> None:
        target = detail["Link"]["dest_url"]
        if self._words is not None and self._items and start >= self._after:
            entry = self._scan.entries[self._items[-1]]
            entry.links = [*(entry.links or ()), target]
        self._inline(PieceKind.LINK, target, start, end)

    def _close_link(self, start: int, end: int) -> None:
        self._sign(PieceKind.LINK_END, start, end)

    def _sign(self, kind: PieceKind, start: int, end: int) -> None:
        if self._words is not None or self._pieces is not None:
            self._inline(kind, "", start, end)

    # -- blocks that are no items ------------------------------------------------------------------

    def _open_unknown(self, _detail: Any, start: int, end: int) -> None:
        self._end_first_line()
        self._other(start, end)

    def _open_quote(self, _detail: Any, start: int, end: int) -> None:
        self._end_first_line()
        if self._quote == 0:
            self._scan.regions.append(Region(RegionKind.QUOTE, start, end))
            self._other(start, end)
        self._quote += 1

    def _close_quote(self, _start: int, _end: int) -> None:
        self._quote -= 1

    def _open_code(self, _detail: Any, start: int, end: int) -> None:
        self._region(RegionKind.CODE, start, end)

    def _open_html(self, _detail: Any, start: int, end: int) -> None:
        self._region(RegionKind.HTML, start, end)

    def _open_front_matter(self, _detail: Any, start: int, end: int) -> None:
        self._region(RegionKind.FRONT_MATTER, start, end)

    def _close_block(self, _start: int, _end: int) -> None:
        self._block = None
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
        data = self._data
        # pulldown-cmark #983: the range may begin with indentation or even the line end before it.
        while start < end and data[start] in _BLANKS:
            start += 1
        bullet = _BULLET_ONLY.match(data, start)
        entry = Entry(
            start=start,
            end=end,
            parent=self._items[-1] if self._items else -1,
            depth=len(self._items),
            ordered=bool(self._lists and self._lists[-1]),
            bullet_end=bullet.end() if bullet else start,
        )
        box = _BOX.match(data, start)
        after = 0
        if box is not None:
            entry.box = Span(box.start(1), box.end(1))
            # A mark that GFM does not know arrives as text and has to be passed over.
            after = box.end(1) if data[box.start(1) + 1 : box.end(1) - 1] not in _GFM_MARKS else 0
        if start in self._traced:
            entry.pieces = []
        self._items.append(len(self._scan.entries))
        self._scan.entries.append(entry)
        self._collect([], entry.pieces, after)

    def _close_item(self, _start: int, _end: int) -> None:
        if self._quote:
            return
        self._end_first_line()
        self._items.pop()

    def _end_first_line(self) -> None:
        if self._items and not self._quote:
            entry = self._scan.entries[self._items[-1]]
            if entry.first_line_open:
                entry.first_line_open = False
                if self._words:
                    entry.text = joined(self._words)
                self._collect(None, None)

    # -- paragraphs and headings -------------------------------------------------------------------

    def _open_paragraph(self, _detail: Any, start: int, end: int) -> None:
        if self._quote:
            self._collect(None, None)
        elif not self._items:
            self._block = Block(BlockKind.PARAGRAPH, start, end)
            self._scan.blocks.append(self._block)
            self._collect(None, self._block.pieces)
        elif not self._scan.entries[self._items[-1]].first_line_open:
            self._collect(None, None)

    def _close_paragraph(self, _start: int, _end: int) -> None:
        if self._items:
            self._end_first_line()
        else:
            self._block = None
            self._collect(None, None)

    def _open_heading(self, detail: Any, start: int, end: int) -> None:
        if self._quote:
            return
        if self._items:
            # "- [ ] Title" underlined with "===" is a heading on GitHub, not a task.
            entry = self._scan.entries[self._items[-1]]
            if entry.first_line_open:
                entry.first_line_open = False
                entry.box = None
            self._collect(None, None)
            return
        self._block = Block(BlockKind.HEADING, start, end, level=int(detail["Heading"]["level"][1]))
        self._scan.blocks.append(self._block)
        self._collect(None, self._block.pieces)

    # -- tables ------------------------------------------------------------------------------------

    def _open_table(self, _detail: Any, start: int, end: int) -> None:
        self._collect(None, None)
        if self._quote:
            self._table = None
            return
        if self._items:
            entry = self._scan.entries[self._items[-1]]
            if entry.first_line_open:
                entry.first_line_open = False
                entry.box = None
        else:
            block = Block(BlockKind.TABLE, start, end, index=len(self._scan.tables))
            self._scan.blocks.append(block)
        self._table = Table(start, end)
        self._scan.tables.append(self._table)

    def _close_table(self, _start: int, _end: int) -> None:
        self._table = None
        self._row = None

    def _open_head(self, _detail: Any, start: int, end: int) -> None:
        self._row = Row(start, end)

    def _close_head(self, _start: int, _end: int) -> None:
        if self._table is not None and self._row is not None:
            self._table.head = self._row.cells
        self._row = None

    def _open_row(self, _detail: Any, start: int, end: int) -> None:
        self._row = Row(start, end)
        if self._table is not None:
            self._table.rows.append(self._row)

    def _close_cell(self, _start: int, _end: int) -> None:
        if self._cell is not None and self._words:
            self._cell.text = joined(self._words)
        self._cell = None
        self._collect(None, None)

    def _open_cell(self, _detail: Any, start: int, end: int) -> None:
        if self._quote or self._row is None:
            self._cell = Cell(None)
            self._collect(None, None)
            return
        data = self._data
        span: Span | None = None
        if start < self._row.end and not (start == end and data[start - 1 : start] != b"|"):
            # A short row's missing cells are reported at the start of the next row: never there.
            span = _trimmed(data, start, end)
        self._cell = Cell(span)
        self._row.cells.append(self._cell)
        if span is not None and span.start in self._traced:
            self._cell.pieces = []
        self._collect([], self._cell.pieces)


def _trimmed(data: bytes, start: int, end: int) -> Span:
    """A cell's text between its outer blanks; for an empty cell the place where text would stand."""
    first, last = start, end
    while first < last and data[first] in _BLANKS:
        first += 1
    while last > first and data[last - 1] in _BLANKS:
        last -= 1
    if first == last:
        place = min(start + 1, end)
        return Span(place, place)
    return Span(first, last)
