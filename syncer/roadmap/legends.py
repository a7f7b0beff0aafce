"""Legends: what a file itself says its marks and glyphs mean."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from syncer.model.fields import Status
from syncer.roadmap.inline import marked_text, plain_text
from syncer.roadmap.outline import Outline
from syncer.roadmap.pieces import Piece, PieceKind
from syncer.roadmap.sections import Setting
from syncer.roadmap.stagewords import LEGEND
from syncer.roadmap.structure import BlockKind, Entry, Scan
from syncer.roadmap.words import canonical_word, is_emoji, read_status, word_status

_SELECTORS = "\ufe0e\ufe0f\u200d"
_LABEL = re.compile(r"^\s*(?P<label>[^:：]{2,30}?)\s*[:：]\s*(?P<text>.+)$")
_PARTS = re.compile(r"\s*[|│·•;,、，]\s*|\s{2,}|\s+[/]\s+")
_EXPLAINED = re.compile(r"\W*?\[(?P<mark>[^\]\s])\ufe0f?\][`*_\"'”]*\s*(?:[:=–—→-]+>?\s*)?(?P<words>\w.*)")
_LARGEST_LIST = 9
_GFM_MARKS = frozenset("xX")
"""What every forge shows as a ticked box means done, whatever a legend calls it; no mark means open."""


def legend_marks(scan: Scan, data: bytes, outline: Outline) -> tuple[dict[str, Status], set[int]]:
    """What a file's legend says about the marks in boxes, and which list items are that legend.

    A list is a legend if its section says so, or if every one of its items is a bare status word.
    "`[~]` skipped, `[x]` done" in a text explains marks as well.
    """
    starts = [block.index for block in scan.blocks if block.kind is BlockKind.LIST]
    lists: dict[int, list[int]] = {}
    for index, entry in enumerate(scan.entries):
        if entry.box is not None:
            lists.setdefault(bisect_right(starts, index), []).append(index)
    meanings = _explained_marks(scan, data, outline)
    members: set[int] = set()
    for indexes in lists.values():
        named = outline.setting(outline.at(scan.entries[indexes[0]].start)) is Setting.LEGEND
        if not named and not 2 <= len(indexes) < _LARGEST_LIST:
            continue
        titles = [plain_text(scan.entries[index].text) for index in indexes]
        if not named and not all(title and word_status(title) is not None for title in titles):
            continue
        members.update(indexes)
        for index, title in zip(indexes, titles, strict=True):
            reading = read_status(title)
            mark = _mark(scan.entries[index], data)
            if reading is not None and mark and mark not in _GFM_MARKS:
                meanings[mark] = reading.status
    return meanings, members


def legend_glyphs(scan: Scan, data: bytes, outline: Outline) -> dict[str, Status]:
    """What a file's legend says about pictographs: "Legend: 🟢 done | 🟡 in progress"."""
    meanings: dict[str, Status] = {}
    for text, named in _texts(scan, data, outline):
        if named:
            _read(text, meanings)
    return meanings


def _mark(entry: Entry, data: bytes) -> str:
    """What stands in an item's box; nothing where the box is empty or missing."""
    return data[entry.box.start + 1 : entry.box.end - 1].decode().strip(" \ufe0f") if entry.box else ""


def _explained_marks(scan: Scan, data: bytes, outline: Outline) -> dict[str, Status]:
    """The marks that texts explain, if the file uses any that need it."""
    used = {_mark(entry, data) for entry in scan.entries if entry.box is not None} - _GFM_MARKS - {""}
    meanings: dict[str, Status] = {}
    for text, named in _texts(scan, data, outline) if used else ():
        parts = _PARTS.split(text)
        found = [match for part in parts if (match := _EXPLAINED.fullmatch(part)) is not None]
        if not named and not (len(found) == len(parts) > 1):
            continue
        for match in found:
            reading = read_status(match["words"])
            if match["mark"] in used and reading is not None and reading.word:
                meanings.setdefault(match["mark"], reading.status)
    return meanings


def _texts(scan: Scan, data: bytes, outline: Outline) -> Iterator[tuple[str, bool]]:
    """Lines of text outside lists with boxes, and whether they are said to be a legend."""
    for block in scan.blocks:
        if block.kind is BlockKind.PARAGRAPH:
            named = outline.setting(outline.at(block.start)) is Setting.LEGEND
            for row in _rows(block.pieces):
                text = plain_text(marked_text(row, data))
                label = _LABEL.match(text)
                if label is not None and LEGEND.fullmatch(canonical_word(label["label"])) is not None:
                    yield label["text"], True
                else:
                    yield text, named
    for entry in scan.entries:
        if outline.setting(outline.at(entry.start)) is Setting.LEGEND:
            yield plain_text(entry.text), True
    for table in scan.tables:
        if outline.setting(outline.at(table.start)) is Setting.LEGEND:
            for line in table.rows:
                yield " ".join(plain_text(cell.text) for cell in line.cells), True


def _rows(pieces: list[Piece]) -> list[list[Piece]]:
    rows: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece[0] is PieceKind.BREAK:
            rows.append([])
        else:
            rows[-1].append(piece)
    return rows


def _read(text: str, meanings: dict[str, Status]) -> None:
    for part in _PARTS.split(text):
        glyphs = [char for char in part if is_emoji(char) and char not in _SELECTORS]
        words = "".join(char for char in part if char not in glyphs and char not in _SELECTORS)
        words = words.strip(" \t:=–—-()[]`*")
        if len(set(glyphs)) != 1 or not words:
            continue
        reading = read_status(words)
        if reading is not None and reading.word:
            meanings.setdefault(glyphs[0], reading.status)
