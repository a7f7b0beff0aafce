"""A gate's criteria as lines of a checklist, each known by its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from syncer.model.document import Document, Item
from syncer.model.fields import TaskState
from syncer.model.ledger import Value
from syncer.reconcile.canonical import canonical_text
from syncer.reconcile.inert import inert_text
from syncer.reconcile.shows import ticks


def criteria(document: Document, gate: Item) -> dict[str, Item]:
    """A gate's criteria by the text of their lines; equal ones are numbered."""
    seen: Counter[str] = Counter()
    found: dict[str, Item] = {}
    for index in gate.members:
        item = document.items[index]
        text = line_text(item)
        seen[text] += 1
        found[text if seen[text] == 1 else f"{text} ({seen[text]})"] = item
    return found


def line_text(item: Item) -> str:
    """What a criterion's line says, in canonical form."""
    return canonical_text(inert_text(item.full_title))


def checklist(document: Document, gate: Item, states: Mapping[str, TaskState]) -> str:
    """The lines as they stand in the issue.

    Args:
        document: that holds the gate.
        gate: as it reads.
        states: of each line, by its text.
    """
    return "\n".join(
        f"- [{'x' if states[text].finished else ' '}] {inert_text(item.full_title)}"
        for text, item in criteria(document, gate).items()
    )


def value_of(states: Mapping[str, TaskState]) -> frozenset[str]:
    """States of lines as a value that can be settled."""
    return frozenset(f"[{'x' if state.finished else ' '}] {text}" for text, state in states.items())


def roadmap_value(document: Document, gate: Item) -> frozenset[str]:
    """What the roadmap says about a gate's lines."""
    return value_of({text: item.state for text, item in criteria(document, gate).items()})


def states_of(value: Value) -> dict[str, TaskState]:
    """States of lines, from a value that was settled."""
    if not isinstance(value, frozenset):
        return {}
    return {each[4:]: TaskState.DONE if each.startswith("[x]") else TaskState.OPEN for each in value}


def shown_states(checks: Iterable[tuple[str, bool]]) -> dict[str, TaskState]:
    """States of lines as an issue shows them."""
    return states_of(ticks(checks))
