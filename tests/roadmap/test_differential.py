"""syncer sees the skeleton of a roadmap that GitHub's parser, GitLab's, and a third one see.

cmark-gfm, comrak and markdown-it-py are development oracles. Where they differ among themselves, as
they do about a box without a text, syncer goes with GitHub Flavored Markdown as it is written down
(section 5.3: a box needs white space behind it, and a line end is some).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given

from tests.roadmap import strategies
from tests.roadmap.oracles import (
    Seen,
    by_cmark_gfm,
    by_comrak,
    by_markdown_it,
    by_syncer,
    for_oracles,
)

_PROJECT = Path(__file__).resolve().parents[2]
_FILES = sorted(
    [
        *(_PROJECT / "config").rglob("*.md"),
        *(_PROJECT / "docs").rglob("*.md"),
        *(_PROJECT.parent / "shared" / "seeds").glob("*.txt"),
    ]
)
_ORACLES = {"cmark-gfm": by_cmark_gfm, "comrak": by_comrak, "markdown-it": by_markdown_it}
_EMPTY_BOX = re.compile(r"\[[ xX]\][ \t]*$")


def _with_text(seen: Seen, lines: list[str]) -> list[tuple[int, bool]]:
    """Boxes that have a text behind them."""
    return [(line, ticked) for line, ticked in seen.boxes if not _EMPTY_BOX.search(lines[line - 1])]


@pytest.mark.parametrize("oracle", _ORACLES.values(), ids=_ORACLES)
@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_real_files_have_the_skeleton_that_others_see(path: Path, oracle: Callable[[str], Seen]) -> None:
    """Headings, list items, boxes and table rows of real files stand on the same lines for everybody."""
    data = path.read_bytes()

    assert oracle(for_oracles(data)) == by_syncer(data)


@given(strategies.roadmaps())
@example(b"- [ ] a\n  # heading\n- [ ] b\n  | c | d |\n  |---|---|\n  | e | f |\n")
@example(b"- - [ ]\n    1) [ ] b\n")
@example(b"- - [ ]\ta\n \t===\n")
def test_roadmaps_have_the_skeleton_that_others_see(data: bytes) -> None:
    """The same for any mixture of the ways in which roadmaps are written, whatever ends their lines."""
    text = for_oracles(data)
    lines = text.split("\n")
    ours = by_syncer(data)
    theirs = [oracle(text) for oracle in _ORACLES.values()]

    for seen in theirs:
        assert (seen.headings, seen.items, seen.rows) == (ours.headings, ours.items, ours.rows)
    cmark, comrak, markdown_it = theirs
    assert markdown_it.boxes == ours.boxes
    assert _with_text(cmark, lines) == _with_text(ours, lines)
    # comrak overlooks some boxes in front of struck text; it never sees one that is none.
    assert set(comrak.boxes) <= set(ours.boxes)


@given(strategies.wild_documents)
def test_no_box_is_ours_alone(data: bytes) -> None:
    """In lines that nobody would write, too, no box is seen, or overlooked, by syncer alone."""
    text = for_oracles(data)
    lines = text.split("\n")
    ours = set(_with_text(by_syncer(data), lines))
    theirs = [set(_with_text(oracle(text), lines)) for oracle in _ORACLES.values()]

    assert set.intersection(*theirs) <= ours <= set.union(*theirs)
