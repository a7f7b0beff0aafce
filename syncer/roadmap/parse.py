"""From bytes to a document: every reader in its order, then what none of them can know alone."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
from collections import Counter
from collections.abc import Iterator, Sequence

from syncer.model.document import Document, Item, Section, Span
from syncer.model.fields import Status
from syncer.roadmap.admit import DEFAULT_SIZE_LIMIT, Text, admit, line_ending
from syncer.roadmap.attributes import read_attributes
from syncer.roadmap.dialects.checklist import mark_meanings, read_checklists
from syncer.roadmap.dialects.columns import Columns, Role, read_columns
from syncer.roadmap.dialects.heading_boxes import read_heading_boxes
from syncer.roadmap.dialects.milestone_table import (
    RowStage,
    is_milestone_table,
    read_milestone_table,
)
from syncer.roadmap.dialects.mirrors import attach_mirrors
from syncer.roadmap.dialects.status_table import is_future_table, is_status_table, read_status_table
from syncer.roadmap.draft import Findings, ItemDraft
from syncer.roadmap.gates import build_gates
from syncer.roadmap.legends import legend_glyphs, legend_marks
from syncer.roadmap.lines import Lines
from syncer.roadmap.mojibake import fold_mojibake, suspicious
from syncer.roadmap.outline import Named, Outline, same_name, same_stage
from syncer.roadmap.overviews import take_overviews
from syncer.roadmap.remarks import leave_out_lists, report_sections, withhold_templates
from syncer.roadmap.repeats import merge_repeats
from syncer.roadmap.scan import scan
from syncer.roadmap.sections import Setting
from syncer.roadmap.stagenames import read_stage_name
from syncer.roadmap.stages import build_stages
from syncer.roadmap.structure import Scan
from syncer.roadmap.suspects import report_suspects

_LARGE = 1 << 18


def parse(path: str, data: bytes, *, size_limit: int = DEFAULT_SIZE_LIMIT, strikes: bool = False) -> Document:
    """Read a roadmap.

    Args:
        path: from the repository's root; part of every reference and message.
        data: the file's bytes.
        size_limit: in bytes.
        strikes: read an open item that is struck through as dropped, not merely as doubtful.

    Raises:
        RoadmapError: the bytes are no roadmap; nothing was read.
    """
    text = admit(path, data, size_limit=size_limit)
    with _collector_resting(len(data)):
        return _Parser(path, text, scan(path, text), strikes=strikes).run()


@contextlib.contextmanager
def _collector_resting(size: int) -> Iterator[None]:
    """Keep the garbage collector from looking through a large file's records again and again.

    They hold no cycles and all of them stay alive, so it would find nothing; looking takes a fifth of
    the time (``make bench``).

    Args:
        size: of the file, in bytes.
    """
    resting = size >= _LARGE and gc.isenabled()
    if resting:
        gc.disable()
    try:
        yield
    finally:
        if resting:
            # What was made counts as old now. Otherwise the first allocation from here on would start
            # the very search that was put off.
            gc.freeze()
            gc.unfreeze()
            gc.enable()


class _Parser:
    def __init__(self, path: str, text: Text, found: Scan, *, strikes: bool) -> None:
        self._strikes = strikes
        self._path = path
        self._data = text.data
        self._scan = found
        self._lines = Lines(text.data)
        self._damaged = _is_damaged(text.text)
        self._findings = Findings()
        self._hinted: dict[str, int | None] = {}
        self._outline = Outline(found, text.data, self._lines)

    def run(self) -> Document:
        legend, explained = legend_marks(self._scan, self._data, self._outline)
        meanings = mark_meanings(self._path, legend)
        drafts = read_checklists(
            self._scan,
            self._data,
            self._lines,
            self._outline,
            self._findings,
            meanings,
            explained,
            strikes=self._strikes,
        )
        rows, table_drafts = self._read_tables()
        attach_mirrors(rows, self._scan, self._data, self._lines, damaged=self._damaged)
        names = [row.named for row in rows]
        overviews, drafts = take_overviews(drafts, self._scan.entries, self._outline, names)
        headed, stage_boxes = read_heading_boxes(
            drafts, self._data, self._lines, self._outline, self._findings, meanings
        )
        overviews, drafts = [*overviews, *stage_boxes], [*drafts, *headed]
        drafts = merge_repeats(
            sorted([*drafts, *table_drafts], key=lambda draft: draft.offset), self._findings
        )
        withhold_templates(self._path, drafts, self._findings)
        counts = Counter(draft.node for draft in drafts if draft.status is not Status.FUTURE)
        for node, count in counts.items():
            self._outline.count_items(node, count)
        hints = dict.fromkeys(draft.stage_hint for draft in drafts if draft.stage_hint is not None)
        self._outline.settle(
            names,
            [overview.named for overview in overviews],
            [Named(read_stage_name(hint), hint) for hint in hints],
        )
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
            damaged=self._damaged,
        )
        order = sorted(range(len(stages)), key=lambda number: (stages[number].line, number))
        place = {number: index for index, number in enumerate(order)}
        ordered = tuple(dataclasses.replace(stages[number], index=place[number]) for number in order)
        items = self._items(drafts, [place[number] if number is not None else None for number in stage_of])
        self._report_suspects()
        leave_out_lists(self._scan, self._lines, self._findings)
        report_sections(self._outline, drafts, self._findings)
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
            strikes=self._strikes,
            gates=build_gates(items, drafts, self._outline),
        )

    # -- tables --------------------------------------------------------------------------------------

    def _read_tables(self) -> tuple[list[RowStage], list[ItemDraft]]:
        rows: list[RowStage] = []
        drafts: list[ItemDraft] = []
        legend = legend_glyphs(self._scan, self._data, self._outline) if self._scan.tables else {}
        for table in self._scan.tables:
            columns = read_columns(table, self._data, legend)
            node = self._outline.nodes[self._outline.at(table.start)]
            if is_milestone_table(columns, node):
                if node.setting is Setting.PLAN:
                    rows.extend(
                        read_milestone_table(
                            columns, self._data, self._lines, self._findings, damaged=self._damaged
                        )
                    )
                else:
                    self._leave_out_table(columns, "that is no part of the plan")
            elif is_status_table(columns, node) or is_future_table(columns):
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
                why = "without a status column"
                if columns.first(Role.STATUS) is not None:
                    why = "whose rows have neither an id nor a text that names them"
                self._leave_out_table(columns, why)
        return rows, drafts

    def _leave_out_table(self, columns: Columns, why: str) -> None:
        line = self._lines.number(columns.table.start)
        self._findings.leave_out(line, "plain-table", f"a table of {len(columns.table.rows)} rows {why}")

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
        hinted = Named(read_stage_name(hint), hint)
        for index, seed in enumerate(self._outline.stages):
            if any(same_stage(self._outline.nodes[node], hinted) for node in seed.nodes):
                return index
            if seed.row is not None and _is_row(rows[seed.row], hinted):
                return index
        return None

    def _items(self, drafts: list[ItemDraft], stage_of: list[int | None]) -> tuple[Item, ...]:
        index_of = {draft.key: index for index, draft in enumerate(drafts) if draft.key != -1}
        segments = {node: self._outline.segments(node) for node in {draft.node for draft in drafts}}
        # Sections that share a reference count equal titles together.
        numbers: dict[tuple[str, ...], int] = {}
        number_of = {node: numbers.setdefault(each, len(numbers)) for node, each in segments.items()}
        seen: dict[tuple[int, str], int] = {}
        items = []
        for index, (draft, stage) in enumerate(zip(drafts, stage_of, strict=True)):
            key = (number_of[draft.node], draft.title)
            ordinal = seen.get(key, 0)
            seen[key] = ordinal + 1
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
                    section=segments[draft.node],
                    stage=stage,
                    parent=index_of.get(draft.parent_key) if draft.parent_key != -1 else None,
                    ordinal=ordinal,
                    box=draft.box,
                    cell=draft.cell,
                    block=draft.block,
                    description=draft.description,
                    link=draft.link,
                    mirrors=tuple(draft.mirrors) if draft.mirrors else (),
                    withheld=draft.withheld,
                    attributes=read_attributes(
                        draft.title_span.of(self._data), draft.description, segments[draft.node]
                    ),
                )
            )
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

    def _report_suspects(self) -> None:
        taken = {entry.box.start for entry in self._scan.entries if entry.box is not None}
        for table in self._scan.tables:
            for row in table.rows:
                taken.update(cell.span.start for cell in row.cells if cell.span is not None)
        report_suspects(self._data, self._scan, self._lines, taken, self._findings)


def _is_row(row: RowStage, hinted: Named) -> bool:
    return same_name(row.named, hinted) or (row.id or "").casefold() == hinted.title.casefold()


def _is_damaged(text: str) -> bool:
    return suspicious(text) and fold_mojibake(text) != text
