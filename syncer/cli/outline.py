"""A parsed roadmap as text for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from syncer.model.document import Document, Item, Stage
from syncer.model.fields import Status

_MARKS = {
    Status.OPEN: "[ ]",
    Status.IN_PROGRESS: "[~]",
    Status.DONE: "[x]",
    Status.DROPPED: "[-]",
    Status.FUTURE: "[.]",
}


def outline_lines(document: Document) -> Iterator[str]:
    """What was seen, grouped as it stands in the file; then what was left out, and problems."""
    shape = [document.eol, "BOM" if document.bom else "", "double-encoded" if document.mojibake else ""]
    yield f"{document.path}: {len(document.data):,} bytes, {', '.join(part for part in shape if part)}"
    counts = Counter(item.kind.value for item in document.items)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "no items"
    yield f"{kinds}; {len(document.stages)} stages"
    if document.stages:
        yield ""
        yield "Stages:"
        for stage in document.stages:
            yield f"  {stage.line:>5}  {_stage(stage)}"
    if document.items:
        yield ""
        yield "Items:"
        section: tuple[str, ...] | None = None
        for item in document.items:
            if item.section != section:
                section = item.section
                yield f"         {' :: '.join(section) or '(no heading)'}"
            yield f"  {item.line:>5}  {_item(document, item)}"
    for title, entries in (("Problems:", document.problems), ("Left out:", document.left_out)):
        if entries:
            yield ""
            yield title
            for entry in entries:
                yield f"  {entry.line:>5}  {entry.code}: {entry.message}"


def _stage(stage: Stage) -> str:
    parts = [stage.title, stage.status.value]
    if stage.has_items:
        parts.append(f"{stage.done} done, {stage.open} open")
    if stage.due is not None:
        parts.append(f"due {stage.due.isoformat()}")
    if stage.version is not None:
        parts.append(stage.version)
    return " | ".join(parts)


def _item(document: Document, item: Item) -> str:
    depth = 0
    parent = item.parent
    while parent is not None:
        depth += 1
        parent = document.items[parent].parent
    text = f"{'  ' * depth}{_MARKS[item.status]} {item.full_title}"
    if item.kind.value != "task":
        text += f" ({item.kind.value})"
    if item.mirrors:
        text += f" (also line {', '.join(str(mirror.line) for mirror in item.mirrors)})"
    if item.withheld is not None:
        text += f" (no issue: {item.withheld})"
    return text
