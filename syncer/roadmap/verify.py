"""Proof that an edited roadmap reads as intended, and that nothing else in it reads differently."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from syncer.model.document import Document, Item, ItemKind, Span, Stage
from syncer.model.edits import (
    Edit,
    InsertTask,
    MoveItem,
    RenameStage,
    Retitle,
    SetDue,
    SetLink,
    SetStageState,
    SetStageStatus,
    SetStarted,
    SetState,
)
from syncer.model.fields import Status, TaskState
from syncer.model.overview import box_contradicts, contradictions
from syncer.roadmap.escape import one_line
from syncer.roadmap.insert import alike
from syncer.roadmap.splice import refused
from syncer.roadmap.texts import wanted_title


@dataclass(frozen=True, slots=True)
class Followed:
    """Where everything is after some edits.

    Args:
        items: the index of every former item now.
        stages: the same for stages.
        added: the indexes of the inserted tasks, in the order of their edits.
    """

    items: Mapping[int, int]
    stages: Mapping[int, int]
    added: tuple[int, ...] = ()


def verify(
    before: Document,
    after: Document,
    edits: Sequence[Edit],
    places: Mapping[int, Span] = MappingProxyType({}),
) -> Followed:
    """Require that exactly the intended items and stages differ.

    Args:
        before: as it was.
        after: as the edited bytes read.
        edits: what was intended.
        places: where the moved items stand now, by index.

    Returns:
        Which items and stages are which.

    Raises:
        RoadmapError: they do not; nothing may be written.
    """
    states = {edit.item: edit.state for edit in edits if isinstance(edit, SetState)}
    started = {edit.item: edit.started for edit in edits if isinstance(edit, SetStarted)}
    titles = {edit.item: edit.title for edit in edits if isinstance(edit, Retitle)}
    names = {edit.stage: one_line(edit.name) for edit in edits if isinstance(edit, RenameStage)}
    links = {edit.item: edit.url for edit in edits if isinstance(edit, SetLink)}
    targets = {edit.item: before.sections[edit.section] for edit in edits if isinstance(edit, MoveItem)}
    inserted = [edit for edit in edits if isinstance(edit, InsertTask)]
    roots = _roots(before, targets)
    same = _verify_stages(before, after, edits, names, roots)
    added = _inserted(before, after, inserted)
    pairs = _pairs(before, [item for item in after.items if item.index not in added], roots, places)
    former = {new.index: old.index for old, new in pairs}
    left = {parent for root in targets for parent in _ancestors(before, root)}
    for old, new in pairs:
        root = roots.get(old.index)
        parent = None if new.parent is None else former.get(new.parent, -1)
        if parent != old.parent and root != old.index:
            raise refused(before.path, f"{old.title!r} would hang below another item", line=old.line)
        title = titles.get(old.index)
        wanted = old.title if title is None else wanted_title(old, title)
        # A task that makes a stage of its section may make one of the sections beside it, too.
        strayed = new.stage is not None and same.get(new.stage) != old.stage
        lost = new.stage is None and old.stage is not None
        if root is None and (lost or (strayed and not ((inserted or roots) and old.stage is None))):
            raise refused(before.path, f"{old.title!r} would move to another stage", line=old.line)
        section = _section(before, old, names) if root is None else targets[root].segments
        emptied = old.index in left and (old.kind, new.kind) == (ItemKind.GROUP, ItemKind.TASK)
        if (
            not _shows(old, new, states.get(old.index), started.get(old.index))
            or (new.title, new.section, new.id, new.description) != (wanted, section, old.id, old.description)
            or (new.kind is not old.kind and not emptied)
            or new.link != links.get(old.index, old.link)
        ):
            raise refused(before.path, f"{old.title!r} would read differently than intended", line=old.line)
    return Followed(
        {old.index: new.index for old, new in pairs}, {old: new for new, old in same.items()}, added
    )


def _ancestors(document: Document, item: int) -> Iterator[int]:
    parent = document.items[item].parent
    while parent is not None:
        yield parent
        parent = document.items[parent].parent


def _roots(document: Document, moved: Mapping[int, object]) -> dict[int, int]:
    """Which moved item every item goes along with: itself, or the nearest one that it stands below."""
    found: dict[int, int] = {}
    for item in document.items if moved else ():
        root = next((each for each in (item.index, *_ancestors(document, item.index)) if each in moved), None)
        if root is not None:
            found[item.index] = root
    return found


def _pairs(
    before: Document, remaining: Sequence[Item], roots: Mapping[int, int], places: Mapping[int, Span]
) -> list[tuple[Item, Item]]:
    """Every former item beside what it is now.

    Raises:
        RoadmapError: there are more or fewer of them.
    """
    pairs: list[tuple[Item, Item]] = []
    arrived: set[int] = set()
    for root, place in places.items():
        old = [before.items[index] for index, each in roots.items() if each == root]
        new = [item for item in remaining if place.start <= item.block.start < place.end]
        arrived.update(item.index for item in new)
        pairs += _zipped(before, old, new)
    stayed = [item for item in before.items if item.index not in roots]
    return pairs + _zipped(before, stayed, [item for item in remaining if item.index not in arrived])


def _zipped(before: Document, old: Sequence[Item], new: Sequence[Item]) -> list[tuple[Item, Item]]:
    if len(old) != len(new):
        raise refused(before.path, f"{len(old)} items would become {len(new)} instead of staying as many")
    return list(zip(old, new, strict=True))


def _shows(old: Item, new: Item, state: TaskState | None, started: bool | None) -> bool:
    """Whether an item and everything that repeats it shows the state it should."""
    if started is not None:
        cells = ([new.cell] if new.cell is not None else []) + list(new.mirrors)
        going_on = [cell.status is Status.IN_PROGRESS for cell in cells]
        return new.state is TaskState.OPEN and bool(cells) and all(each is started for each in going_on)
    shown = [cell.status.task_state for cell in new.mirrors]
    if state is None:
        return new.status is old.status and shown == [cell.status.task_state for cell in old.mirrors]
    return new.state is state and len(shown) == len(old.mirrors) and all(each is state for each in shown)


def _section(before: Document, item: Item, names: dict[int, str]) -> tuple[str, ...]:
    """The section that an item stands in after stages were renamed."""
    new = names.get(item.stage) if item.stage is not None else None
    if new is None or item.stage is None or item.section[:1] != (before.stages[item.stage].name,):
        return item.section
    return (new, *item.section[1:])


def _verify_stages(
    before: Document,
    after: Document,
    edits: Sequence[Edit],
    names: dict[int, str],
    moved: Container[int],
) -> dict[int, int]:
    """Require that every stage is still there, as intended.

    An item that comes to a heading without items can make a stage of it, and one that leaves can take
    the stage along; nothing else can.

    Returns:
        For every stage of the edited document, which one of the former stages it is.
    """
    dues = {edit.stage: edit.due for edit in edits if isinstance(edit, SetDue)}
    states = {edit.stage: edit.state for edit in edits if isinstance(edit, SetStageState)}
    statuses = {edit.stage: edit for edit in edits if isinstance(edit, SetStageStatus)}
    grows = any(isinstance(edit, (InsertTask, MoveItem)) for edit in edits)
    staying = {item.stage for item in before.items if item.index not in moved}
    leaving = {item.stage for item in before.items if item.index in moved} - staying
    same: dict[int, int] = {}
    at = 0
    for old in before.stages:
        name = names.get(old.index, old.name)
        found = next(
            (
                index
                for index in range(at, len(after.stages) if grows else min(at + 1, len(after.stages)))
                if not grows or (after.stages[index].name, after.stages[index].id) == (name, old.id)
            ),
            None,
        )
        if found is None and old.index in leaving:
            continue
        if found is None:
            raise refused(before.path, f"{name!r} would be no stage any more", line=old.line)
        at = found
        new = after.stages[at]
        at += 1
        same[new.index] = old.index
        status = statuses.get(old.index)
        if status is not None and not _follows(old, new, status):
            raise refused(
                before.path,
                f"the stage {old.name!r} would not say that it is {status.status.value}",
                line=old.line,
            )
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


def _follows(old: Stage, new: Stage, edit: SetStageStatus) -> bool:
    """Whether everything that could say a derived status says it now."""
    stuck = [each for each in contradictions(old, edit.status, edit.texts) if each.word is None]
    return len(contradictions(new, edit.status)) <= len(stuck) and not box_contradicts(
        new, new.overview_ticked, edit.status
    )


def _inserted(before: Document, after: Document, inserted: Sequence[InsertTask]) -> tuple[int, ...]:
    """The indexes of the inserted tasks in the edited document, in the order of their edits.

    Raises:
        RoadmapError: an inserted task is not there, or reads differently.
    """
    if not inserted:
        return ()
    if len(before.sections) != len(after.sections):
        raise refused(before.path, "another section would appear")
    had = Counter((_section_at(before, item), item.full_title) for item in before.items)
    places = {item.index: _section_at(after, item) for item in after.items}
    added: dict[int, None] = {}
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
            or now[-1].link != (edit.link[1] if edit.link is not None else None)
        ):
            raise refused(
                before.path, f"{title!r} cannot be written here so that it reads the same", line=section.line
            )
        added[now[-1].index] = None
    return tuple(added)


def _section_at(document: Document, item: Item) -> int:
    """The innermost section that an item stands in."""
    at = bisect_right(document.sections, item.block.start, key=lambda section: section.span.start) - 1
    while at > 0 and document.sections[at].span.end <= item.block.start:
        at -= 1
    return at
