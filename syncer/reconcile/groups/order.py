"""In which order issues are put below others, so that the forge takes each of them when its turn comes.

A parent that is full has room once somebody has left it, and nothing can be put below what stands below it.
What no order makes possible is left out of the plan and said.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.plan import ItemKey, SetParent, Severity
from syncer.reconcile.draft import PlanDraft

_Node = int | ItemKey
"""An issue by its number; one that this very plan creates by its line."""


@dataclass(slots=True)
class _Tree:
    """Who stands below whom while the wishes come true one after the other."""

    most: int
    parents: dict[_Node, _Node]
    children: Counter[_Node] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.children.update(self.parents.values())

    def full(self, parent: _Node) -> bool:
        return self.children[parent] >= self.most

    def below(self, node: _Node, other: _Node) -> bool:
        """Whether a node is another one, or stands somewhere below it."""
        seen: set[_Node] = set()
        at: _Node | None = node
        while at is not None and at not in seen:
            if at == other:
                return True
            seen.add(at)
            at = self.parents.get(at)
        return False

    def put(self, node: _Node, parent: _Node | None) -> None:
        before = self.parents.pop(node, None)
        if before is not None:
            self.children[before] -= 1
        if parent is not None:
            self.parents[node] = parent
            self.children[parent] += 1


def put_in_order(draft: PlanDraft, tracker: TrackerId) -> None:
    """Number a tracker's wishes in the order in which they can come true; leave out those that cannot."""
    view = draft.observation.trackers[tracker]
    tree = _Tree(
        view.capabilities.sub_issues,
        {number: issue.parent for number, issue in view.issues.items() if issue.parent},
    )
    wishes = [each for each in draft.actions if isinstance(each, SetParent) and each.tracker == tracker]
    draft.actions = [
        each for each in draft.actions if not (isinstance(each, SetParent) and each.tracker == tracker)
    ]
    waiting = sorted(wishes, key=_turn)
    done = 0
    while waiting:
        held_up: list[SetParent] = []
        for wish in waiting:
            if _obstacle(draft, tree, wish) is not None:
                held_up.append(wish)
                continue
            tree.put(_node(wish), _target(draft, wish))
            done += 1
            draft.act(replace(wish, order=done))
        if len(held_up) == len(waiting):
            break
        waiting = held_up
    for wish in waiting:
        _say(draft, wish, _obstacle(draft, tree, wish) or "parent-full", tree.most)


def _turn(wish: SetParent) -> tuple[object, ...]:
    """Who leaves comes before who moves, and that before who is new; then as the lines stand."""
    kind = 0 if wish.after is None else 1 if wish.before else 2
    return kind, wish.item.path, wish.subject.line, wish.item.index


def _node(wish: SetParent) -> _Node:
    return wish.number if wish.number is not None else wish.item


def _target(draft: PlanDraft, wish: SetParent) -> _Node | None:
    if wish.after is None:
        return None
    uid = draft.uid_of.get(wish.after)
    number = draft.bindings[uid].refs.get(wish.tracker) if uid is not None else None
    return number if number is not None else wish.after


def _obstacle(draft: PlanDraft, tree: _Tree, wish: SetParent) -> str | None:
    target = _target(draft, wish)
    if target is None:
        return None
    if tree.below(target, _node(wish)):
        return "parent-below"
    return "parent-full" if tree.full(target) else None


def _say(draft: PlanDraft, wish: SetParent, code: str, most: int) -> None:
    if code == "parent-full":
        reason = f'"{wish.after_title}" has {most} sub-issues, and takes no more'
        remedy = "put some of them elsewhere, in the roadmap or on the forge"
    else:
        reason = f'"{wish.after_title}" stands below this issue on the forge, so it cannot be put below that'
        remedy = "take the one above out on the forge, or nest the lines as the issues are"
    draft.ask(wish.subject, Field.PARENT, code, reason, remedy, severity=Severity.REPORT)
