"""What is not matched yet: the bindings without a line and the lines without a binding."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.model.document import Document, Item
from syncer.model.identity import Uid
from syncer.model.ledger import Binding, BindingState
from syncer.model.plan import ItemKey
from syncer.reconcile.matching import Match, Matching, Unclear
from syncer.reconcile.policy import Thresholds


class Unmatched:
    """Shrinks while :mod:`syncer.reconcile.match` works; what was found is in ``found``.

    Args:
        documents: the roadmaps as they are.
        bases: the roadmaps as they were when last settled.
        bindings: those that may be matched.
        thresholds: when two texts count as the same item.
    """

    def __init__(
        self,
        documents: Mapping[str, Document],
        bases: Mapping[str, Document],
        bindings: list[Binding],
        thresholds: Thresholds,
    ) -> None:
        self.documents = documents
        self.bases = bases
        self.thresholds = thresholds
        self.bindings = {binding.uid: binding for binding in bindings}
        self.found = Matching()
        self.items: dict[ItemKey, Item] = {
            ItemKey(path, item.index): item for path, document in documents.items() for item in document.items
        }
        self.free: dict[Uid, Binding] = dict(self.bindings)
        self.all_now = [item.title for item in self.items.values()]
        self.known_titles = {binding.anchor.title for binding in bindings}
        self.all_before = [binding.anchor.title for binding in bindings if binding.state is BindingState.LIVE]

    def pair(self, uid: Uid, key: ItemKey, how: str = "", score: float = 100.0) -> None:
        """A binding's line was found."""
        self.found.pairs[uid] = Match(key, how, score)
        del self.free[uid]
        del self.items[key]

    def ask(self, uid: Uid, key: ItemKey, score: float) -> None:
        """A line may be a binding's: neither is touched until a person has said so."""
        anchor, item = self.free[uid].anchor, self.items[key]
        known = self.found.unclear_bindings.get(uid)
        place = f"{key.path}:{item.line} ({score:.0f} % alike)"
        self.found.unclear_bindings[uid] = Unclear(
            f"{anchor.title!r} is gone, and more than one reading of the new lines is possible",
            (*(known.candidates if known else ()), place),
        )
        mine = self.found.unclear_items.get(key)
        was = f"{anchor.title!r} ({score:.0f} % alike)"
        self.found.unclear_items[key] = Unclear(
            f"{item.title!r} may be new, or a line that was there before",
            (*(mine.candidates if mine else ()), was),
        )

    def live(self) -> list[tuple[Uid, Binding]]:
        """The bindings that still look for their line."""
        return [
            (uid, binding)
            for uid, binding in self.free.items()
            if binding.state is BindingState.LIVE and uid not in self.found.unclear_bindings
        ]

    def askable(self) -> list[tuple[ItemKey, Item]]:
        """The lines that may still be anybody's."""
        return [(key, item) for key, item in self.items.items() if key not in self.found.unclear_items]

    def parent_title(self, key: ItemKey) -> str | None:
        """What the enclosing line says."""
        item = self.items[key]
        if item.parent is None:
            return None
        return self.documents[key.path].items[item.parent].title
