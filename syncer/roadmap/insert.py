"""A new task at the end of a section's list, written the way that list is written."""

from __future__ import annotations

import re

from syncer.model.document import Document, Section, Span
from syncer.roadmap.escape import escape, escape_all, one_line
from syncer.roadmap.lines import Lines
from syncer.roadmap.scan import BlockKind, Entry, Scan
from syncer.roadmap.splice import Splice, refused

_NUMBERED = re.compile(rb"(\d{1,9})([.)])")


def insertion(
    document: Document, section: Section, title: str, found: Scan, *, plain: bool = False
) -> Splice:
    """The splice that appends a task to a section.

    Args:
        document: as read.
        section: where to append.
        title: the task's text, as a tracker holds it.
        found: the document's structure.
        plain: escape every character that can mean anything.

    Raises:
        RoadmapError: the title is empty.
    """
    text = one_line(title)
    if not text:
        raise refused(document.path, "a task without a text", line=section.line)
    words = escape_all(text) if plain else escape(text, cell=False)
    data, lines = document.data, Lines(document.data)
    last = _last_task(section, found)
    if last is None:
        return _new_list(document, section, words, found, lines)
    line = lines.number(last.start)
    lead = data[lines.start(line) : last.start]
    gap = data[last.bullet_end : last.box.start] if last.box is not None else b" "
    bullet = _next_bullet(data[last.start : last.bullet_end])
    end = _end_of(last, data, lines)
    eol = _eol_near(data, lines, line)
    spacing = eol if _is_loose(last, found, data, lines) else b""
    row = lead + bullet + gap + b"[ ] " + words.encode()
    return _insert_line(data, end, spacing, row, eol)


def _last_task(section: Section, found: Scan) -> Entry | None:
    """The last item with a box that stands at the outermost level of the section's own lists."""
    own = [
        entry
        for entry in found.entries
        if entry.box is not None and section.own.start <= entry.start < section.own.end
    ]
    if not own:
        return None
    outermost = min(entry.depth for entry in own)
    return [entry for entry in own if entry.depth == outermost][-1]


def _new_list(document: Document, section: Section, words: str, found: Scan, lines: Lines) -> Splice:
    data = document.data
    blocks = [block for block in found.blocks if section.own.start <= block.start < section.own.end]
    end = section.own.start
    if blocks:
        end = blocks[-1].end
        while end > blocks[-1].start and data[end - 1] in b" \t\r\n":
            end -= 1
    number = lines.number(max(end - 1, 0))
    at = lines.next_start(number) if blocks else end
    eol = _eol_near(data, lines, number)
    bullet = next(
        (data[entry.start : entry.bullet_end] for entry in found.entries if not entry.ordered), b"-"
    )
    spacing = b"" if not blocks or blocks[-1].kind is BlockKind.LIST else eol
    return _insert_line(data, at, spacing, bullet + b" [ ] " + words.encode(), eol)


def _insert_line(data: bytes, at: int, spacing: bytes, row: bytes, eol: bytes) -> Splice:
    if at > 0 and data[at - 1 : at] not in (b"\n", b"\r"):
        # The file ends without a line end, and keeps doing so.
        return Splice(Span(at, at), b"", eol + spacing + row)
    return Splice(Span(at, at), b"", spacing + row + eol)


def _end_of(entry: Entry, data: bytes, lines: Lines) -> int:
    end = entry.end
    while end > entry.start and data[end - 1] in b" \t\r\n":
        end -= 1
    return lines.next_start(lines.number(max(end - 1, entry.start)))


def _next_bullet(bullet: bytes) -> bytes:
    numbered = _NUMBERED.fullmatch(bullet)
    if numbered is None:
        return bullet
    number = int(numbered[1])
    return b"%d" % (number + 1) + numbered[2]


def _is_loose(last: Entry, found: Scan, data: bytes, lines: Lines) -> bool:
    """Whether the items of this list are parted by blank lines."""
    siblings = [entry for entry in found.entries if entry.parent == last.parent and entry.depth == last.depth]
    before = [entry for entry in siblings if entry.start < last.start]
    if not before:
        return False
    line = lines.number(last.start)
    return (
        line > 1 and not lines.content(line - 1).of(data).strip() and before[-1].end >= lines.start(line - 1)
    )


def _eol_near(data: bytes, lines: Lines, line: int) -> bytes:
    for number in (line, line - 1, 1):
        if number >= 1:
            end = data[lines.end(number) : lines.next_start(number)]
            if end:
                return end
    return b"\n"
