"""What people decided about holds: each answer binds to exactly what the person saw."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from syncer.model.fields import Field
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Decision
from syncer.model.plan import Hold


class Answers:
    """The decisions of a ledger, and which of them a plan has used.

    Args:
        decisions: not yet carried out.
    """

    def __init__(self, decisions: Iterable[Decision]) -> None:
        self._decisions = {(each.uid, each.field): each for each in decisions}
        self._used: set[tuple[Uid, Field]] = set()

    def winner(self, holds: Sequence[Hold]) -> TrackerId | None:
        """The side that was taken for exactly these holds, all of one item's or stage's field.

        Returns:
            A tracker, empty for the roadmap; ``None`` if nobody decided, or for other values.
        """
        key = _key(holds[0])
        decision = self._decisions.get(key) if key is not None else None
        if key is None or decision is None or decision.holds != {hold.digest for hold in holds}:
            return None
        self._used.add(key)
        return decision.winner

    def line(self, hold: Hold) -> TrackerId | None:
        """As :meth:`winner`, for one line of a list whose lines are held each on its own."""
        key = _key(hold)
        decision = self._decisions.get(key) if key is not None else None
        if key is None or decision is None or hold.digest not in decision.holds:
            return None
        self._used.add(key)
        return decision.winner

    def remind(self, hold: Hold) -> Hold:
        """A hold that says so where it was decided for other values."""
        key = _key(hold)
        decision = self._decisions.get(key) if key is not None else None
        if decision is None or hold.digest in decision.holds:
            return hold
        return dataclasses.replace(
            hold,
            reason=f"{hold.reason}; the decision of {decision.at:%Y-%m-%d %H:%M} UTC was made for "
            f"other values ({decision.saw}) and was not carried out",
        )

    @property
    def used(self) -> tuple[Decision, ...]:
        """The decisions that a plan carries out."""
        return tuple(each for key, each in self._decisions.items() if key in self._used)

    def still_open(self, holds: Iterable[Hold], unseen: Iterable[Uid]) -> tuple[Decision, ...]:
        """The decisions that are to be kept although a plan does not carry them out.

        Args:
            holds: what the plan holds.
            unseen: bindings that the plan could not look at.
        """
        waiting = {_key(hold) for hold in holds}
        out_of_sight = set(unseen)
        return tuple(
            decision
            for key, decision in self._decisions.items()
            if key not in self._used and (key in waiting or decision.uid in out_of_sight)
        )


def _key(hold: Hold) -> tuple[Uid, Field] | None:
    return (hold.subject.uid, hold.field) if hold.subject.uid is not None else None
