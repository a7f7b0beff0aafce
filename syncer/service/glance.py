"""A look at a few issues only, where an event said that they changed: one request for each.

Everything else is taken as it is remembered. That is safe because nothing is done that rests on memory
alone: a glance may lead to one commit with boxes and texts that follow from these issues, which the forge
accepts only if the edited files are what is remembered, and to what is settled by it. Where more is at
stake, the run looks at everything: several trackers could disagree, an effect of unknown fate or an open
request has to be looked for, an issue in a milestone that nobody has seen wants the milestones read, and
whatever a plan would write to a tracker may have been overtaken by a line that was edited since. Nothing
else is concluded either: how far the trackers were read is not moved on.
"""

from __future__ import annotations

from collections.abc import Collection

from syncer.errors import Gone, Missing, Moved
from syncer.model.edits import Retitle, SetState
from syncer.model.ledger import LedgerChange, SeenIssue
from syncer.model.plan import EditRoadmap, Plan, Settle
from syncer.model.proposal import ProposalState
from syncer.service.book import Book, seen
from syncer.service.families import with_parents
from syncer.service.observe import Look, as_remembered
from syncer.service.project import Project
from syncer.spans import span


@span("glance")
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
    known = book.state.trackers.get(tracker.id)
    change = LedgerChange(issues={tracker.id: tuple(fresh)})
    change = with_parents(project, book, tracker, known.profile if known is not None else None, change)
    return Look(source, change, frozenset(), issues=frozenset(numbers))


def suffices(plan: Plan, numbers: Collection[int]) -> bool:
    """Whether a glance at some issues is enough for a plan that was made from it.

    Args:
        plan: made from what was seen and what is remembered.
        numbers: of the issues that were looked at.
    """
    if any(action.subject.number not in numbers for action in plan.actions):
        return False
    edits = [
        action
        for action in plan.actions
        if isinstance(action, EditRoadmap) and isinstance(action.edit, (SetState, Retitle))
    ]
    settles = [action for action in plan.actions if isinstance(action, Settle)]
    # Without a commit nothing proves that the roadmaps are still what is remembered.
    return len(edits) + len(settles) == len(plan.actions) and bool(edits or not settles)
