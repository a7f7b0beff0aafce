"""Overview checkboxes: boxes that repeat a stage, and are its state rather than work to be done.

"- [x] **Phase 1: Setup**" above "## Phase 1: Setup", or beside a row "1. Setup" of a table of phases,
is the stage's own box. In a list of such boxes the phases that are written nowhere else yet are stages
as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from syncer.model.document import Box, ItemKind
from syncer.roadmap.draft import ItemDraft
from syncer.roadmap.headings import read_heading
from syncer.roadmap.inline import plain_text
from syncer.roadmap.outline import Named, Outline, name_keys, same_name
from syncer.roadmap.pieces import BOLD, BOLD_END
from syncer.roadmap.stagenames import NO_NAME, StageName, fold_key, read_stage_name
from syncer.roadmap.structure import Entry

_BOLD_LEAD = re.compile(rf"\s*{BOLD}([^{BOLD_END}]+){BOLD_END}")
_KIND_AND_NUMBER = re.compile(r"\w+[\s#№-]*(?:\w|\d[\d.]*)")
_TEXT_BEHIND = re.compile(r"\s+[-–—]+\s|\s*[（(]|(?<!\d)[:：](?=\s)")


@dataclass(frozen=True, slots=True)
class Overview:
    """A checkbox that repeats a stage.

    Args:
        named: the stage's name as it stands beside the box.
    """

    box: Box
    named: Named


def take_overviews(
    drafts: Sequence[ItemDraft], entries: Sequence[Entry], outline: Outline, rows: Sequence[Named]
) -> tuple[list[Overview], list[ItemDraft]]:
    """Part the boxes that repeat a stage from those that are tasks.

    A name without a number counts only where a list repeats two stages or more.

    Args:
        drafts: of the checklists.
        entries: the list items they were read from.
        outline: the file's headings.
        rows: the names of its milestone rows.
    """
    finder = _Finder(outline, rows)
    matched: dict[int, Named] = {}
    unnumbered: dict[int, list[int]] = {}
    for at, draft in enumerate(drafts):
        if draft.box is None or draft.parent_key >= 0 or draft.id is not None or draft.kind is ItemKind.GROUP:
            continue
        found = finder.find(draft, entries[draft.key].text)
        if found is not None:
            matched[at] = found
            if not found.name.number:
                unnumbered.setdefault(draft.node, []).append(at)
    for group in unnumbered.values():
        if len(group) < 2 or len({fold_key(matched[at].title) for at in group}) < len(group):
            for at in group:
                del matched[at]
    _add_siblings(drafts, entries, matched)
    overviews: list[Overview] = []
    kept: list[ItemDraft] = []
    for at, draft in enumerate(drafts):
        if draft.box is not None and at in matched:
            overviews.append(Overview(draft.box, matched[at]))
        else:
            kept.append(draft)
    return overviews, kept


class _Finder:
    """Finds the stage that a box's text names.

    Nearly no box names one, so the few words that can begin such a name are looked at first.
    """

    def __init__(self, outline: Outline, rows: Sequence[Named]) -> None:
        self._outline = outline
        self._rows: dict[object, list[Named]] = {}
        for named in rows:
            for key in name_keys(named):
                self._rows.setdefault(key, []).append(named)
        keys = {*self._rows, *outline.headings.keys}
        self._texts = {key for key in keys if isinstance(key, str)}
        self._first_words = {key.split(" ", 1)[0] for key in self._texts}
        self._kinds = {kind.split("-")[0] for key in keys if isinstance(key, tuple) for kind in key[:1]}
        self._first_words |= self._kinds

    def find(self, draft: ItemDraft, marked: str) -> Named | None:
        first = draft.title.split(" ", 1)[0].casefold()
        if first.isascii() and first.isalpha() and first not in self._first_words:
            return None
        texts = _texts(draft.title, marked)
        if not any(self._may_name(text) for text in texts):
            return None
        for named in _named(texts):
            headings = self._outline.headings.matching(named)
            if any(node.start <= draft.offset < node.end for node in headings):
                # A box inside of what it names is a piece of work there.
                return None
            if headings or self._is_row(named):
                return named
        return None

    def _may_name(self, text: str) -> bool:
        key = fold_key(text)
        if key in self._texts:
            return True
        word = key.split(" ", 1)[0]
        return bool(self._kinds) and (word in self._kinds or not word.isalpha() or not word.isascii())

    def _is_row(self, named: Named) -> bool:
        return any(same_name(row, named) for key in name_keys(named) for row in self._rows.get(key, ()))


def _texts(title: str, marked: str) -> list[str]:
    """The texts that may be a name: what is bold, what stands before a dash, all of it."""
    texts: list[str] = []
    if BOLD in marked and (bold := _BOLD_LEAD.match(marked)) is not None:
        texts.append(plain_text(bold[1]))
    for parted in _TEXT_BEHIND.finditer(title):
        before = title[: parted.start()]
        if not _KIND_AND_NUMBER.fullmatch(before):
            # "Phase A: Setup - with CI" goes on behind its first colon: a kind and a number are no name.
            texts.append(before)
            break
    texts.append(title)
    return texts


def _named(texts: Sequence[str]) -> list[Named]:
    names = [read_heading(text).name for text in texts]
    return [Named(_stage_name(name), name) for name in dict.fromkeys(names) if name]


def _stage_name(name: str) -> StageName:
    stage = read_stage_name(name)
    return stage if stage.keyed or not stage.number else NO_NAME


def _add_siblings(drafts: Sequence[ItemDraft], entries: Sequence[Entry], matched: dict[int, Named]) -> None:
    """The other boxes of a list of stages, if they are numbered the same way."""
    kinds: dict[int, set[str]] = {}
    for at, named in matched.items():
        if named.name.number:
            kinds.setdefault(drafts[at].node, set()).add(named.name.kind)
    for at, draft in enumerate(drafts):
        wanted = kinds.get(draft.node)
        if (
            wanted is None
            or at in matched
            or draft.parent_key >= 0
            or draft.id is not None
            or draft.kind is ItemKind.GROUP
        ):
            continue
        for named in _named(_texts(draft.title, entries[draft.key].text)):
            if named.name.number and named.name.kind in wanted:
                matched[at] = named
                break
