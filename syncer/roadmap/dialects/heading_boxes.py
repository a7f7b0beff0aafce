"""Headings with a box: ``### [ ] Build the parser``.

GitHub renders such a box as text, so a single one is no item; two of them on one level are a way of
writing. A stage's heading with a box is no item either: the box is the stage's own state.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from syncer.model.document import Box, ItemKind, Span
from syncer.model.fields import Status
from syncer.roadmap.draft import Findings, ItemDraft, remark_item
from syncer.roadmap.ids import guess_id
from syncer.roadmap.inline import marked_text
from syncer.roadmap.lines import Lines
from syncer.roadmap.mojibake import fold_mojibake
from syncer.roadmap.outline import Named, Outline
from syncer.roadmap.overviews import Overview
from syncer.roadmap.sections import BOLD_LEVEL, Node, Setting
from syncer.roadmap.stagenames import is_stage_like
from syncer.roadmap.titles import find_suffix, join_title, title_ranges

HEADING_BOX = re.compile(r"\s*\[(?P<mark>[ xX✓✔✅~\-/])\]\s+(?=\S)")
_GFM_BOX = re.compile(rb"\[[ xX]\](?=[ \t])")
_BOX = re.compile(r"\[(?: |x|X|✓|✔|✅|~|-|/)\](?=[ \t])".encode())
_ENOUGH = 2


def read_heading_boxes(
    drafts: Sequence[ItemDraft],
    data: bytes,
    lines: Lines,
    outline: Outline,
    findings: Findings,
    meanings: Mapping[str, Status],
) -> tuple[list[ItemDraft], list[Overview]]:
    """Turn headings with a box into drafts, and into the boxes of stages.

    Args:
        drafts: of the checklists; those below such a heading become its parts.
        data: the file.
        lines: its lines.
        outline: its headings.
        findings: where to report to.
        meanings: what the marks of this file mean.
    """
    boxes = {node.index: span for node in outline.nodes[1:] if (span := _box(node, data)) is not None}
    levels = Counter(
        outline.nodes[index].level for index, span in boxes.items() if _GFM_BOX.match(data, span.start)
    )
    found: dict[int, ItemDraft] = {}
    overviews: list[Overview] = []
    for index, span in boxes.items():
        node = outline.nodes[index]
        if levels[node.level] < _ENOUGH:
            findings.leave_out(node.line, "heading-box", "a box in a heading is text, unless there are more")
        elif node.setting is not Setting.PLAN:
            findings.leave_out(node.line, node.setting.value, "a heading that is no part of the plan")
        else:
            box = Box(node.line, span, data[span.start + 1 : span.end - 1].decode("utf-8"))
            if is_stage_like(node.reading.name):
                overviews.append(Overview(box, Named(node.name, node.reading.name)))
            else:
                found[index] = _draft(node, box, data, lines, outline, meanings)
    _nest(found, drafts, outline)
    standing: dict[int, list[ItemDraft]] = {}
    for each in drafts if found else ():
        standing.setdefault(each.node, []).append(each)
    for index, draft in found.items():
        node = outline.nodes[index]
        draft.description = _description(node, standing.get(index, []), data, lines)
        remark_item(draft, node.marked, findings)
    return list(found.values()), overviews


def _box(node: Node, data: bytes) -> Span | None:
    if node.level >= BOLD_LEVEL or not node.pieces:
        return None
    match = _BOX.match(data, node.pieces[0][2])
    return Span(match.start(), match.end()) if match is not None else None


def _draft(
    node: Node, box: Box, data: bytes, lines: Lines, outline: Outline, meanings: Mapping[str, Status]
) -> ItemDraft:
    marked = HEADING_BOX.sub("", marked_text(node.pieces, data), count=1)
    guess = guess_id(marked)
    guess = guess if guess is not None and guess.certain else None
    suffix = find_suffix(marked)
    title = join_title(marked, title_ranges(marked, guess.end if guess else 0, suffix))
    return ItemDraft(
        offset=node.start,
        line=node.line,
        node=node.parent,
        kind=ItemKind.CRITERION if outline.in_criteria(node.parent) else ItemKind.TASK,
        status=meanings.get(box.mark, Status.OPEN),
        status_text=suffix.status_text,
        title=title,
        title_span=Span(box.span.end, max(box.span.end, node.pieces[-1][3])),
        block=Span(lines.start(lines.number(node.start)), node.end),
        id=guess.id if guess else None,
        box=box,
        key=_key(node.index),
    )


def _key(index: int) -> int:
    return -2 - index


def _nest(found: dict[int, ItemDraft], drafts: Sequence[ItemDraft], outline: Outline) -> None:
    """Make what stands below a heading with a box its parts."""
    if not found:
        return
    parts: list[tuple[int, ItemDraft]] = [(draft.node, draft) for draft in drafts if draft.parent_key == -1]
    parts += [(draft.node, draft) for draft in found.values()]
    for place, draft in parts:
        index = place
        while index > 0 and index not in found:
            index = outline.nodes[index].parent
        if index > 0:
            draft.parent_key = _key(index)
            if found[index].kind is ItemKind.TASK and draft.kind is not ItemKind.CRITERION:
                found[index].kind = ItemKind.GROUP


def _description(node: Node, items: Sequence[ItemDraft], data: bytes, lines: Lines) -> str:
    """The text under a heading, its items left out."""
    taken = {line for item in items for line in range(item.line, lines.number(item.block.end - 1) + 1)}
    first, last = lines.number(max(node.body - 1, node.start)) + 1, lines.number(max(node.own_end - 1, 0))
    rows = [
        lines.content(line).of(data).decode("utf-8").rstrip()
        for line in range(first, last + 1)
        if line not in taken and node.body <= lines.start(line) < node.own_end
    ]
    return fold_mojibake("\n".join(rows).strip("\n"))
