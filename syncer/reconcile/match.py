"""Which item is which binding, without ids in the file.

People move lines, reword them, copy them, rename headings and files. Each item is followed by, in this
order: a link on its line; its own id; the same place and text; the same text elsewhere; a similar text
where the old one stood; a similar text elsewhere. Nothing is guessed destructively: where two readings
are possible both stay as they are and a person is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from syncer.model.document import Document, Item
from syncer.model.identity import Uid
from syncer.model.ledger import Anchor, Binding, BindingState
from syncer.model.plan import ItemKey
from syncer.reconcile.align import Place, align, places
from syncer.reconcile.matching import Match, Matching, Unclear
from syncer.reconcile.policy import Thresholds
from syncer.reconcile.similar import distinctness, pair_up, similarity, words_kept

_K = TypeVar("_K")

_WORDS = 0.6
"""A line at its old place is the same one only if it has this share of its words in common."""

_LEAD = 1.0
"""By how much such a line must lead all new lines elsewhere."""

_NEARLY = 72.0
"""From this similarity on a line at the old place may be the moved one, edited after a copy was made."""


def match_items(
    documents: Mapping[str, Document],
    bases: Mapping[str, Document],
    bindings: Iterable[Binding],
    links: Mapping[ItemKey, Uid],
    thresholds: Thresholds,
) -> Matching:
    """Find every binding's item.

    Args:
        documents: the roadmaps as they are.
        bases: the roadmaps as they were when last settled.
        bindings: those that may be matched: live ones, and tombstones for lines that return.
        links: items whose line links to the issue of a binding.
        thresholds: when two texts count as the same item.
    """
    return _Matcher(documents, bases, list(bindings), thresholds).run(links)


class _Matcher:
    def __init__(
        self,
        documents: Mapping[str, Document],
        bases: Mapping[str, Document],
        bindings: list[Binding],
        thresholds: Thresholds,
    ) -> None:
        self._documents = documents
        self._bases = bases
        self._thresholds = thresholds
        self._bindings = {binding.uid: binding for binding in bindings}
        self._found = Matching()
        self._free_items: dict[ItemKey, Item] = {
            ItemKey(path, item.index): item for path, document in documents.items() for item in document.items
        }
        self._free: dict[Uid, Binding] = dict(self._bindings)
        self._all_now = [item.title for item in self._free_items.values()]
        self._known_titles = {binding.anchor.title for binding in bindings}
        self._all_before = [
            binding.anchor.title for binding in bindings if binding.state is BindingState.LIVE
        ]

    def run(self, links: Mapping[ItemKey, Uid]) -> Matching:
        for key, uid in links.items():
            if uid in self._free and key in self._free_items:
                self._pair(uid, key, "linked on its line")
        now = {path: places(document) for path, document in self._documents.items()}
        self._by_place(now)
        self._by_id()
        self._by_text()
        self._hold_equals()
        self._by_similarity()
        self._hold_resembling()
        return self._found

    def _pair(self, uid: Uid, key: ItemKey, how: str = "", score: float = 100.0) -> None:
        self._found.pairs[uid] = Match(key, how, score)
        del self._free[uid]
        del self._free_items[key]

    # -- the same place --------------------------------------------------------------------------------

    def _by_place(self, now: Mapping[str, list[Place]]) -> None:
        """Pair what the alignment of each file with its base version says is the same line."""
        old_paths = {binding.anchor.path for binding in self._free.values()}
        renamed = self._renamed_files(old_paths)
        for path in sorted(old_paths):
            target = renamed.get(path, path)
            if target not in self._documents:
                continue
            members = [binding for binding in self._free.values() if binding.anchor.path == path]
            base = self._bases.get(path)
            before = places(base) if base is not None else _places_of(members)
            aligned = align(before, now[target])
            position = {
                (place.section, place.id, place.title, place.ordinal): at for at, place in enumerate(before)
            }
            for binding in sorted(members, key=lambda each: (each.state is not BindingState.LIVE, each.uid)):
                anchor = binding.anchor
                at = position.get((anchor.section, anchor.id, anchor.title, anchor.ordinal))
                if at is None or binding.uid not in self._free:
                    continue
                other = aligned.pairs.get(at)
                if other is not None:
                    key = ItemKey(target, now[target][other].index)
                    if key in self._free_items:
                        self._pair(binding.uid, key, self._how(anchor, key))
                elif at in aligned.unclear and binding.state is BindingState.LIVE:
                    self._ask_about_equals(binding, target, now[target], aligned.unclear[at])

    def _ask_about_equals(
        self, binding: Binding, path: str, now: list[Place], candidates: tuple[int, ...]
    ) -> None:
        keys = [ItemKey(path, now[other].index) for other in candidates]
        keys = [key for key in keys if key in self._free_items]
        if not keys:
            return
        lines = tuple(f"{path}:{self._free_items[key].line}" for key in keys)
        reason = "the number of equal lines changed, and nothing tells which of them is which"
        self._found.unclear_bindings[binding.uid] = Unclear(reason, lines)
        for key in keys:
            self._found.unclear_items[key] = Unclear(reason, lines)

    def _how(self, anchor: Anchor, key: ItemKey) -> str:
        item = self._free_items[key]
        if key.path != anchor.path:
            return "file renamed"
        if item.section != anchor.section:
            return "heading renamed"
        return ""

    def _renamed_files(self, paths: set[str]) -> dict[str, str]:
        """Files that are gone, and the new file that holds most of what they held."""
        gone = sorted(path for path in paths if path not in self._documents)
        fresh = sorted(path for path in self._documents if path not in self._bases and path not in paths)
        titles = {path: Counter(item.title for item in self._documents[path].items) for path in fresh}
        renamed: dict[str, str] = {}
        for path in gone:
            had = Counter(
                binding.anchor.title for binding in self._free.values() if binding.anchor.path == path
            )
            ranked = sorted(((sum((had & titles[other]).values()), other) for other in fresh), reverse=True)
            if ranked and ranked[0][0] * 2 > sum(had.values()):
                clear = len(ranked) == 1 or ranked[0][0] > ranked[1][0]
                if clear and ranked[0][1] not in renamed.values():
                    renamed[path] = ranked[0][1]
        return renamed

    # -- elsewhere -------------------------------------------------------------------------------------

    def _by_id(self) -> None:
        """The same id, where nobody else has it."""
        items = _grouped((key, item.id) for key, item in self._free_items.items())
        bindings = _grouped((uid, binding.anchor.id) for uid, binding in self._live())
        for identifier, uids in bindings.items():
            keys = items.get(identifier, [])
            if len(uids) == len(keys) == 1:
                self._pair(uids[0], keys[0], "the same id")

    def _by_text(self) -> None:
        """Equal text at another place, unique on both sides: moved."""
        for tombstones in (False, True):
            items = _grouped((key, item.title) for key, item in self._askable_items())
            members = [
                (uid, binding)
                for uid, binding in self._free.items()
                if (binding.state is not BindingState.LIVE) == tombstones
                and uid not in self._found.unclear_bindings
            ]
            bindings = _grouped((uid, binding.anchor.title) for uid, binding in members)
            for title, uids in bindings.items():
                keys = items.get(title, [])
                if len(uids) == len(keys) == 1:
                    left_behind = [] if tombstones else self._left_behind(uids[0], keys[0])
                    if left_behind:
                        self._ask(uids[0], keys[0], 100.0)
                        for key, score in left_behind:
                            self._ask(uids[0], key, score)
                    else:
                        self._pair(uids[0], keys[0], "moved")
                elif keys and not tombstones:
                    self._moved_twins(uids, keys)

    def _left_behind(self, uid: Uid, key: ItemKey) -> list[tuple[ItemKey, float]]:
        """New lines at the old place that say nearly the same as the one that seems to have moved."""
        anchor = self._free[uid].anchor
        if (key.path, self._free_items[key].section) == (anchor.path, anchor.section):
            return []
        near = [
            (other, similarity(anchor.title, item.title))
            for other, item in self._askable_items()
            if other != key
            and (other.path, item.section) == (anchor.path, anchor.section)
            and item.title not in self._known_titles
        ]
        return [(other, score) for other, score in near if score >= _NEARLY]

    def _moved_twins(self, uids: list[Uid], keys: list[ItemKey]) -> None:
        """Several equal texts at other places: told apart by section or parent, else asked about."""
        for uid in list(uids):
            anchor = self._free[uid].anchor
            near = [
                key
                for key in keys
                if key in self._free_items
                and (
                    self._free_items[key].section == anchor.section
                    or (anchor.parent is not None and self._parent_title(key) == anchor.parent)
                )
            ]
            rivals = [
                other
                for other in uids
                if other in self._free
                and other != uid
                and (self._free[other].anchor.section, self._free[other].anchor.parent)
                == (anchor.section, anchor.parent)
            ]
            if len(near) == 1 and not rivals:
                self._pair(uid, near[0], "moved")
        left = [uid for uid in uids if uid in self._free]
        open_keys = [key for key in keys if key in self._free_items]
        if left and open_keys:
            lines = tuple(f"{key.path}:{self._free_items[key].line}" for key in open_keys)
            for uid in left:
                self._found.unclear_bindings[uid] = Unclear(
                    "equal lines were moved; which is which is unclear", lines
                )
            for key in open_keys:
                self._found.unclear_items[key] = Unclear(
                    "equal lines were moved; which is which is unclear", lines
                )

    def _hold_equals(self) -> None:
        """A line may be the one of an unclear binding wherever it stands, if it says the same."""
        unclear: dict[str, list[str]] = {}
        for uid in self._found.unclear_bindings:
            anchor = self._bindings[uid].anchor
            unclear.setdefault(anchor.title, []).append(f"{anchor.path}:{anchor.line}")
        for key, item in self._free_items.items():
            if item.title in unclear and key not in self._found.unclear_items:
                self._found.unclear_items[key] = Unclear(
                    "an equal line is gone from where it stood, and nothing tells which of them is which",
                    tuple(unclear[item.title]),
                )

    def _hold_resembling(self) -> None:
        """A line that resembles an unclear binding waits for the answer, whatever resembles it more."""
        for uid in sorted(self._found.unclear_bindings):
            anchor = self._bindings[uid].anchor
            for key, item in self._askable_items():
                score = similarity(anchor.title, item.title)
                if score >= self._thresholds.resembles:
                    self._found.unclear_items[key] = Unclear(
                        f"{item.title!r} may be new, or a line that was there before",
                        (f"{anchor.title!r} ({score:.0f} % alike)",),
                    )

    def _parent_title(self, key: ItemKey) -> str | None:
        item = self._free_items[key]
        if item.parent is None:
            return None
        return self._documents[key.path].items[item.parent].title

    # -- similar texts ---------------------------------------------------------------------------------

    def _by_similarity(self) -> None:
        near = self._thresholds.reworded
        for path in sorted({binding.anchor.path for _, binding in self._live()}):
            if path in self._documents:
                self._reworded(path, near)
        self._similar_elsewhere()

    def _reworded(self, path: str, threshold: float) -> None:
        """Similar text between the same neighbours as before."""
        base = self._bases.get(path)
        if base is None:
            return
        gaps = self._gaps(path, base)
        for uids, keys in gaps:
            self._pair_similar(uids, keys, threshold, "reworded", self._says_much_the_same)

    def _says_much_the_same(self, uid: Uid, key: ItemKey, score: float) -> bool:
        """Whether a line at the old place kept enough words, and no other new line says it better."""
        was, reads = self._free[uid].anchor.title, self._free_items[key].title
        if words_kept(was, reads) < _WORDS:
            return False
        fresh = [item.title for item in self._free_items.values()]
        lost = [binding.anchor.title for binding in self._free.values()]
        alike = min(score, similarity(was, reads)) - _LEAD
        return distinctness(was, fresh, reads) <= alike and distinctness(reads, lost, was) <= alike

    def _gaps(self, path: str, base: Document) -> list[tuple[list[Uid], list[ItemKey]]]:
        """What is left of a file between two lines that were found again."""
        by_anchor = {
            (binding.anchor.section, binding.anchor.id, binding.anchor.title, binding.anchor.ordinal): uid
            for uid, binding in self._bindings.items()
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
            for uid, match in self._found.pairs.items()
            if match.item.path == path and uid in landmarks
        }
        now: list[tuple[ItemKey, Uid | None]] = [
            (ItemKey(path, item.index), item_of.get(item.index)) for item in self._documents[path].items
        ]
        placed = [uid for _key, uid in now if uid is not None]
        rank = {uid: at for at, uid in enumerate(placed)}
        slot = -1
        for uid in before:
            if uid in rank:
                slot = rank[uid]
            elif uid in self._free:
                order[uid] = slot
        slots: dict[int, tuple[list[Uid], list[ItemKey]]] = {}
        for uid, at in order.items():
            if self._free[uid].state is BindingState.LIVE and uid not in self._found.unclear_bindings:
                slots.setdefault(at, ([], []))[0].append(uid)
        at = -1
        for key, found in now:
            if found is not None:
                at = rank[found]
            elif key in self._free_items and key not in self._found.unclear_items and at in slots:
                slots[at][1].append(key)
        return [slots[at] for at in sorted(slots) if slots[at][0] and slots[at][1]]

    def _similar_elsewhere(self) -> None:
        """Similar text anywhere: moved and reworded at once. The bar is higher."""
        uids = [uid for uid, _ in self._live()]
        keys = [key for key, _ in self._askable_items()]
        self._pair_similar(uids, keys, self._thresholds.moved, "moved and reworded", self._distinct)
        uids = [uid for uid, _ in self._live()]
        keys = [key for key, _ in self._askable_items()]
        resembling = pair_up(
            [self._free[uid].anchor.title for uid in uids],
            [self._free_items[key].title for key in keys],
            threshold=self._thresholds.resembles,
            margin=1000.0,
        )
        for one, other, score in resembling.unclear:
            self._ask(uids[one], keys[other], score)

    def _distinct(self, uid: Uid, key: ItemKey, score: float) -> bool:
        """Whether a pair is clearly more alike than each of the two is to any line that is another one."""
        was, reads = self._free[uid].anchor.title, self._free_items[key].title
        most = score - self._thresholds.distinct
        return (
            distinctness(was, self._all_now, reads) <= most
            and distinctness(reads, self._all_before, was) <= most
        )

    def _pair_similar(
        self,
        uids: list[Uid],
        keys: list[ItemKey],
        threshold: float,
        how: str,
        certain: Callable[[Uid, ItemKey, float], bool],
    ) -> None:
        uids = [uid for uid in uids if uid in self._free]
        keys = [key for key in keys if key in self._free_items]
        bonus = (
            {
                (one, other): self._evidence(self._free[uid].anchor, key)
                for one, uid in enumerate(uids)
                for other, key in enumerate(keys)
            }
            if len(uids) * len(keys) <= 10_000
            else {}
        )
        pairing = pair_up(
            [self._free[uid].anchor.title for uid in uids],
            [self._free_items[key].title for key in keys],
            threshold=threshold,
            margin=self._thresholds.margin,
            bonus=bonus,
        )
        for one, other, score in pairing.pairs:
            if certain(uids[one], keys[other], score):
                self._pair(uids[one], keys[other], how, round(score, 1))
            else:
                self._ask(uids[one], keys[other], score)
        for one, other, score in pairing.unclear:
            self._ask(uids[one], keys[other], score)

    def _evidence(self, anchor: Anchor, key: ItemKey) -> float:
        """What speaks for a pair beside its text, in points of similarity."""
        item = self._free_items[key]
        points = 0.0
        if item.section == anchor.section and key.path == anchor.path:
            points += 4.0
        if anchor.parent is not None and self._parent_title(key) == anchor.parent:
            points += 3.0
        return points

    def _ask(self, uid: Uid, key: ItemKey, score: float) -> None:
        anchor, item = self._free[uid].anchor, self._free_items[key]
        known = self._found.unclear_bindings.get(uid)
        place = f"{key.path}:{item.line} ({score:.0f} % alike)"
        self._found.unclear_bindings[uid] = Unclear(
            f"{anchor.title!r} is gone, and more than one reading of the new lines is possible",
            (*(known.candidates if known else ()), place),
        )
        mine = self._found.unclear_items.get(key)
        was = f"{anchor.title!r} ({score:.0f} % alike)"
        self._found.unclear_items[key] = Unclear(
            f"{item.title!r} may be new, or a line that was there before",
            (*(mine.candidates if mine else ()), was),
        )

    # -- sets ------------------------------------------------------------------------------------------

    def _live(self) -> list[tuple[Uid, Binding]]:
        return [
            (uid, binding)
            for uid, binding in self._free.items()
            if binding.state is BindingState.LIVE and uid not in self._found.unclear_bindings
        ]

    def _askable_items(self) -> list[tuple[ItemKey, Item]]:
        return [(key, item) for key, item in self._free_items.items() if key not in self._found.unclear_items]


def _grouped(entries: Iterable[tuple[_K, str | None]]) -> dict[str, list[_K]]:
    groups: dict[str, list[_K]] = {}
    for key, value in entries:
        if value is not None:
            groups.setdefault(value, []).append(key)
    return groups


def _places_of(bindings: list[Binding]) -> list[Place]:
    """Stand-in for a file's base version that is not known: just the lines that were bound."""
    ordered = sorted(bindings, key=lambda binding: (binding.anchor.line, binding.uid))
    return [
        Place(
            index,
            each.anchor.section,
            each.anchor.id,
            each.anchor.title,
            each.anchor.ordinal,
            each.anchor.parent,
        )
        for index, each in enumerate(ordered)
    ]
