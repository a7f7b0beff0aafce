"""Checklists: list items whose first bytes are a box.

A box is ``[mark]`` behind a bullet, followed by white space, with a mark from a closed set. Marks
beyond GitHub Flavored Markdown mean what the file's own legend says, else what they usually mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from syncer.model.document import Box, ItemKind, Span
from syncer.model.fields import Status, TaskState
from syncer.roadmap.draft import Findings, ItemDraft, may_need_remark, remark_item
from syncer.roadmap.ids import IdGuess, guess_id, proven_ids
from syncer.roadmap.inline import plain_text
from syncer.roadmap.lines import Lines
from syncer.roadmap.mojibake import fold_mojibake
from syncer.roadmap.outline import Outline
from syncer.roadmap.sections import IGNORE, Setting
from syncer.roadmap.stagewords import CRITERIA
from syncer.roadmap.structure import Entry, Scan
from syncer.roadmap.titles import NO_SUFFIX, find_suffix, is_struck, join_title, may_have_suffix, title_ranges
from syncer.roadmap.words import word_status

CHECKED = frozenset("xX✓✔✅☑хХ×")
_MEANINGS: Mapping[str, Status] = {
    " ": Status.OPEN,
    "-": Status.DROPPED,
    "~": Status.IN_PROGRESS,
    "/": Status.IN_PROGRESS,
    ">": Status.IN_PROGRESS,
    "!": Status.OPEN,
    "?": Status.OPEN,
} | dict.fromkeys(CHECKED, Status.DONE)

_ISSUE_URL = re.compile(r"https?://[^\s<>()\[\]\"']+?/(?:-/)?(?:issues|work_items)/\d+\b")
_UNKNOWN_BOX = re.compile(rb"[ \t]+\[([^\]\[\r\n]{1,24})\](?=[ \t]+[^ \t\r\n])")
_TICK_LETTERS = frozenset("vVoO")
_LONGEST_LABEL = 60
_LINE_REST = re.compile(rb"[ \t]*(?:\r\n|\n|\r)?")
_WHY = {
    Setting.LEGEND: "explains the marks of this file",
    Setting.HISTORY: "tells what happened, not what is planned",
    Setting.OUTSIDE: "stands under a heading of what is not planned",
    Setting.GUIDE: "stands in notes about the document itself",
    Setting.IGNORED: "left out on request (`syncer: ignore`)",
}


def mark_meanings(path: str, legend: Mapping[str, Status]) -> Mapping[str, Status]:
    """What the marks of a file mean.

    Args:
        path: Kiro's task files (documentation: "Specs", task states) write ``[-]`` for what is being
            worked on; everywhere else it means that something will not be done.
        legend: what the file itself says; it goes before everything.
    """
    kiro = {"-": Status.IN_PROGRESS} if path.startswith(".kiro/") or "/.kiro/" in path else {}
    return {**_MEANINGS, **kiro, **legend}


def read_checklists(
    scan: Scan,
    data: bytes,
    lines: Lines,
    outline: Outline,
    findings: Findings,
    meanings: Mapping[str, Status],
    explained: Set[int],
    *,
    strikes: bool = False,
) -> list[ItemDraft]:
    """Turn list items with a box into drafts, in document order.

    Args:
        scan: the file's structure.
        data: the file.
        lines: its lines.
        outline: its headings.
        findings: where to report to.
        meanings: what the marks of this file mean.
        explained: the list items that are its legend.
        strikes: whether an open item that is struck through is dropped.
    """
    return _Reader(scan, data, lines, outline, findings, meanings, strikes=strikes).run(explained)


class _Reader:
    """Reads the checklists of one file."""

    def __init__(
        self,
        scan: Scan,
        data: bytes,
        lines: Lines,
        outline: Outline,
        findings: Findings,
        meanings: Mapping[str, Status],
        *,
        strikes: bool,
    ) -> None:
        self._strikes = strikes
        self._entries = scan.entries
        self._data = data
        self._lines = lines
        self._outline = outline
        self._findings = findings
        self._meanings = meanings
        self._boxes: dict[int, Box] = {}
        self._node: dict[int, int] = {}
        self._ignored: set[int] = set()
        self._criteria: set[int] = set()
        self._may_ignore = IGNORE.search(data) is not None

    def run(self, legend_members: Set[int]) -> list[ItemDraft]:
        empty_is_box = self._empty_is_box()
        guesses: dict[int, IdGuess] = {}
        for index, entry in enumerate(self._entries):
            if self._may_ignore and self._is_ignored(entry):
                self._ignored.add(index)
            if entry.parent in self._criteria:
                self._criteria.add(index)
            if entry.box is None:
                if _heads_criteria(entry):
                    self._criteria.add(index)
                self._report_mark(entry)
                continue
            if not self._admits(index, entry, legend_members, empty_is_box):
                continue
            guess = guess_id(entry.text)
            if guess is not None:
                guesses[index] = guess
        ids = proven_ids(guesses)
        parents = {index: self._parent(index) for index in self._boxes}
        nested: dict[int, list[int]] = {}
        for index, parent in parents.items():
            if parent >= 0:
                nested.setdefault(parent, []).append(index)
        return [
            self._draft(index, box, parents[index], nested.get(index, []), ids.get(index))
            for index, box in self._boxes.items()
        ]

    def _is_ignored(self, entry: Entry) -> bool:
        """Whether a list item, or one that encloses it, is left out on request."""
        line_end = self._lines.end(self._lines.number(entry.start))
        return entry.parent in self._ignored or IGNORE.search(self._data, entry.start, line_end) is not None

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

    def _admits(self, index: int, entry: Entry, legend_members: Set[int], empty_is_box: bool) -> bool:
        span = entry.box
        if span is None:
            return False
        line = self._lines.number(span.start)
        if span.end - span.start == 2 and not empty_is_box:
            self._findings.leave_out(line, "empty-brackets", "`[]` is a box only where a file uses several")
            return False
        node = self._outline.at(entry.start)
        setting = self._outline.setting(node)
        if index in self._ignored:
            setting = Setting.IGNORED
        elif index in legend_members:
            setting = Setting.LEGEND
        if setting is not Setting.PLAN:
            self._findings.leave_out(line, setting.value, _WHY[setting])
            return False
        self._boxes[index] = Box(line, span, self._data[span.start + 1 : span.end - 1].decode("utf-8"))
        self._node[index] = node
        return True

    def _parent(self, index: int) -> int:
        parent = self._entries[index].parent
        while parent >= 0 and parent not in self._boxes:
            parent = self._entries[parent].parent
        return parent

    def _draft(
        self, index: int, box: Box, parent: int, nested: list[int], guess: IdGuess | None
    ) -> ItemDraft:
        entry = self._entries[index]
        lines = self._lines
        marked = entry.text
        identifier = guess.id if guess else None
        suffix = NO_SUFFIX
        if guess is None and not may_have_suffix(marked):
            title = plain_text(marked)
        else:
            suffix = find_suffix(marked)
            title = join_title(marked, title_ranges(marked, guess.end if guess else 0, suffix))
            if identifier is not None and not title:
                identifier, title = None, join_title(marked, title_ranges(marked, 0, suffix))
        node = self._node[index]
        line_end = lines.end(box.line)
        kind = ItemKind.TASK
        if nested and not self._criteria.issuperset(nested):
            kind = ItemKind.GROUP
        if index in self._criteria or self._outline.in_criteria(node):
            kind = ItemKind.CRITERION
        draft = ItemDraft(
            offset=entry.start,
            line=box.line,
            node=node,
            kind=kind,
            status=self._meaning(box.mark),
            status_text=suffix.status_text,
            title=title,
            title_span=Span(min(box.span.end, line_end), line_end),
            block=Span(lines.start(box.line), self._block_end(entry)),
            id=identifier,
            box=box,
            key=index,
            parent_key=parent,
            link=_issue_link(entry),
        )
        if draft.block.end > line_end + 2:
            draft.description = self._description(entry, box.line, nested)
        if self._strikes and draft.status.task_state is TaskState.OPEN and is_struck(marked):
            draft.status = Status.DROPPED
        if may_need_remark(draft, marked):
            remark_item(draft, marked, self._findings)
        if nested and draft.status.task_state is TaskState.DONE:
            self._check_children(draft, nested)
        return draft

    def _report_mark(self, entry: Entry) -> None:
        """Say where brackets with a mark that is not known stand where a box would."""
        match = _UNKNOWN_BOX.match(self._data, entry.bullet_end)
        if match is None:
            return
        mark = match[1].decode("utf-8", "replace").strip("\ufe0f")
        if (len(mark) == 1 and not mark.isalnum()) or mark in _TICK_LETTERS or word_status(mark) is not None:
            self._findings.leave_out(
                self._lines.number(entry.start),
                "unknown-mark",
                f"`[{mark}]` is no box that syncer knows; the line is text",
            )

    def _meaning(self, mark: str) -> Status:
        found = self._meanings.get(mark)
        return found or self._meanings.get(mark.rstrip("\ufe0f") or " ", Status.OPEN)

    def _check_children(self, draft: ItemDraft, nested: list[int]) -> None:
        states = [self._meaning(self._boxes[child].mark).task_state for child in nested]
        opened = states.count(TaskState.OPEN)
        if opened:
            self._findings.problem(
                draft.line,
                "group-conflict",
                f"ticked, but {opened} of the {len(nested)} boxes below it are open",
            )

    def _block_end(self, entry: Entry) -> int:
        """Just behind the last line of an item that holds more than blanks."""
        data = self._data
        end = entry.end
        if data[end - 1 : end] == b"\n" and data[end - 2] not in b" \t\r\n":
            # The usual item ends with its last line's end.
            return end
        while end > entry.start and data[end - 1] in b" \t\r\n":
            end -= 1
        rest = _LINE_REST.match(data, end)
        return rest.end() if rest is not None else end

    def _description(self, entry: Entry, line: int, nested: list[int]) -> str:
        """What stands below the title, without nested items, as text without its indentation."""
        data, lines = self._data, self._lines
        skipped = {
            lines.number(self._entries[child].start): self._block_end(self._entries[child])
            for child in nested
        }
        kept: list[bytes] = []
        last = lines.number(max(self._block_end(entry) - 1, entry.start))
        number = line + 1
        while number <= last:
            child_end = skipped.get(number)
            if child_end is not None:
                number = lines.number(child_end - 1) + 1
                continue
            kept.append(lines.content(number).of(data))
            number += 1
        return _dedent(kept)


def _heads_criteria(entry: Entry) -> bool:
    """Whether a plain bullet says that what stands below it are criteria: "- Acceptance criteria:"."""
    if entry.box is not None or len(entry.text) > _LONGEST_LABEL:
        return False
    label = plain_text(entry.text)
    return label.endswith((":", "：")) and CRITERIA.search(label.casefold().strip(" :：")) is not None


def _dedent(rows: list[bytes]) -> str:
    texts = [row.decode("utf-8").expandtabs(4).rstrip() for row in rows]
    margin = min((len(text) - len(text.lstrip(" ")) for text in texts if text), default=0)
    text = "\n".join(text[margin:] for text in texts).strip("\n")
    return fold_mojibake(text)


def _issue_link(entry: Entry) -> str | None:
    """The issue address written on an item's line, if there is exactly one."""
    if entry.links is None and "://" not in entry.text:
        return None
    found = [match.group() for link in entry.links or () if (match := _ISSUE_URL.match(link))]
    found += _ISSUE_URL.findall(entry.text)
    unique = list(dict.fromkeys(found))
    return unique[0] if len(unique) == 1 else None
