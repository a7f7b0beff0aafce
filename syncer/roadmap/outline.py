"""Which headings, rows and overview checkboxes play the part of milestones, and what belongs to them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from syncer.roadmap.lines import Lines
from syncer.roadmap.sections import BOLD_LEVEL, IGNORE, Node, Setting, ignore_section, read_sections
from syncer.roadmap.stagenames import StageName, fold_key, is_plainly_a_stage, is_stage_like
from syncer.roadmap.stagewords import NOT_A_STAGE, WRAPPERS
from syncer.roadmap.structure import BlockKind, Scan

_BRACKETS = re.compile(r"[(（]([^()（）]*)[)）]")


class Named(NamedTuple):
    """A stage's name as some place writes it, taken apart and whole."""

    name: StageName
    title: str


@dataclass(slots=True)
class StageSeed:
    """What is known about a stage before its items are counted.

    Args:
        nodes: the headings that are this stage, the first one first.
        row: index into the milestone rows.
        overview: index into the overview checkboxes.
    """

    nodes: list[int] = field(default_factory=list)
    row: int | None = None
    overview: int | None = None


class HeadingIndex:
    """Finds the headings that are one stage with a name, without looking at every heading."""

    def __init__(self, nodes: list[Node]) -> None:
        self._by_key: dict[object, list[Node]] = {}
        for node in nodes[1:]:
            if node.level >= BOLD_LEVEL:
                continue
            for key in _heading_keys(node):
                self._by_key.setdefault(key, []).append(node)
        self.keys = self._by_key.keys()

    def matching(self, named: Named) -> list[Node]:
        """Headings that :func:`same_stage` holds for, in document order."""
        found = {node.index: node for key in name_keys(named) for node in self._by_key.get(key, ())}
        return [found[index] for index in sorted(found) if same_stage(found[index], named)]


def _heading_keys(node: Node) -> set[object]:
    full = node.reading.name
    texts = [full, _BRACKETS.sub(" ", full), *_BRACKETS.findall(full)]
    keys: set[object] = {key for text in texts if (key := fold_key(text))}
    if node.name.number:
        keys.add((node.name.kind, node.name.number))
    return keys


class Outline:
    """The tree of a file's headings, and the stages in it."""

    def __init__(self, scan: Scan, data: bytes, lines: Lines) -> None:
        self.nodes = read_sections(scan, data, lines)
        self._starts = [node.start for node in self.nodes]
        self.stages: list[StageSeed] = []
        self.title: int | None = None
        self.headings = HeadingIndex(self.nodes)
        self._seed_of: dict[int, StageSeed] = {}
        # The section asked for last: most questions are about the same one.
        self._recent = (0, 0, 0)
        for block in scan.blocks:
            if block.kind is BlockKind.HTML and IGNORE.search(data, block.start, block.end):
                ignore_section(self.nodes, self.at(block.start))

    def at(self, offset: int) -> int:
        """The innermost section that an offset lies in."""
        first, last, index = self._recent
        if first <= offset < last:
            return index
        at = index = bisect_right(self._starts, offset) - 1
        while index > 0 and self.nodes[index].end <= offset:
            index = self.nodes[index].parent
        if at == index:
            following = self._starts[at + 1] if at + 1 < len(self._starts) else self.nodes[0].end
            self._recent = (self._starts[at], min(following, self.nodes[at].end), at)
        return index

    def count_items(self, index: int, count: int) -> None:
        """Note that so many items stand in a section."""
        node = self.nodes[index]
        node.own_items += count
        while True:
            node.items += count
            if node.parent < 0:
                return
            node = self.nodes[node.parent]

    def settle(self, rows: Sequence[Named], overviews: Sequence[Named], hints: Sequence[Named] = ()) -> None:
        """Decide what is a stage, once all items were counted.

        Args:
            rows: the names of the milestone rows.
            overviews: the names in overview checklists.
            hints: what the rows of other tables name as their stage.
        """
        self.title = self._find_title()
        wanted = {
            node.index
            for named in [*rows, *overviews, *(hint for hint in hints if hint.name.number)]
            for node in self.headings.matching(named)
            if node.index != self.title
        }
        chosen = self._choose_stages(wanted, alone=not rows and not overviews)
        self._merge_stages(chosen)
        for row, named in enumerate(rows):
            self._attach_row(row, named)
        by_row = _rows_by_key(self.stages, rows)
        for overview, named in enumerate(overviews):
            self._attach_overview(overview, named, rows, by_row)
        for number, seed in enumerate(self.stages):
            for index in seed.nodes:
                self._inherit(index, number)
        for node in self.nodes[1:]:
            node.left_out = (node.index == self.title and node.stage is None) or self._is_wrapper(node)

    def segments(self, index: int) -> tuple[str, ...]:
        """The reference's segments of a section: the stage first, then what lies below it.

        What stands above a stage is named only where several headings are one stage and have to be
        told apart.
        """
        chain: list[Node] = []
        node = self.nodes[index]
        while node.level:
            chain.append(node)
            node = self.nodes[node.parent]
        chain.reverse()
        stage_at = next((at for at, link in enumerate(chain) if self._heads_stage(link)), None)
        if stage_at is None:
            return tuple(link.reading.name for link in chain if not link.left_out and link.reading.name)
        seed = self.stages[chain[stage_at].stage or 0]
        below = [link for link in chain[stage_at + 1 :] if not link.left_out]
        above = [link for link in chain[:stage_at] if not link.left_out] if len(seed.nodes) > 1 else []
        first = self.nodes[seed.nodes[0]]
        return (first.reading.name, *(link.reading.name for link in [*above, *below] if link.reading.name))

    def in_criteria(self, index: int) -> bool:
        """Whether a section, or one that encloses it, lists criteria."""
        return self.nodes[index].criteria

    def setting(self, index: int) -> Setting:
        """Why the lists of a section are no plan, if so."""
        return self.nodes[index].setting

    # -- stages --------------------------------------------------------------------------------------

    def _ancestors(self, index: int) -> Iterable[Node]:
        while index > 0:
            node = self.nodes[index]
            yield node
            index = node.parent

    def _heads_stage(self, node: Node) -> bool:
        return node.stage is not None and node.index in self.stages[node.stage].nodes

    def _find_title(self) -> int | None:
        """The document's title: a first heading of level 1 beside which no other one holds items."""
        if len(self.nodes) < 2 or self.nodes[1].level != 1:
            return None
        others = [node for node in self.nodes[2:] if node.level == 1 and node.items]
        return None if others else 1

    def _choose_stages(self, wanted: set[int], *, alone: bool) -> list[int]:
        """The headings that are stages, in document order.

        The stage level is the shallowest one with two stage-like headings, of which one holds items.
        A file with a single stage-like heading has that one, if it can be nothing else.
        """
        headings = [node for node in self.nodes[1:] if node.level < BOLD_LEVEL and node.index != self.title]
        like = {
            node.index
            for node in headings
            if node.index in wanted or (is_stage_like(node.reading.name) and not self._excluded(node))
        }
        level = self._stage_level(like, wanted)
        chosen = set(wanted)
        if level is not None:
            own = [index for index in like if self.nodes[index].level == level and self._plans(index)]
            chosen.update(own)
            chosen.update(self._between(chosen, level))
        elif not chosen:
            chosen.update(self._only_stage(like, alone=alone))
        # A stage inside a stage is a section of it.
        return [
            index
            for index in sorted(chosen)
            if not any(above.index in chosen for above in self._ancestors(self.nodes[index].parent))
        ]

    def _stage_level(self, like: set[int], wanted: set[int]) -> int | None:
        by_level: dict[int, list[Node]] = {}
        for index in like:
            by_level.setdefault(self.nodes[index].level, []).append(self.nodes[index])
        return min(
            (
                level
                for level, nodes in by_level.items()
                if len(nodes) >= 2 and any(node.items or node.index in wanted for node in nodes)
            ),
            default=None,
        )

    def _plans(self, index: int) -> bool:
        """Whether a heading holds items of the plan that are more than criteria."""
        node = self.nodes[index]
        return bool(node.items) and node.setting is Setting.PLAN and not node.criteria

    def _between(self, chosen: set[int], level: int) -> list[int]:
        """Headings of the stage level that stand in the midst of the stages: parts of the same sequence."""
        found: list[int] = []
        for parent in {self.nodes[index].parent for index in chosen if self.nodes[index].level == level}:
            siblings = [child for child in self.nodes[parent].children if self.nodes[child].level == level]
            places = [at for at, child in enumerate(siblings) if child in chosen]
            found.extend(
                child
                for child in siblings[places[0] : places[-1]]
                if child not in chosen and self._plans(child) and not self._excluded(self.nodes[child])
            )
        return found

    def _only_stage(self, like: set[int], *, alone: bool) -> list[int]:
        plain = [
            index
            for index in sorted(like)
            if self._plans(index) and is_plainly_a_stage(self.nodes[index].reading.name)
        ]
        if plain:
            level = min(self.nodes[index].level for index in plain)
            return [index for index in plain if self.nodes[index].level == level]
        if self.title is not None and alone:
            title = self.nodes[self.title]
            if (
                title.name.number
                and title.name.keyed
                and title.name.kind != "version"
                and self._plans(self.title)
            ):
                return [self.title]
        return []

    def _excluded(self, node: Node) -> bool:
        """Whether a heading of the stage level is named for something else than a part of the plan."""
        if node.setting is not Setting.PLAN or node.criteria:
            return True
        if node.name.number and node.name.keyed:
            return False
        name = node.reading.name.casefold().strip(" :.")
        return node.future or NOT_A_STAGE.fullmatch(name) is not None or WRAPPERS.fullmatch(name) is not None

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

    def _attach_row(self, row: int, named: Named) -> None:
        for node in self.headings.matching(named):
            seed = self._seed_of.get(node.index)
            if seed is not None and seed.row is None:
                seed.row = row
                return
        self.stages.append(StageSeed(row=row))

    def _attach_overview(
        self, overview: int, named: Named, rows: Sequence[Named], by_row: dict[object, list[StageSeed]]
    ) -> None:
        seeds = [
            self._seed_of[node.index] for node in self.headings.matching(named) if node.index in self._seed_of
        ]
        for key in name_keys(named):
            seeds += [seed for seed in by_row.get(key, ()) if same_name(rows[seed.row or 0], named)]
        for seed in seeds:
            if seed.overview is None:
                seed.overview = overview
                return
        if not seeds:
            self.stages.append(StageSeed(overview=overview))

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


def name_keys(named: Named) -> list[object]:
    """What a name can be found by: its folded text, and kind and number if it has them."""
    keys: list[object] = [fold_key(named.title)]
    if named.name.number:
        keys.append((named.name.kind, named.name.number))
    return [key for key in keys if key]


def _rows_by_key(stages: Sequence[StageSeed], rows: Sequence[Named]) -> dict[object, list[StageSeed]]:
    found: dict[object, list[StageSeed]] = {}
    for seed in stages:
        if seed.row is not None:
            for key in name_keys(rows[seed.row]):
                found.setdefault(key, []).append(seed)
    return found


def same_stage(node: Node, named: Named) -> bool:
    """Whether a heading and another name (of a row, of an overview checkbox) are one stage.

    "Phase 7" is none of "Post-Phase 7", "Phase 7.1" and "Phase 7 Summary".
    """
    verdict = _same_number(node.name, named.name)
    if verdict is not None:
        return verdict
    key = fold_key(named.title)
    if not key:
        return False
    full = node.reading.name
    if fold_key(full) == key:
        return True
    inner = _BRACKETS.findall(full)
    without = _BRACKETS.sub(" ", full)
    return any(fold_key(part) == key for part in [*inner, without] if part.strip())


def same_name(one: Named, other: Named) -> bool:
    """Whether two names that stand in no heading are one stage's."""
    verdict = _same_number(one.name, other.name)
    if verdict is not None:
        return verdict
    key = fold_key(one.title)
    return bool(key) and key == fold_key(other.title)


def _same_number(one: StageName, other: StageName) -> bool | None:
    if not one.number or not other.number:
        return None
    if (one.kind, one.number) != (other.kind, other.number):
        return False
    if one.keyed and other.keyed:
        return True
    return fold_key(one.rest) == fold_key(other.rest)
