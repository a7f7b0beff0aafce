"""New tasks at the end of a section's list, written the way that list is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from syncer.model.document import Document, Section, Span
from syncer.model.edits import InsertTask
from syncer.roadmap.admit import BOM, admit
from syncer.roadmap.escape import escape, escape_all, one_line
from syncer.roadmap.lines import Lines
from syncer.roadmap.scan import scan
from syncer.roadmap.splice import Splice, refused
from syncer.roadmap.structure import Block, BlockKind, Entry, RegionKind, Scan
from syncer.roadmap.texts import task_title

_NO_LIMIT = 1 << 40
_NUMBERED = re.compile(rb"(\d{1,9})([.)])")


def insertions(document: Document, edits: Sequence[InsertTask]) -> list[Splice]:
    """The splices that append tasks to their sections, in the order of the edits.

    Args:
        document: as read.
        edits: any number for any sections.

    Raises:
        RoadmapError: a task has no text.
    """
    if not edits:
        return []
    found = scan(document.path, admit(document.path, document.data, size_limit=_NO_LIMIT))
    inserter = _Inserter(document, found)
    titles: dict[int, list[str]] = {}
    for edit in edits:
        titles.setdefault(edit.section, []).append(edit.title)
    return [inserter.append(document.sections[section], each) for section, each in titles.items()]


class _Inserter:
    """Appends tasks to sections of one document."""

    def __init__(self, document: Document, found: Scan) -> None:
        self._document = document
        self._data = document.data
        self._scan = found
        self._lines = Lines(document.data)

    def append(self, section: Section, titles: Sequence[str]) -> Splice:
        """One splice with all tasks for one section."""
        section = self._best_place(section)
        last = self._last_task(section)
        if last is None:
            return self._new_list(section, titles)
        data, lines = self._data, self._lines
        line = lines.number(last.start)
        lead = data[lines.start(line) : last.start].removeprefix(BOM)
        gap = data[last.bullet_end : last.box.start] if last.box is not None else b" "
        siblings = self._siblings(last)
        bullet, rows = data[last.start : last.bullet_end], []
        counted = not siblings or data[siblings[-1].start : siblings[-1].bullet_end] != bullet
        for title in titles:
            bullet = _next_bullet(bullet) if counted else bullet
            rows.append(self._row(lead + bullet + gap, title, section))
        eol = self._eol_near(line)
        spacing = eol if self._is_loose(last, siblings) else b""
        return self._insert(self._end_of(last), [spacing + row for row in rows], eol)

    def _best_place(self, section: Section) -> Section:
        """The section itself, or the one that shares its reference where only that one has a list.

        The file as a whole and the document's title are one reference.
        """
        same = [self._document.sections[at] for at in alike(self._document, section)]
        if self._last_task(section) is not None or len(same) < 2:
            return section
        listed = next((each for each in reversed(same) if self._last_task(each) is not None), None)
        return listed or (same[-1] if section.level == 0 else section)

    def _row(self, lead: bytes, title: str, section: Section) -> bytes:
        text = one_line(title)
        if not text:
            raise refused(self._document.path, "a task without a text", line=section.line)
        rows = [lead + b"[ ] " + words.encode() for words in (escape(text, cell=False), escape_all(text))]
        # If neither reads back, the proof of the whole file says so.
        return next((row for row in rows if task_title(row) == text), rows[0])

    def _last_task(self, section: Section) -> Entry | None:
        """The last item with a box that stands at the outermost level of the section's own lists."""
        own = [
            entry
            for entry in self._scan.entries
            if entry.box is not None and section.own.start <= entry.start < section.own.end
        ]
        if not own:
            return None
        outermost = min(entry.depth for entry in own)
        return [entry for entry in own if entry.depth == outermost][-1]

    def _siblings(self, last: Entry) -> list[Entry]:
        """The items before the last one of a list."""
        entries = self._scan.entries
        own = [each for each in entries if each.parent == last.parent and each.start < last.start]
        start = max(
            (block.start for block in self._scan.blocks if block.start <= last.start), default=last.start
        )
        return [each for each in own if last.parent >= 0 or each.start >= start]

    def _new_list(self, section: Section, titles: Sequence[str]) -> Splice:
        blocks = [block for block in self._scan.blocks if section.own.start <= block.start < section.own.end]
        while blocks and blocks[-1].kind is BlockKind.RULE:
            # A rule at the end parts the section from the next one.
            blocks.pop()
        at = self._behind(blocks[-1]) if blocks else self._first_place(section)
        number = self._lines.number(max(at - 1, 0))
        eol = self._eol_near(number)
        inside = [
            entry for entry in self._scan.entries if section.span.start <= entry.start < section.span.end
        ]
        bullet = next(
            (
                self._data[entry.start : entry.bullet_end]
                for entry in [*reversed(inside), *self._scan.entries]
                if not entry.ordered
            ),
            b"-",
        )
        rows = [self._row(bullet + b" ", title, section) for title in titles]
        if blocks and blocks[-1].kind is not BlockKind.LIST:
            rows[0] = eol + rows[0]
        if not blocks and self._data[at:].strip():
            rows[-1] += eol
        return self._insert(at, rows, eol)

    def _behind(self, block: Block) -> int:
        end = block.end
        while end > block.start and self._data[end - 1] in b" \t\r\n":
            end -= 1
        return self._lines.next_start(self._lines.number(max(end - 1, 0)))

    def _first_place(self, section: Section) -> int:
        """Where the first block of an empty section can stand: behind byte order mark and front matter."""
        front = next(
            (region.end for region in self._scan.regions if region.kind is RegionKind.FRONT_MATTER), 0
        )
        mark = len(BOM) if self._document.bom else 0
        return max(section.own.start, front, mark)

    def _insert(self, at: int, rows: Sequence[bytes], eol: bytes) -> Splice:
        if at > 0 and self._data[at - 1 : at] not in (b"\n", b"\r") and at != len(BOM) * self._document.bom:
            # The file ends without a line end, and keeps doing so.
            return Splice(Span(at, at), b"", b"".join(eol + row for row in rows))
        return Splice(Span(at, at), b"", b"".join(row + eol for row in rows))

    def _end_of(self, entry: Entry) -> int:
        end = entry.end
        while end > entry.start and self._data[end - 1] in b" \t\r\n":
            end -= 1
        return self._lines.next_start(self._lines.number(max(end - 1, entry.start)))

    def _is_loose(self, last: Entry, siblings: Sequence[Entry]) -> bool:
        """Whether the items of this list are parted by blank lines."""
        if not siblings:
            return False
        line = self._lines.number(last.start)
        if line < 2 or self._lines.content(line - 1).of(self._data).strip():
            return False
        return siblings[-1].end >= self._lines.start(line - 1)

    def _eol_near(self, line: int) -> bytes:
        for number in (line, line - 1, 1):
            if number >= 1:
                end = self._data[self._lines.end(number) : self._lines.next_start(number)]
                if end:
                    return end
        return b"\n"


def alike(document: Document, section: Section) -> list[int]:
    """The sections that a reference to one of them means, by index.

    The file as a whole and its title share the empty reference. Other headings that are left out of
    references, because they hold nothing but stages, would be named in them as soon as they held a task.
    """
    if section.segments:
        return [at for at, each in enumerate(document.sections) if each.segments == section.segments]
    first = document.sections[1:2]
    titled = bool(first) and first[0].level == 1 and not first[0].segments
    return [0, 1] if titled else [0]


def _next_bullet(bullet: bytes) -> bytes:
    numbered = _NUMBERED.fullmatch(bullet)
    return bullet if numbered is None else b"%d" % (int(numbered[1]) + 1) + numbered[2]
