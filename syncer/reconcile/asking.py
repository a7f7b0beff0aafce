"""What an issue's text asks for: a reference on a line of its own.

    I would like to see this done.

    TODO.md :: Beta :: Testing

A reference in the middle of a sentence is talk about the roadmap and asks for nothing; neither does one in a
code block, a quotation or an HTML comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

OURS = "<!-- syncer:"
"""Begins every hidden mark of ours: what carries one asks for nothing."""

_MOST = 4_000
"""So many characters of what a text asks for are kept: anybody can write anything there."""

_LONGEST = 500
"""A longer line is no reference."""

_FENCES = ("```", "~~~")
_LABEL = re.compile(
    r"(\*\*|__)?(?:roadmap|reference|section)(?(1)\1)?\s*[:：](?!:)(?(1)(?:\1)?)\s*", re.IGNORECASE
)
_BULLET = re.compile(r"[-*+] +")
_LINKED = re.compile(r"\[(.+)\]\([^()\s]*\)")
_SEPARATOR = re.compile(r"(?<![\\:])::(?!:)")
_FILE = re.compile(r"[^\s`*:]+\.(?:md|markdown|mdown|mkd|mdx)\s*::(?!:)", re.IGNORECASE)


def asked_places(body: str) -> str:
    """The references that stand on lines of their own, a line each; empty without one.

    Args:
        body: of an issue.
    """
    if "::" not in body:
        return ""
    found: dict[str, None] = {}
    for line in _spoken(body.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        place = _place(line) if "::" in line and len(line) <= _LONGEST else ""
        if place:
            found[place] = None
    return "\n".join(found)[:_MOST]


def _spoken(lines: Iterable[str]) -> Iterator[str]:
    """The lines outside code blocks, without HTML comments."""
    fence, hidden = "", False
    for line in lines:
        text = line.lstrip(" ")
        if fence:
            if text.startswith(fence) and not text.strip(fence[0]).strip():
                fence = ""
            continue
        if not hidden and text.startswith(_FENCES) and len(line) - len(text) < 4:
            fence = text[: len(text) - len(text.lstrip(text[0]))]
            continue
        shown: list[str] = []
        rest = line
        while rest:
            mark = "-->" if hidden else "<!--"
            part, found, rest = rest.partition(mark)
            if not hidden:
                shown.append(part)
            hidden = hidden is not bool(found)
        yield "".join(shown)


def _place(line: str) -> str:
    if line.startswith(("    ", "\t")):
        return ""
    text = line.strip()
    text = text[_bullet.end() :] if (_bullet := _BULLET.match(text)) is not None else text
    bare = _unmarked(text)
    label = _LABEL.match(bare)
    named = label is not None
    if label is not None:
        bare = _unmarked(bare[label.end() :])
    linked = _LINKED.fullmatch(bare)
    if linked is not None:
        bare = _unmarked(linked[1])
    if _FILE.match(bare) is None and not (named and _SEPARATOR.search(bare) is not None):
        return ""
    return bare


def _unmarked(text: str) -> str:
    """A text without the code or bold marks around it."""
    text = text.strip()
    for mark in ("**", "__", "``", "`", "*", "_"):
        if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
            inner = text[len(mark) : -len(mark)]
            if mark not in inner:
                return inner.strip()
    return text
