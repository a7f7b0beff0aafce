"""Gates: the criteria of a stage taken together, as one thing that is met or not.

A stage has at most one gate, whatever the number of its criteria lists. Criteria outside all stages form one
gate for each of the highest headings that name them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from syncer.model.document import Item, ItemKind, Span
from syncer.model.fields import Status
from syncer.roadmap.draft import ItemDraft
from syncer.roadmap.outline import Outline

UNNAMED: Final = "Acceptance criteria"
"""What a gate is called whose criteria stand below an item instead of a heading."""


def build_gates(items: Sequence[Item], drafts: Sequence[ItemDraft], outline: Outline) -> tuple[Item, ...]:
    """Gather a document's criteria.

    Args:
        items: of the document.
        drafts: the same items while they were read.
        outline: the document's sections.

    Returns:
        Gates as items, numbered on from the document's own.
    """
    groups: dict[tuple[str, int], list[Item]] = {}
    headings: dict[tuple[str, int], int | None] = {}
    for item, draft in zip(items, drafts, strict=True):
        if item.kind is not ItemKind.CRITERION:
            continue
        heading = _highest(outline, draft.node)
        where = ("stage", item.stage) if item.stage is not None else ("node", heading or draft.node)
        groups.setdefault(where, []).append(item)
        if headings.get(where) is None:
            headings[where] = heading
    gates: list[Item] = []
    ordinals: dict[tuple[tuple[str, ...], str], int] = {}
    for where, members in groups.items():
        heading = headings[where]
        segments = outline.segments(heading) if heading is not None else ()
        title = segments[-1] if segments else UNNAMED
        section = members[0].section[:1] if where[0] == "stage" else segments[:-1]
        ordinal = ordinals.setdefault((section, title), 0)
        ordinals[section, title] += 1
        line = outline.nodes[heading].line if heading is not None else members[0].line
        gates.append(
            Item(
                index=len(items) + len(gates),
                line=line,
                kind=ItemKind.GATE,
                status=Status.DONE if all(member.state.finished for member in members) else Status.OPEN,
                status_text=None,
                title=title,
                title_span=Span(0, 0),
                id=None,
                section=section,
                stage=members[0].stage,
                parent=None,
                ordinal=ordinal,
                box=None,
                cell=None,
                block=Span(0, 0),
                members=tuple(member.index for member in members),
            )
        )
    return tuple(gates)


def _highest(outline: Outline, node: int) -> int | None:
    """The highest heading that names criteria, from a section upwards."""
    found = None
    while node > 0 and outline.in_criteria(node):
        found = node
        node = outline.nodes[node].parent
    return found
