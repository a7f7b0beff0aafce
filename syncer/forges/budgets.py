"""Rate budgets in notes, so that all processes which share the notes share the budgets."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, Final, TypeVar

from syncer.forges.governor import Budget
from syncer.ports import Notes

T = TypeVar("T")

_VERSION: Final = 1


class KeptBudgets:
    """Implements :class:`syncer.forges.governor.BudgetStore`."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def read(self, credential: str) -> Budget:
        return budget_from_text(self._notes.read(_name(credential)))

    def change(self, credential: str, step: Callable[[Budget], tuple[Budget, T]]) -> T:
        def rewrite(text: str | None) -> tuple[str, T]:
            budget, answer = step(budget_from_text(text))
            return budget_to_text(budget), answer

        return self._notes.change(_name(credential), rewrite)


def _name(credential: str) -> str:
    return f"budget {credential}"[:400]


def budget_to_text(budget: Budget) -> str:
    """A budget as text; times to the millisecond."""
    record: dict[str, Any] = {
        "version": _VERSION,
        "creations": [round(at, 3) for at in budget.creations],
        "seconds": budget.seconds,
        "minutes": budget.minutes,
        "closed": {pool: round(until, 3) for pool, until in budget.closed.items()},
        "strikes": budget.strikes,
    }
    for key in ("last_write", "last_notification"):
        at = getattr(budget, key)
        if at != float("-inf"):
            # Never into the future: nobody shall wait for a fraction of a millisecond.
            record[key] = math.floor(at * 1000) / 1000
    return json.dumps(record, separators=(",", ":"))


def budget_from_text(text: str | None) -> Budget:
    """A budget from text; an empty one where the text is none of ours.

    What another version of syncer wrote is not guessed at: an empty budget only means that a limit is
    met once by asking too soon, which the forge answers with the time to come back.
    """
    try:
        record = json.loads(text or "null")
        if not isinstance(record, dict) or record.get("version") != _VERSION:
            return Budget()
        return Budget(
            creations=tuple(float(at) for at in record["creations"]),
            seconds=tuple((int(a), int(b), int(c)) for a, b, c in record["seconds"]),
            minutes=tuple((int(a), int(b)) for a, b in record["minutes"]),
            last_write=float(record.get("last_write", "-inf")),
            last_notification=float(record.get("last_notification", "-inf")),
            closed={str(pool): float(until) for pool, until in record["closed"].items()},
            strikes=int(record["strikes"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return Budget()
