"""Sections and stages: which heading contains what, and which headings play the part of milestones."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum

from syncer.model.document import Span
from syncer.roadmap.headings import (
    HeadingReading,
    StageName,
    fold_key,
    is_stage_like,
    read_heading,
    read_stage_name,
)
from syncer.roadmap.inline import marked_text, plain_text
from syncer.roadmap.lines import Lines
from syncer.roadmap.pieces import BOLD, BOLD_END, Piece, PieceKind
from syncer.roadmap.scan import Block, BlockKind, Scan
from syncer.roadmap.stagewords import (
    CRITERIA,
    FUTURE,
    GUIDE,
    HISTORY,
    LEGEND,
    NOT_A_STAGE,
    OUTSIDE,
    WRAPPERS,
)
from syncer.roadmap.words import is_emoji

BOLD_LEVEL = 7
"""A full-bold line that heads a list stands below every heading."""

_LABEL_LEVEL = 8

IGNORE = re.compile(rb"<!--\s*syncer:\s*ignore\s*-->")
_BRACKETS = re.compile(r"[(（]([^()（）]*)[)）]")


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


@dataclass(slots=True)
class StageSeed:
    """What is known about a stage before its items are counted.

    Args:
        nodes: the headings that are this stage, the first one first.
        row: index into the milestone rows.
    """

    nodes: list[int] = field(default_factory=list)
    row: int | None = None


class HeadingIndex:
    """Finds the headings that are one stage with a name, without looking at every heading."""

    def __init__(self, nodes: list[Node]) -> None:
        self._by_key: dict[object, list[Node]] = {}
        for node in nodes[1:]:
            if node.level >= BOLD_LEVEL:
                continue
            for key in _heading_keys(node):
                self._by_key.setdefault(key, []).append(node)
        self._initials = {key[0] for key in self._by_key if isinstance(key, str)}

    def may_match(self, title: str) -> bool:
        """Whether any heading begins as a title does. Cheap; a yes is not a match."""
        return title[:1].casefold() in self._initials

    def matching(self, name: StageName, title: str) -> list[Node]:
        """Headings that :func:`same_stage` holds for, in document order."""
        keys: list[object] = [fold_key(title)]
        if name.number:
            keys.append((name.kind, name.number))
        found = {node.index: node for key in keys if key for node in self._by_key.get(key, ())}
        return [found[index] for index in sorted(found) if same_stage(found[index], name, title)]


def _heading_keys(node: Node) -> set[object]:
    full = node.reading.name
    texts = [full, _BRACKETS.sub(" ", full), *_BRACKETS.findall(full)]
    keys: set[object] = {key for text in texts if (key := fold_key(text))}
    if node.name.number:
        keys.add((node.name.kind, node.name.number))
    return keys


class Outline:
    """The tree of a file's headings."""

    def __init__(self, scan: Scan, data: bytes, lines: Lines) -> None:
        self._data = data
        self.nodes = _nodes(scan, data, lines)
        self._starts = [node.start for node in self.nodes]
        self.stages: list[StageSeed] = []
        self.title: int | None = None
        self.headings = HeadingIndex(self.nodes)
        self._seed_of: dict[int, StageSeed] = {}
        for node in self.nodes[1:]:
            _classify(node, self.nodes[node.parent])
        for block in scan.blocks:
            if block.kind is BlockKind.HTML and IGNORE.search(data, block.start, block.end):
                node = self.nodes[self.at(block.start)]
                self._ignore(node.index)

    def at(self, offset: int) -> int:
        """The innermost section that an offset lies in."""
        index = bisect_right(self._starts, offset) - 1
        while index > 0 and self.nodes[index].end <= offset:
            index = self.nodes[index].parent
        return index

    def count_item(self, offset: int) -> None:
        """Note that an item stands at an offset."""
        node = self.nodes[self.at(offset)]
        node.own_items += 1
        while True:
            node.items += 1
            if node.parent < 0:
                return
            node = self.nodes[node.parent]

    def settle(self, row_names: list[StageName], row_titles: list[str], overview: list[str]) -> None:
        """Decide which headings are stages, once all items were counted.

        Args:
            row_names: kind and number of each milestone row.
            row_titles: name of each milestone row.
            overview: names in an overview checklist.
        """
        self.title = self._find_title()
        named = [*zip(row_names, row_titles, strict=True)]
        named += [(read_stage_name(text), text) for text in overview]
        wanted = {
            node.index
            for name, title in named
            for node in self.headings.matching(name, title)
            if node.index != self.title
        }
        chosen = self._choose_stages(wanted)
        self._merge_stages(chosen)
        for row, (name, title) in enumerate(zip(row_names, row_titles, strict=True)):
            self._attach_row(row, name, title)
        for number, seed in enumerate(self.stages):
            for index in seed.nodes:
                self._inherit(index, number)
        for node in self.nodes[1:]:
            node.left_out = node.index == self.title or self._is_wrapper(node)

    def segments(self, index: int) -> tuple[str, ...]:
        """The reference's segments of a section: the stage first, then what lies below it."""
        chain: list[Node] = []
        node = self.nodes[index]
        while node.level:
            chain.append(node)
            node = self.nodes[node.parent]
        chain.reverse()
        stage_at = next(
            (at for at, link in enumerate(chain) if link.stage is not None and self._heads_stage(link)), None
        )
        names = [link for link in chain if not link.left_out]
        if stage_at is not None:
            stage_node = chain[stage_at]
            above = [link for link in chain[:stage_at] if not link.left_out]
            below = [link for link in chain[stage_at + 1 :] if not link.left_out]
            names = [stage_node, *above, *below]
            first = self.nodes[self.stages[stage_node.stage or 0].nodes[0]]
            return (
                first.reading.name,
                *(link.reading.name for link in names[1:] if link.reading.name),
            )
        return tuple(link.reading.name for link in names if link.reading.name)

    def in_criteria(self, index: int) -> bool:
        """Whether a section, or one that encloses it, lists criteria."""
        return self.nodes[index].criteria

    def setting(self, index: int) -> Setting:
        """Why the lists of a section are no plan, if so."""
        return self.nodes[index].setting

    def name_span(self, index: int) -> Span:
        """The bytes of a heading's name."""
        node = self.nodes[index]
        return Span(node.start, node.body)

    # -- stages --------------------------------------------------------------------------------------

    def _upwards(self, index: int) -> list[Node]:
        found = []
        while index > 0:
            node = self.nodes[index]
            found.append(node)
            index = node.parent
        return found

    def _heads_stage(self, node: Node) -> bool:
        return node.stage is not None and node.index in self.stages[node.stage].nodes

    def _ignore(self, index: int) -> None:
        self.nodes[index].setting = Setting.IGNORED
        for child in self.nodes[index].children:
            self._ignore(child)

    def _find_title(self) -> int | None:
        """The document's title: a first heading of level 1 beside which no other one holds items."""
        if len(self.nodes) < 2 or self.nodes[1].level != 1:
            return None
        others = [node for node in self.nodes[2:] if node.level == 1 and node.items]
        return None if others else 1

    def _choose_stages(self, wanted: set[int]) -> list[int]:
        headings = [node for node in self.nodes[1:] if node.level < BOLD_LEVEL and node.index != self.title]
        like = [node for node in headings if node.index in wanted or is_stage_like(node.reading.name)]
        levels: dict[int, int] = {}
        for node in like:
            if not self._excluded(node) or node.index in wanted:
                levels[node.level] = levels.get(node.level, 0) + 1
        level = min((number for number, count in levels.items() if count >= 2), default=None)
        chosen: list[int] = []
        parents = {node.parent for node in like if node.level == level}
        for node in headings:
            if node.index in wanted:
                chosen.append(node.index)
            elif node.level == level and node.items and self.setting(node.index) is Setting.PLAN:
                numbered = node.name.number and node.name.keyed
                if (
                    (numbered and not node.criteria)
                    or (is_stage_like(node.reading.name) and not self._excluded(node))
                    or (node.parent in parents and not self._excluded(node))
                ):
                    chosen.append(node.index)
        # A stage inside a stage is a section of it.
        among = set(chosen)
        return [
            index
            for index in chosen
            if not any(above.index in among for above in self._upwards(self.nodes[index].parent))
        ]

    def _excluded(self, node: Node) -> bool:
        """Whether a heading of the stage level is named for something else than a part of the plan."""
        if node.criteria or node.setting is not Setting.PLAN or node.future:
            return True
        name = node.reading.name.casefold().strip(" :.")
        return NOT_A_STAGE.fullmatch(name) is not None or WRAPPERS.fullmatch(name) is not None

    def _merge_stages(self, chosen: list[int]) -> None:
        by_key: dict[object, StageSeed] = {}
        for index in chosen:
            node = self.nodes[index]
            keys: list[object] = [fold_key(node.reading.name)]
            if node.name.number and node.name.keyed:
                keys.append((node.name.kind, node.name.number))
            seed = next((by_key[key] for key in keys if key in by_key), None)
            if seed is None:
                seed = StageSeed()
                self.stages.append(seed)
            seed.nodes.append(index)
            self._seed_of[index] = seed
            for key in keys:
                by_key.setdefault(key, seed)

    def _attach_row(self, row: int, name: StageName, title: str) -> None:
        for node in self.headings.matching(name, title):
            seed = self._seed_of.get(node.index)
            if seed is not None and seed.row is None:
                seed.row = row
                return
        self.stages.append(StageSeed(row=row))

    def _inherit(self, index: int, stage: int) -> None:
        self.nodes[index].stage = stage
        for child in self.nodes[index].children:
            self._inherit(child, stage)

    def _is_wrapper(self, node: Node) -> bool:
        """Whether a heading holds nothing but stages, and leaving it out keeps names distinct."""
        if node.stage is not None or not node.children:
            return False
        below = [self.nodes[child] for child in node.children]
        staged = [child for child in below if child.stage is not None]
        if not staged or node.own_items or any(child.items for child in below if child.stage is None):
            return False
        return all(len(self.stages[child.stage].nodes) == 1 for child in staged if child.stage is not None)


def same_stage(node: Node, name: StageName, title: str) -> bool:
    """Whether a heading and another name (of a row, of an overview checkbox) are one stage.

    "Phase 7" is none of "Post-Phase 7", "Phase 7.1" and "Phase 7 Summary".
    """
    mine = node.name
    if mine.number and name.number:
        if (mine.kind, mine.number) != (name.kind, name.number):
            return False
        if mine.keyed and name.keyed:
            return True
        return fold_key(mine.rest) == fold_key(name.rest)
    key = fold_key(title)
    if not key:
        return False
    full = node.reading.name
    if fold_key(full) == key:
        return True
    inner = _BRACKETS.findall(full)
    without = _BRACKETS.sub(" ", full)
    return any(fold_key(part) == key for part in [*inner, without] if part.strip())


def _nodes(scan: Scan, data: bytes, lines: Lines) -> list[Node]:
    empty = read_heading("")
    nodes = [
        Node(0, 0, 0, 0, 0, len(data), len(data), -1, "", [], empty, StageName("", "", "", keyed=False)),
    ]
    # The file itself starts before its first byte, so that a heading at offset 0 comes after it.
    nodes[0].start = -1
    open_nodes = [0]
    for block, follower in zip(scan.blocks, [*scan.blocks[1:], None], strict=True):
        level, pieces = _heading_level(block, follower, data)
        if level == 0:
            continue
        while nodes[open_nodes[-1]].level >= level:
            nodes[open_nodes.pop()].end = block.start
        parent = nodes[open_nodes[-1]]
        marked = marked_text(pieces, data)
        if level >= BOLD_LEVEL:
            marked = marked.rstrip().rstrip(":：")
        reading = read_heading(marked)
        node = Node(
            index=len(nodes),
            level=level,
            line=lines.number(pieces[0][2] if pieces else block.start),
            start=block.start,
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
            parent.own_end = block.start
        nodes.append(node)
        if level == _LABEL_LEVEL and follower is not None:
            # "Exit criteria:" speaks of the one list below it, not of what comes after.
            node.end = node.own_end = follower.end
        else:
            open_nodes.append(node.index)
    for node in nodes:
        node.own_end = min(node.own_end, node.end)
    return nodes


def _heading_level(block: Block, follower: Block | None, data: bytes) -> tuple[int, list[Piece]]:
    if block.kind is BlockKind.HEADING:
        return block.level, block.pieces
    if block.kind is BlockKind.PARAGRAPH and follower is not None and follower.kind is BlockKind.LIST:
        line = last_line(block.pieces)
        marked = marked_text(line, data)
        if line and _full_bold(marked):
            return BOLD_LEVEL, line
        text = plain_text(marked)
        if len(text) < 80 and text.endswith((":", "：")) and CRITERIA.search(text[:-1].casefold()):
            return _LABEL_LEVEL, line
    return 0, []


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


def _classify(node: Node, parent: Node) -> None:
    name = node.reading.name.casefold().strip(" :.")
    node.criteria = parent.criteria or CRITERIA.search(name) is not None
    node.future = FUTURE.search(name) is not None or (
        node.reading.status is not None and node.reading.status.value == "future"
    )
    if parent.setting is not Setting.PLAN:
        node.setting = parent.setting
    elif LEGEND.fullmatch(name):
        node.setting = Setting.LEGEND
    elif HISTORY.search(name):
        node.setting = Setting.HISTORY
    elif OUTSIDE.match(name):
        node.setting = Setting.OUTSIDE
    elif GUIDE.match(name):
        node.setting = Setting.GUIDE
