"""What a person should know besides the items: lists left out, headings that contradict boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from syncer.model.document import ItemKind
from syncer.model.fields import Status, TaskState
from syncer.roadmap.draft import Findings, ItemDraft
from syncer.roadmap.inline import plain_text
from syncer.roadmap.lines import Lines
from syncer.roadmap.outline import Outline
from syncer.roadmap.sections import BOLD_LEVEL
from syncer.roadmap.structure import BlockKind, Scan
from syncer.roadmap.words import TELLING_GLYPHS, glyph_status, word_status

_TEMPLATE = re.compile(r"(?:^|/)\.?templates?/|(?:^|[/._-])template(?=[._-][^/]*$|$)", re.IGNORECASE)
_SPEAKING = 3


def leave_out_lists(scan: Scan, lines: Lines, findings: Findings) -> None:
    """Lists without a box are no plan; say so once per list."""
    entries = scan.entries
    for block in scan.blocks:
        if block.kind is not BlockKind.LIST:
            continue
        end = block.index
        while end < len(entries) and entries[end].start < block.end:
            end += 1
        members = entries[block.index : end]
        if any(entry.box is not None for entry in members):
            continue
        shown = [
            glyph_status(text[0])
            for entry in members
            if (text := plain_text(entry.text)) and text[0] in TELLING_GLYPHS
        ]
        count = f"{len(members)} list item" + ("s" if len(members) > 1 else "")
        line = lines.number(block.start)
        if len(shown) >= _SPEAKING and len(set(shown)) > 1:
            findings.leave_out(line, "status-bullets", f"{count} with status glyphs instead of boxes")
        elif shown:
            findings.leave_out(line, "statements", f"{count} with a status glyph: statements, without a box")
        else:
            findings.leave_out(line, "plain-list", f"{count} without a box")


def report_sections(outline: Outline, drafts: Sequence[ItemDraft], findings: Findings) -> None:
    """Say where open boxes stand directly below a heading that says they are done."""
    opened: dict[int, int] = {}
    for draft in drafts:
        if draft.status.task_state is TaskState.OPEN and draft.kind is not ItemKind.CRITERION:
            index = draft.node
            while outline.nodes[index].level >= BOLD_LEVEL:
                # A bold line is no declaration; the heading above it is.
                index = outline.nodes[index].parent
            opened[index] = opened.get(index, 0) + 1
    for index, count in opened.items():
        node = outline.nodes[index]
        if node.level == 0 or (node.stage is not None and index in outline.stages[node.stage].nodes):
            # A stage speaks for itself.
            continue
        said = node.reading.status or word_status(node.reading.name)
        if said is Status.DONE:
            findings.problem(
                node.line,
                "status-conflict",
                f"the heading says {node.reading.status_text or node.reading.name!r}, but {count} open "
                "items stand directly below it: the boxes win",
            )


def withhold_templates(path: str, drafts: Sequence[ItemDraft], findings: Findings) -> None:
    """Create nothing from a template: its boxes wait to be copied."""
    if _TEMPLATE.search(path) is None or not drafts:
        return
    findings.problem(1, "template", "the path says that this is a template; no issue is created from it")
    for draft in drafts:
        draft.withheld = draft.withheld or "stands in a template"
