"""Binding what exists: issues that nobody manages, lines that a person names, another installation's issues.

Only the ledger is written when something is bound; the next run writes the markers, and holds what
differs. Nothing is ever bound twice: an issue or a line that is bound already is refused or left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from syncer.errors import UnresolvedReference, UserError
from syncer.model.identity import Owner, TrackerId
from syncer.model.ledger import Binding, BindingState, BlockState, LedgerChange, Pin, SeenIssue
from syncer.model.plan import ItemKey, Plan
from syncer.model.reference import SEPARATOR
from syncer.ports import Clock
from syncer.reconcile.adopted import adopted_uid
from syncer.reconcile.block import read_block, with_owner
from syncer.reconcile.matching import anchor_of
from syncer.reconcile.observation import Observation
from syncer.reconcile.planner import plan as make_plan
from syncer.roadmap.reference import resolve
from syncer.service.book import Book, merged
from syncer.service.markers import Target, Touched, rewrite_all
from syncer.service.observe import look, observation, owner_of
from syncer.service.project import Project
from syncer.service.proposing import Pair, Proposals, propose
from syncer.service.rehearse import preview


@dataclass(frozen=True, slots=True)
class Scene:
    """All sides at the moment of an adoption, and what a run would make of them."""

    project: Project
    book: Book
    observed: Observation
    plan: Plan


def look_around(project: Project, book: Book, clock: Clock) -> Scene:
    """Look at all sides. A project that was detached begins again, with what the markers say.

    Args:
        project: whose.
        book: its ledger; what is seen is remembered there.
        clock: for the look.
    """
    if book.state.detached:
        book.save(
            LedgerChange(dropped=tuple(book.bindings), dropped_stages=tuple(book.stages), detached=False)
        )
    found = look(project, book, clock)
    book.save(merged(found.change, LedgerChange(owner=owner_of(project, found.source.profile))))
    observed = observation(project, book, found)
    return Scene(project, book, observed, make_plan(observed, book.state, project.policy, preview))


def proposals(scene: Scene) -> Proposals:
    """What can be bound without a person naming it."""
    return propose(scene.observed, scene.book.state, scene.plan, scene.project.policy)


# -- what a person names -----------------------------------------------------------------------------------


def named_pair(scene: Scene, text: str) -> Pair:
    """The pair that a person writes as ``#12=TODO.md:14``.

    Raises:
        UserError: it cannot be bound, with the reason.
        UnresolvedReference: one of the two is not there, or not clear.
    """
    left, sign, right = text.partition("=")
    if not sign:
        raise UserError(f"{text!r} names no pair", next_step="write '#NUMBER=FILE:LINE' in quotes")
    tracker, issue = _issue(scene, left.strip())
    key = line_of(scene, right.strip())
    document = scene.observed.documents[key.path]
    item = document.entry(key.index)
    where = f"{key.path}:{item.line}"
    marker = issue.marker
    if marker is not None and marker.owner != scene.observed.owner:
        raise UserError(
            f"#{issue.number} is managed by {marker.owner}",
            where=where,
            next_step=f"`syncer adopt --from {marker.owner}` takes it over",
        )
    bound = dict(scene.plan.items)
    uid = next(
        (each.uid for each in scene.book.bindings.values() if each.refs.get(tracker) == issue.number), None
    )
    uid = uid or (marker.uid if marker is not None else None)
    mine = bound.get(key)
    if uid is not None:
        other = next((place for place, each in bound.items() if each == uid and place != key), None)
        if other is not None:
            line = scene.observed.documents[other.path].items[other.index].line
            raise UserError(
                f"#{issue.number} is bound to {other.path}:{line}",
                where=where,
                next_step=f"`syncer forget '#{issue.number}'` first, if that is wrong",
            )
    if mine is not None and mine != uid:
        number = scene.book.bindings[mine].refs.get(tracker) if mine in scene.book.bindings else None
        if uid is not None or number is not None:
            raise UserError(
                f"the line is bound to #{number}" if number is not None else "the line is bound already",
                where=where,
                next_step="`syncer forget` that first, if it is wrong",
            )
    uid = uid or mine or adopted_uid(scene.observed.owner, tracker, issue.number)
    return Pair(tracker, issue, key, anchor_of(document, item), uid, "named")


def line_of(scene: Scene, name: str) -> ItemKey:
    """The line that a person names, in the roadmaps as they are now.

    Raises:
        UnresolvedReference: it is not there, or not clear.
    """
    path, _, line = name.rpartition(":")
    if line.isdigit() and path and not path.endswith(":"):
        document = scene.observed.documents.get(path)
        for item in document.items if document is not None else ():
            if item.line == int(line):
                return ItemKey(path, item.index)
        raise UnresolvedReference(f"{name} is no item", next_step=f"`syncer parse` lists the items of {path}")
    place = resolve(name, [scene.observed.documents[path] for path in sorted(scene.observed.documents)])
    if place.item is None:
        raise UnresolvedReference(f"{name!r} names a section, not an item", next_step="write FILE:LINE")
    return ItemKey(place.document.path, place.item)


def _issue(scene: Scene, name: str) -> tuple[TrackerId, SeenIssue]:
    tracker, sign, digits = name.rpartition("#")
    found = [
        (view.id, issue)
        for view in scene.observed.trackers.values()
        for issue in view.issues.values()
        if (sign and digits.isdigit() and issue.number == int(digits) and tracker in ("", view.id))
        or issue.url.rstrip("/") == name.rstrip("/")
    ]
    if len(found) != 1:
        names = tuple(f"{where}#{issue.number}" for where, issue in found)
        raise UnresolvedReference(
            f"{name!r} names {len(found) or 'no'} issues", next_step="write TRACKER#NUMBER", candidates=names
        )
    return found[0]


# -- remembering -------------------------------------------------------------------------------------------


def bind(scene: Scene, pairs: Sequence[Pair], new: Sequence[ItemKey]) -> None:
    """Remember pairs, and lines that a person called new.

    Args:
        scene: as looked at, under the lease.
        pairs: to be bound.
        new: lines that wait for nothing any more.
    """
    book = scene.book
    bindings: dict[str, Binding] = {}
    pins = list(book.state.pins)
    for pair in pairs:
        known = bindings.get(pair.uid) or book.bindings.get(pair.uid)
        # What was settled before a person ended it says nothing about now.
        fresh = known is None or known.state is not BindingState.LIVE
        bindings[pair.uid] = Binding(
            pair.uid,
            pair.anchor,
            {**(known.refs if known is not None else {}), pair.tracker: pair.issue.number},
            {} if fresh or known is None else known.base,
        )
        pins.append(Pin(pair.anchor, pair.uid))
        bindings |= _stepping_aside(book, pair)
        place = f"{pair.anchor.path}:{pair.anchor.line} #{pair.issue.number}"
        text = f"{pair.anchor.title}: bound to {pair.issue.title!r} ({pair.how}, {pair.score:.0f} %)"
        book.note("adopt", place, text, uid=pair.uid)
    for key in new:
        document = scene.observed.documents[key.path]
        anchor = anchor_of(document, document.entry(key.index))
        pins.append(Pin(dataclasses.replace(anchor), None))
        book.note("adopt", f"{key.path}:{anchor.line}", f"{anchor.title}: a person says that it is new")
    forgotten = book.state.forgotten - {str(pair.uid) for pair in pairs}
    book.save(
        LedgerChange(bindings=tuple(bindings.values()), pins=tuple(pins), forgotten=forgotten, detached=False)
    )


def _stepping_aside(book: Book, pair: Pair) -> dict[str, Binding]:
    """Bindings that remember the same place as a pair: they lost it, and must not claim it again."""
    rivals = [
        each
        for each in book.bindings.values()
        if each.uid != pair.uid and each.anchor.digest == pair.anchor.digest
    ]
    highest = max(
        (each.anchor.ordinal for each in book.bindings.values() if each.anchor.title == pair.anchor.title),
        default=0,
    )
    return {
        each.uid: dataclasses.replace(each, anchor=dataclasses.replace(each.anchor, ordinal=highest + number))
        for number, each in enumerate(rivals, start=1)
    }


# -- another installation's --------------------------------------------------------------------------------


def marked_by(scene: Scene, owner: Owner) -> list[Target]:
    """The issues and milestones whose marker names an owner."""
    found: list[Target] = []
    for view in scene.observed.trackers.values():
        found += [
            Target(view.id, issue.number, issue.title, issue.marker.uid)
            for _number, issue in sorted(view.issues.items())
            if issue.marker is not None
            and issue.marker.owner == owner
            and _concerns(scene, issue.reference, issue.block)
        ]
        for key, milestone in sorted(view.milestones.items()):
            reading = read_block(milestone.description)
            marker = reading.marker
            if (
                marker is not None
                and marker.owner == owner
                and _concerns(scene, reading.reference, reading.state)
            ):
                found.append(Target(view.id, key, milestone.title, marker.uid, milestone=True))
    return found


def _concerns(scene: Scene, reference: str | None, block: BlockState) -> bool:
    """Whether a block was written for one of this project's roadmaps, as far as it tells."""
    if reference is None:
        return block is BlockState.DAMAGED
    return reference.split(SEPARATOR, 1)[0] in scene.observed.documents


def owners_of(scene: Scene) -> list[Owner]:
    """Who else manages issues here."""
    return sorted(
        {
            issue.marker.owner
            for view in scene.observed.trackers.values()
            for issue in view.issues.values()
            if issue.marker is not None and issue.marker.owner != scene.observed.owner
        }
    )


def take_over(scene: Scene, owner: Owner, targets: Sequence[Target]) -> list[Touched]:
    """Let markers name us. The next run recognises them as ours, as after the loss of a ledger."""
    return rewrite_all(
        scene.project.trackers,
        scene.book,
        targets,
        lambda body: with_owner(body, owner, scene.observed.owner),
        "take-over",
    )
