"""Leaving for good: nothing is synced any more, and what syncer wrote is taken away where that is wanted."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from enum import Enum

from syncer.model.ledger import BindingState, LedgerChange
from syncer.model.plan import Outcome
from syncer.reconcile.block import read_block, without_block
from syncer.service.adoption import Scene
from syncer.service.markers import Target, Touched, rewrite_all


class Remove(Enum):
    """What is taken away on the trackers."""

    NOTHING = "nothing"
    MARKERS = "markers"
    """The hidden markers; the text that they enclose stays, as ordinary text."""
    BLOCKS = "blocks"
    """The managed blocks with their markers."""


def ours(scene: Scene, label: str) -> list[Target]:
    """The issues and milestones that carry our marker, or are bound.

    Args:
        scene: as looked at.
        label: to be taken away from the issues; empty for none.
    """
    owner = scene.observed.owner
    found: list[Target] = []
    for view in scene.observed.trackers.values():
        bound = {
            each.refs[view.id]: each.uid
            for each in scene.book.bindings.values()
            if view.id in each.refs and each.state is not BindingState.ENDED
        }
        for number, issue in sorted(view.issues.items()):
            marker = issue.marker
            marked = (
                marker is not None
                and marker.owner == owner
                and not scene.observed.is_elsewhere(issue.reference)
            )
            if marked or (number in bound and marker is None):
                uid = marker.uid if marker is not None else bound[number]
                found.append(Target(view.id, number, issue.title, uid, label=label))
        for key, milestone in sorted(view.milestones.items()):
            reading = read_block(milestone.description)
            marker = reading.marker
            if (
                marker is not None
                and marker.owner == owner
                and not scene.observed.is_elsewhere(reading.reference)
            ):
                found.append(Target(view.id, key, milestone.title, marker.uid, milestone=True))
    return found


def take_away(scene: Scene, targets: Sequence[Target], remove: Remove) -> list[Touched]:
    """Take markers, blocks or labels away; people's text stays."""

    def rewrite(body: str) -> str | None:
        if remove is Remove.NOTHING:
            return None
        return without_block(body, keep_text=remove is Remove.MARKERS)

    return rewrite_all(scene.project.trackers, scene.book, targets, rewrite, "detach")


def finished(touched: Sequence[Touched], targets: Sequence[Target]) -> bool:
    """Whether nothing is left to be taken away."""
    done = (Outcome.DONE, Outcome.ALREADY)
    return len(touched) == len(targets) and all(each.outcome in done for each in touched)


def end(scene: Scene) -> None:
    """Remember that it is over. Bindings are kept as ended ones, so that nothing is imported again."""
    book = scene.book
    book.note("detach", scene.project.name, f"{len(book.bindings)} items are not looked after any more")
    book.save(
        LedgerChange(
            bindings=tuple(
                dataclasses.replace(each, state=BindingState.ENDED) for each in book.bindings.values()
            ),
            decisions=(),
            pins=(),
            approved=frozenset(),
            detached=True,
        )
    )
