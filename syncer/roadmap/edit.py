"""Edits to a roadmap: spliced, read again, and compared, before anybody gets to see the bytes.

An edit that would change anything besides what it names is refused as a whole, with a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from syncer.model.document import Box, Document, Item, Span, StatusCell
from syncer.model.edits import (
    Edit,
    InsertTask,
    MoveItem,
    RenameStage,
    Retitle,
    SetDue,
    SetLink,
    SetStageState,
    SetStageStatus,
    SetStarted,
    SetState,
)
from syncer.model.fields import Status, TaskState
from syncer.model.overview import box_contradicts, contradictions
from syncer.roadmap.dialects.checklist import CHECKED
from syncer.roadmap.escape import escape
from syncer.roadmap.insert import Inserter
from syncer.roadmap.lines import Lines
from syncer.roadmap.links import set_link
from syncer.roadmap.mojibake import damage
from syncer.roadmap.move import move_item
from syncer.roadmap.parse import parse
from syncer.roadmap.splice import Splice, apply_splices, landing, refused
from syncer.roadmap.texts import Texts, is_struck_item
from syncer.roadmap.timewords import DUE_NOTE
from syncer.roadmap.verify import Followed, verify
from syncer.roadmap.words import read_status

_NO_LIMIT = 1 << 40
_NO_DATE = b"TBD"
_OPENING, _CLOSING = (b"(", b"[", "（".encode()), (b")", b"]", "）".encode())


@dataclass(frozen=True, slots=True)
class Edited:
    """A roadmap after its edits, proven by reading it again.

    Args:
        document: what the new bytes read as.
        splices: exactly what changed.
        followed: where everything is now.
    """

    document: Document
    splices: tuple[Splice, ...]
    followed: Followed = field(default_factory=lambda: Followed({}, {}))

    @property
    def data(self) -> bytes:
        return self.document.data

    def entry_now(self, index: int) -> int:
        """The index of a former item or gate in the edited document; gates are numbered on from the items."""
        return self.followed.items.get(index, index + len(self.document.items) - len(self.followed.items))

    def stage_now(self, index: int) -> int | None:
        """The same for a stage; ``None`` for one that its items have left, so that it is none any more."""
        return self.followed.stages.get(index)


def apply_edits(document: Document, edits: Sequence[Edit]) -> Edited:
    """Apply edits to a roadmap.

    Args:
        document: as read; the edits' indexes refer to it.
        edits: in any order. At most one of a kind per item or stage; insertions into one section
            keep their order.

    Raises:
        RoadmapError: with the code ``edit-refused``; nothing was changed.
    """
    writer = _Writer(document, edits)
    splices = [splice for edit in edits for splice in writer.splices(edit)]
    inserted = [edit for edit in edits if isinstance(edit, InsertTask)]
    moved = [edit for edit in edits if isinstance(edit, MoveItem)]
    arrivals: dict[int, Splice] = {}
    if inserted or moved:
        inserter = Inserter(document)
        splices += inserter.insertions(inserted)
        for move in moved:
            removal, arrivals[move.item] = move_item(document, inserter, move)
            splices += [removal, arrivals[move.item]]
    data = apply_splices(document.path, document.data, splices)
    after = parse(document.path, data, size_limit=_NO_LIMIT, strikes=document.strikes)
    places = {item: landing(splices, splice) for item, splice in arrivals.items()}
    return Edited(after, tuple(splices), verify(document, after, edits, places))


class _Writer:
    """Turns edits of one document into splices."""

    def __init__(self, document: Document, edits: Sequence[Edit]) -> None:
        self._document = document
        self._data = document.data
        self._texts = Texts(document, edits)
        self._lines = Lines(document.data)

    def splices(self, edit: Edit) -> list[Splice]:
        match edit:
            case SetState():
                return self._set_state(edit)
            case SetStarted():
                return self._set_started(edit)
            case Retitle():
                return self._texts.retitle(edit)
            case SetStageState():
                return self._set_stage_state(edit)
            case SetStageStatus():
                return self._set_stage_status(edit)
            case RenameStage():
                return self._texts.rename(edit)
            case SetDue():
                return [self._set_due(edit)]
            case SetLink():
                return [set_link(self._document, self._lines, edit)]
            case InsertTask() | MoveItem():
                # All of them together, so that several in one place keep their order.
                return []

    def _refused(self, why: str, line: int) -> Exception:
        return refused(self._document.path, why, line=line)

    # -- states --------------------------------------------------------------------------------------

    def _set_state(self, edit: SetState) -> list[Splice]:
        item = self._document.items[edit.item]
        splices: list[Splice] = []
        if item.box is not None:
            splices.extend(self._set_box(item, item.box, edit.state))
        places = ([item.cell] if item.cell is not None else []) + list(item.mirrors)
        splices.extend(self._write_cells(places, edit.state, edit.texts))
        if item.box is None and not places:
            raise self._refused("the item has no place for a state", item.line)
        return splices

    def _set_started(self, edit: SetStarted) -> list[Splice]:
        item = self._document.items[edit.item]
        if item.cell is None or item.state is not TaskState.OPEN:
            raise self._refused("only the cell of an open row says that it is in progress", item.line)
        splices: list[Splice] = []
        for at, cell in enumerate([item.cell, *item.mirrors]):
            if (cell.status is Status.IN_PROGRESS) is edit.started:
                continue
            before = edit.texts[at] if at < len(edit.texts) else None
            restored = read_status(before) if before and not edit.started else None
            word = cell.wording.started if edit.started else cell.wording.planned
            if before is not None and restored is not None and restored.status is Status.OPEN:
                word = self._spelled(before)
            if word is None:
                what = "in progress" if edit.started else "not in progress"
                raise self._refused(f"no word for what is {what} is known beside {cell.text!r}", cell.line)
            span = self._word_span(cell)
            splices.append(Splice(span, span.of(self._data), self._padded(span, word.encode())))
        return splices

    def _set_box(self, item: Item, box: Box, state: TaskState) -> list[Splice]:
        struck = self._document.strikes and is_struck_item(item)
        # A struck item's box is open as it stands; the stroke says that the item is dropped.
        now = TaskState.OPEN if struck else item.state
        if self._document.strikes and state is TaskState.DROPPED and now is TaskState.OPEN:
            return [] if struck else self._texts.strike(item)
        return [*(self._texts.unstrike(item) if struck else []), *self._mark(box, now, state)]

    def _set_stage_state(self, edit: SetStageState) -> list[Splice]:
        stage = self._document.stages[edit.stage]
        places = ([stage.cell] if stage.cell is not None else []) + list(stage.mirrors)
        splices = self._write_cells(places, edit.state, edit.texts)
        if stage.overview is not None:
            now = TaskState.DONE if stage.overview.mark.rstrip("\ufe0f") in CHECKED else TaskState.OPEN
            splices.extend(self._mark(stage.overview, now, edit.state))
        elif not places:
            raise self._refused("the stage has no place for a state", stage.line)
        return splices

    def _set_stage_status(self, edit: SetStageStatus) -> list[Splice]:
        stage = self._document.stages[edit.stage]
        splices: list[Splice] = []
        texts = [self._spelled(text) if text is not None else None for text in edit.texts]
        for each in contradictions(stage, edit.status, texts):
            if each.word is not None:
                span = self._word_span(each.cell)
                splices.append(Splice(span, span.of(self._data), self._padded(span, each.word.encode())))
        if stage.overview is not None and box_contradicts(stage, stage.overview_ticked, edit.status):
            now = TaskState.DONE if stage.overview_ticked else TaskState.OPEN
            splices += self._mark(stage.overview, now, edit.status.task_state)
        if not splices:
            raise self._refused("no place of the stage takes another status", stage.line)
        return splices

    def _mark(self, box: Box, now: TaskState, state: TaskState) -> list[Splice]:
        if now is state:
            return []
        mark = " " if state is TaskState.OPEN else self._usual_mark(state)
        span = box.mark_span
        return [Splice(span, span.of(self._data), mark.encode())]

    def _usual_mark(self, state: TaskState) -> str:
        """The mark that this file ticks with, or drops with."""
        marks = Counter(
            item.box.mark for item in self._document.items if item.box is not None and item.state is state
        )
        known = [mark for mark, _ in marks.most_common() if state is TaskState.DROPPED or mark in CHECKED]
        return known[0] if known else "x" if state is TaskState.DONE else "-"

    def _write_cells(
        self, places: Sequence[StatusCell], state: TaskState, texts: Sequence[str | None]
    ) -> list[Splice]:
        splices: list[Splice] = []
        for at, cell in enumerate(places):
            if cell.status.task_state is state:
                continue
            wanted = texts[at] if at < len(texts) else None
            word = self._spelled(wanted) if wanted is not None else cell.wording.word(state)
            if word is None:
                why = (
                    f"{cell.text!r} says more than a state"
                    if cell.qualified
                    else f"no word for {state.value!r} is known beside {cell.text!r}"
                )
                raise self._refused(why, cell.line)
            span = self._word_span(cell)
            splices.append(Splice(span, span.of(self._data), self._padded(span, word.encode())))
        return splices

    def _spelled(self, text: str) -> str:
        """A status text as this file spells it: no markup of its own, double-encoded where the file is."""
        text = escape(text, cell=True)
        return damage(text) if self._document.mojibake else text

    def _word_span(self, cell: StatusCell) -> Span:
        """The bytes of the word itself, where markup stands around it."""
        raw = cell.span.of(self._data)
        for form in (cell.text, damage(cell.text)):
            encoded = form.encode()
            if encoded and raw.count(encoded) == 1:
                start = cell.span.start + raw.find(encoded)
                return Span(start, start + len(encoded))
        return cell.span

    def _padded(self, span: Span, text: bytes) -> bytes:
        """A text for an empty cell, with the blanks that part it from the cell's borders."""
        if span.start < span.end or not text:
            return text
        before, after = self._data[span.start - 1 : span.start], self._data[span.end : span.end + 1]
        return (b" " if before == b"|" else b"") + text + (b" " if after == b"|" else b"")

    # -- dates ---------------------------------------------------------------------------------------

    def _set_due(self, edit: SetDue) -> Splice:
        stage = self._document.stages[edit.stage]
        if stage.due_cell is None:
            raise self._refused("the stage has no place for a date", stage.line)
        span = stage.due_cell.span
        if edit.due is None and stage.due_cell.line not in (stage.row_line, stage.heading_line):
            # "**Due:**" with nothing behind it would be a bold line that heads a list.
            return Splice(span, span.of(self._data), _NO_DATE)
        if edit.due is None:
            span = self._due_note(span, stage.due)
            return Splice(span, span.of(self._data), b"")
        return Splice(span, span.of(self._data), self._padded(span, edit.due.isoformat().encode()))

    def _due_note(self, span: Span, due: date | None) -> Span:
        """A date with the brackets that hold nothing else, so that no empty ones remain."""
        data = self._data
        for opening, closing in zip(_OPENING, _CLOSING, strict=True):
            line_start = max(data.rfind(b"\n", 0, span.start), data.rfind(b"\r", 0, span.start)) + 1
            start = data.rfind(opening, line_start, span.start)
            end = data.find(closing, span.end)
            if due is None or start < 0 or end < 0:
                continue
            inner = data[start + len(opening) : end].decode("utf-8").strip()
            if DUE_NOTE.fullmatch(inner):
                while start > line_start and data[start - 1] in b" \t":
                    start -= 1
                return Span(start, end + len(closing))
        return span
