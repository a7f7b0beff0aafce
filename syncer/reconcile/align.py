"""Aligning a roadmap with its base version: which line is the same line, by place and text."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from syncer.model.document import Document
from syncer.model.fields import TaskState

Section = tuple[str, ...]
Key = tuple[Section, str | None, str]


@dataclass(frozen=True, slots=True)
class Place:
    """An item as far as alignment looks at it.

    Args:
        index: in its document.
    """

    index: int
    section: Section
    id: str | None
    title: str
    ordinal: int
    parent: str | None = None
    state: TaskState | None = None

    @property
    def key(self) -> Key:
        return (self.section, self.id, self.title)


@dataclass(slots=True)
class Aligned:
    """The outcome: positions in the base version paired with positions in the present one.

    Args:
        unclear: positions of equal lines whose number changed, with the lines they may be now.
    """

    pairs: dict[int, int] = field(default_factory=dict)
    unclear: dict[int, tuple[int, ...]] = field(default_factory=dict)


def places(document: Document) -> list[Place]:
    """A document's items in order."""
    return [
        Place(
            item.index,
            item.section,
            item.id,
            item.title,
            item.ordinal,
            document.items[item.parent].title if item.parent is not None else None,
            item.state,
        )
        for item in document.items
    ]


def align(before: list[Place], now: list[Place]) -> Aligned:
    """Pair lines that have the same text in the same section, or in a section that was renamed.

    Equal lines of one section are told apart by their order while their number stays the same, and
    by their neighbours when it changed.
    """
    aligned = Aligned()
    _pair_equal(before, now, aligned)
    renamed = renamed_sections(
        _free(before, aligned.pairs.keys()), _free(now, aligned.pairs.values()), before, now
    )
    if renamed:
        moved = [replace(place, section=renamed.get(place.section, place.section)) for place in before]
        _pair_equal(moved, now, aligned)
        before = moved
    _pair_by_neighbours(before, now, aligned)
    return aligned


def renamed_sections(
    free_before: list[Place], free_now: list[Place], before: list[Place], now: list[Place]
) -> dict[Section, Section]:
    """Headings that are gone, and the new headings that hold most of what they held."""
    still = {place.section for place in now}
    known = {place.section for place in before}
    gone: dict[Section, list[str]] = {}
    for place in free_before:
        if place.section not in still:
            gone.setdefault(place.section, []).append(place.title)
    fresh: dict[Section, list[str]] = {}
    for place in free_now:
        if place.section not in known:
            fresh.setdefault(place.section, []).append(place.title)
    ranked: list[tuple[float, Section, Section]] = []
    for old, titles in gone.items():
        for new, others in fresh.items():
            shared = sum((Counter(titles) & Counter(others)).values())
            if shared == 0:
                continue
            share = shared / max(1, min(len(titles), len(others)))
            alike = fuzz.ratio(" / ".join(old), " / ".join(new)) / 100
            if share >= 0.5 or (share >= 0.3 and alike >= 0.6):
                ranked.append((share + alike / 2 + shared / 1000, old, new))
    ranked.sort(key=lambda entry: (-entry[0], entry[1], entry[2]))
    renamed: dict[Section, Section] = {}
    for _score, old, new in ranked:
        if old not in renamed and new not in renamed.values():
            renamed[old] = new
    return renamed


def _free(all_places: list[Place], taken: Iterable[int]) -> list[Place]:
    used = set(taken)
    return [place for at, place in enumerate(all_places) if at not in used]


def _positions(all_places: list[Place], used: set[int]) -> dict[Key, list[int]]:
    positions: dict[Key, list[int]] = {}
    for at, place in enumerate(all_places):
        if at not in used:
            positions.setdefault(place.key, []).append(at)
    return positions


def _pair_equal(before: list[Place], now: list[Place], aligned: Aligned) -> None:
    """Pair keys that stand as often as before, in order."""
    old = _positions(before, set(aligned.pairs))
    new = _positions(now, set(aligned.pairs.values()))
    for key, positions in old.items():
        others = new.get(key, [])
        if len(positions) == len(others):
            aligned.pairs.update(zip(positions, others, strict=True))


def _pair_by_neighbours(before: list[Place], now: list[Place], aligned: Aligned) -> None:
    """Pair equal lines whose number changed by the lines that stand around them."""
    old = _positions(before, set(aligned.pairs))
    new = _positions(now, set(aligned.pairs.values()))
    anchors = sorted(aligned.pairs)
    for key, positions in old.items():
        others = new.get(key, [])
        if not others:
            continue
        slots: dict[tuple[int, int], list[int]] = {}
        for at in positions:
            slots.setdefault(_slot(at, anchors, aligned.pairs, len(now)), []).append(at)
        for (left, right), members in slots.items():
            inside = [other for other in others if left < other < right]
            if len(inside) == len(members):
                aligned.pairs.update(zip(members, inside, strict=True))
            elif len(members) == 1 and len(inside) > 1 and _interchangeable(before[members[0]], now, inside):
                # A line was copied next to itself: the copies say the same, so the first keeps the issue.
                aligned.pairs[members[0]] = inside[0]
            else:
                for at in members:
                    aligned.unclear[at] = tuple(inside or others)


def _slot(at: int, anchors: list[int], pairs: dict[int, int], size: int) -> tuple[int, int]:
    """Between which lines of the present version a line of the base version would stand."""
    index = bisect_left(anchors, at)
    left = pairs[anchors[index - 1]] if index > 0 else -1
    right = pairs[anchors[index]] if index < len(anchors) else size
    return (left, right) if left < right else (-1, size)


def _interchangeable(before: Place, now: list[Place], inside: list[int]) -> bool:
    states = {now[other].state for other in inside}
    return len(states) == 1 or before.state is None
