"""Inline content in its smallest parts, and the signs that keep bold, struck and linked runs apart.

A *marked* text is what a person reads, plus one noncharacter where such a run begins and one where it
ends, because a bold ``COMPLETE`` behind a title means something that a plain one does not. Code spans
keep their backticks: forges render them in titles.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from syncer.roadmap.mojibake import fold_mojibake

BOLD, BOLD_END, STRUCK, STRUCK_END, LINKED, LINKED_END = "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5"
"""Noncharacters: Unicode reserves them for internal use, so no roadmap has a meaning for them."""


class PieceKind(IntEnum):
    """Kinds of inline content."""

    TEXT = 0
    CODE = 1
    HTML = 2
    BREAK = 3
    STRONG = 4
    STRONG_END = 5
    STRIKE = 6
    STRIKE_END = 7
    LINK = 8
    LINK_END = 9
    OTHER = 10
    OTHER_END = 11


Piece = tuple[PieceKind, str, int, int]
"""One run of inline content: its kind, what it reads as, and the bytes ``[start, end)`` it stands for."""

SIGNS: Final = {
    PieceKind.STRONG: BOLD,
    PieceKind.STRONG_END: BOLD_END,
    PieceKind.STRIKE: STRUCK,
    PieceKind.STRIKE_END: STRUCK_END,
    PieceKind.LINK: LINKED,
    PieceKind.LINK_END: LINKED_END,
}


def shown(kind: PieceKind, text: str, raw: bytes) -> str:
    """What a piece contributes to a marked text.

    Args:
        kind: of the piece.
        text: what the parser made of it.
        raw: the bytes it stands for.
    """
    if kind is PieceKind.TEXT:
        return text
    if kind is PieceKind.CODE:
        return _code(text, raw)
    if kind is PieceKind.HTML:
        return "" if text.startswith("<!--") else text
    if kind is PieceKind.BREAK:
        return " "
    return SIGNS.get(kind, "")


def joined(parts: list[str]) -> str:
    """A marked text from what its pieces contribute, double encoding folded."""
    text = parts[0] if len(parts) == 1 else "".join(parts)
    return text if text.isascii() else fold_mojibake(text)


def _code(text: str, raw: bytes) -> str:
    if raw[1:2] != b"`":
        return f"`{text}`"
    return raw.decode("utf-8", "replace")
