"""New tasks at the end of a section's list, written the way that list is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from syncer.model.document import Document, Section, Span
from syncer.model.edits import InsertTask
from syncer.roadmap.admit import BOM, admit
from syncer.roadmap.escape import escape, escape_all, one_line
from syncer.roadmap.lines import Lines
from syncer.roadmap.links import link_text
from syncer.roadmap.scan import scan
from syncer.roadmap.splice import Splice, refused
from syncer.roadmap.structure import Block, BlockKind, Entry, RegionKind
from syncer.roadmap.texts import task_title

_NO_LIMIT = 1 << 40
_NUMBERED = re.compile(rb"(\d{1,9})([.)])")


@dataclass(frozen=True, slots=True)
class ListStyle:
    """How the next item of a list is written.

    Args:
        lead: what stands in front of the bullet.
        bullet: the bullet, counted on in a numbered list.
        gap: what stands between bullet and box.
        at: where the item goes.
        near: a line beside it, whose line end it shares.
        loose: whether the items are parted by blank lines.
        counted: whether every item has a number of its own, unlike "1. 1. 1.".
        new: whether there is no such list yet.
    """

    lead: bytes
    bullet: bytes
    gap: bytes
    at: int
    near: int
    loose: bool
    counted: bool = False
    new: bool = False


class Inserter:
    """Appends items to the lists of one document.

    Args:
        document: as read.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._data = document.data
        self._scan = scan(document.path, admit(document.path, document.data, size_limit=_NO_LIMIT))
        self._lines = Lines(document.data)

    def insertions(self, edits: Sequence[InsertTask]) -> list[Splice]:
        """The splices that append tasks to their sections, in the order of the edits.

        Args:
            edits: any number for any sections.

        Raises:
            RoadmapError: a task has no text.
        """
        tasks: dict[int, list[InsertTask]] = {}
        for edit in edits:
            tasks.setdefault(edit.section, []).append(edit)
        return [self._append(self._document.sections[section], each) for section, each in tasks.items()]

    def style(self, section: Section) -> ListStyle:
        """How the next item of a section's list is written, and where."""
        section = self._best_place(section)
        last = self._last_task(section)
        if last is None:
            return self._new_style(section)
        data, lines = self._data, self._lines
        line = lines.number(last.start)
        siblings = self._siblings(last)
        bullet = data[last.start : last.bullet_end]
        counted = not siblings or data[siblings[-1].start : siblings[-1].bullet_end] != bullet
        return ListStyle(
            lead=data[lines.start(line) : last.start].removeprefix(BOM),
            bullet=_next_bullet(bullet) if counted else bullet,
            gap=data[last.bullet_end : last.box.start] if last.box is not None else b" ",
            at=self._end_of(last),
            near=line,
            loose=self._is_loose(last, siblings),
            counted=counted,
        )

    def append_block(self, section: Section, rows: Sequence[bytes], style: ListStyle) -> Splice:
        """One splice that writes the lines of one item.

        Args:
            section: where it goes.
            rows: its lines, without line ends.
            style: of that section.
        """
        eol = self._eol_near(style.near)
        return self._write(self._best_place(section), [eol.join(rows)], style)

    def _append(self, section: Section, tasks: Sequence[InsertTask]) -> Splice:
        """One splice with all tasks for one section."""
        style = self.style(section)
        bullet, rows = style.bullet, []
        for task in tasks:
            rows.append(self._row(style.lead + bullet + style.gap, task, section))
            bullet = _next_bullet(bullet) if style.counted else bullet
        return self._write(self._best_place(section), rows, style)

    def _write(self, section: Section, rows: list[bytes], style: ListStyle) -> Splice:
        eol = self._eol_near(style.near)
        if style.loose:
            rows = [eol + row for row in rows]
        if style.new:
            blocks = self._own_blocks(section)
            if blocks and blocks[-1].kind is not BlockKind.LIST:
                rows[0] = eol + rows[0]
            if not blocks and self._data[style.at :].strip():
                rows[-1] += eol
        return self._insert(style.at, rows, eol)

    def _best_place(self, section: Section) -> Section:
        """The section itself, or the one that shares its reference where only that one has a list.

        The file as a whole and the document's title are one reference.
        """
        same = [self._document.sections[at] for at in alike(self._document, section)]
        if self._last_task(section) is not None or len(same) < 2:
            return section
        listed = next((each for each in reversed(same) if self._last_task(each) is not None), None)
        return listed or (same[-1] if section.level == 0 else section)

    def _row(self, lead: bytes, task: InsertTask, section: Section) -> bytes:
        text = one_line(task.title)
        if not text:
            raise refused(self._document.path, "a task without a text", line=section.line)
        tail = link_text(*task.link) if task.link is not None else b""
        spelled = (escape(text, cell=False), escape_all(text))
        rows = [lead + b"[ ] " + words.encode() + tail for words in spelled]
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

    def _own_blocks(self, section: Section) -> list[Block]:
        """What stands in a section itself; a rule at its end parts it from the next one."""
        blocks = [block for block in self._scan.blocks if section.own.start <= block.start < section.own.end]
        while blocks and blocks[-1].kind is BlockKind.RULE:
            blocks.pop()
        return blocks

    def _new_style(self, section: Section) -> ListStyle:
        """How the first item of a section's list is written: like the list next to it."""
        blocks = self._own_blocks(section)
        at = self._behind(blocks[-1]) if blocks else self._first_place(section)
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
        near = self._lines.number(max(at - 1, 0))
        return ListStyle(b"", bullet, b" ", at, near, loose=False, new=True)

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
