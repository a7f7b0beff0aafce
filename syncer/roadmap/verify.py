"""Proof that an edited roadmap reads as intended, and that nothing else in it reads differently."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from syncer.model.document import Document, Item
from syncer.model.edits import Edit, InsertTask, RenameStage, Retitle, SetDue, SetStageState, SetState
from syncer.model.fields import TaskState
from syncer.roadmap.escape import one_line
from syncer.roadmap.insert import alike
from syncer.roadmap.splice import refused
from syncer.roadmap.texts import wanted_title


def verify(before: Document, after: Document, edits: Sequence[Edit]) -> None:
    """Require that exactly the intended items and stages differ.

    Raises:
        RoadmapError: they do not; nothing may be written.
    """
    states = {edit.item: edit.state for edit in edits if isinstance(edit, SetState)}
    titles = {edit.item: edit.title for edit in edits if isinstance(edit, Retitle)}
    names = {edit.stage: one_line(edit.name) for edit in edits if isinstance(edit, RenameStage)}
    inserted = [edit for edit in edits if isinstance(edit, InsertTask)]
    same = _verify_stages(before, after, edits, names)
    remaining = _without_inserted(before, after, inserted)
    if len(remaining) != len(before.items):
        raise refused(
            before.path, f"{len(before.items)} items would become {len(remaining)} instead of staying as many"
        )
    place_of = {item.index: place for place, item in enumerate(remaining)}
    for old, new in zip(before.items, remaining, strict=True):
        if (None if new.parent is None else place_of.get(new.parent, -1)) != old.parent:
            raise refused(before.path, f"{old.title!r} would hang below another item", line=old.line)
        title = titles.get(old.index)
        wanted = old.title if title is None else wanted_title(old, title)
        # A task that makes a stage of its section may make one of the sections beside it, too.
        moved = new.stage is not None and same.get(new.stage) != old.stage
        if moved and not (inserted and old.stage is None):
            raise refused(before.path, f"{old.title!r} would move to another stage", line=old.line)
        if not _reads_as(old, new, states.get(old.index), wanted) or new.section != _section(
            before, old, names
        ):
            raise refused(before.path, f"{old.title!r} would read differently than intended", line=old.line)


def _reads_as(old: Item, new: Item, state: TaskState | None, title: str) -> bool:
    shown = [cell.status.task_state for cell in new.mirrors]
    mirrors = (
        shown == [cell.status.task_state for cell in old.mirrors]
        if state is None
        else len(shown) == len(old.mirrors) and all(each is state for each in shown)
    )
    status = new.status is old.status if state is None else new.state is state
    return (
        mirrors
        and status
        and new.title == title
        and (new.kind, new.id) == (old.kind, old.id)
        and (new.stage is None) <= (old.stage is None)
        and new.description == old.description
    )


def _section(before: Document, item: Item, names: dict[int, str]) -> tuple[str, ...]:
    """The section that an item stands in after stages were renamed."""
    new = names.get(item.stage) if item.stage is not None else None
    if new is None or item.stage is None or item.section[:1] != (before.stages[item.stage].name,):
        return item.section
    return (new, *item.section[1:])


def _verify_stages(
    before: Document, after: Document, edits: Sequence[Edit], names: dict[int, str]
) -> dict[int, int]:
    """Require that every stage is still there, as intended.

    A task that is inserted below a heading without items can make a stage of it; nothing else can.

    Returns:
        For every stage of the edited document, which one of the former stages it is.
    """
    dues = {edit.stage: edit.due for edit in edits if isinstance(edit, SetDue)}
    states = {edit.stage: edit.state for edit in edits if isinstance(edit, SetStageState)}
    grows = any(isinstance(edit, InsertTask) for edit in edits)
    same: dict[int, int] = {}
    at = 0
    for old in before.stages:
        name = names.get(old.index, old.name)
        while (
            grows
            and at < len(after.stages)
            and (after.stages[at].name, after.stages[at].id) != (name, old.id)
        ):
            at += 1
        if at == len(after.stages):
            raise refused(before.path, f"{name!r} would be no stage any more", line=old.line)
        new = after.stages[at]
        at += 1
        same[new.index] = old.index
        state = states.get(old.index)
        shown = [cell for cell in ([new.cell] if new.cell else []) + list(new.mirrors) if state is not None]
        if (
            (new.name, new.id) != (name, old.id)
            or new.due != dues.get(old.index, old.due)
            or any(cell.status.task_state is not state for cell in shown)
            or (state is not None and not new.has_items and new.status.task_state is not state)
        ):
            raise refused(
                before.path, f"the stage {old.name!r} would read differently than intended", line=old.line
            )
    if len(after.stages) > len(before.stages) and not grows:
        raise refused(before.path, "another heading would become a stage")
    return same


def _without_inserted(before: Document, after: Document, inserted: Sequence[InsertTask]) -> list[Item]:
    """The items of the edited document that it had before.

    Raises:
        RoadmapError: an inserted task is not there, or reads differently.
    """
    if not inserted:
        return list(after.items)
    if len(before.sections) != len(after.sections):
        raise refused(before.path, "another section would appear")
    had = Counter((_section_at(before, item), item.full_title) for item in before.items)
    places = {item.index: _section_at(after, item) for item in after.items}
    added: set[int] = set()
    for edit in inserted:
        section, title = before.sections[edit.section], one_line(edit.title)
        same = alike(before, section)
        now = [
            item
            for item in after.items
            if item.full_title == title and item.index not in added and places[item.index] in same
        ]
        old = sum(had[at, title] for at in same)
        if (
            len(now) <= old
            or now[-1].box is None
            or now[-1].state is not TaskState.OPEN
            or now[-1].section != section.segments
        ):
            raise refused(
                before.path, f"{title!r} cannot be written here so that it reads the same", line=section.line
            )
        added.add(now[-1].index)
    return [item for item in after.items if item.index not in added]


def _section_at(document: Document, item: Item) -> int:
    """The innermost section that an item stands in."""
    at = bisect_right(document.sections, item.block.start, key=lambda section: section.span.start) - 1
    while at > 0 and document.sections[at].span.end <= item.block.start:
        at -= 1
    return at
