"""Titles that somebody set in the moment in which we set another, and how they get them back.

No forge accepts a condition with a write. Its log of retitlings says afterwards what a write replaced.
"""

from __future__ import annotations

from datetime import datetime

from syncer.model.identity import Uid
from syncer.model.tracker import IssueChange
from syncer.ports import Tracker
from syncer.reconcile.canonical import canonical_text
from syncer.service.book import Book


def replaced_title(tracker: Tracker, number: int, *, ours: str, expected: str, since: datetime) -> str | None:
    """The title that our write replaced, if it was not the one that we had seen.

    Args:
        tracker: where the issue is.
        number: of the issue.
        ours: the title that we set.
        expected: the title that we had seen before.
        since: when the issue had last been changed when we saw it, by the forge's clock.
    """
    wanted = canonical_text(ours)
    writes = [
        event
        for event in tracker.title_events(number)
        if event.at >= since.replace(microsecond=0) and canonical_text(event.after) == wanted
    ]
    if not writes or canonical_text(writes[-1].before) == canonical_text(expected):
        return None
    return writes[-1].before


def put_back(book: Book, tracker: Tracker, uid: Uid, number: int, *, ours: str, theirs: str) -> None:
    """Restore a title that we replaced without having seen it; the next plan finds a conflict.

    The journal has it first, so that it is not lost even if it cannot be restored.
    """
    book.note(
        "restored",
        f"#{number}",
        f"somebody retitled the issue to {theirs!r} in the moment we wrote {ours!r}; put back",
        uid=uid,
    )
    book.flush()
    book.observe_issue(tracker.update_issue(number, IssueChange(title=theirs)))
