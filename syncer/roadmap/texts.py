"""New titles and names for what stands in a roadmap, keeping the markup around them."""

from __future__ import annotations

from collections.abc import Sequence

from syncer.model.document import Document, Item, Span, Stage
from syncer.model.edits import Edit, RenameStage, Retitle, SetState
from syncer.model.fields import Status
from syncer.roadmap.admit import admit
from syncer.roadmap.escape import one_line
from syncer.roadmap.headings import read_heading
from syncer.roadmap.ids import guess_id
from syncer.roadmap.inline import marked_text, plain_text, trace
from syncer.roadmap.lines import Lines
from syncer.roadmap.pieces import PieceKind
from syncer.roadmap.rewrite import Readable, enclosing, readable, rewritings
from syncer.roadmap.scan import scan
from syncer.roadmap.splice import Splice, apply_splices, refused, shifted
from syncer.roadmap.structure import Block, BlockKind, Cell, Entry, Row, Scan, Table
from syncer.roadmap.titles import find_suffix, join_title, title_ranges, without_link

_NO_LIMIT = 1 << 40


class Texts:
    """Writes titles and names into one document.

    Args:
        document: as read.
        edits: all edits that are going to be made, to know which texts have to be traced.
    """

    def __init__(self, document: Document, edits: Sequence[Edit]) -> None:
        self._document = document
        self._data = document.data
        self._lines = Lines(document.data)
        self._scan = _traced(document, edits)

    # -- titles --------------------------------------------------------------------------------------

    def retitle(self, edit: Retitle) -> list[Splice]:
        """The splices that give an item another title.

        Raises:
            RoadmapError: the title cannot be written so that it reads the same.
        """
        item = self._document.items[edit.item]
        new = wanted_title(item, edit.title)
        if not new:
            raise refused(self._document.path, "a title cannot become empty", line=item.line)
        entry = self._entry_of(item)
        if entry is not None:
            return self._retitle_entry(item, entry, new)
        place = self._cell_of(item)
        if place is not None:
            return self._retitle_cell(item, *place, new)
        raise refused(
            self._document.path,
            "the title of a heading is written by hand: it names a section",
            line=item.line,
        )

    def _retitle_entry(self, item: Item, entry: Entry, new: str) -> list[Splice]:
        traced = trace(entry.pieces or [], self._data)
        old = readable(traced, _title_ranges(traced.text, item.id))
        number = self._lines.number(entry.start)
        first, last = self._lines.start(number), self._lines.end(number)
        for splices in rewritings(self._data, entry.pieces or [], old, new, cell=False):
            line = apply_splices("", self._data[first:last], shifted(splices, -first))
            if task_title(line, item.id) == new:
                return list(splices)
        raise self._unwritable(new, item.line)

    def _retitle_cell(self, item: Item, table: Table, row: Row, cell: Cell, new: str) -> list[Splice]:
        traced = trace(cell.pieces or [], self._data)
        end = without_link(traced.text) if item.link is not None else len(traced.text)
        old = readable(traced, [(0, end)])
        column = row.cells.index(cell)
        for splices in rewritings(self._data, cell.pieces or [], old, new, cell=True):
            line = apply_splices("", self._data[row.start : row.end], shifted(splices, -row.start))
            if _cell_text(line, column, len(table.head), linked=item.link is not None) == new:
                return list(splices)
        raise self._unwritable(new, item.line)

    # -- strokes -------------------------------------------------------------------------------------

    def strike(self, item: Item) -> list[Splice]:
        """The splices that strike an item's text through.

        Raises:
            RoadmapError: the text cannot be struck through as a whole.
        """
        entry = self._entry_of(item)
        if entry is None or not item.title:
            raise refused(
                self._document.path, "only a list item's text can be struck through", line=item.line
            )
        traced = trace(entry.pieces or [], self._data)
        old = readable(traced, title_ranges(traced.text, 0, find_suffix(traced.text)))
        span, closing = enclosing(self._data, entry.pieces or [], Span(old.spans[0].start, old.spans[-1].end))
        if closing:
            raise refused(self._document.path, "markup spans more than the text", line=item.line)
        return [Splice(Span(at, at), b"", b"~~") for at in (span.start, span.end)]

    def unstrike(self, item: Item) -> list[Splice]:
        """The splices that take the stroke through an item's text away."""
        entry = self._entry_of(item)
        stroke = next(
            (piece for piece in (entry.pieces if entry else None) or [] if piece[0] is PieceKind.STRIKE), None
        )
        if stroke is None:
            raise refused(self._document.path, "no stroke was found on the line", line=item.line)
        start, end = stroke[2], stroke[3]
        sign = b"~~" if self._data.startswith(b"~~", start) else b"~"
        spans = (Span(start, start + len(sign)), Span(end - len(sign), end))
        return [Splice(span, sign, b"") for span in spans]

    def _unwritable(self, text: str, line: int) -> Exception:
        return refused(
            self._document.path, f"{text!r} cannot be written here so that it reads the same", line=line
        )

    def _entry_of(self, item: Item) -> Entry | None:
        if item.box is None:
            return None
        span = item.box.span
        return next(
            (each for each in self._scan.entries if each.pieces is not None and each.box == span), None
        )

    def _cell_of(self, item: Item) -> tuple[Table, Row, Cell] | None:
        for table in self._scan.tables:
            for row in table.rows:
                for cell in row.cells:
                    if cell.pieces is not None and cell.span == item.title_span:
                        return table, row, cell
        return None

    # -- names of stages -----------------------------------------------------------------------------

    def rename(self, edit: RenameStage) -> list[Splice]:
        """The splices that give a stage another name, everywhere its name is written.

        Raises:
            RoadmapError: the name is written nowhere, or cannot be written so that it reads the same.
        """
        stage = self._document.stages[edit.stage]
        new = one_line(edit.name)
        if not new:
            raise refused(self._document.path, "a name cannot become empty", line=stage.line)
        splices: list[Splice] = []
        for block in self._headings_of(stage):
            splices.extend(self._rename_heading(stage, block, new))
        for table, row, cell in self._cells_of(stage):
            splices.extend(self._rename_cell(stage, table, row, cell, new))
        splices.extend(self._rename_overview(stage, new))
        if not splices:
            raise refused(self._document.path, "the name stands nowhere it could be changed", line=stage.line)
        return splices

    def _headings_of(self, stage: Stage) -> list[Block]:
        starts = {span.start for span in stage.name_spans}
        found: list[Block] = []
        for block in self._scan.blocks:
            if block.kind is BlockKind.HEADING and block.pieces:
                traced = trace(block.pieces, self._data)
                reading = read_heading(marked_text(block.pieces, self._data))
                if traced.slice(reading.start, reading.end).start in starts:
                    found.append(block)
        return found

    def _cells_of(self, stage: Stage) -> list[tuple[Table, Row, Cell]]:
        starts = {span.start for span in stage.name_spans}
        return [
            (table, row, cell)
            for table in self._scan.tables
            for row in table.rows
            for cell in row.cells
            if cell.pieces is not None and cell.span is not None and cell.span.start in starts
        ]

    def _rename_heading(self, stage: Stage, block: Block, new: str) -> list[Splice]:
        traced = trace(block.pieces, self._data)
        reading = read_heading(traced.text)
        old = readable(traced, [(reading.start, reading.end)])
        target = _renamed(stage.name, new, old.text)
        if target is None:
            return []
        start, end = block.start, block.end
        for splices in rewritings(self._data, block.pieces, old, target, cell=False):
            data = apply_splices("", self._data[start:end], shifted(splices, -start))
            if _heading_name(data) == target:
                return list(splices)
        raise self._unwritable(new, stage.line)

    def _rename_cell(self, stage: Stage, table: Table, row: Row, cell: Cell, new: str) -> list[Splice]:
        traced = trace(cell.pieces or [], self._data)
        reading = read_heading(traced.text)
        old = readable(traced, [(reading.start, reading.end)])
        target = _renamed(stage.name, new, old.text)
        if target is None:
            return []
        column = row.cells.index(cell)
        for splices in rewritings(self._data, cell.pieces or [], old, target, cell=True):
            line = apply_splices("", self._data[row.start : row.end], shifted(splices, -row.start))
            text = _cell_text(line, column, len(table.head))
            if text is not None and read_heading(text).name == target:
                return list(splices)
        raise self._unwritable(new, stage.line)

    def _rename_overview(self, stage: Stage, new: str) -> list[Splice]:
        if stage.overview is None:
            return []
        span = stage.overview.span
        entry = next(
            (each for each in self._scan.entries if each.pieces is not None and each.box == span), None
        )
        if entry is None:
            return []
        traced = trace(entry.pieces or [], self._data)
        whole = readable(traced, [(0, len(traced.text))])
        if not whole.text.startswith(stage.name):
            return []
        length = len(stage.name)
        old = Readable(whole.text[:length], whole.spans[:length])
        return list(next(rewritings(self._data, entry.pieces or [], old, new, cell=False), ()))


def is_struck_item(item: Item) -> bool:
    """Whether a dropped item is so by the stroke through its text, not by its mark."""
    return item.box is not None and item.status is Status.DROPPED and item.box.mark != "-"


def wanted_title(item: Item, title: str) -> str:
    """The title that a tracker's text means for an item: one line, without the item's own id."""
    text = one_line(title)
    return text.removeprefix(f"{item.id}: ").strip() if item.id is not None else text


def task_title(line: bytes, identifier: str | None = None) -> str | None:
    """What a line with a box reads as when it stands alone; ``None`` if it is no single task.

    Args:
        line: with its indentation.
        identifier: the id that its item has in the file.
    """
    found = scan("", admit("", line.lstrip(b" \t").rstrip(b"\r\n") + b"\n", size_limit=_NO_LIMIT))
    if len(found.entries) != 1 or len(found.blocks) != 1 or found.entries[0].box is None:
        return None
    marked = found.entries[0].text
    return join_title(marked, _title_ranges(marked, identifier))


def _title_ranges(marked: str, identifier: str | None) -> list[tuple[int, int]]:
    guess = guess_id(marked) if identifier is not None else None
    end = guess.end if guess is not None and guess.id == identifier else 0
    return title_ranges(marked, end, find_suffix(marked))


def _cell_text(line: bytes, column: int, columns: int, *, linked: bool = False) -> str | None:
    """What a table row alone shows in a column; ``None`` where it is no row of so many cells.

    Args:
        line: of the row.
        column: which one.
        columns: how many there are.
        linked: leave the link to an issue at its end out.
    """
    head = b"|" + b" x |" * columns + b"\n|" + b"---|" * columns + b"\n"
    found = scan("", admit("", head + line.strip(b"\r\n") + b"\n", size_limit=_NO_LIMIT))
    if len(found.tables) != 1 or len(found.tables[0].rows) != 1:
        return None
    cells = found.tables[0].rows[0].cells
    if column >= len(cells):
        return None
    marked = cells[column].text
    return plain_text(marked[: without_link(marked)] if linked else marked)


def _heading_name(data: bytes) -> str | None:
    """The name that a heading alone reads as."""
    found = scan("", admit("", data, size_limit=_NO_LIMIT))
    if len(found.blocks) != 1 or found.blocks[0].kind is not BlockKind.HEADING:
        return None
    return read_heading(marked_text(found.blocks[0].pieces, data)).name


def _renamed(old: str, new: str, written: str) -> str | None:
    """What a place that shows a stage's name has to show after a renaming, or ``None`` for no change.

    A row that shows "Audit" of "Phase 1: Audit" shows only that part of the new name, too, whatever
    number stands in front of it.
    """
    if written == old:
        return new
    for length in range(len(written), 0, -1):
        part = written[-length:]
        prefix = old[: len(old) - length]
        if old.endswith(part) and prefix and not prefix[-1].isalnum():
            return written[:-length] + new[len(prefix) :] if new.startswith(prefix) else None
    return None


def _traced(document: Document, edits: Sequence[Edit]) -> Scan:
    """The document's structure, with the texts that are going to be changed in pieces."""
    starts: set[int] = set()
    boxes = set()
    for edit in edits:
        if isinstance(edit, Retitle) or (isinstance(edit, SetState) and document.strikes):
            item = document.items[edit.item]
            starts.add(item.title_span.start)
            if item.box is not None:
                boxes.add(item.box.span)
        elif isinstance(edit, RenameStage):
            stage = document.stages[edit.stage]
            starts.update(span.start for span in stage.name_spans)
            if stage.overview is not None:
                boxes.add(stage.overview.span)
    if not starts and not boxes:
        return Scan()
    text = admit(document.path, document.data, size_limit=_NO_LIMIT)
    if boxes:
        starts.update(entry.start for entry in scan(document.path, text).entries if entry.box in boxes)
    return scan(document.path, text, frozenset(starts))
