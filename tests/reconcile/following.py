"""How well lines are followed through edits: what was kept, held, lost, or given to the wrong line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Binding
from syncer.model.plan import ItemKey
from syncer.reconcile.match import match_items
from syncer.reconcile.matching import Matching, anchor_of
from syncer.reconcile.policy import Thresholds
from syncer.roadmap.parse import parse
from tests.reconcile.editors import Roadmap

PATH = "TODO.md"


@dataclass
class Followed:
    """Counts of edited survivors by what became of them, and of lines given to a wrong issue.

    Args:
        fates: ``(way, fate)`` of edited survivors; a fate is kept, held, lost or wrong.
        untouched: the same for lines that nobody edited.
        stolen: bindings whose line is, in truth, another survivor's or a new one.
    """

    fates: Counter[tuple[str, str]] = field(default_factory=Counter)
    untouched: Counter[str] = field(default_factory=Counter)
    stolen: Counter[str] = field(default_factory=Counter)

    def share(self, *fates: str) -> float:
        """The share of edited survivors, in percent."""
        total = sum(self.fates.values())
        return 100 * sum(count for (_way, fate), count in self.fates.items() if fate in fates) / total

    def __add__(self, other: Followed) -> Followed:
        return Followed(
            self.fates + other.fates, self.untouched + other.untouched, self.stolen + other.stolen
        )


def follow(roadmap: Roadmap, share: float) -> Followed:
    """One round of edits: how well the lines are followed from the version before to the one after."""
    before = parse(PATH, roadmap.markdown().encode(), size_limit=10**9)
    truth_before = [line.identity for line in roadmap.order()]
    assert len(before.items) == len(truth_before)
    bindings = [
        Binding(Uid(str(identity)), anchor_of(before, item), {TrackerId("main:acme/rune"): identity}, {})
        for identity, item in zip(truth_before, before.items, strict=True)
    ]
    roadmap.edit(share)
    after = parse(PATH, roadmap.markdown().encode(), size_limit=10**9)
    truth = [line.identity for line in roadmap.order()]
    assert len(after.items) == len(truth)
    matching = match_items({PATH: after}, {PATH: before}, bindings, {}, Thresholds())
    return _judge(roadmap, truth_before, truth, matching)


def _judge(roadmap: Roadmap, before: list[int], after: list[int], matching: Matching) -> Followed:
    followed = Followed()
    alive = set(after)
    place = {identity: ItemKey(PATH, at) for at, identity in enumerate(after)}
    for identity in before:
        uid = Uid(str(identity))
        match = matching.pairs.get(uid)
        found = after[match.item.index] if match is not None else None
        if identity not in alive:
            if found is not None:
                followed.stolen["a survivor's line" if found in set(before) else "a new line"] += 1
            continue
        if found == identity:
            fate = "kept"
        elif found is not None:
            fate = "wrong"
            followed.stolen["a survivor's line" if found in set(before) else "a new line"] += 1
        elif uid in matching.unclear_bindings or place[identity] in matching.unclear_items:
            fate = "held"
        else:
            fate = "lost"
        if identity in roadmap.edited:
            followed.fates[roadmap.edited[identity], fate] += 1
        else:
            followed.untouched[fate] += 1
    return followed
