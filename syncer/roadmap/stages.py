"""Stages: what headings, table rows and overview checkboxes say about the same part of the plan, as one."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from syncer.model.document import Box, DateCell, Span, Stage
from syncer.model.fields import Status
from syncer.roadmap.dialects.checklist import CHECKED
from syncer.roadmap.dialects.milestone_table import RowStage
from syncer.roadmap.draft import Findings, ItemDraft
from syncer.roadmap.headings import find_date
from syncer.roadmap.inline import marked_text, plain_text, trace
from syncer.roadmap.lines import Lines
from syncer.roadmap.outline import Node, Outline, StageSeed
from syncer.roadmap.pieces import Piece, PieceKind
from syncer.roadmap.scan import BlockKind, Scan
from syncer.roadmap.stagewords import CRITERIA

_LABELLED = re.compile(r"^\s*(?P<label>[^:：]{2,60}?)\s*[:：]\s*(?P<text>.*\S)?\s*$", re.S)
_GOAL = re.compile(
    r"goals?|objectives?|aim|purpose|ziel|objectif|objetivo|цель|目标|目的|목표|amaç|obiettivo|doel|mål|cel|cíl"
)
_DUE = re.compile(
    r"(?:target|due|planned|expected|release|delivery|completion|end)(?: ?-?date)?|due|deadline|eta|target|срок|截止(?:日期)?|目标日期"
    r"|期限|期日|마감일?|fecha(?: límite| objetivo)?|prazo|échéance|termin|frist|son tarih|hedef tarih|scadenza"
)


@dataclass(frozen=True, slots=True)
class Overview:
    """A checkbox of an overview list, and the stage heading that it repeats."""

    box: Box
    node: int


def build_stages(
    scan: Scan,
    data: bytes,
    lines: Lines,
    outline: Outline,
    rows: Sequence[RowStage],
    drafts: Sequence[ItemDraft],
    stage_of: Sequence[int | None],
    overviews: Sequence[Overview],
    findings: Findings,
) -> list[Stage]:
    """Put together what is known about every stage, in document order.

    Args:
        scan: the file's structure.
        data: the file.
        lines: its lines.
        outline: its headings, settled.
        rows: of its milestone tables.
        drafts: all items.
        stage_of: for every draft, the number of its seed in ``outline.stages``.
        overviews: boxes that repeat a stage.
        findings: where contradictions are reported to.
    """
    counted: dict[int, list[Status]] = {}
    for draft, number in zip(drafts, stage_of, strict=True):
        if number is not None:
            counted.setdefault(number, []).append(draft.status)
    stages = []
    starts = [block.start for block in scan.blocks]
    by_node = {each.node: each.box for each in reversed(overviews)}
    for number, seed in enumerate(outline.stages):
        row = rows[seed.row] if seed.row is not None else None
        nodes = [outline.nodes[index] for index in seed.nodes]
        overview = next((by_node[index] for index in seed.nodes if index in by_node), None)
        statuses = counted.get(number, [])
        facts = _StageFacts(scan, starts, data, lines, outline, nodes)
        stages.append(_stage(number, nodes, row, overview, statuses, facts, data))
    for stage, seed in zip(stages, outline.stages, strict=True):
        _report(stage, seed, outline, findings)
    return stages


def _stage(
    number: int,
    nodes: list[Node],
    row: RowStage | None,
    overview: Box | None,
    statuses: list[Status],
    facts: _StageFacts,
    data: bytes,
) -> Stage:
    head = nodes[0] if nodes else None
    cell = row.cell if row else None
    declared = head.reading.status_text if head else None
    name = head.name if head is not None and (head.name.number or row is None) else row.name if row else None
    due = (row.due if row else None) or (head.reading.due if head else None) or facts.due
    spans = [facts.heading_name(node) for node in nodes]
    if row is not None and row.title_span is not None:
        spans.append(row.title_span)
    return Stage(
        index=number,
        name=head.reading.name if head else _row_name(row),
        line=head.line if head else row.line if row else 0,
        heading_line=head.line if head else None,
        row_line=row.line if row else None,
        kind_word=(name.kind or None) if name else None,
        number=(name.number or None) if name else None,
        id=row.id if row else None,
        version=(row.version if row else None) or (head.reading.version if head else None),
        status=_derived(statuses, cell.status if cell else None, overview, head),
        declared=cell.text if cell else declared,
        due=due,
        open=sum(1 for status in statuses if status in (Status.OPEN, Status.IN_PROGRESS)),
        done=sum(1 for status in statuses if status is Status.DONE),
        dropped=sum(1 for status in statuses if status is Status.DROPPED),
        cell=cell,
        overview=overview,
        mirrors=tuple(row.mirrors) if row else (),
        due_cell=_due_cell(row, head, facts, data),
        name_spans=tuple(spans),
        goal=facts.goal,
        criteria=tuple(facts.criteria),
        current=head.reading.current if head else False,
        timing=head.reading.timing if head else None,
    )


def _row_name(row: RowStage | None) -> str:
    if row is None:
        return ""
    name = row.name
    if name.kind and name.number and name.rest == row.title and name.kind not in {"version", "milestone"}:
        return f"{name.kind.capitalize()} {name.number}: {row.title}"
    return row.title


def _derived(statuses: list[Status], cell: Status | None, overview: Box | None, head: Node | None) -> Status:
    """A stage's state: from its items; without items from its cell, its box, its heading."""
    counted = [status for status in statuses if status is not Status.FUTURE]
    if counted:
        if all(status in (Status.DONE, Status.DROPPED) for status in counted):
            return Status.DONE
        started = any(status in (Status.DONE, Status.IN_PROGRESS) for status in counted)
        return Status.IN_PROGRESS if started else Status.OPEN
    if cell is not None:
        return cell
    if overview is not None:
        return Status.DONE if overview.mark.rstrip("\ufe0f") in CHECKED else Status.OPEN
    if head is not None and head.reading.status is not None:
        return head.reading.status
    return Status.OPEN


def _due_cell(row: RowStage | None, head: Node | None, facts: _StageFacts, data: bytes) -> DateCell | None:
    if row is not None and row.due_cell is not None:
        return row.due_cell
    if row is not None and row.due is not None:
        return None
    if head is not None and head.reading.due_at is not None:
        start, end = head.reading.due_at
        return DateCell(head.line, trace(head.pieces, data).slice(start, end))
    return facts.due_cell


class _StageFacts:
    """What the text under a stage's heading says: its goal, its criteria without boxes, its date."""

    def __init__(
        self, scan: Scan, starts: list[int], data: bytes, lines: Lines, outline: Outline, nodes: list[Node]
    ) -> None:
        self._data = data
        self._starts = starts
        self.goal = ""
        self.criteria: list[str] = []
        self.due: date | None = None
        self.due_cell: DateCell | None = None
        for node in nodes:
            self._read(scan, lines, outline, node)

    def heading_name(self, node: Node) -> Span:
        """The bytes of a heading's name, without its status and timing."""
        return trace(node.pieces, self._data).slice(node.reading.start, node.reading.end)

    def _read(self, scan: Scan, lines: Lines, outline: Outline, node: Node) -> None:
        starts = self._starts
        for block in scan.blocks[bisect_left(starts, node.body) : bisect_left(starts, node.end)]:
            if block.kind is BlockKind.PARAGRAPH:
                own = outline.at(block.start) == node.index
                for line in _paragraph_lines(block.pieces, self._data):
                    self._labelled(line, block.start, block.end, lines, own=own)
            elif block.kind is BlockKind.LIST and outline.in_criteria(outline.at(block.start)):
                at = block.index
                while at < len(scan.entries) and (entry := scan.entries[at]).start < block.end:
                    at += 1
                    if entry.depth == 0 and entry.box is None:
                        text = plain_text(entry.text)
                        if text:
                            self.criteria.append(text)

    def _labelled(self, text: str, start: int, end: int, lines: Lines, *, own: bool) -> None:
        match = _LABELLED.match(text)
        if match is None or match["text"] is None:
            return
        label = match["label"].casefold().strip()
        if CRITERIA.search(label):
            self.criteria.append(match["text"])
        elif own and not self.goal and _GOAL.fullmatch(label):
            self.goal = match["text"]
        elif own and self.due is None and _DUE.fullmatch(label):
            found = find_date(match["text"])
            if found is None:
                return
            written = found[0].isoformat().encode()
            at = self._data.find(written, start, end)
            if at >= 0:
                self.due = found[0]
                self.due_cell = DateCell(lines.number(at), Span(at, at + len(written)))


def _paragraph_lines(pieces: list[Piece], data: bytes) -> list[str]:
    rows: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece[0] is PieceKind.BREAK:
            rows.append([])
        else:
            rows[-1].append(piece)
    return [plain_text(marked_text(row, data)) for row in rows if row]


def _report(stage: Stage, seed: StageSeed, outline: Outline, findings: Findings) -> None:
    """Say where the file contradicts itself. Boxes win over words, always."""
    if stage.has_items:
        total = stage.open + stage.done + stage.dropped
        for line, said, text in _declarations(stage, seed, outline):
            if said is Status.DONE and stage.open:
                findings.problem(
                    line,
                    "status-conflict",
                    f"{stage.name!r} is declared {text!r}, but {stage.open} of its {total} items are open: "
                    "the items win, the stage stays open",
                )
            elif stage.status is Status.DONE and said in (Status.OPEN, Status.IN_PROGRESS):
                findings.problem(
                    line,
                    "stale-status",
                    f"all items of {stage.name!r} are finished, but it is declared {text!r}",
                )
    if stage.cell is not None:
        for mirror in stage.mirrors:
            if mirror.status is not stage.cell.status:
                findings.problem(
                    mirror.line,
                    "mirror-drift",
                    f"says {mirror.text!r}, but line {stage.cell.line} says {stage.cell.text!r}",
                )


def _declarations(stage: Stage, seed: StageSeed, outline: Outline) -> list[tuple[int, Status, str]]:
    found: list[tuple[int, Status, str]] = []
    if stage.cell is not None:
        found.append((stage.cell.line, stage.cell.status, stage.cell.text))
    for index in seed.nodes:
        node = outline.nodes[index]
        if node.reading.status is not None and node.reading.status_text is not None:
            found.append((node.line, node.reading.status, node.reading.status_text))
    return found
