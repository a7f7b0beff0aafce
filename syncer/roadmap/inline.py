"""Inline content as a person reads it, with every character traceable to the bytes it came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from syncer.model.document import Span
from syncer.roadmap.mojibake import fold_mojibake, suspicious
from syncer.roadmap.pieces import (
    BOLD,
    BOLD_END,
    LINKED,
    LINKED_END,
    SIGNS,
    STRUCK,
    STRUCK_END,
    Piece,
    PieceKind,
    joined,
    shown,
)

_EVERY_SIGN = (BOLD, BOLD_END, STRUCK, STRUCK_END, LINKED, LINKED_END)
_OTHER_BLANK = re.compile(r"[\t\r\n\f\v]")
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_OPENING = frozenset({PieceKind.STRONG, PieceKind.STRIKE, PieceKind.LINK})


def marked_text(pieces: Sequence[Piece], data: bytes) -> str:
    """Inline content with its run signs, double encoding folded, HTML comments left out.

    Args:
        pieces: one line of inline content.
        data: the file they were read from.
    """
    return joined([shown(kind, text, data[start:end]) for kind, text, start, end in pieces])


def plain_text(marked: str) -> str:
    """A marked text without its signs, white space collapsed."""
    if not marked.isascii():
        marked = strip_signs(marked)
    if "  " in marked or not (marked.isprintable() or _OTHER_BLANK.search(marked) is None):
        marked = _BLANKS.sub(" ", marked)
    return marked.strip(" ")


def read_inline(pieces: Sequence[Piece], data: bytes) -> str:
    """Inline content as plain text, double encoding folded."""
    return plain_text(marked_text(pieces, data))


def strip_signs(marked: str) -> str:
    """A marked text without its signs, blanks untouched."""
    for sign in _EVERY_SIGN:
        marked = marked.replace(sign, "")
    return marked


@dataclass(frozen=True, slots=True)
class Traced:
    """A marked text whose every character knows the bytes it stands for.

    Args:
        text: exactly what :func:`marked_text` yields.
        spans: one per character.
    """

    text: str
    spans: tuple[Span, ...]

    def slice(self, start: int, end: int) -> Span:
        """The bytes that a range of characters came from."""
        if start >= end:
            place = self.spans[start].start if start < len(self.spans) else self.spans[-1].end
            return Span(place, place)
        return Span(self.spans[start].start, self.spans[end - 1].end)


def trace(pieces: Sequence[Piece], data: bytes) -> Traced:
    """As :func:`marked_text`, keeping for every character the bytes it was read from."""
    chars: list[str] = []
    spans: list[Span] = []
    for kind, text, start, end in pieces:
        raw = data[start:end]
        what = shown(kind, text, raw)
        if kind in SIGNS:
            place = start if kind in _OPENING else end
            chars.append(what)
            spans.append(Span(place, place))
        elif raw.decode("utf-8", "replace") == what:
            offset = start
            for char in what:
                width = len(char.encode())
                chars.append(char)
                spans.append(Span(offset, offset + width))
                offset += width
        else:
            # An entity, an escape, a code span with a fence of its own: its characters stand for
            # all of its bytes together.
            for char in what:
                chars.append(char)
                spans.append(Span(start, end))
    return _folded("".join(chars), spans)


def _folded(text: str, spans: list[Span]) -> Traced:
    if not suspicious(text):
        return Traced(text, tuple(spans))
    chars: list[str] = []
    folded_spans: list[Span] = []
    for match in re.finditer(r"[ \t\r\n\f\v]+|[^ \t\r\n\f\v]+", text):
        token, first = match.group(), match.start()
        folded = fold_mojibake(token)
        if folded == token:
            chars.append(token)
            folded_spans.extend(spans[first : match.end()])
            continue
        # Every folded character replaces as many damaged ones as its UTF-8 form has bytes.
        at = first
        for char in folded:
            width = len(char.encode())
            chars.append(char)
            folded_spans.append(Span(spans[at].start, spans[at + width - 1].end))
            at += width
    return Traced("".join(chars), tuple(folded_spans))
