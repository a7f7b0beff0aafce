"""Edits to a roadmap: spliced, read again, and compared, before anybody gets to see the bytes.

An edit that would change anything besides what it names is refused as a whole, with a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from syncer.model.document import Box, Document, Item, Span, Stage, StatusCell
from syncer.model.edits import Edit, InsertTask, RenameStage, Retitle, SetDue, SetStageState, SetState
from syncer.model.fields import TaskState
from syncer.roadmap.admit import admit
from syncer.roadmap.dialects.checklist import CHECKED
from syncer.roadmap.escape import one_line
from syncer.roadmap.headings import read_heading
from syncer.roadmap.inline import marked_text, trace
from syncer.roadmap.insert import insertion
from syncer.roadmap.mojibake import damage
from syncer.roadmap.parse import parse
from syncer.roadmap.pieces import Piece
from syncer.roadmap.rewrite import Readable, readable, rewritings
from syncer.roadmap.scan import Scan, scan
from syncer.roadmap.splice import Splice, apply_splices, refused
from syncer.roadmap.titles import find_suffix, guess_id, join_title, title_ranges

_NO_LIMIT = 1 << 40


@dataclass(frozen=True, slots=True)
class Edited:
    """A roadmap after its edits, proven by reading it again.

    Args:
        document: what the new bytes read as.
        splices: exactly what changed.
    """

    document: Document
    splices: tuple[Splice, ...]

    @property
    def data(self) -> bytes:
        return self.document.data


def apply_edits(document: Document, edits: Sequence[Edit]) -> Edited:
    """Apply edits to a roadmap.

    Args:
        document: as read; the edits' indexes refer to it.
        edits: in any order. At most one of a kind per item or stage.

    Raises:
        RoadmapError: with the code ``edit-refused``; nothing was changed.
    """
    writer = _Writer(document, edits)
    splices: list[Splice] = []
    for edit in edits:
        splices.extend(writer.splices(edit))
    data = apply_splices(document.path, document.data, splices)
    after = parse(document.path, data, size_limit=_NO_LIMIT)
    _verify(document, after, edits)
    return Edited(after, tuple(splices))


class _Writer:
    """Turns edits of one document into splices."""

    def __init__(self, document: Document, edits: Sequence[Edit]) -> None:
        self._document = document
        self._data = document.data
        self._scan = _traced(document, edits)

    def splices(self, edit: Edit) -> list[Splice]:
        match edit:
            case SetState():
                return self._set_state(edit)
            case Retitle():
                return self._retitle(edit)
            case SetStageState():
                return self._set_stage_state(edit)
            case RenameStage():
                return self._rename_stage(edit)
            case SetDue():
                return self._set_due(edit)
            case InsertTask():
                return [self._insert(edit)]

    # -- states --------------------------------------------------------------------------------------

    def _set_state(self, edit: SetState) -> list[Splice]:
        item = self._document.items[edit.item]
        splices: list[Splice] = []
        if item.box is not None:
            splices.extend(self._mark(item.box, item.state, edit.state))
        places = ([item.cell] if item.cell is not None else []) + list(item.mirrors)
        splices.extend(self._write_cells(places, edit.state, edit.texts))
        if item.box is None and not places:
            raise refused(self._document.path, "the item has no place for a state", line=item.line)
        return splices

    def _set_stage_state(self, edit: SetStageState) -> list[Splice]:
        stage = self._document.stages[edit.stage]
        places = ([stage.cell] if stage.cell is not None else []) + list(stage.mirrors)
        splices = self._write_cells(places, edit.state, edit.texts)
        if stage.overview is not None and not stage.has_items:
            now = TaskState.DONE if stage.overview.mark in CHECKED else TaskState.OPEN
            splices.extend(self._mark(stage.overview, now, edit.state))
        elif not places:
            raise refused(self._document.path, "the stage has no place for a state", line=stage.line)
        return splices

    def _mark(self, box: Box, now: TaskState, state: TaskState) -> list[Splice]:
        if now is state:
            return []
        mark = {TaskState.OPEN: " ", TaskState.DROPPED: "-"}.get(state) or self._tick()
        span = box.mark_span
        return [Splice(span, span.of(self._data), mark.encode())]

    def _tick(self) -> str:
        """The mark that this file ticks with."""
        marks = Counter(
            item.box.mark
            for item in self._document.items
            if item.box is not None and item.box.mark in CHECKED
        )
        return marks.most_common(1)[0][0] if marks else "x"

    def _write_cells(
        self, places: list[StatusCell], state: TaskState, texts: tuple[str | None, ...]
    ) -> list[Splice]:
        splices: list[Splice] = []
        for at, cell in enumerate(places):
            if cell.status.task_state is state:
                continue
            wanted = texts[at] if at < len(texts) else None
            word = wanted if wanted is not None else cell.wording.word(state)
            if word is None:
                why = (
                    f"{cell.text!r} says more than a state"
                    if cell.qualified
                    else f"no word for {state.value!r} is known beside {cell.text!r}"
                )
                raise refused(self._document.path, why, line=cell.line)
            span = self._word_span(cell)
            splices.append(Splice(span, span.of(self._data), word.encode()))
        return splices

    def _word_span(self, cell: StatusCell) -> Span:
        """The bytes of the word itself, where markup stands around it."""
        raw = cell.span.of(self._data)
        for form in (cell.text, damage(cell.text)):
            encoded = form.encode()
            if encoded and raw.count(encoded) == 1:
                start = cell.span.start + raw.find(encoded)
                return Span(start, start + len(encoded))
        return cell.span

    # -- texts ---------------------------------------------------------------------------------------

    def _retitle(self, edit: Retitle) -> list[Splice]:
        item = self._document.items[edit.item]
        new = one_line(edit.title)
        if item.id is not None and new.startswith(f"{item.id}: "):
            new = new[len(item.id) + 2 :].strip()
        if not new:
            raise refused(self._document.path, "a title cannot become empty", line=item.line)
        pieces = self._pieces_of(item)
        in_cell = item.box is None or not self._is_list_item(item)
        old = self._title_of(item, pieces)
        if old.text != item.title:
            raise refused(self._document.path, "the line does not read as it was read", line=item.line)
        for splices in rewritings(self._data, old, new, cell=in_cell):
            if self._reads_as(item, splices, new, in_cell=in_cell):
                return list(splices)
        raise refused(
            self._document.path, f"{new!r} cannot be written here so that it reads the same", line=item.line
        )

    def _is_list_item(self, item: Item) -> bool:
        return any(
            entry.box is not None and item.box is not None and entry.box == item.box.span
            for entry in self._scan.entries
            if entry.pieces is not None
        )

    def _pieces_of(self, item: Item) -> list[Piece]:
        for entry in self._scan.entries:
            if entry.pieces is not None and item.box is not None and entry.box == item.box.span:
                return entry.pieces
        for table in self._scan.tables:
            for row in table.rows:
                for cell in row.cells:
                    if cell.pieces is not None and cell.span == item.title_span:
                        return cell.pieces
        return []

    def _title_of(self, item: Item, pieces: list[Piece]) -> Readable:
        traced = trace(pieces, self._data)
        if self._is_list_item(item):
            return readable(traced, _title_ranges(traced.text, item.id))
        return readable(traced, [(0, len(traced.text))])

    def _reads_as(self, item: Item, splices: tuple[Splice, ...], title: str, *, in_cell: bool) -> bool:
        """Whether the line alone, after these splices, reads as the title. The file is checked later."""
        first = self._data.rfind(b"\n", 0, item.title_span.start) + 1
        last = self._data.find(b"\n", item.title_span.end)
        last = len(self._data) if last < 0 else last
        moved = [Splice(Span(s.span.start - first, s.span.end - first), s.old, s.new) for s in splices]
        line = apply_splices(self._document.path, self._data[first:last], moved)
        if in_cell:
            return True
        found = scan("line", admit("line", line.lstrip(b" \t") + b"\n"))
        if len(found.entries) != 1:
            return False
        marked = found.entries[0].text
        return join_title(marked, _title_ranges(marked, item.id)) == title

    def _rename_stage(self, edit: RenameStage) -> list[Splice]:
        stage = self._document.stages[edit.stage]
        new = one_line(edit.name)
        if not new:
            raise refused(self._document.path, "a name cannot become empty", line=stage.line)
        splices: list[Splice] = []
        for pieces, whole in self._names_of(stage):
            traced = trace(pieces, self._data)
            reading = read_heading(traced.text)
            ranges = [(0, len(traced.text))] if whole else [(reading.start, reading.end)]
            old = readable(traced, ranges)
            target = _renamed(stage.name, new, old.text)
            if target is not None:
                splices.extend(next(rewritings(self._data, old, target, cell=whole), ()))
        if not splices:
            raise refused(self._document.path, "the name stands nowhere it could be changed", line=stage.line)
        return splices

    def _names_of(self, stage: Stage) -> list[tuple[list[Piece], bool]]:
        starts = {span.start for span in stage.name_spans}
        found: list[tuple[list[Piece], bool]] = []
        for block in self._scan.blocks:
            if block.pieces and block.level:
                traced = trace(block.pieces, self._data)
                reading = read_heading(marked_text(block.pieces, self._data))
                if traced.slice(reading.start, reading.end).start in starts:
                    found.append((block.pieces, False))
        for table in self._scan.tables:
            for row in table.rows:
                found.extend(
                    (cell.pieces, True)
                    for cell in row.cells
                    if cell.pieces is not None and cell.span is not None and cell.span.start in starts
                )
        return found

    # -- dates and new lines ---------------------------------------------------------------------------

    def _set_due(self, edit: SetDue) -> list[Splice]:
        stage = self._document.stages[edit.stage]
        if stage.due_cell is None:
            raise refused(self._document.path, "the stage has no place for a date", line=stage.line)
        span = stage.due_cell.span
        new = edit.due.isoformat().encode() if edit.due is not None else b""
        return [Splice(span, span.of(self._data), new)]

    def _insert(self, edit: InsertTask) -> Splice:
        section = self._document.sections[edit.section]
        title = one_line(edit.title)
        for plain in (False, True):
            splice = insertion(self._document, section, title, self._scan, plain=plain)
            after = parse(
                self._document.path,
                apply_splices(self._document.path, self._data, [splice]),
                size_limit=_NO_LIMIT,
            )
            if _inserted(self._document, after, section.segments, title) is not None:
                return splice
        raise refused(
            self._document.path,
            f"{title!r} cannot be written here so that it reads the same",
            line=section.line,
        )


def _title_ranges(marked: str, identifier: str | None) -> list[tuple[int, int]]:
    guess = guess_id(marked) if identifier is not None else None
    end = guess.end if guess is not None and guess.id == identifier else 0
    return title_ranges(marked, end, find_suffix(marked))


def _traced(document: Document, edits: Sequence[Edit]) -> Scan:
    starts: set[int] = set()
    for edit in edits:
        if isinstance(edit, Retitle):
            item = document.items[edit.item]
            starts.add(item.title_span.start)
        elif isinstance(edit, RenameStage):
            starts.update(span.start for span in document.stages[edit.stage].name_spans)
    text = admit(document.path, document.data, size_limit=_NO_LIMIT)
    boxes = {
        document.items[edit.item].box
        for edit in edits
        if isinstance(edit, Retitle) and document.items[edit.item].box is not None
    }
    if boxes:
        spans = {box.span for box in boxes if box is not None}
        starts.update(entry.start for entry in scan(document.path, text).entries if entry.box in spans)
    return scan(document.path, text, frozenset(starts))


def _renamed(old: str, new: str, written: str) -> str | None:
    """What a place that shows a stage's name has to show after a renaming, or ``None`` for no change."""
    if written == old:
        return new
    if old.endswith(written):
        prefix = old[: len(old) - len(written)]
        if prefix and new.startswith(prefix):
            return new[len(prefix) :]
    return None


# -- verification ------------------------------------------------------------------------------------


def _verify(before: Document, after: Document, edits: Sequence[Edit]) -> None:
    """Require that exactly the intended items differ."""
    states = {edit.item: edit.state for edit in edits if isinstance(edit, SetState)}
    titles = {edit.item: edit.title for edit in edits if isinstance(edit, Retitle)}
    renamed = any(isinstance(edit, RenameStage) for edit in edits)
    names = {
        before.stages[edit.stage].name: one_line(edit.name) for edit in edits if isinstance(edit, RenameStage)
    }
    inserted = [edit for edit in edits if isinstance(edit, InsertTask)]
    remaining = list(after.items)
    for edit in inserted:
        section = before.sections[edit.section]
        segments = tuple(names.get(segment, segment) for segment in section.segments)
        place = _inserted(before, after, segments, one_line(edit.title))
        if place is None:
            raise refused(before.path, "an inserted task does not read as intended")
        remaining.remove(place)
    if len(remaining) != len(before.items):
        raise refused(
            before.path, f"{len(before.items)} items would become {len(remaining)} instead of staying as many"
        )
    place_of = {item.index: place for place, item in enumerate(remaining)}
    for old, new in zip(before.items, remaining, strict=True):
        if (None if new.parent is None else place_of.get(new.parent, -1)) != old.parent:
            raise refused(before.path, f"{old.title!r} would hang below another item", line=old.line)
        _verify_item(before, old, new, states.get(old.index), titles.get(old.index), renamed=renamed)
    _verify_stages(before, after, edits)


def _verify_item(
    before: Document, old: Item, new: Item, state: TaskState | None, title: str | None, *, renamed: bool
) -> None:
    wanted_state = state if state is not None else old.state
    wanted_title = one_line(title) if title is not None else old.title
    if title is not None and old.id is not None:
        wanted_title = wanted_title.removeprefix(f"{old.id}: ").strip()
    shown = [cell.status.task_state for cell in new.mirrors]
    same_mirrors = (
        all(each is wanted_state for each in shown)
        if state is not None
        else shown == [cell.status.task_state for cell in old.mirrors]
    )
    if (
        new.state is not wanted_state
        or new.title != wanted_title
        or (new.kind, new.id, len(new.mirrors)) != (old.kind, old.id, len(old.mirrors))
        or (not renamed and (new.section != old.section or new.stage != old.stage))
        or new.description != old.description
        or not same_mirrors
    ):
        raise refused(before.path, f"{old.title!r} would read differently than intended", line=old.line)


def _verify_stages(before: Document, after: Document, edits: Sequence[Edit]) -> None:
    names = {edit.stage: one_line(edit.name) for edit in edits if isinstance(edit, RenameStage)}
    dues = {edit.stage: edit.due for edit in edits if isinstance(edit, SetDue)}
    states = {edit.stage: edit.state for edit in edits if isinstance(edit, SetStageState)}
    if len(before.stages) != len(after.stages):
        raise refused(before.path, "the number of stages would change")
    for old, new in zip(before.stages, after.stages, strict=True):
        due = dues.get(old.index, old.due)
        state = states.get(old.index)
        if (
            new.name != names.get(old.index, old.name)
            or new.due != due
            or new.id != old.id
            or (state is not None and not new.has_items and new.status.task_state is not state)
        ):
            raise refused(
                before.path, f"the stage {old.name!r} would read differently than intended", line=old.line
            )


def _inserted(before: Document, after: Document, segments: tuple[str, ...], title: str) -> Item | None:
    """The one open item of that title that the section has now and had not before."""
    had = Counter((item.section, item.title) for item in before.items)
    now = [
        item
        for item in after.items
        if item.full_title == title and item.section == segments and item.box is not None
    ]
    key = (segments, now[-1].title) if now else None
    if key is None or len(now) <= had[key] or now[-1].state is not TaskState.OPEN:
        return None
    return now[-1]
