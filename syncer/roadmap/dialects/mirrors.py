"""Blocks that repeat a row of a milestone table: "Current Milestone" with an id and a status."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from syncer.model.document import StatusCell, Wording
from syncer.model.fields import Status
from syncer.roadmap.dialects.cells import status_line
from syncer.roadmap.dialects.columnwords import STATUS_LABEL
from syncer.roadmap.dialects.milestone_table import RowStage
from syncer.roadmap.inline import plain_text
from syncer.roadmap.lines import Lines
from syncer.roadmap.stagenames import fold_key
from syncer.roadmap.structure import Entry, Scan
from syncer.roadmap.words import unaccented

_KEY_VALUE = re.compile(r"^\s*(?P<key>[^:：]{1,40})\s*[:：]\s*(?P<value>.*\S)\s*$")
_NAMING = re.compile(
    r"(?:current |active )?(?:id|name|title|milestone|phase|stage)"
    r"|名称|里程碑|阶段|当前阶段|マイルストーン|フェーズ|마일스톤|단계|этап|фаза|веха|название|nombre|hito"
    r"|fase|nom|jalon|étape"
    r"|meilenstein|aşama|kilometre taşı|marco|nome|etapa"
)


def attach_mirrors(rows: Sequence[RowStage], scan: Scan, data: bytes, lines: Lines, *, damaged: bool) -> None:
    """Find lists of nothing but labels and values that name a milestone row and give its status."""
    if not rows:
        return
    siblings: dict[tuple[int, int], list[Entry]] = {}
    run = 0
    last: Entry | None = None
    for entry in scan.entries:
        if entry.depth:
            continue
        if last is not None and data[last.end : entry.start].strip():
            run += 1
        siblings.setdefault((entry.parent, run), []).append(entry)
        last = entry
    for entries in siblings.values():
        _attach_block(rows, entries, data, lines, damaged=damaged)


def _attach_block(
    rows: Sequence[RowStage], entries: Sequence[Entry], data: bytes, lines: Lines, *, damaged: bool
) -> None:
    names: set[str] = set()
    status: tuple[str, Entry] | None = None
    for entry in entries:
        match = _KEY_VALUE.match(plain_text(entry.text))
        if match is None or entry.box is not None:
            return
        key = match["key"].strip().casefold()
        if _NAMING.fullmatch(key):
            names.add(fold_key(match["value"]))
        elif status is None and STATUS_LABEL.fullmatch(unaccented(key)):
            status = (match["value"], entry)
    if not names or status is None:
        return
    text, entry = status
    row = next((row for row in rows if row.cell is not None and names & _names_of(row)), None)
    line_end = lines.end(lines.number(entry.start))
    said = status_line(text, data, entry.bullet_end, line_end, lines, damaged=damaged)
    if row is not None and row.cell is not None and said is not None:
        row.mirrors.append(_worded_like(row.cell, said))


def _names_of(row: RowStage) -> set[str]:
    return {fold_key(row.title), *([fold_key(row.id)] if row.id else [])}


def _worded_like(cell: StatusCell, mirror: StatusCell) -> StatusCell:
    """A mirror that would show the table's words for other states, and its own for its own."""
    if mirror.qualified:
        return mirror
    table, own = cell.wording, mirror.wording
    done = mirror.status is Status.DONE
    wording = Wording(table.open if done else own.open, own.done if done else table.done, table.dropped)
    return dataclasses.replace(mirror, wording=wording)
