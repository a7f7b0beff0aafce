"""New text for an old run of inline content, keeping markup where the text stays the same."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from syncer.model.document import Span
from syncer.roadmap.escape import escape, escape_all
from syncer.roadmap.inline import Traced
from syncer.roadmap.pieces import SIGNS, Piece, PieceKind
from syncer.roadmap.splice import Splice

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_SIGN_SET = frozenset(SIGNS.values())
_SEEN = frozenset({PieceKind.TEXT, PieceKind.CODE, PieceKind.HTML})
_WIDTHS = {PieceKind.STRONG: 2, PieceKind.STRIKE: 2, PieceKind.OTHER: 1, PieceKind.LINK: 0}
"""How many bytes close a run of markup; 0 where more than that does."""


@dataclass(frozen=True, slots=True)
class Readable:
    """What a person reads of some characters, and the bytes of each of them."""

    text: str
    spans: tuple[Span, ...]


def readable(traced: Traced, ranges: list[tuple[int, int]]) -> Readable:
    """The text of some ranges of a traced line: signs dropped, blanks collapsed, ends trimmed."""
    chars: list[str] = []
    spans: list[Span] = []
    for start, stop in ranges:
        for at in range(start, stop):
            char, span = traced.text[at], traced.spans[at]
            if char in _SIGN_SET:
                continue
            if char in " \t\r\n\f\v":
                if chars and chars[-1] == " ":
                    spans[-1] = Span(spans[-1].start, span.end)
                    continue
                char = " "
            chars.append(char)
            spans.append(span)
    first, last = 0, len(chars)
    while first < last and chars[first] == " ":
        first += 1
    while last > first and chars[last - 1] == " ":
        last -= 1
    return Readable("".join(chars[first:last]), tuple(spans[first:last]))


def rewritings(
    data: bytes, pieces: Sequence[Piece], old: Readable, new: str, *, cell: bool
) -> Iterator[tuple[Splice, ...]]:
    """Ways to make a run of text read differently, the gentlest first.

    The caller takes the first one that reads back as wanted: only the changed words, then the whole
    text within the markup around it, then the whole text with the markup inside it gone, then that
    with everything escaped.

    Args:
        data: the file.
        pieces: the inline content that the text is a part of.
        old: the text as it stands.
        new: the text that should stand there.
        cell: whether it stands in a table cell.
    """
    if not old.spans:
        return
    gentle = _changed_words(data, old, new, cell=cell)
    if gentle is not None:
        yield gentle
    inner = Span(old.spans[0].start, old.spans[-1].end)
    outer, closing = enclosing(data, pieces, inner)
    texts = dict.fromkeys((escape(new, cell=cell), escape_all(new)))
    for span, tail in dict.fromkeys(((inner, b""), (outer, closing))):
        for text in texts:
            yield (Splice(span, span.of(data), text.encode() + tail),)


def enclosing(data: bytes, pieces: Sequence[Piece], inner: Span) -> tuple[Span, bytes]:
    """A run of text with all markup that belongs to it alone, and what has to close behind a new text.

    Markup that opens before the run and closes within it, as a bold id with half of the title does,
    goes on to the end of the run instead.
    """
    start, end, closing = inner.start, inner.end, b""
    seen = [(first, last) for kind, _, first, last in pieces if kind in _SEEN]
    for kind, _, first, last in reversed(pieces):
        width = _WIDTHS.get(kind)
        content = [each for each in seen if first <= each[0] and each[1] <= last]
        if width is None or not content:
            continue
        opens, closes = content[0][0], content[-1][1]
        if inner.start <= opens and closes <= inner.end:
            start, end = min(start, first), max(end, last)
        elif opens < inner.start < closes < inner.end and width:
            closing += data[last - width : last]
    return Span(start, end), closing


def _changed_words(data: bytes, old: Readable, new: str, *, cell: bool) -> tuple[Splice, ...] | None:
    before, after = _WORD.findall(old.text), _WORD.findall(new)
    offsets = [0]
    for word in before:
        offsets.append(offsets[-1] + len(word))
    splices: list[Splice] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        text = escape("".join(after[j1:j2]), cell=cell).encode()
        first, last = offsets[i1], offsets[i2]
        if first == last:
            place = old.spans[first].start if first < len(old.spans) else old.spans[-1].end
            span = Span(place, place)
        else:
            span = Span(old.spans[first].start, old.spans[last - 1].end)
        splices.append(Splice(span, span.of(data), text))
    starts = [splice.span for splice in splices]
    if any(left.end > right.start for left, right in itertools.pairwise(starts)):
        return None
    return tuple(splices)
