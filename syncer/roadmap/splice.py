"""Splices: the only way bytes of a roadmap ever change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncer.errors import RoadmapError
from syncer.model.document import Span


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace one range of bytes.

    Args:
        span: the range; empty to insert.
        old: what must stand there, byte for byte.
        new: what will stand there.
    """

    span: Span
    old: bytes
    new: bytes


def apply_splices(path: str, data: bytes, splices: Sequence[Splice]) -> bytes:
    """Apply splices, back to front.

    Args:
        path: for messages.
        data: the file.
        splices: in any order; they may not overlap. Two equal replacements count once; insertions
            at one place keep their order.

    Raises:
        RoadmapError: the file does not hold what a splice expects, or two of them overlap. Nothing
            was changed.
    """
    ordered = _ordered(splices)
    last_end = -1
    for splice in ordered:
        if splice.span.start < last_end or not 0 <= splice.span.start <= splice.span.end <= len(data):
            raise refused(path, f"two edits overlap at byte {splice.span.start}")
        if splice.span.of(data) != splice.old:
            raise refused(
                path, f"byte {splice.span.start} holds {splice.span.of(data)!r}, expected {splice.old!r}"
            )
        last_end = splice.span.end
    parts: list[bytes] = []
    at = 0
    for splice in ordered:
        parts.append(data[at : splice.span.start])
        parts.append(splice.new)
        at = splice.span.end
    parts.append(data[at:])
    return b"".join(parts)


def landing(splices: Sequence[Splice], splice: Splice) -> Span:
    """Where the new bytes of one of some splices stand once all of them are applied."""
    shift = 0
    for each in _ordered(splices):
        if each is splice:
            break
        shift += len(each.new) - len(each.old)
    start = splice.span.start + shift
    return Span(start, start + len(splice.new))


def _ordered(splices: Sequence[Splice]) -> list[Splice]:
    """Splices from front to back, equal replacements once."""
    insertions = [splice for splice in splices if splice.span.start == splice.span.end]
    replacements = dict.fromkeys(splice for splice in splices if splice.span.start < splice.span.end)
    return sorted([*insertions, *replacements], key=lambda splice: (splice.span.start, splice.span.end))


def shifted(splices: Sequence[Splice], by: int) -> list[Splice]:
    """The same splices for a part of the file that starts elsewhere.

    Args:
        splices: for the whole file.
        by: what is added to every offset.
    """
    return [
        Splice(Span(splice.span.start + by, splice.span.end + by), splice.old, splice.new)
        for splice in splices
    ]


def refused(path: str, why: str, *, line: int | None = None) -> RoadmapError:
    """The error of an edit that is not made."""
    return RoadmapError(
        f"the edit is refused: {why}",
        where=f"{path}:{line}" if line else path,
        next_step="nothing was written to this file",
        code="edit-refused",
    )
