"""Values in the form in which sides compare, free of what a forge changes silently."""

from __future__ import annotations

import re
import unicodedata

JOINER = "\u2060"
"""WORD JOINER: invisible, allows no line break, and keeps a forge from seeing a mention or a reference."""

_BLANKS = re.compile(r"\s+")
_INVISIBLE = str.maketrans("", "", JOINER)
ELLIPSIS = "…"


def canonical_text(text: str) -> str:
    """A one-line text as sides compare it: NFC, white space collapsed, our invisible joiners removed."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text.translate(_INVISIBLE))).strip()


def cut(text: str, limit: int) -> str:
    """A text within a limit of characters, cut at a word and marked with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ")
    if space > limit // 2:
        head = head[:space]
    return head.rstrip(" ,;:-–—") + ELLIPSIS


def is_cut(text: str, limit: int) -> bool:
    """Whether a text does not fit into a limit of characters."""
    return len(text) > limit


def canonical_block(text: str) -> str:
    """A text of several lines as sides compare it: line ends, trailing blanks and outer blank lines aside."""
    lines = text.translate(_INVISIBLE).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return unicodedata.normalize("NFC", "\n".join(line.rstrip() for line in lines)).strip("\n")
