"""A look at a few issues only, where an event said that they changed: one request for each.

Everything else is taken as it is remembered. That is safe because nothing rests on it alone: a commit is
only accepted on the very head that is remembered, and what it would write to a tracker is compared with
what the tracker shows right before. Where more could be at stake, there is no glance, and the run looks at
everything: several trackers could disagree, an effect of unknown fate or an open request has to be looked
for, and an issue in a milestone that nobody has seen wants the milestones read.
"""

from __future__ import annotations

from collections.abc import Collection

from syncer.errors import Gone, Missing, Moved
from syncer.model.ledger import LedgerChange, SeenIssue
from syncer.model.proposal import ProposalState
from syncer.service.book import Book, seen
from syncer.service.observe import Look, as_remembered
from syncer.service.project import Project


def glance(project: Project, book: Book, numbers: Collection[int]) -> Look | None:
    """Look at some issues.

    Args:
        project: with one tracker.
        book: what is remembered.
        numbers: of the issues.

    Returns:
        ``None`` where everything has to be looked at.
    """
    if len(project.trackers) != 1 or not numbers or book.intents:
        return None
    (tracker,) = project.trackers
    carrier = book.state.carrier
    unfinished = carrier.state is ProposalState.OPEN or carrier.opening or carrier.declined
    if unfinished or not book.cursor(tracker.id).complete:
        return None
    source = as_remembered(project, book)
    if source is None:
        return None
    fresh: list[SeenIssue] = []
    for number in sorted(numbers):
        try:
            found = seen(tracker.issue(number))
        except (Missing, Gone, Moved):
            return None
        before = book.issues.get(tracker.id, {}).get(number)
        if before is not None and found.updated_at < before.updated_at:
            return None  # it was answered by a replica that lags
        if found.milestone is not None and found.milestone not in book.milestones.get(tracker.id, {}):
            return None
        fresh.append(found)
    return Look(source, LedgerChange(issues={tracker.id: tuple(fresh)}), frozenset())
