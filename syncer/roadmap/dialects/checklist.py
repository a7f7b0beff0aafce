"""Checklists: list items whose first bytes are a box.

A box is ``[mark]`` behind a bullet, followed by white space, with a mark from a closed set. Marks
beyond GitHub Flavored Markdown mean what the file's own legend says, else what they usually mean.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter

from syncer.model.document import Box, ItemKind, Span
from syncer.model.fields import Status
from syncer.roadmap.draft import Findings, ItemDraft
from syncer.roadmap.inline import plain_text
from syncer.roadmap.lines import Lines
from syncer.roadmap.mojibake import fold_mojibake
from syncer.roadmap.outline import IGNORE, Outline, Setting
from syncer.roadmap.pieces import BOLD_END, LINKED_END
from syncer.roadmap.scan import BlockKind, Entry, Scan
from syncer.roadmap.titles import (
    IdGuess,
    Suffix,
    find_suffix,
    guess_id,
    is_placeholder,
    is_struck,
    join_title,
    title_ranges,
)
from syncer.roadmap.words import read_status, word_status

CHECKED = frozenset("xX✓✔✅☑хХ×")
_MEANINGS: dict[str, Status] = {
    " ": Status.OPEN,
    "-": Status.DROPPED,
    "~": Status.IN_PROGRESS,
    "/": Status.IN_PROGRESS,
    ">": Status.IN_PROGRESS,
    "!": Status.OPEN,
    "?": Status.OPEN,
} | dict.fromkeys(CHECKED, Status.DONE)

_ISSUE_URL = re.compile(r"https?://[^\s<>()\[\]\"']+?/(?:-/)?(?:issues|work_items)/\d+\b")
_WHY = {
    Setting.LEGEND: "explains the marks of this file",
    Setting.HISTORY: "tells what happened, not what is planned",
    Setting.OUTSIDE: "stands under a heading of what is not planned",
    Setting.GUIDE: "stands in notes about the document itself",
    Setting.IGNORED: "left out on request (`syncer: ignore`)",
}


def legend_marks(scan: Scan, data: bytes, outline: Outline) -> tuple[dict[str, Status], set[int]]:
    """What a file's legend says about its marks, and which list items are that legend.

    A list is a legend if its section says so, or if every one of its items is a bare status word.
    """
    starts = [block.index for block in scan.blocks if block.kind is BlockKind.LIST]
    lists: dict[int, list[int]] = {}
    for index, entry in enumerate(scan.entries):
        if entry.box is not None:
            lists.setdefault(bisect_right(starts, index), []).append(index)
    meanings: dict[str, Status] = {}
    members: set[int] = set()
    for indexes in lists.values():
        named = outline.setting(outline.at(scan.entries[indexes[0]].start)) is Setting.LEGEND
        if not named and len(indexes) not in range(2, 9):
            continue
        titles = [plain_text(scan.entries[index].text) for index in indexes]
        if not named and not all(title and word_status(title) is not None for title in titles):
            continue
        members.update(indexes)
        for index, title in zip(indexes, titles, strict=True):
            reading = read_status(title)
            box = scan.entries[index].box
            if reading is not None and box is not None:
                mark = data[box.start + 1 : box.end - 1].decode("utf-8").rstrip("\ufe0f")
                meanings[mark or " "] = reading.status
    return meanings, members


def read_checklists(
    scan: Scan, data: bytes, lines: Lines, outline: Outline, findings: Findings
) -> list[ItemDraft]:
    """Turn list items with a box into drafts, in document order."""
    legend, legend_members = legend_marks(scan, data, outline)
    reader = _Reader(scan, data, lines, outline, findings, _MEANINGS | legend)
    return reader.run(legend_members)


class _Reader:
    """Reads the checklists of one file."""

    def __init__(
        self,
        scan: Scan,
        data: bytes,
        lines: Lines,
        outline: Outline,
        findings: Findings,
        meanings: dict[str, Status],
    ) -> None:
        self._entries = scan.entries
        self._data = data
        self._lines = lines
        self._outline = outline
        self._findings = findings
        self._meanings = meanings
        self._boxes: dict[int, Box] = {}

    def run(self, legend_members: set[int]) -> list[ItemDraft]:
        empty_is_box = self._empty_is_box()
        guesses: dict[int, IdGuess] = {}
        for index, entry in enumerate(self._entries):
            if entry.box is None or not self._admits(index, entry, legend_members, empty_is_box):
                continue
            guess = guess_id(entry.text)
            if guess is not None:
                guesses[index] = guess
        ids = _proven(guesses)
        parents = {index: self._parent(index) for index in self._boxes}
        nested: dict[int, list[int]] = {}
        for index, parent in parents.items():
            if parent >= 0:
                nested.setdefault(parent, []).append(index)
        return [
            self._draft(index, parents[index], nested.get(index, []), ids.get(index)) for index in self._boxes
        ]

    def _empty_is_box(self) -> bool:
        """``- []`` is a box where a file has three of them, or has real boxes beside them."""
        empty = real = 0
        for entry in self._entries:
            if entry.box is not None:
                if entry.box.end - entry.box.start == 2:
                    empty += 1
                else:
                    real += 1
        return empty >= 3 or (empty > 0 and real > 0)

    def _admits(self, index: int, entry: Entry, legend_members: set[int], empty_is_box: bool) -> bool:
        span = entry.box
        if span is None:
            return False
        data = self._data
        line = self._lines.number(span.start)
        if span.end - span.start == 2 and not empty_is_box:
            self._findings.leave_out(line, "empty-brackets", "`[]` is a box only where a file uses several")
            return False
        setting = self._outline.setting(self._outline.at(entry.start))
        if index in legend_members:
            setting = Setting.LEGEND
        elif IGNORE.search(data, entry.start, self._lines.end(line)):
            setting = Setting.IGNORED
        if setting is not Setting.PLAN:
            self._findings.leave_out(line, setting.value, _WHY[setting])
            return False
        mark = data[span.start + 1 : span.end - 1].decode("utf-8")
        self._boxes[index] = Box(line, span, mark)
        return True

    def _parent(self, index: int) -> int:
        parent = self._entries[index].parent
        while parent >= 0 and parent not in self._boxes:
            parent = self._entries[parent].parent
        return parent

    def _draft(self, index: int, parent: int, nested: list[int], guess: IdGuess | None) -> ItemDraft:
        entry = self._entries[index]
        box = self._boxes[index]
        _data, lines = self._data, self._lines
        marked = entry.text
        identifier = guess.id if guess else None
        suffix = _NO_SUFFIX
        if guess is None and _SUFFIX_HINT.search(marked) is None:
            title = plain_text(marked)
        else:
            suffix = find_suffix(marked)
            title = join_title(marked, title_ranges(marked, guess.end if guess else 0, suffix))
            if identifier is not None and not title:
                identifier, title = None, join_title(marked, title_ranges(marked, 0, suffix))
        status = self._meanings.get(box.mark.rstrip("\ufe0f") or " ", Status.OPEN)
        node = self._outline.at(entry.start)
        line_end = lines.end(box.line)
        draft = ItemDraft(
            offset=entry.start,
            line=box.line,
            node=node,
            kind=ItemKind.GROUP if nested else ItemKind.TASK,
            status=status,
            status_text=suffix.status_text,
            title=title,
            title_span=Span(min(box.span.end, line_end), line_end),
            block=Span(lines.start(lines.number(entry.start)), self._block_end(entry)),
            id=identifier,
            box=box,
            entry=index,
            parent_entry=parent,
            link=_issue_link(entry),
        )
        if self._outline.in_criteria(node):
            draft.kind = ItemKind.CRITERION
        if draft.block.end > line_end + 2:
            draft.description = self._description(entry, box.line, nested)
        self._remark(draft, marked)
        return draft

    def _remark(self, draft: ItemDraft, marked: str) -> None:
        """Why no issue is created for an open item, and what a person should know about it."""
        if not draft.title:
            draft.withheld = "the box has no text"
            self._findings.problem(
                draft.line, "empty-title", "the box has no text; no issue is created for it"
            )
        elif is_placeholder(draft.title):
            draft.withheld = "a template's blank that nobody filled in"
            self._findings.problem(
                draft.line,
                "placeholder",
                f"{draft.title!r} looks like a template's blank; no issue is created",
            )
        elif draft.status is Status.OPEN and is_struck(marked):
            draft.withheld = "struck through"
            self._findings.problem(
                draft.line,
                "struck",
                "open, but struck through: tick it or mark it `[-]`; no issue is created",
            )
        if draft.status_text is not None:
            said = read_status(draft.status_text)
            if said is not None and said.status.task_state is not draft.status.task_state:
                self._findings.problem(
                    draft.line,
                    "stale-suffix",
                    f"the box says {draft.status.value}, the text behind it {draft.status_text!r}: the box wins",
                )

    def _block_end(self, entry: Entry) -> int:
        """Just behind the last line of an item that holds more than blanks."""
        data, lines = self._data, self._lines
        end = entry.end
        while end > entry.start and data[end - 1] in b" \t\r\n":
            end -= 1
        return lines.next_start(lines.number(max(end - 1, entry.start)))

    def _description(self, entry: Entry, line: int, nested: list[int]) -> str:
        """What stands below the title, without nested items, as text without its indentation."""
        data, lines = self._data, self._lines
        skipped = [
            (lines.number(self._entries[child].start), self._block_end(self._entries[child]))
            for child in nested
        ]
        kept: list[bytes] = []
        last = lines.number(max(self._block_end(entry) - 1, entry.start))
        number = line + 1
        while number <= last:
            child = next((end for first, end in skipped if first == number), None)
            if child is not None:
                number = lines.number(child - 1) + 1
                continue
            span = lines.content(number)
            kept.append(span.of(data))
            number += 1
        return _dedent(kept)


def _dedent(rows: list[bytes]) -> str:
    texts = [row.decode("utf-8").expandtabs(4).rstrip() for row in rows]
    margin = min((len(text) - len(text.lstrip(" ")) for text in texts if text), default=0)
    text = "\n".join(text[margin:] for text in texts).strip("\n")
    return fold_mojibake(text)


_NO_SUFFIX = Suffix((), None)
_SUFFIX_HINT = re.compile(
    rf"[✅✔☑✓❌🚧🔄⏳⌛⬜🔲⏸⛔✗✘]|[)\]{BOLD_END}{LINKED_END}]\s*$|\s[-–—]+\s*[^\W\d_][\w ']{{1,30}}\s*$"
)


def _proven(guesses: dict[int, IdGuess]) -> dict[int, IdGuess]:
    """Those guesses that are ids: by their own form, or because three or more of one kind differ."""
    families: dict[str, Counter[str]] = {}
    for guess in guesses.values():
        families.setdefault(_family(guess.id), Counter())[guess.id] += 1
    proven: dict[int, IdGuess] = {}
    for index, guess in guesses.items():
        family = families[_family(guess.id)]
        if guess.certain or (len(family) >= 3 and max(family.values()) == 1):
            proven[index] = guess
    return proven


def _family(identifier: str) -> str:
    if identifier[0].isdigit():
        return re.sub(r"\d+", "0", identifier)
    return re.split(r"\d", identifier, maxsplit=1)[0]


def _issue_link(entry: Entry) -> str | None:
    """The issue address written on an item's line, if there is exactly one."""
    if entry.links is None and "://" not in entry.text:
        return None
    found = [match.group() for link in entry.links or () if (match := _ISSUE_URL.match(link))]
    found += _ISSUE_URL.findall(entry.text)
    unique = list(dict.fromkeys(found))
    return unique[0] if len(unique) == 1 else None
