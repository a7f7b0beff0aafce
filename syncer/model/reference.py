"""How a place in a roadmap is written: ``TODO.md :: Beta :: Testing & Quality Assurance``."""

from __future__ import annotations

from collections.abc import Iterable

SEPARATOR = " :: "


def format_reference(path: str, segments: Iterable[str]) -> str:
    """A reference as syncer writes it.

    Args:
        path: from the repository's root.
        segments: folded headings, stage first.
    """
    return SEPARATOR.join([path, *(segment.replace(SEPARATOR, r" \:: ") for segment in segments)])
