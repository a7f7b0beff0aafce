"""The tree of a file's headings: what contains what, and what its name says about its lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from syncer.roadmap.headings import HeadingReading, read_heading
from syncer.roadmap.inline import marked_text, plain_text
from syncer.roadmap.lines import Lines
from syncer.roadmap.pieces import BOLD, BOLD_END, Piece, PieceKind
from syncer.roadmap.stagenames import NO_NAME, StageName, read_stage_name
from syncer.roadmap.stagewords import CRITERIA, FUTURE, GUIDE, HISTORY, LEGEND, OUTSIDE
from syncer.roadmap.structure import Block, BlockKind, Scan
from syncer.roadmap.words import is_emoji

BOLD_LEVEL = 7
"""A full-bold line that heads a list stands below every heading."""

_LABEL_LEVEL = 8
_LONGEST_LABEL = 80

IGNORE = re.compile(rb"<!--\s*syncer:\s*ignore\s*-->")


class Setting(Enum):
    """What a section's name says about the lists in it."""

    PLAN = "plan"
    LEGEND = "legend"
    HISTORY = "history"
    OUTSIDE = "out-of-scope"
    GUIDE = "documentation"
    IGNORED = "ignored"


@dataclass(slots=True)
class Node:
    """One heading or full-bold line, or the file itself (level 0).

    Args:
        start: of the heading; ``body`` just behind it.
        end: of everything it contains.
        own_end: of what stands before its first sub-heading.
        items: how many items stand below it, sub-headings included.
        stage: index into :attr:`Outline.stages`.
    """

    index: int
    level: int
    line: int
    start: int
    body: int
    end: int
    own_end: int
    parent: int
    marked: str
    pieces: list[Piece]
    reading: HeadingReading
    name: StageName
    setting: Setting = Setting.PLAN
    criteria: bool = False
    future: bool = False
    items: int = 0
    own_items: int = 0
    stage: int | None = None
    left_out: bool = False
    children: list[int] = field(default_factory=list)


def read_sections(scan: Scan, data: bytes, lines: Lines) -> list[Node]:
    """Every heading of a file in document order, the file itself first."""
    nodes = _tree(scan, data, lines)
    for node in nodes[1:]:
        _classify(node, nodes[node.parent])
        if IGNORE.search(data, node.start, node.body):
            node.setting = Setting.IGNORED
    return nodes


def ignore_section(nodes: Sequence[Node], index: int) -> None:
    """Leave a section out with everything below it."""
    nodes[index].setting = Setting.IGNORED
    for child in nodes[index].children:
        ignore_section(nodes, child)


def _tree(scan: Scan, data: bytes, lines: Lines) -> list[Node]:
    empty = read_heading("")
    # The file itself starts before its first byte, so that a heading at offset 0 comes after it.
    nodes = [Node(0, 0, 0, -1, 0, len(data), len(data), -1, "", [], empty, NO_NAME)]
    open_nodes = [0]
    blocks = scan.blocks
    for at, block in enumerate(blocks):
        follower = blocks[at + 1] if at + 1 < len(blocks) else None
        level, pieces = _level(block, follower, data)
        if level == 0:
            continue
        line = lines.number(pieces[0][2] if pieces else block.start)
        start = block.start if level < BOLD_LEVEL else max(block.start, lines.start(line))
        while nodes[open_nodes[-1]].level >= level:
            nodes[open_nodes.pop()].end = start
        parent = nodes[open_nodes[-1]]
        marked = marked_text(pieces, data)
        if level >= BOLD_LEVEL:
            marked = marked.rstrip().rstrip(":：")
        reading = read_heading(marked)
        node = Node(
            index=len(nodes),
            level=level,
            line=line,
            start=start,
            body=block.end,
            end=len(data),
            own_end=len(data),
            parent=parent.index,
            marked=marked,
            pieces=pieces,
            reading=reading,
            name=read_stage_name(reading.name),
        )
        parent.children.append(node.index)
        if parent.own_end == len(data):
            parent.own_end = start
        nodes.append(node)
        if level >= BOLD_LEVEL and (level == _LABEL_LEVEL or _speaks_of_one_list(reading.name)):
            node.end = node.own_end = blocks[at + 1].end
        else:
            open_nodes.append(node.index)
    for node in nodes:
        node.own_end = min(node.own_end, node.end)
    return nodes


def _level(block: Block, follower: Block | None, data: bytes) -> tuple[int, list[Piece]]:
    if block.kind is BlockKind.HEADING:
        return block.level, block.pieces
    if block.kind is BlockKind.PARAGRAPH and follower is not None and follower.kind is BlockKind.LIST:
        line = last_line(block.pieces)
        marked = marked_text(line, data)
        if line and _full_bold(marked):
            return BOLD_LEVEL, line
        text = plain_text(marked)
        if len(text) < _LONGEST_LABEL and text.endswith((":", "：")) and CRITERIA.search(_folded(text)):
            return _LABEL_LEVEL, line
    return 0, []


def _speaks_of_one_list(name: str) -> bool:
    """Whether a bold line says what its list is, rather than naming a part of the plan.

    "**Exit criteria:**" speaks of the list below it and not of what comes after that.
    """
    folded = _folded(name)
    return CRITERIA.search(folded) is not None or _setting(folded) is not Setting.PLAN


def last_line(pieces: list[Piece]) -> list[Piece]:
    """The inline content of a paragraph's last line."""
    for at in range(len(pieces) - 1, -1, -1):
        if pieces[at][0] is PieceKind.BREAK:
            return pieces[at + 1 :]
    return pieces


def _full_bold(marked: str) -> bool:
    """Whether everything that a line says is bold; pictographs and a final colon aside."""
    if BOLD not in marked:
        return False
    depth = 0
    bold = False
    for char in marked:
        if char == BOLD:
            depth += 1
        elif char == BOLD_END:
            depth -= 1
        elif depth and not char.isspace():
            bold = True
        elif not (char.isspace() or is_emoji(char) or char in ":：\ufe0e\ufe0f\u200d"):
            return False
    return bold and bool(plain_text(marked))


def _folded(name: str) -> str:
    return name.casefold().strip(" :.：")


def _classify(node: Node, parent: Node) -> None:
    name = _folded(node.reading.name)
    node.criteria = parent.criteria or CRITERIA.search(name) is not None
    node.future = FUTURE.search(name) is not None or (
        node.reading.status is not None and node.reading.status.value == "future"
    )
    node.setting = parent.setting if parent.setting is not Setting.PLAN else _setting(name)


def _setting(name: str) -> Setting:
    for setting, pattern in _SETTINGS:
        if pattern.fullmatch(name):
            return setting
    return Setting.PLAN


_SETTINGS = (
    (Setting.LEGEND, LEGEND),
    (Setting.HISTORY, HISTORY),
    (Setting.OUTSIDE, OUTSIDE),
    (Setting.GUIDE, GUIDE),
)
