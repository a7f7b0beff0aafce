"""Which items stand below which on a tracker, and which are only lines in another one's checklist.

A child has an issue of its own below its parent's, as far as the trackers have room: so many children of
one parent, so many levels. What there is no room for is a line in the checklist of the nearest item above
that has an issue. With several trackers the smallest one decides, so that a roadmap looks the same on all of
them. An item that has an issue already keeps it, whatever the room.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from syncer.model.document import Document, Item, ItemKind
from syncer.model.fields import Field, Status
from syncer.model.identity import TrackerId
from syncer.model.ledger import BindingState
from syncer.model.plan import ItemKey, Severity, Subject
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.policy import Groups

NESTED = frozenset({ItemKind.TASK, ItemKind.GROUP})
"""What can be a parent or a child. Criteria below an item belong to the gate of its stage."""


@dataclass(frozen=True, slots=True)
class Room:
    """What all trackers of a project have room for.

    Args:
        children: of one parent.
        levels: one below the other, the topmost counted.
    """

    children: int
    levels: int


def room_of(draft: PlanDraft) -> Room:
    """The room that the trackers leave; none where a team wants none, or one of them knows no parents."""
    limits = [view.capabilities for view in draft.observation.trackers.values()]
    if draft.policy.groups is Groups.CHECKLIST or not limits or not all(each.sub_issues for each in limits):
        return Room(0, 1)
    return Room(min(each.sub_issues for each in limits), min(each.levels for each in limits))


def find_homes(draft: PlanDraft) -> None:
    """Find out for every nested item whether it stands below another one, or in whose checklist it is."""
    if draft.policy.groups is Groups.ISSUES:
        return
    room = room_of(draft)
    for path, document in sorted(draft.observation.documents.items()):
        _Nest(draft, room, path, document).fill()
    lines: dict[ItemKey, list[int]] = {}
    for key, carrier in sorted(draft.lines.items(), key=lambda entry: (entry[0].path, entry[0].index)):
        lines.setdefault(carrier, []).append(key.index)
    draft.members |= {carrier: tuple(indexes) for carrier, indexes in lines.items()}
    if draft.policy.groups is Groups.SUB_ISSUES:
        _say_what_has_no_room(draft, room)
    _keep_emptied(draft)


def _say_what_has_no_room(draft: PlanDraft, room: Room) -> None:
    """A checklist where a team wanted children is said, with the reason."""
    unable = [
        tracker for tracker, view in draft.observation.trackers.items() if not view.capabilities.sub_issues
    ]
    for tracker in unable if draft.members else []:
        draft.ask(
            Subject("", 0, (), str(tracker), None, tracker),
            Field.PARENT,
            "no-sub-issues",
            f"{tracker} has no sub-issues and no child tasks: what stands below a box is a line in the "
            "checklist of its issue",
            severity=Severity.REPORT,
        )
    for carrier, indexes in draft.members.items() if not unable else ():
        count = len(indexes)
        lines = "item below it is a line" if count == 1 else "items below it are lines"
        draft.ask(
            draft.subject(carrier, uid=draft.uid_of.get(carrier)),
            Field.PARENT,
            "no-room",
            f"{count} {lines} of its checklist: an issue has room for {room.children} children, "
            f"and {room.levels} levels stand below one another",
            severity=Severity.REPORT,
            fingerprint=str(count),
        )


def _keep_emptied(draft: PlanDraft) -> None:
    """A checklist whose last line is gone is still merged once more, so that no tick in it is lost."""
    for uid, match in draft.pairs.items():
        if match.item in draft.members or draft.item(match.item).kind not in NESTED:
            continue
        issues = draft.issues(draft.bindings[uid])
        if any(
            issue.checks and draft.has_checklist(draft.bindings[uid], tracker)
            for tracker, issue in issues.items()
        ):
            draft.members[match.item] = ()


class _Nest:
    """The nested items of one roadmap, looked at from the top."""

    def __init__(self, draft: PlanDraft, room: Room, path: str, document: Document) -> None:
        self._draft = draft
        self._room = room
        self._path = path
        self._document = document
        self._levels: dict[int, int] = {}
        self._lines: dict[int, int] = {}
        self._above: dict[int, int | None] = {}
        self._children: Counter[int] = Counter()
        self._free: dict[int, int] = {}
        self._nested = Counter(item.parent for item in document.items if item.kind in NESTED)

    def fill(self) -> None:
        by_depth: dict[int, list[Item]] = {}
        for item in self._document.items:
            if item.kind in NESTED:
                by_depth.setdefault(self._depth(item), []).append(item)
        for depth in sorted(by_depth):
            # Those that have an issue already come first: they keep their room.
            free: list[Item] = []
            for item in by_depth[depth]:
                if self._is_bound(item):
                    self._stand(item)
                else:
                    free.append(item)
            for item in free:
                self._settle_in(item)

    def _settle_in(self, item: Item) -> None:
        """An item without an issue: one of its own, a line in a checklist, or neither."""
        key = ItemKey(self._path, item.index)
        above = self._home(item)
        open_to_us = key not in self._draft.uid_of and key not in self._draft.matching.unclear_items
        if above is None:
            if open_to_us and self._draft.calls_for_issue(item):
                self._stand(item)
            return
        if not open_to_us or item.withheld is not None or item.status is Status.FUTURE:
            return
        carrier = self._lines.get(above, above)
        if carrier != above or self._levels[above] >= self._room.levels:
            self._list(item, carrier)
        elif self._draft.calls_for_issue(item) and self._left(above) > 0:
            self._stand(item)
        elif self._draft.calls_for_issue(item) or self._overflows(above):
            self._list(item, carrier)

    def _stand(self, item: Item) -> None:
        """An issue of its own, below the nearest one that has room beneath it."""
        above = self._standing(item)
        while above is not None and self._levels[above] >= self._room.levels:
            above = self._above[above]
        self._levels[item.index] = 1 if above is None else self._levels[above] + 1
        self._above[item.index] = above
        if above is not None:
            self._children[above] += 1
            self._draft.homes[ItemKey(self._path, item.index)] = ItemKey(self._path, above)

    def _list(self, item: Item, carrier: int) -> None:
        self._lines[item.index] = carrier
        self._draft.lines[ItemKey(self._path, item.index)] = ItemKey(self._path, carrier)

    def _left(self, parent: int) -> int:
        """How many more children a parent can have, people's own and those that will move here counted."""
        if parent not in self._free:
            key = ItemKey(self._path, parent)
            # Those that stand here already are bound: they came first.
            self._free[parent] = self._room.children - self._others(key) - self._children[parent]
            self._children[parent] = 0
        return self._free[parent] - self._children[parent]

    def _others(self, parent: ItemKey) -> int:
        """Children on a tracker that are not its own lines and will stay; where there are most of them."""
        draft = self._draft
        uid = draft.uid_of.get(parent)
        binding = draft.bindings.get(uid) if uid is not None else None
        if binding is None:
            return 0
        counts = [0]
        for tracker, number in binding.refs.items():
            view = draft.observation.trackers.get(tracker)
            ours = self._coming_and_going(tracker, number, parent)
            there = view.issues.values() if view is not None else ()
            counts.append(sum(1 for each in there if each.parent == number and each.number not in ours))
        return max(counts)

    def _coming_and_going(self, tracker: TrackerId, number: int, parent: ItemKey) -> set[int]:
        """The issues of a parent's own lines, and of those that leave it because their lines did."""
        found: set[int] = set()
        for uid, match in self._draft.pairs.items():
            binding = self._draft.bindings[uid]
            base = binding.base.get(tracker, {}).get(Field.PARENT)
            own = match.item.path == self._path and self._above.get(match.item.index) == parent.index
            if tracker in binding.refs and (own or (base is not None and base.tracker == number)):
                found.add(binding.refs[tracker])
        return found

    def _overflows(self, parent: int) -> bool:
        """Whether a parent has more children in the roadmap than there is room for."""
        return self._nested[parent] > self._room.children

    def _is_bound(self, item: Item) -> bool:
        uid = self._draft.uid_of.get(ItemKey(self._path, item.index))
        return (
            uid is not None
            and uid in self._draft.bindings
            and self._draft.bindings[uid].state is not BindingState.ENDED
        )

    def _home(self, item: Item) -> int | None:
        """The nearest item above that stands, or is a line itself."""
        above = item.parent
        while above is not None and above not in self._levels and above not in self._lines:
            above = self._document.items[above].parent
        return above

    def _standing(self, item: Item) -> int | None:
        """The nearest item above that has an issue."""
        above = item.parent
        while above is not None and above not in self._levels:
            above = self._document.items[above].parent
        return above

    def _depth(self, item: Item) -> int:
        depth, above = 0, item.parent
        while above is not None:
            depth, above = depth + 1, self._document.items[above].parent
        return depth
