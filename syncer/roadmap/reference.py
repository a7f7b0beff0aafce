"""How people name a place in a roadmap: ``TODO.md :: Beta :: Testing``.

Writing is exact, reading is generous: case, punctuation and emoji do not count, a segment may be cut
short, headings in between may be left out, and the last segment may name an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from syncer.errors import UnresolvedReference
from syncer.model.document import Document
from syncer.model.reference import SEPARATOR, format_reference
from syncer.roadmap.headings import read_heading
from syncer.roadmap.stagenames import fold_key

_SPLIT = re.compile(r"(?<!\\)\s*(?<![:\\])::(?!:)\s*")


class Fit(IntEnum):
    """How well a written segment fits a heading. A better fit outranks all worse ones."""

    NONE = 0
    PREFIX = 1
    LEADING_WORDS = 2
    EQUAL = 3


@dataclass(frozen=True, slots=True)
class Place:
    """What a reference names: a file, a section of it, or an item in that section.

    Args:
        section: index into :attr:`Document.sections`.
        item: index into :attr:`Document.items`.
    """

    document: Document
    section: int
    item: int | None = None

    def __str__(self) -> str:
        if self.item is not None:
            item = self.document.items[self.item]
            return f"{format_reference(self.document.path, item.section)}{SEPARATOR}{item.full_title}"
        return format_reference(self.document.path, self.document.sections[self.section].segments)


def split_reference(text: str) -> tuple[str, ...]:
    """The segments of a written reference, path first."""
    parts = [part.replace(r"\::", "::").strip() for part in _SPLIT.split(text.strip().strip("`"))]
    return tuple(part for part in parts if part)


def resolve(text: str, documents: Sequence[Document]) -> Place:
    """Find the one place that a reference names.

    Args:
        text: as a person wrote it.
        documents: the roadmaps that it may lead into.

    Raises:
        UnresolvedReference: it leads nowhere, or to several places, which are listed.
    """
    segments = split_reference(text)
    if not segments:
        raise UnresolvedReference("the reference is empty", next_step="write `FILE :: heading :: heading`")
    chosen = _documents(segments[0], documents)
    wanted = segments[1:] if chosen else segments
    best: list[Place] = []
    best_fit: tuple[int, ...] = ()
    for document in chosen or documents:
        for place, fit in _fits(document, wanted):
            if fit > best_fit:
                best, best_fit = [place], fit
            elif fit == best_fit:
                best.append(place)
    names = tuple(dict.fromkeys(str(place) for place in best))
    if not best:
        raise UnresolvedReference(
            f"{text!r} names no place in {', '.join(each.path for each in documents) or 'any roadmap'}",
            next_step="write `FILE :: heading :: heading` as the file has them",
        )
    if len(best) > 1:
        raise UnresolvedReference(
            f"{text!r} may mean {len(best)} places",
            next_step="write more of it: " + "; ".join(names[:10]),
            candidates=names,
        )
    return best[0]


def _documents(segment: str, documents: Sequence[Document]) -> list[Document]:
    wanted = segment.strip("`./ ").casefold()
    for matches in (
        [document for document in documents if document.path.casefold() == wanted],
        [document for document in documents if document.path.casefold().endswith("/" + wanted)],
    ):
        if matches:
            return matches
    return []


def _fits(document: Document, wanted: Sequence[str]) -> Iterable[tuple[Place, tuple[int, ...]]]:
    if not wanted:
        yield Place(document, 0), (Fit.EQUAL,)
        return
    for index, section in enumerate(document.sections):
        fit = _section_fit(wanted, section.segments)
        if fit is not None:
            yield Place(document, index), fit
    for item in document.items:
        last = max(segment_fit(wanted[-1], item.title), segment_fit(wanted[-1], item.full_title))
        if last is Fit.NONE and item.id is not None:
            last = segment_fit(wanted[-1], item.id)
        if last < Fit.LEADING_WORDS:
            continue
        above = _section_fit(wanted[:-1], item.section, whole=False)
        if above is not None:
            # A heading of that name outranks an item of that name.
            yield Place(document, _section_of(document, item.block.start), item.index), (*above, last - 1)


def _section_fit(
    wanted: Sequence[str], segments: Sequence[str], *, whole: bool = True
) -> tuple[int, ...] | None:
    """How well written segments fit a section's, in order, gaps allowed; ``None`` if they do not.

    Args:
        wanted: the written segments.
        segments: the section's.
        whole: whether the last written segment has to name the section itself.
    """
    if whole and not segments:
        return None
    fits: list[int] = []
    at = len(segments) - 1
    for number, text in enumerate(reversed(wanted)):
        while at >= 0:
            fit = segment_fit(text, segments[at])
            at -= 1
            if fit is not Fit.NONE:
                fits.append(fit)
                break
            if whole and number == 0:
                return None
        else:
            return None
    skipped = len(segments) - len(wanted)
    return (*reversed(fits), -skipped)


def segment_fit(written: str, heading: str) -> Fit:
    """How well one written segment fits one heading."""
    left, right = fold_key(read_heading(written).name or written), fold_key(heading)
    if not left:
        return Fit.NONE
    if left == right:
        return Fit.EQUAL
    if right.startswith(left + " "):
        return Fit.LEADING_WORDS
    return Fit.PREFIX if right.startswith(left) else Fit.NONE


def _section_of(document: Document, offset: int) -> int:
    found = 0
    for index, section in enumerate(document.sections):
        if section.span.start <= offset < section.span.end:
            found = index
    return found
