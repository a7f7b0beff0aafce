"""Which item is which binding, without ids in the file.

People move lines, reword them, copy them, rename headings and files. Each item is followed by, in this
order: a link on its line; its own id; the same place and text; the same text elsewhere; a similar text
where the old one stood; a similar text elsewhere. Nothing is guessed destructively: where two readings
are possible both stay as they are and a person is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from syncer.model.document import Document
from syncer.model.identity import Uid
from syncer.model.ledger import Anchor, Binding, BindingState
from syncer.model.plan import ItemKey
from syncer.reconcile.align import Place, align, places
from syncer.reconcile.matching import Matching, Unclear
from syncer.reconcile.policy import Thresholds
from syncer.reconcile.rewording import Rewording
from syncer.reconcile.similar import similarity
from syncer.reconcile.unmatched import Unmatched

_K = TypeVar("_K")

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
    return _Matcher(Unmatched(documents, bases, list(bindings), thresholds)).run(links)


class _Matcher:
    """Finds lines by what says the same as before; the rest is for :mod:`syncer.reconcile.rewording`."""

    def __init__(self, left: Unmatched) -> None:
        self._left = left

    def run(self, links: Mapping[ItemKey, Uid]) -> Matching:
        for key, uid in links.items():
            if uid in self._left.free and key in self._left.items:
                self._left.pair(uid, key, "linked on its line")
        now = {path: places(document) for path, document in self._left.documents.items()}
        self._by_place(now)
        self._by_id()
        self._by_text()
        self._hold_equals()
        Rewording(self._left).run()
        return self._left.found

    # -- the same place --------------------------------------------------------------------------------

    def _by_place(self, now: Mapping[str, list[Place]]) -> None:
        """Pair what the alignment of each file with its base version says is the same line."""
        old_paths = {binding.anchor.path for binding in self._left.free.values()}
        renamed = self._renamed_files(old_paths)
        for path in sorted(old_paths):
            target = renamed.get(path, path)
            if target not in self._left.documents:
                continue
            members = [binding for binding in self._left.free.values() if binding.anchor.path == path]
            base = self._left.bases.get(path)
            before = places(base) if base is not None else _places_of(members)
            aligned = align(before, now[target])
            position = {
                (place.section, place.id, place.title, place.ordinal): at for at, place in enumerate(before)
            }
            for binding in sorted(members, key=lambda each: (each.state is not BindingState.LIVE, each.uid)):
                anchor = binding.anchor
                at = position.get((anchor.section, anchor.id, anchor.title, anchor.ordinal))
                if at is None or binding.uid not in self._left.free:
                    continue
                other = aligned.pairs.get(at)
                if other is not None:
                    key = ItemKey(target, now[target][other].index)
                    if key in self._left.items:
                        self._left.pair(binding.uid, key, self._how(anchor, key))
                elif at in aligned.unclear and binding.state is BindingState.LIVE:
                    self._ask_about_equals(binding, target, now[target], aligned.unclear[at])

    def _ask_about_equals(
        self, binding: Binding, path: str, now: list[Place], candidates: tuple[int, ...]
    ) -> None:
        keys = [ItemKey(path, now[other].index) for other in candidates]
        keys = [key for key in keys if key in self._left.items]
        if not keys:
            return
        lines = tuple(f"{path}:{self._left.items[key].line}" for key in keys)
        reason = "the number of equal lines changed, and nothing tells which of them is which"
        self._left.found.unclear_bindings[binding.uid] = Unclear(reason, lines)
        for key in keys:
            self._left.found.unclear_items[key] = Unclear(reason, lines)

    def _how(self, anchor: Anchor, key: ItemKey) -> str:
        item = self._left.items[key]
        if key.path != anchor.path:
            return "file renamed"
        if item.section != anchor.section:
            return "heading renamed"
        return ""

    def _renamed_files(self, paths: set[str]) -> dict[str, str]:
        """Files that are gone, and the new file that holds most of what they held."""
        gone = sorted(path for path in paths if path not in self._left.documents)
        fresh = sorted(
            path for path in self._left.documents if path not in self._left.bases and path not in paths
        )
        titles = {path: Counter(item.title for item in self._left.documents[path].items) for path in fresh}
        renamed: dict[str, str] = {}
        for path in gone:
            had = Counter(
                binding.anchor.title for binding in self._left.free.values() if binding.anchor.path == path
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
        items = _grouped((key, item.id) for key, item in self._left.items.items())
        bindings = _grouped((uid, binding.anchor.id) for uid, binding in self._left.live())
        for identifier, uids in bindings.items():
            keys = items.get(identifier, [])
            if len(uids) == len(keys) == 1:
                self._left.pair(uids[0], keys[0], "the same id")

    def _by_text(self) -> None:
        """Equal text at another place, unique on both sides: moved."""
        for tombstones in (False, True):
            items = _grouped((key, item.title) for key, item in self._left.askable())
            members = [
                (uid, binding)
                for uid, binding in self._left.free.items()
                if (binding.state is not BindingState.LIVE) == tombstones
                and uid not in self._left.found.unclear_bindings
            ]
            bindings = _grouped((uid, binding.anchor.title) for uid, binding in members)
            for title, uids in bindings.items():
                keys = items.get(title, [])
                if len(uids) == len(keys) == 1:
                    left_behind = [] if tombstones else self._left_behind(uids[0], keys[0])
                    if left_behind:
                        self._left.ask(uids[0], keys[0], 100.0)
                        for key, score in left_behind:
                            self._left.ask(uids[0], key, score)
                    else:
                        self._left.pair(uids[0], keys[0], "moved")
                elif keys and not tombstones:
                    self._moved_twins(uids, keys)

    def _left_behind(self, uid: Uid, key: ItemKey) -> list[tuple[ItemKey, float]]:
        """New lines at the old place that say nearly the same as the one that seems to have moved."""
        anchor = self._left.free[uid].anchor
        if (key.path, self._left.items[key].section) == (anchor.path, anchor.section):
            return []
        near = [
            (other, similarity(anchor.title, item.title))
            for other, item in self._left.askable()
            if other != key
            and (other.path, item.section) == (anchor.path, anchor.section)
            and item.title not in self._left.known_titles
        ]
        return [(other, score) for other, score in near if score >= _NEARLY]

    def _moved_twins(self, uids: list[Uid], keys: list[ItemKey]) -> None:
        """Several equal texts at other places: told apart by section or parent, else asked about."""
        for uid in list(uids):
            anchor = self._left.free[uid].anchor
            near = [
                key
                for key in keys
                if key in self._left.items
                and (
                    self._left.items[key].section == anchor.section
                    or (anchor.parent is not None and self._left.parent_title(key) == anchor.parent)
                )
            ]
            rivals = [
                other
                for other in uids
                if other in self._left.free
                and other != uid
                and (self._left.free[other].anchor.section, self._left.free[other].anchor.parent)
                == (anchor.section, anchor.parent)
            ]
            if len(near) == 1 and not rivals:
                self._left.pair(uid, near[0], "moved")
        left = [uid for uid in uids if uid in self._left.free]
        open_keys = [key for key in keys if key in self._left.items]
        if left and open_keys:
            lines = tuple(f"{key.path}:{self._left.items[key].line}" for key in open_keys)
            for uid in left:
                self._left.found.unclear_bindings[uid] = Unclear(
                    "equal lines were moved; which is which is unclear", lines
                )
            for key in open_keys:
                self._left.found.unclear_items[key] = Unclear(
                    "equal lines were moved; which is which is unclear", lines
                )

    def _hold_equals(self) -> None:
        """A line may be the one of an unclear binding wherever it stands, if it says the same."""
        unclear: dict[str, list[str]] = {}
        for uid in self._left.found.unclear_bindings:
            anchor = self._left.bindings[uid].anchor
            unclear.setdefault(anchor.title, []).append(f"{anchor.path}:{anchor.line}")
        for key, item in self._left.items.items():
            if item.title in unclear and key not in self._left.found.unclear_items:
                self._left.found.unclear_items[key] = Unclear(
                    "an equal line is gone from where it stood, and nothing tells which of them is which",
                    tuple(unclear[item.title]),
                )


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
