"""What an issue or a milestone shows for one field, in the form in which it is compared and remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from syncer.model.fields import Field, TaskState
from syncer.model.ledger import SeenIssue, Value
from syncer.model.tracker import Milestone
from syncer.reconcile.block import read_block
from syncer.reconcile.canonical import canonical_text


def issue_shows(issue: SeenIssue, what: Field) -> Value:
    """An issue's value of a field: state, title, milestone's key, or the managed block's digest."""
    match what:
        case Field.STATE:
            return issue.state
        case Field.TITLE:
            return canonical_text(issue.title)
        case Field.STAGE:
            return issue.milestone
        case Field.LABELS:
            return issue.labels
        case Field.BODY:
            return issue.digest
        case Field.CRITERIA:
            return ticks(issue.checks)
        case _:
            return None


def ticks(checks: Iterable[tuple[str, bool]]) -> frozenset[str]:
    """Boxes as a value: ``[x] text`` and ``[ ] text``, equal texts numbered."""
    seen: Counter[str] = Counter()
    found = set()
    for text, ticked in checks:
        seen[text] += 1
        number = f" ({seen[text]})" if seen[text] > 1 else ""
        found.add(f"[{'x' if ticked else ' '}] {text}{number}")
    return frozenset(found)


def milestone_shows(milestone: Milestone, what: Field) -> Value:
    """A milestone's value of a field: state, name, due date, or the managed block's digest."""
    match what:
        case Field.STATE:
            return TaskState.DONE if milestone.closed else TaskState.OPEN
        case Field.NAME:
            return canonical_text(milestone.title)
        case Field.DUE:
            return milestone.due
        case Field.DESCRIPTION:
            return read_block(milestone.description).digest
        case _:
            return None
