"""Lines in other words: reworded where they stood, or moved and reworded at once."""

from __future__ import annotations

from collections.abc import Callable

from syncer.model.document import Document
from syncer.model.identity import Uid
from syncer.model.ledger import Anchor, BindingState
from syncer.model.plan import ItemKey
from syncer.reconcile.matching import Unclear
from syncer.reconcile.similar import distinctness, pair_up, similarity, words_kept
from syncer.reconcile.unmatched import Unmatched

_WORDS = 0.6
"""A line at its old place is the same one only if it has this share of its words in common."""

_LEAD = 1.0
"""By how much such a line must lead all new lines elsewhere."""


class Rewording:
    """Pairs what is left by similar texts, or asks.

    Args:
        left: what nobody has found by equal texts.
    """

    def __init__(self, left: Unmatched) -> None:
        self._left = left

    def run(self) -> None:
        """In place first: the evidence is better there."""
        near = self._left.thresholds.reworded
        for path in sorted({binding.anchor.path for _, binding in self._left.live()}):
            if path in self._left.documents:
                self._reworded(path, near)
        self._similar_elsewhere()
        self._hold_resembling()

    def _reworded(self, path: str, threshold: float) -> None:
        """Similar text between the same neighbours as before."""
        base = self._left.bases.get(path)
        if base is None:
            return
        gaps = self._gaps(path, base)
        for uids, keys in gaps:
            self._pair_similar(uids, keys, threshold, "reworded", self._says_much_the_same)

    def _says_much_the_same(self, uid: Uid, key: ItemKey, score: float) -> bool:
        """Whether a line at the old place kept enough words, and no other new line says it better."""
        was, reads = self._left.free[uid].anchor.title, self._left.items[key].title
        if words_kept(was, reads) < _WORDS:
            return False
        fresh = [item.title for item in self._left.items.values()]
        lost = [binding.anchor.title for binding in self._left.free.values()]
        alike = min(score, similarity(was, reads)) - _LEAD
        return distinctness(was, fresh, reads) <= alike and distinctness(reads, lost, was) <= alike

    def _gaps(self, path: str, base: Document) -> list[tuple[list[Uid], list[ItemKey]]]:
        """What is left of a file between two lines that were found again."""
        by_anchor = {
            (binding.anchor.section, binding.anchor.id, binding.anchor.title, binding.anchor.ordinal): uid
            for uid, binding in self._left.bindings.items()
            if binding.anchor.path == path
        }
        order: dict[Uid, int] = {}
        before: list[Uid] = []
        for item in base.items:
            uid = by_anchor.get((item.section, item.id, item.title, item.ordinal))
            if uid is not None:
                before.append(uid)
        # Only lines that the base version had are landmarks: a line that was bound since tells nothing
        # about the order, and must not change how the next run reads what this run could not tell.
        landmarks = set(before)
        item_of = {
            match.item.index: uid
            for uid, match in self._left.found.pairs.items()
            if match.item.path == path and uid in landmarks
        }
        now: list[tuple[ItemKey, Uid | None]] = [
            (ItemKey(path, item.index), item_of.get(item.index)) for item in self._left.documents[path].items
        ]
        placed = [uid for _key, uid in now if uid is not None]
        rank = {uid: at for at, uid in enumerate(placed)}
        slot = -1
        for uid in before:
            if uid in rank:
                slot = rank[uid]
            elif uid in self._left.free:
                order[uid] = slot
        slots: dict[int, tuple[list[Uid], list[ItemKey]]] = {}
        for uid, at in order.items():
            if (
                self._left.free[uid].state is BindingState.LIVE
                and uid not in self._left.found.unclear_bindings
            ):
                slots.setdefault(at, ([], []))[0].append(uid)
        at = -1
        for key, found in now:
            if found is not None:
                at = rank[found]
            elif key in self._left.items and key not in self._left.found.unclear_items and at in slots:
                slots[at][1].append(key)
        return [slots[at] for at in sorted(slots) if slots[at][0] and slots[at][1]]

    def _similar_elsewhere(self) -> None:
        """Similar text anywhere: moved and reworded at once. The bar is higher."""
        uids = [uid for uid, _ in self._left.live()]
        keys = [key for key, _ in self._left.askable()]
        self._pair_similar(uids, keys, self._left.thresholds.moved, "moved and reworded", self._distinct)
        uids = [uid for uid, _ in self._left.live()]
        keys = [key for key, _ in self._left.askable()]
        resembling = pair_up(
            [self._left.free[uid].anchor.title for uid in uids],
            [self._left.items[key].title for key in keys],
            threshold=self._left.thresholds.resembles,
            margin=1000.0,
        )
        for one, other, score in resembling.unclear:
            self._left.ask(uids[one], keys[other], score)

    def _distinct(self, uid: Uid, key: ItemKey, score: float) -> bool:
        """Whether a pair is clearly more alike than each of the two is to any line that is another one."""
        was, reads = self._left.free[uid].anchor.title, self._left.items[key].title
        most = score - self._left.thresholds.distinct
        return (
            distinctness(was, self._left.all_now, reads) <= most
            and distinctness(reads, self._left.all_before, was) <= most
        )

    def _pair_similar(
        self,
        uids: list[Uid],
        keys: list[ItemKey],
        threshold: float,
        how: str,
        certain: Callable[[Uid, ItemKey, float], bool],
    ) -> None:
        uids = [uid for uid in uids if uid in self._left.free]
        keys = [key for key in keys if key in self._left.items]
        bonus = (
            {
                (one, other): self._evidence(self._left.free[uid].anchor, key)
                for one, uid in enumerate(uids)
                for other, key in enumerate(keys)
            }
            if len(uids) * len(keys) <= 10_000
            else {}
        )
        pairing = pair_up(
            [self._left.free[uid].anchor.title for uid in uids],
            [self._left.items[key].title for key in keys],
            threshold=threshold,
            margin=self._left.thresholds.margin,
            bonus=bonus,
        )
        for one, other, score in pairing.pairs:
            if certain(uids[one], keys[other], score):
                self._left.pair(uids[one], keys[other], how, round(score, 1))
            else:
                self._left.ask(uids[one], keys[other], score)
        for one, other, score in pairing.unclear:
            self._left.ask(uids[one], keys[other], score)

    def _evidence(self, anchor: Anchor, key: ItemKey) -> float:
        """What speaks for a pair beside its text, in points of similarity."""
        item = self._left.items[key]
        points = 0.0
        if item.section == anchor.section and key.path == anchor.path:
            points += 4.0
        if anchor.parent is not None and self._left.parent_title(key) == anchor.parent:
            points += 3.0
        return points

    def _hold_resembling(self) -> None:
        """A line that resembles an unclear binding waits for the answer, whatever resembles it more."""
        for uid in sorted(self._left.found.unclear_bindings):
            anchor = self._left.bindings[uid].anchor
            for key, item in self._left.askable():
                score = similarity(anchor.title, item.title)
                if score >= self._left.thresholds.resembles:
                    self._left.found.unclear_items[key] = Unclear(
                        f"{item.title!r} may be new, or a line that was there before",
                        (f"{anchor.title!r} ({score:.0f} % alike)",),
                    )
