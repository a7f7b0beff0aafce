"""From bytes to a document: every reader in its order, then what none of them can know alone."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from syncer.model.document import Document, Item, Section, Span, StatusCell, Wording
from syncer.model.fields import Status
from syncer.roadmap.admit import DEFAULT_SIZE_LIMIT, Text, admit, line_ending
from syncer.roadmap.dialects.checklist import read_checklists
from syncer.roadmap.dialects.columns import Columns, Role, read_columns
from syncer.roadmap.dialects.milestone_table import (
    RowStage,
    attach_mirrors,
    is_milestone_table,
    read_milestone_table,
)
from syncer.roadmap.dialects.status_table import is_future_table, is_status_table, read_status_table
from syncer.roadmap.draft import Findings, ItemDraft
from syncer.roadmap.headings import read_stage_name
from syncer.roadmap.inline import plain_text
from syncer.roadmap.lines import Lines
from syncer.roadmap.mojibake import fold_mojibake, suspicious
from syncer.roadmap.outline import Outline, Setting, same_stage
from syncer.roadmap.scan import BlockKind, Entry, Scan, scan
from syncer.roadmap.stages import Overview, build_stages
from syncer.roadmap.suspects import report_suspects
from syncer.roadmap.words import STATUS_GLYPHS


def parse(path: str, data: bytes, *, size_limit: int = DEFAULT_SIZE_LIMIT) -> Document:
    """Read a roadmap.

    Args:
        path: from the repository's root; part of every reference and message.
        data: the file's bytes.
        size_limit: in bytes.

    Raises:
        RoadmapError: the bytes are no roadmap; nothing was read.
    """
    text = admit(path, data, size_limit=size_limit)
    return _Parser(path, text, scan(path, text)).run()


class _Parser:
    def __init__(self, path: str, text: Text, found: Scan) -> None:
        self._path = path
        self._data = text.data
        self._scan = found
        self._lines = Lines(text.data)
        self._damaged = _is_damaged(text.text)
        self._findings = Findings()
        self._hinted: dict[str, int | None] = {}
        self._outline = Outline(found, text.data, self._lines)

    def run(self) -> Document:
        drafts = read_checklists(self._scan, self._data, self._lines, self._outline, self._findings)
        rows, table_drafts = self._read_tables()
        attach_mirrors(rows, self._scan, self._data, self._lines, damaged=self._damaged)
        overviews, drafts = self._take_overviews(drafts)
        drafts = self._merge_mirrors(sorted([*drafts, *table_drafts], key=lambda draft: draft.offset))
        for draft in drafts:
            if draft.status is not Status.FUTURE:
                self._outline.count_item(draft.offset)
        named = [self._outline.nodes[each.node].reading.name for each in overviews]
        self._outline.settle([row.name for row in rows], [row.title for row in rows], named)
        stage_of = [self._stage_of(draft, rows) for draft in drafts]
        stages = build_stages(
            self._scan,
            self._data,
            self._lines,
            self._outline,
            rows,
            drafts,
            stage_of,
            overviews,
            self._findings,
        )
        order = sorted(range(len(stages)), key=lambda number: (stages[number].line, number))
        place = {number: index for index, number in enumerate(order)}
        ordered = tuple(dataclasses.replace(stages[number], index=place[number]) for number in order)
        items = self._items(drafts, [place[number] if number is not None else None for number in stage_of])
        self._report_suspects()
        self._leave_out_lists()
        return Document(
            path=self._path,
            data=self._data,
            eol=line_ending(self._data),
            bom=self._data.startswith(b"\xef\xbb\xbf"),
            mojibake=self._damaged,
            items=items,
            stages=ordered,
            sections=self._sections(place),
            problems=tuple(sorted(self._findings.problems, key=lambda problem: (problem.line, problem.code))),
            left_out=tuple(sorted(self._findings.left_out, key=lambda left: (left.line, left.code))),
        )

    # -- tables --------------------------------------------------------------------------------------

    def _read_tables(self) -> tuple[list[RowStage], list[ItemDraft]]:
        rows: list[RowStage] = []
        drafts: list[ItemDraft] = []
        for table in self._scan.tables:
            columns = read_columns(table)
            node = self._outline.nodes[self._outline.at(table.start)]
            if is_milestone_table(columns, node, self._outline):
                if self._outline.setting(node.index) is Setting.PLAN:
                    rows.extend(
                        read_milestone_table(columns, self._lines, self._findings, damaged=self._damaged)
                    )
            elif is_status_table(columns) or is_future_table(columns):
                drafts.extend(
                    read_status_table(
                        columns,
                        self._data,
                        self._lines,
                        self._outline,
                        self._findings,
                        damaged=self._damaged,
                    )
                )
            else:
                self._leave_out_table(columns)
        return rows, drafts

    def _leave_out_table(self, columns: Columns) -> None:
        why = "a table without a status column"
        if columns.first(Role.STATUS) is not None:
            why = "a table whose rows have neither an id nor a text that names them"
        for row in columns.table.rows:
            self._findings.leave_out(self._lines.number(row.start), "plain-table", why)

    # -- overview checkboxes ---------------------------------------------------------------------------

    def _take_overviews(self, drafts: list[ItemDraft]) -> tuple[list[Overview], list[ItemDraft]]:
        """Part the boxes that repeat a stage's heading from those that are tasks.

        "- [x] **Phase 1: Setup**" above "## Phase 1: Setup" is the stage's own box. A name without
        a number counts only where a list repeats two headings or more.
        """
        matched: dict[int, int] = {}
        unnumbered: dict[int, list[int]] = {}
        for at, draft in enumerate(drafts):
            if draft.parent_entry >= 0 or draft.id is not None:
                continue
            if not self._outline.headings.may_match(draft.title):
                continue
            name = read_stage_name(draft.title)
            if name.number and not name.keyed:
                continue
            for node in self._outline.headings.matching(name, draft.title):
                if node.start <= draft.offset < node.end:
                    continue
                matched[at] = node.index
                if not name.number:
                    unnumbered.setdefault(draft.node, []).append(at)
                break
        for group in unnumbered.values():
            if len(group) < 2 or len({matched[at] for at in group}) < len(group):
                for at in group:
                    del matched[at]
        overviews = []
        kept = []
        for at, draft in enumerate(drafts):
            if draft.box is not None and at in matched:
                overviews.append(Overview(draft.box, matched[at]))
            else:
                kept.append(draft)
        return overviews, kept

    # -- mirrors ---------------------------------------------------------------------------------------

    def _merge_mirrors(self, drafts: list[ItemDraft]) -> list[ItemDraft]:
        """The same id in two tables, or in a list and a table, is one item."""
        by_id: dict[str, list[ItemDraft]] = {}
        for draft in drafts:
            if draft.id is not None:
                by_id.setdefault(draft.id, []).append(draft)
        absorbed: set[int] = set()
        for identifier, same in by_id.items():
            if len(same) < 2:
                continue
            boxes = [draft for draft in same if draft.entry >= 0]
            table_rows = [draft for draft in same if draft.entry < 0]
            if len(boxes) > 1:
                for draft in boxes[1:]:
                    self._findings.problem(
                        draft.line,
                        "duplicate-id",
                        f"{identifier} stands on line {boxes[0].line} too; both are items of their own",
                    )
                continue
            if boxes:
                primary = boxes[0]
            else:
                primary = next((draft for draft in table_rows if draft.title != identifier), table_rows[0])
            for draft in same:
                if draft is not primary:
                    self._absorb(primary, draft)
                    absorbed.add(id(draft))
        return [draft for draft in drafts if id(draft) not in absorbed]

    def _absorb(self, primary: ItemDraft, mirror: ItemDraft) -> None:
        if primary.stage_hint is None:
            primary.stage_hint = mirror.stage_hint
        cell = mirror.cell or _box_as_cell(mirror)
        if cell is None:
            self._findings.leave_out(mirror.line, "mirror", f"repeats line {primary.line} without a state")
            return
        if primary.box is None and primary.cell is None and mirror.cell is not None:
            primary.cell, primary.status, primary.status_text = (
                mirror.cell,
                mirror.status,
                mirror.status_text,
            )
            primary.mirrors.extend(mirror.mirrors)
            return
        primary.mirrors.append(cell)
        if cell.status.task_state is not primary.status.task_state:
            self._findings.problem(
                cell.line,
                "mirror-drift",
                f"{primary.id} is {cell.text!r} here, but {primary.status.value} on line {primary.line}",
            )

    # -- items -----------------------------------------------------------------------------------------

    def _stage_of(self, draft: ItemDraft, rows: Sequence[RowStage]) -> int | None:
        if draft.status is Status.FUTURE:
            return None
        number = self._outline.nodes[draft.node].stage
        if number is not None or draft.stage_hint is None:
            return number
        if draft.stage_hint not in self._hinted:
            self._hinted[draft.stage_hint] = self._find_stage(draft.stage_hint, rows)
        return self._hinted[draft.stage_hint]

    def _find_stage(self, hint: str, rows: Sequence[RowStage]) -> int | None:
        """The stage that a row's stage column names."""
        name = read_stage_name(hint)
        for index, seed in enumerate(self._outline.stages):
            if any(same_stage(self._outline.nodes[node], name, hint) for node in seed.nodes):
                return index
            if seed.row is not None:
                row = rows[seed.row]
                same_number = name.number and (row.name.kind, row.name.number) == (name.kind, name.number)
                if same_number or row.title.casefold() == hint.casefold():
                    return index
        return None

    def _items(self, drafts: list[ItemDraft], stage_of: list[int | None]) -> tuple[Item, ...]:
        index_of = {draft.entry: index for index, draft in enumerate(drafts) if draft.entry >= 0}
        segments: dict[int, tuple[str, ...]] = {}
        seen: Counter[tuple[tuple[str, ...], str]] = Counter()
        items = []
        for index, (draft, stage) in enumerate(zip(drafts, stage_of, strict=True)):
            section = segments.get(draft.node)
            if section is None:
                section = segments[draft.node] = self._outline.segments(draft.node)
            key = (section, draft.title)
            items.append(
                Item(
                    index=index,
                    line=draft.line,
                    kind=draft.kind,
                    status=draft.status,
                    status_text=draft.status_text,
                    title=draft.title,
                    title_span=draft.title_span,
                    id=draft.id,
                    section=section,
                    stage=stage,
                    parent=index_of.get(draft.parent_entry),
                    ordinal=seen[key],
                    box=draft.box,
                    cell=draft.cell,
                    block=draft.block,
                    description=draft.description,
                    link=draft.link,
                    mirrors=tuple(draft.mirrors),
                    withheld=draft.withheld,
                )
            )
            seen[key] += 1
        return tuple(items)

    def _sections(self, place: dict[int, int]) -> tuple[Section, ...]:
        return tuple(
            Section(
                segments=self._outline.segments(node.index),
                line=node.line,
                level=node.level,
                stage=place[node.stage] if node.stage is not None else None,
                span=Span(max(node.start, 0), node.end),
                own=Span(max(node.start, 0), node.own_end),
            )
            for node in self._outline.nodes
        )

    def _leave_out_lists(self) -> None:
        """Lists without a box are no plan; say so once per list."""
        entries = self._scan.entries
        for block in self._scan.blocks:
            if block.kind is not BlockKind.LIST:
                continue
            end = block.index
            while end < len(entries) and entries[end].start < block.end:
                end += 1
            members = entries[block.index : end]
            if any(entry.box is not None for entry in members):
                continue
            line = self._lines.number(block.start)
            glyphs = sum(1 for entry in members if _starts_with_glyph(entry))
            code, what = (
                ("statements", "statements with a status glyph") if glyphs else ("plain-list", "list items")
            )
            self._findings.leave_out(line, code, f"{len(members)} {what}, without a box")

    def _report_suspects(self) -> None:
        taken = {entry.box.start for entry in self._scan.entries if entry.box is not None}
        for table in self._scan.tables:
            for row in table.rows:
                taken.update(cell.span.start for cell in row.cells if cell.span is not None)
        report_suspects(self._data, self._scan, self._lines, taken, self._findings)


def _starts_with_glyph(entry: Entry) -> bool:
    text = plain_text(entry.text)
    return bool(text) and text[0] in STATUS_GLYPHS


def _box_as_cell(draft: ItemDraft) -> StatusCell | None:
    """A row's box, written like a status cell: its words are the marks."""
    if draft.box is None:
        return None
    box = draft.box
    return StatusCell(
        box.line, box.span, f"[{box.mark}]", draft.status, Wording(open="[ ]", done="[x]", dropped="[-]")
    )


def _is_damaged(text: str) -> bool:
    return suspicious(text) and fold_mojibake(text) != text
