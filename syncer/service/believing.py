"""How much of what a tracker's list shows is believed. Nothing is concluded from what it does not show.

Lists lag, stop early, come from an old replica, or are empty although the tracker is not. A direct look
at one issue is the only thing that decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from syncer.errors import Gone, Missing, Moved, OtherThing
from syncer.model.fields import TaskState
from syncer.model.identity import TrackerId
from syncer.model.ledger import BindingState, LedgerChange, SeenIssue
from syncer.model.tracker import Cursor, TrackerReading
from syncer.ports import Tracker
from syncer.service.book import Book, seen, with_parent_of

_LAG = timedelta(minutes=10)
"""For how long something that was just created may be missing from what a forge shows."""

_HOLES = 3
"""How many numbers in a row have to be nobody's before there is nothing behind the last issue."""

_FAR = 20
"""How far behind the last issue it is looked for more."""


def believed(
    book: Book, tracker: Tracker, reading: TrackerReading, most: int | None, now: datetime
) -> tuple[LedgerChange, bool]:
    """What a reading changes, and whether it can be believed to be complete.

    Args:
        book: what is remembered.
        tracker: that was read.
        reading: what it showed.
        most: how many issues can be open, if the forge has just said so.
        now: by our clock.
    """
    known = book.issues.get(tracker.id, {})
    fresh: list[SeenIssue] = []
    for issue in reading.issues:
        before = known.get(issue.ref.number)
        found = with_parent_of(seen(issue), before)
        if before is not None and found != before and found.updated_at <= before.updated_at:
            # A list that lags behind what we have seen, or that shows another state of the same second:
            # look directly, and believe the newer one.
            found = _newer(tracker, before)
        if found != before:
            fresh.append(found)
    gone: list[tuple[TrackerId, int]] = []
    complete = True
    if reading.full:
        listed = {issue.ref.number for issue in reading.issues}
        for number in sorted(_expected(book, tracker.id) - listed):
            direct = _directly(tracker, number)
            if direct is not None:
                # The list kept something back, so it may keep back more: it is not believed.
                complete = False
                fresh.append(direct)
                break
            if number in known and known[number].created_at > now - _LAG:
                complete = False
                break
            gone.append((tracker.id, number))
        shown = sum(1 for issue in reading.issues if issue.state is TaskState.OPEN)
        unsure = not book.cursor(tracker.id).complete
        if complete and unsure and (most is None or shown < most):
            unlisted = _unlisted(tracker, max(listed | set(known), default=0))
            complete = unlisted is None
            fresh.extend([unlisted] if unlisted is not None else [])
        if not complete:
            gone.clear()
    change = LedgerChange(
        issues={tracker.id: tuple(fresh)} if fresh else {},
        gone_issues=tuple(gone),
        milestones={tracker.id: reading.milestones} if reading.milestones is not None else {},
        # What was not complete is listed completely again next time.
        cursors={tracker.id: reading.cursor if complete else Cursor()},
    )
    return change, complete


def _unlisted(tracker: Tracker, highest: int) -> SeenIssue | None:
    """An issue behind the highest number that a complete list showed, if there is one.

    A list may lag, stop early, or be empty although the tracker is not. Believed, it would have
    everything created once more by somebody whose ledger is lost. Direct looks tell.
    """
    nothing = 0
    for number in range(highest + 1, highest + 1 + _FAR):
        try:
            return seen(tracker.issue(number))
        except (OtherThing, Gone, Moved):
            nothing = 0
        except Missing:
            nothing += 1
            if nothing == _HOLES:
                return None
    return None


def _expected(book: Book, tracker: TrackerId) -> set[int]:
    return {
        binding.refs[tracker]
        for binding in book.bindings.values()
        if tracker in binding.refs and binding.state is BindingState.LIVE
    }


def _newer(tracker: Tracker, before: SeenIssue) -> SeenIssue:
    direct = _directly(tracker, before.number)
    return direct if direct is not None and direct.updated_at >= before.updated_at else before


def _directly(tracker: Tracker, number: int) -> SeenIssue | None:
    """An issue by number; ``None`` if it is certainly not here any more."""
    try:
        return seen(tracker.issue(number))
    except (Missing, Gone, Moved):
        return None
