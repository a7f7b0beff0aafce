"""The law: three-way merge of one field, for one roadmap and any number of trackers.

Each side is compared with its own half of the base. One side changed: its value is carried to the
others. Several changed to the same: settled. Changed differently: held, and nothing is written to any
side. Without a base, equal values are settled and different ones are held. ``docs/semantics.md`` spells
out every combination, and the tests execute it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from syncer.model.fields import TaskState
from syncer.model.identity import TrackerId
from syncer.model.ledger import Settled, Value
from syncer.reconcile.policy import OnConflict

ROADMAP: Final = TrackerId("")
"""The roadmap's name among the sides; trackers go by their ids, which are never empty."""

Side = TrackerId
Agree = Callable[[Side, Value, Side, Value], bool]
"""Whether two sides' values say the same, each in its own terms."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What the law says about one field.

    Args:
        source: the side whose value is carried; meaningless without targets.
        targets: the sides that it is carried to.
        settle: trackers whose pair is to be remembered as both sides show it now.
        held: trackers that are in conflict; nothing is written to any side for their sake.
        overruled: the targets whose own change is overwritten because a policy, or a person, says so.
        decided: a person chose the source.
    """

    source: Side = ROADMAP
    targets: tuple[Side, ...] = ()
    settle: tuple[TrackerId, ...] = ()
    held: tuple[TrackerId, ...] = ()
    overruled: tuple[Side, ...] = ()
    decided: bool = False

    @property
    def nothing(self) -> bool:
        return not (self.targets or self.settle or self.held)


def merge(
    bases: Mapping[TrackerId, Settled],
    roadmap: Value,
    trackers: Mapping[TrackerId, Value],
    agree: Agree,
    policy: OnConflict = OnConflict.HOLD,
) -> Merged:
    """Merge one field.

    Args:
        bases: what was settled with each tracker; one that is missing has no base.
        roadmap: what the roadmap shows now.
        trackers: what each tracker shows now.
        agree: whether two sides' values say the same.
        policy: who wins a conflict.
    """
    known = {tracker: value for tracker, value in trackers.items() if tracker in bases}
    first = _without_base(roadmap, {t: v for t, v in trackers.items() if t not in bases}, agree, policy)
    if not known:
        return first
    changed = [tracker for tracker, value in known.items() if value != bases[tracker].tracker]
    moved = [tracker for tracker in known if roadmap != bases[tracker].roadmap]
    merged = (
        _from_trackers(bases, roadmap, known, changed, agree, policy)
        if changed
        else _from_roadmap(roadmap, known, moved, agree)
    )
    return _both(merged, first)


def _from_roadmap(
    roadmap: Value, known: Mapping[TrackerId, Value], moved: list[TrackerId], agree: Agree
) -> Merged:
    targets = tuple(t for t in moved if not agree(ROADMAP, roadmap, t, known[t]))
    return Merged(ROADMAP, targets, settle=tuple(t for t in moved if t not in targets))


def _from_trackers(
    bases: Mapping[TrackerId, Settled],
    roadmap: Value,
    known: Mapping[TrackerId, Value],
    changed: list[TrackerId],
    agree: Agree,
    policy: OnConflict,
) -> Merged:
    source = changed[0]
    value = known[source]
    differing = [t for t in changed[1:] if not agree(source, value, t, known[t])]
    roadmap_agrees = agree(ROADMAP, roadmap, source, value)
    # The roadmap's change counts against a tracker only if that tracker has not seen it yet.
    against = [t for t in changed if roadmap != bases[t].roadmap]
    if differing or (against and not roadmap_agrees):
        return _conflict(roadmap, known, changed, agree, policy)
    targets = tuple(t for t, now in known.items() if t not in changed and not agree(source, value, t, now))
    if not roadmap_agrees:
        return Merged(source, (ROADMAP, *targets))
    settle = tuple(t for t in known if t not in targets and (t in changed or roadmap != bases[t].roadmap))
    return Merged(source, targets, settle)


def _without_base(
    roadmap: Value, unknown: Mapping[TrackerId, Value], agree: Agree, policy: OnConflict
) -> Merged:
    settle = tuple(t for t, value in unknown.items() if agree(ROADMAP, roadmap, t, value))
    rest = [t for t in unknown if t not in settle]
    if not rest:
        return Merged(settle=settle)
    conflict = _conflict(roadmap, {t: unknown[t] for t in rest}, rest, agree, policy)
    return Merged(conflict.source, conflict.targets, settle, conflict.held, conflict.overruled)


def _conflict(
    roadmap: Value,
    trackers: Mapping[TrackerId, Value],
    changed: list[TrackerId],
    agree: Agree,
    policy: OnConflict,
) -> Merged:
    if policy is OnConflict.ROADMAP:
        targets = tuple(t for t, now in trackers.items() if not agree(ROADMAP, roadmap, t, now))
        return Merged(ROADMAP, targets, overruled=targets)
    source = changed[0]
    unanimous = all(agree(source, trackers[source], t, trackers[t]) for t in changed[1:])
    if policy is OnConflict.TRACKER and unanimous:
        others = tuple(
            t
            for t, now in trackers.items()
            if t not in changed and not agree(source, trackers[source], t, now)
        )
        return Merged(source, (ROADMAP, *others), overruled=(ROADMAP,))
    return Merged(held=tuple(changed))


def _both(left: Merged, right: Merged) -> Merged:
    """Two outcomes for different trackers as one. A carried value of the known ones goes first."""
    if left.targets and right.targets:
        return Merged(left.source, left.targets, left.settle, (*left.held, *right.held), left.overruled)
    lead = right if right.targets else left
    return Merged(
        lead.source,
        lead.targets,
        (*left.settle, *right.settle),
        (*left.held, *right.held),
        (*left.overruled, *right.overruled),
    )


def chosen(
    bases: Mapping[TrackerId, Settled],
    roadmap: Value,
    trackers: Mapping[TrackerId, Value],
    agree: Agree,
    winner: Side,
) -> Merged:
    """Carry the value of the side that a person chose to all others that are part of the conflict.

    Args:
        bases: what was settled with each tracker.
        roadmap: what the roadmap shows now.
        trackers: what each tracker shows now.
        agree: whether two sides' values say the same.
        winner: whose value is taken.
    """
    value = roadmap if winner == ROADMAP else trackers[winner]
    quiet = {
        t
        for t, now in trackers.items()
        if winner == ROADMAP and t in bases and (bases[t].roadmap, bases[t].tracker) == (roadmap, now)
    }
    others = [t for t in trackers if t != winner and t not in quiet]
    targets = tuple(t for t in others if not agree(winner, value, t, trackers[t]))
    if winner != ROADMAP and not agree(ROADMAP, roadmap, winner, value):
        targets = (ROADMAP, *targets)
    settle = () if ROADMAP in targets else tuple(t for t in trackers if t not in targets and t not in quiet)
    return Merged(winner, targets, settle, overruled=targets, decided=True)


def merge_state(
    bases: Mapping[TrackerId, Settled],
    roadmap: TaskState,
    trackers: Mapping[TrackerId, TaskState],
    policy: OnConflict = OnConflict.HOLD,
    *,
    winner: Side | None = None,
    keep_dropped: bool = True,
    done_wins: bool = False,
) -> Merged:
    """Merge an item's state: the same law, and what three values add to it.

    * A closed issue's reason cannot change without reopening it, so done and dropped are settled as
      they are where one of them would have to become the other on a tracker.
    * Dropped on the tracker leaves the roadmap's box alone (``keep_dropped``), and a ticked one always.
    * Without a base, an issue that is dropped is settled beside whatever the roadmap shows, unless
      the roadmap dropped something that is still open there.

    Args:
        bases: what was settled with each tracker.
        roadmap: the item's state.
        trackers: the issues' states.
        policy: who wins a conflict.
        keep_dropped: whether a box stays as it is when its issue is dropped.
        done_wins: whether, without a base, done wins over open.
        winner: whose value a person took.
    """
    quiet = tuple(
        t
        for t, state in trackers.items()
        if t not in bases and (state is TaskState.DROPPED or (state.finished and roadmap.finished))
    )
    if done_wins and winner is None:
        policy_without_base = _done_wins(bases, roadmap, trackers, quiet)
        if policy_without_base is not None:
            return policy_without_base
    loud = {t: state for t, state in trackers.items() if t not in quiet}
    merged = (
        merge(bases, roadmap, loud, same, policy)
        if winner is None
        else chosen(bases, roadmap, loud, same, winner)
    )
    value: Value = roadmap if merged.source == ROADMAP else trackers[merged.source]
    staying = tuple(
        side
        for side in merged.targets
        if _stays(
            side,
            roadmap if side == ROADMAP else trackers[side],
            value,
            keep_dropped=keep_dropped,
        )
    )
    targets = tuple(side for side in merged.targets if side not in staying)
    settle = [*merged.settle, *quiet, *(side for side in staying if side != ROADMAP)]
    if ROADMAP in staying:
        # The box stays: every tracker that shows the value is settled beside it.
        settle += [t for t in trackers if trackers[t] == value and t not in settle and t in bases]
    overruled = tuple(side for side in merged.overruled if side in targets)
    return Merged(
        merged.source, targets, tuple(dict.fromkeys(settle)), merged.held, overruled, merged.decided
    )


def _done_wins(
    bases: Mapping[TrackerId, Settled],
    roadmap: TaskState,
    trackers: Mapping[TrackerId, TaskState],
    quiet: tuple[TrackerId, ...],
) -> Merged | None:
    """Without a base, done beside open: done is carried."""
    if any(t in bases for t in trackers):
        return None
    loud = {t: state for t, state in trackers.items() if t not in quiet}
    if {roadmap, *loud.values()} != {TaskState.DONE, TaskState.OPEN}:
        return None
    if roadmap is TaskState.DONE:
        targets = tuple(t for t, state in loud.items() if state is TaskState.OPEN)
        return Merged(ROADMAP, targets, quiet)
    source = next(t for t, state in loud.items() if state is TaskState.DONE)
    rest = tuple(t for t, state in loud.items() if state is TaskState.OPEN)
    return Merged(source, (ROADMAP, *rest), quiet)


def _stays(side: Side, now: Value, value: Value, *, keep_dropped: bool) -> bool:
    """Whether a side keeps what it shows although another value was carried to it."""
    if side == ROADMAP:
        return value is TaskState.DROPPED and (keep_dropped or now is TaskState.DONE)
    return {now, value} == {TaskState.DONE, TaskState.DROPPED}


def merge_labels(base: Settled | None, roadmap: frozenset[str], now: frozenset[str]) -> frozenset[str]:
    """The managed labels that an issue shall carry.

    Sets never conflict: what the item calls for anew is added, what it no longer calls for is taken
    away, and what people did on the tracker stays. Without a base both are united.

    Args:
        base: what was settled with this tracker.
        roadmap: the labels that the item calls for.
        now: the managed labels on the issue.
    """
    known = base.roadmap if base is not None and isinstance(base.roadmap, frozenset) else frozenset()
    return (now | (roadmap - known)) - (known - roadmap)


def same(_left: Side, left: Value, _right: Side, right: Value) -> bool:
    """Values agree when they are equal: what most fields need."""
    return left == right
