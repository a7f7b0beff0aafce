"""The link to an issue behind an item's title: ``([#12](https://forge.example/acme/rune/issues/12))``."""

from __future__ import annotations

import re

from syncer.model.document import Document, Item, Span
from syncer.model.edits import SetLink
from syncer.roadmap.lines import Lines
from syncer.roadmap.splice import Splice, refused

_LABEL = re.compile(r"[\w./-]*[#!]\d+|(?:GH|gh)-\d+")
_URL = re.compile(r"https?://[^\s<>()\[\]\"'\\|`*]+/(?:-/)?(?:issues|work_items)/\d+")
_WRITTEN = re.compile(rb"[ \t]*(\()?\[(?:[\w./-]*[#!]|GH-|gh-)\d+\]\(<?([^()<>\s]+)>?\)(?(1)\))")
_TAIL = b" \t\\"


def written_link(data: bytes, span: Span) -> str | None:
    """The issue address of the link that stands at the end of a table cell.

    Args:
        data: the file.
        span: the cell's text.
    """
    for match in _WRITTEN.finditer(data, span.start, span.end):
        url = match[2].decode("utf-8", "replace")
        if match.end() == span.end and _URL.fullmatch(url):
            return url
    return None


def link_text(label: str, url: str) -> bytes:
    """A link as it stands behind a title."""
    return f" ([{label}]({url}))".encode()


def set_link(document: Document, lines: Lines, edit: SetLink) -> Splice:
    """The splice that writes, changes or removes the link on an item's line.

    Args:
        document: as read.
        lines: of it.
        edit: what is wanted.

    Raises:
        RoadmapError: there is no place for a link, or it was written in another form.
    """
    item = document.items[edit.item]
    if item.line != lines.number(item.title_span.end) or not item.title or not document.has_line(item):
        raise refused(
            document.path, "a link is written behind the title of a list item or a row only", line=item.line
        )
    standing = _standing(document, item)
    if edit.url is None:
        if standing is None:
            raise refused(document.path, "no link of this form stands on the line", line=item.line)
        return Splice(standing, standing.of(document.data), b"")
    if not _LABEL.fullmatch(edit.label) or not _URL.fullmatch(edit.url):
        raise refused(document.path, f"{edit.label!r} or {edit.url!r} is no link to an issue", line=item.line)
    text = link_text(edit.label, edit.url)
    if standing is not None:
        return Splice(standing, standing.of(document.data), text)
    if item.link is not None:
        raise refused(document.path, f"the line already links to {item.link}", line=item.line)
    place = item.title_span.end
    while place > item.title_span.start and document.data[place - 1] in _TAIL:
        # Two blanks or a backslash at the end break the line, and go on doing so.
        place -= 1
    return Splice(Span(place, place), b"", text)


def _standing(document: Document, item: Item) -> Span | None:
    """Where the item's link is written the way this module writes it."""
    first, last = item.title_span.start, item.title_span.end
    for match in _WRITTEN.finditer(document.data, first, last):
        if item.link is not None and match[2].decode("utf-8", "replace").startswith(item.link):
            return Span(match.start(), match.end())
    return None
