"""What matching says: which binding is which line, and what could not be told."""

from __future__ import annotations

from dataclasses import dataclass, field

from syncer.model.document import Document, Item, ItemKind
from syncer.model.identity import Uid
from syncer.model.ledger import Anchor
from syncer.model.plan import ItemKey


@dataclass(frozen=True, slots=True)
class Match:
    """A binding's item.

    Args:
        how: in a word or two; ``""`` where nothing but the line number changed.
        score: 100 for exact matches.
    """

    item: ItemKey
    how: str = ""
    score: float = 100.0


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why something is not matched although it could be, and with what.

    Args:
        asked: a person is asked about it already, in other words.
    """

    reason: str
    candidates: tuple[str, ...] = ()
    asked: bool = False


@dataclass(slots=True)
class Matching:
    """Who is who.

    Args:
        pairs: by binding.
        unclear_bindings: bindings that might have a line; nothing happens to their issues.
        unclear_items: lines that might be bound; no issue is created for them.
    """

    pairs: dict[Uid, Match] = field(default_factory=dict)
    unclear_bindings: dict[Uid, Unclear] = field(default_factory=dict)
    unclear_items: dict[ItemKey, Unclear] = field(default_factory=dict)

    @property
    def taken(self) -> set[ItemKey]:
        return {match.item for match in self.pairs.values()}


def anchor_of(document: Document, item: Item) -> Anchor:
    """Where an item is and what it says."""
    parent = document.items[item.parent].title if item.parent is not None else None
    return Anchor(
        document.path,
        item.section,
        item.title,
        item.ordinal,
        item.id,
        parent,
        item.line,
        item.kind is ItemKind.GATE,
    )
