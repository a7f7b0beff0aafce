"""What an issue or a milestone shows for one field, in the form in which it is compared and remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from syncer.model.fields import Field, TaskState
from syncer.model.ledger import SeenIssue, Settled, Value
from syncer.model.tracker import Milestone
from syncer.reconcile.block import read_block
from syncer.reconcile.canonical import canonical_text

SETS = frozenset({Field.LABELS, Field.STARTED, Field.ASSIGNEES})
"""Fields whose values are sets of names of which only some are ours."""


def issue_shows(issue: SeenIssue, what: Field) -> Value:
    """An issue's value of a field: state, title, milestone's key, managed block's digest, number."""
    match what:
        case Field.STATE:
            return issue.state
        case Field.TITLE:
            return canonical_text(issue.title)
        case Field.STAGE:
            return issue.milestone
        case Field.PARENT:
            return issue.parent
        case Field.LABELS:
            return issue.labels
        case Field.ASSIGNEES:
            return issue.assignees
        case Field.BODY:
            return issue.digest
        case Field.CRITERIA:
            return ticks(issue.checks)
        case Field.LINK:
            return issue.number
        case _:
            return None


def carried(named: frozenset[str], there: frozenset[str]) -> frozenset[str]:
    """Those of some labels or logins that are on an issue, in our own spelling: forges ignore case."""
    folded = {name.casefold() for name in there}
    return frozenset(name for name in named if name.casefold() in folded)


def half_shown(issue: SeenIssue, what: Field, settled: Settled) -> Value:
    """What an issue shows for a field that is to be settled; of sets, the part that is ours."""
    if what not in SETS:
        return issue_shows(issue, what)
    halves = [half for half in (settled.roadmap, settled.tracker) if isinstance(half, frozenset)]
    there = issue.assignees if what is Field.ASSIGNEES else issue.labels
    return carried(frozenset().union(*halves), there)


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
