"""Bullets, boxes and cells in the bytes themselves, where the parser's ranges are not exact enough."""

from __future__ import annotations

import re

from syncer.model.document import Span

MARKS = " xX✓✔✅☑хХ×-~/>!?"
"""The closed set of marks that make a box. Any other single character between brackets is text."""

_BLANKS = b" \t\r\n"
_VS16 = "\ufe0f"
_MARK = b"(?:" + b"|".join(re.escape(mark.encode()) for mark in MARKS) + b")(?:" + _VS16.encode() + b")?"
_BULLET = rb"(?:[-*+]|[0-9]{1,9}[.)])"
# "[]" is let through as well: whether it is a box depends on the rest of the file.
_ITEM = re.compile(rb"(" + _BULLET + rb")(?:[ \t]+(\[(?:" + _MARK + rb")?\])(?=[ \t\r\n]|\Z))?")
_LONE_CR = re.compile(r"\r(?!\n)")
_BOX_ALONE = re.compile(r"^([ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)+)\[[ xX]\](?=[ \t]*\r?$)", re.MULTILINE)
_LINE_REST = re.compile(rb"[ \t]*(?=[\r\n]|\Z)")
_GFM_MARKS = frozenset((b" ", b"x", b"X"))


def read_bullet(data: bytes, start: int, end: int) -> tuple[int, int, Span | None, int]:
    """Find bullet and box of a list item.

    Args:
        data: the file.
        start: of the item, as the parser tells it. The range may begin with indentation, or even with
            the line end before it (pulldown-cmark #983).
        end: of the item.

    Returns:
        Where the bullet starts and ends; the brackets behind it, if they are a box; and the offset before
        which nothing is part of the text, though the parser may say so.
    """
    while start < end and data[start] in _BLANKS:
        start += 1
    match = _ITEM.match(data, start)
    if match is None:
        return start, start, None, 0
    opening, shut = match.span(2)
    if opening < 0:
        return start, match.end(1), None, 0
    # What GFM does not know as a mark arrives as text and has to be passed over.
    foreign = data[opening + 1 : shut - 1] not in _GFM_MARKS or _LINE_REST.match(data, shut) is not None
    return start, match.end(1), Span(opening, shut), shut if foreign else 0


def for_parser(text: str) -> str:
    """A text as the parser reads it best, every offset the same.

    It knows a carriage return that stands alone as a line end (CommonMark 0.31.2, section 2.1), but not
    everywhere: a table does not end at a blank line made of them. And it takes an item that holds
    nothing but a box for an empty one, which changes what belongs to it.
    """
    if "\r" in text:
        text = _LONE_CR.sub("\n", text)
    return _BOX_ALONE.sub(r"\1[_]", text)


def cell_span(data: bytes, start: int, end: int) -> Span:
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
