"""Items that change their section: the whole block is cut out and written again at its new place."""

from __future__ import annotations

import re

from syncer.model.document import Document, Item, Span
from syncer.model.edits import MoveItem
from syncer.roadmap.insert import Inserter, ListStyle
from syncer.roadmap.splice import Splice, refused

_BULLET = re.compile(rb"([ \t]*)([-*+]|\d{1,9}[.)])([ \t]+)")


def move_item(document: Document, inserter: Inserter, edit: MoveItem) -> tuple[Splice, Splice]:
    """The splices that take an item out and write it at the end of another section's list.

    Args:
        document: as read.
        inserter: for that document.
        edit: what is wanted.

    Returns:
        The removal, and the insertion.

    Raises:
        RoadmapError: the item is no list item, stands there already, or the place lies within it.
    """
    item, section = document.items[edit.item], document.sections[edit.section]
    match = _BULLET.match(document.data, item.block.start)
    if match is None or item.box is None or match.end() != item.box.span.start:
        raise refused(document.path, "only list items can be moved", line=item.line)
    if item.section == section.segments and item.parent is None:
        raise refused(document.path, "the item stands in that section already", line=item.line)
    style = inserter.style(section)
    rows = _reindented(document, item, match, style)
    insertion = inserter.append_block(section, rows, style)
    if item.block.start < insertion.span.start < item.block.end:
        raise refused(document.path, "an item cannot be moved into itself", line=item.line)
    return _removal(document, item), insertion


def _removal(document: Document, item: Item) -> Splice:
    """Cut a block out, with one blank line where two would meet, and no final line end left over."""
    data = document.data
    start, end = item.block.start, item.block.end
    if end == len(data) and data[end - 1 : end] not in (b"\n", b"\r"):
        # The file ends without a line end, and keeps doing so.
        if data[start - 1 : start] == b"\n":
            start -= 1
        if data[start - 1 : start] == b"\r":
            start -= 1
    else:
        blank = re.compile(rb"(?:[ \t]*(?:\r\n|\n|\r))").match(data, end)
        before = re.search(rb"(?:\A|\n|\r)[ \t]*(?:\r\n|\n|\r)\Z", data[max(0, start - 200) : start])
        if blank is not None and before is not None:
            end = blank.end()
    return Splice(Span(start, end), data[start:end], b"")


def _reindented(document: Document, item: Item, match: re.Match[bytes], style: ListStyle) -> list[bytes]:
    """The block's lines as they stand in the other list: its indentation, its kind of bullet."""
    rows = (
        item.block.of(document.data).replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n").split(b"\n")
    )
    lead, bullet, gap = match.groups()
    wanted = style.bullet if bullet[:1].isdigit() or style.bullet[:1].isdigit() else style.bullet[:1]
    grown = len(wanted) - len(bullet)
    first = style.lead + wanted + gap + rows[0][len(match.group()) :]
    below = (style.lead + _widened(row.removeprefix(lead), grown) if row.strip() else row for row in rows[1:])
    return [first, *below]


def _widened(row: bytes, by: int) -> bytes:
    """A nested line, as far to the right as the wider or narrower bullet above it asks for."""
    if by > 0 and not row.startswith(b"\t"):
        return b" " * by + row
    return row[-by:] if by < 0 and row.startswith(b" " * -by) else row
