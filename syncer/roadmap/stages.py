"""Stages: what headings, table rows and overview checkboxes say about the same part of the plan, as one."""

from __future__ import annotations

from collections.abc import Sequence

from syncer.model.document import DateCell, Stage
from syncer.model.fields import Status
from syncer.roadmap.dialects.checklist import CHECKED
from syncer.roadmap.dialects.milestone_table import RowStage
from syncer.roadmap.draft import Findings, ItemDraft
from syncer.roadmap.facts import Facts, StageFacts
from syncer.roadmap.headingstatus import HeadingStatuses
from syncer.roadmap.inline import trace
from syncer.roadmap.lines import Lines
from syncer.roadmap.loops import iterations
from syncer.roadmap.outline import Outline, StageSeed
from syncer.roadmap.overviews import Overview
from syncer.roadmap.sections import Node
from syncer.roadmap.structure import Scan


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
    *,
    damaged: bool,
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
        damaged: whether the file holds double-encoded text.
    """
    said = HeadingStatuses(outline, lines, data, damaged=damaged)
    counted: dict[int, list[Status]] = {}
    for draft, number in zip(drafts, stage_of, strict=True):
        if number is not None:
            counted.setdefault(number, []).append(draft.status)
    stages = []
    reader = StageFacts(scan, data, lines, outline, damaged=damaged)
    for number, seed in enumerate(outline.stages):
        row = rows[seed.row] if seed.row is not None else None
        nodes = [outline.nodes[index] for index in seed.nodes]
        overview = overviews[seed.overview] if seed.overview is not None else None
        statuses = counted.get(number, [])
        facts = reader.gather(nodes)
        stages.append(_stage(number, nodes, row, overview, statuses, facts, data, said))
    for stage, seed in zip(stages, outline.stages, strict=True):
        _report(stage, seed, outline, findings)
    return stages


def _stage(
    number: int,
    nodes: list[Node],
    row: RowStage | None,
    overview: Overview | None,
    statuses: list[Status],
    facts: Facts,
    data: bytes,
    said: HeadingStatuses,
) -> Stage:
    head = nodes[0] if nodes else None
    cell = (row.cell if row else None) or facts.status
    declared = head.reading.status_text if head else None
    names = [
        *(node.name for node in nodes[:1]),
        *([row.name] if row else []),
        *([overview.named.name] if overview else []),
    ]
    name = next((each for each in names if each.number), None)
    due = (row.due if row else None) or (head.reading.due if head else None) or facts.due
    spans = [trace(node.pieces, data).slice(node.reading.start, node.reading.end) for node in nodes]
    if row is not None and row.title_span is not None:
        spans.append(row.title_span)
    return Stage(
        index=number,
        name=head.reading.name if head else _own_name(row, overview),
        line=head.line if head else row.line if row else overview.box.line if overview else 0,
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
        overview=overview.box if overview else None,
        mirrors=tuple(row.mirrors) if row else (),
        due_cell=_due_cell(row, head, facts, data),
        name_spans=tuple(spans),
        goal=facts.goal,
        criteria=tuple(facts.criteria),
        current=head.reading.current if head else False,
        timing=head.reading.timing if head else None,
        headings=tuple(cell for node in nodes if (cell := said.cell(node)) is not None),
        overview_ticked=overview is not None and _ticked(overview),
        iterations=_iterations(nodes, row, overview, data),
    )


def _own_name(row: RowStage | None, overview: Overview | None) -> str:
    """The name of a stage without a heading."""
    if row is None:
        return overview.named.title if overview else ""
    name = row.name
    if name.kind and name.number and name.rest == row.title and name.kind not in {"version", "milestone"}:
        return f"{name.kind.capitalize()} {name.number}: {row.title}"
    return row.title


def _derived(
    statuses: list[Status], cell: Status | None, overview: Overview | None, head: Node | None
) -> Status:
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
        return Status.DONE if _ticked(overview) else Status.OPEN
    if head is not None and head.reading.status is not None:
        return head.reading.status
    return Status.OPEN


def _iterations(
    nodes: list[Node], row: RowStage | None, overview: Overview | None, data: bytes
) -> tuple[str, ...]:
    """What a stage is gone through as, if it is a repeat loop; its whole text is looked at only then."""
    name = nodes[0].reading.name if nodes else _own_name(row, overview)
    if not any(char.isdigit() for char in name):
        return ()
    texts = (data[node.body : node.end].decode("utf-8", "replace") for node in nodes)
    return iterations(name, "\n".join(texts))


def _ticked(overview: Overview) -> bool:
    return overview.box.mark.rstrip("\ufe0f") in CHECKED


def _due_cell(row: RowStage | None, head: Node | None, facts: Facts, data: bytes) -> DateCell | None:
    if row is not None and row.due_cell is not None:
        return row.due_cell
    if row is not None and row.due is not None:
        return None
    if head is not None and head.reading.due_at is not None:
        start, end = head.reading.due_at
        return DateCell(head.line, trace(head.pieces, data).slice(start, end))
    return facts.due_cell


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
