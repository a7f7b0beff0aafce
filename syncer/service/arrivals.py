"""Lines that are written for issues of people: bound in the moment in which they stand in the roadmap.

Where each of them will stand is remembered before the commit, or with the request that carries it. So a
line is known for what it is also by a run that finds it there after a crash, or once the request is merged,
whatever the issue is called by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from syncer.model.document import Document
from syncer.model.edits import InsertTask
from syncer.model.fields import Field, TaskState
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Anchor, Binding, LedgerChange, Settled, Settlement
from syncer.model.plan import EditRoadmap
from syncer.reconcile.adopted import adopted_uid
from syncer.reconcile.canonical import canonical_text
from syncer.reconcile.matching import anchor_of
from syncer.service.book import Book, merged
from syncer.service.rehearse import Rehearsal


class Arrivals:
    """What one commit brings into the roadmaps for issues of people.

    Args:
        book: the ledger during this run.
        rehearsal: the edited files.
    """

    def __init__(self, book: Book, rehearsal: Rehearsal) -> None:
        self._book = book
        self.anchors = arriving(rehearsal)

    def expect(self) -> None:
        """Remember where the lines will stand, before the commit is sent."""
        if self.anchors:
            carrier = self._book.state.carrier
            self._book.save(
                LedgerChange(carrier=replace(carrier, anchors={**carrier.anchors, **self.anchors}))
            )

    def arrived(self) -> LedgerChange:
        """The change that binds the lines, now that they stand there."""
        return _bound(self._book, self.anchors) if self.anchors else LedgerChange()


def arriving(rehearsal: Rehearsal) -> dict[Uid, Anchor]:
    """Where the lines stand that some edits add for issues, by the ids of the bindings to come."""
    found: dict[Uid, Anchor] = {}
    for path, edited in rehearsal.files.items():
        actions = [
            action
            for action in rehearsal.plan.actions
            if isinstance(action, EditRoadmap) and action.path == path and isinstance(action.edit, InsertTask)
        ]
        for action, index in zip(actions, edited.followed.added, strict=True):
            if action.subject.uid is not None:
                found[action.subject.uid] = anchor_of(edited.document, edited.document.items[index])
    return found


def bind_arrived(book: Book, documents: Mapping[str, Document]) -> None:
    """Bind the expected lines that stand where they were expected, after a crash or a merge.

    Args:
        book: what is remembered.
        documents: the roadmaps as they are.
    """
    here: dict[Uid, Anchor] = {}
    for uid, anchor in book.state.carrier.anchors.items():
        document = documents.get(anchor.path)
        if uid in book.bindings or document is None:
            continue
        found = [anchor_of(document, item) for item in document.items]
        if any(replace(each, line=0) == replace(anchor, line=0) for each in found):
            here[uid] = anchor
    if here:
        book.save(_bound(book, here))


def bind_landed(book: Book, uids: Iterable[Uid]) -> None:
    """Bind lines that a commit of ours is known to have brought, wherever people have put them since."""
    expected = book.state.carrier.anchors
    missing = {uid: expected[uid] for uid in uids if uid not in book.bindings and uid in expected}
    if missing:
        book.save(_bound(book, missing))


def _bound(book: Book, anchors: Mapping[Uid, Anchor]) -> LedgerChange:
    issues = _issues(book)
    changes = [
        book.bound(Binding(uid, anchor, {where[0]: where[1]}, {}), _settlements(uid, anchor, *where))
        for uid, anchor in anchors.items()
        if (where := issues.get(uid)) is not None
    ]
    carrier = book.state.carrier
    left = {uid: anchor for uid, anchor in carrier.anchors.items() if uid not in anchors}
    return merged(*changes, LedgerChange(carrier=replace(carrier, anchors=left)))


def _settlements(uid: Uid, anchor: Anchor, tracker: TrackerId, number: int) -> list[Settlement]:
    """A line was written with the text and the state that its issue showed."""
    del number
    title = canonical_text(f"{anchor.id}: {anchor.title}" if anchor.id else anchor.title)
    return [
        Settlement(uid, tracker, Field.TITLE, Settled(title, title)),
        Settlement(uid, tracker, Field.STATE, Settled(TaskState.OPEN, TaskState.OPEN)),
    ]


def _issues(book: Book) -> dict[Uid, tuple[TrackerId, int]]:
    """Every issue by the id that its binding has if it was there before its line."""
    owner = book.state.owner
    if owner is None:
        return {}
    return {
        adopted_uid(owner, tracker, number): (tracker, number)
        for tracker, issues in book.issues.items()
        for number in issues
    }
