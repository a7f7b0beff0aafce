"""Which stage is which milestone's: by name, by id, by what it holds, by number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from syncer.model.document import Document, Stage
from syncer.model.fields import Field
from syncer.model.identity import Uid
from syncer.model.ledger import Binding, StageAnchor, StageBinding
from syncer.model.plan import ItemKey, StageKey


@dataclass(frozen=True, slots=True)
class StageMatch:
    """A stage's binding, and how it was found: ``""`` where nothing changed."""

    stage: StageKey
    how: str = ""


def anchor_of_stage(document: Document, stage: Stage) -> StageAnchor:
    """Where a stage is and what it is called."""
    return StageAnchor(document.path, stage.name, stage.kind_word, stage.number, stage.id, stage.line)


def match_stages(
    documents: Mapping[str, Document],
    bindings: Iterable[StageBinding],
    items: Mapping[Uid, ItemKey],
    item_bindings: Mapping[Uid, Binding],
) -> dict[Uid, StageMatch]:
    """Find every stage binding's stage.

    A renamed stage keeps its milestone. What it holds tells more than its number: when phases are
    renumbered, the one that holds Phase 2's items is the old Phase 2, whatever it is called now.

    Args:
        documents: the roadmaps as they are.
        bindings: all stage bindings.
        items: the items that were matched, by binding.
        item_bindings: their bindings, whose base names the stage they were in.
    """
    free: dict[StageKey, Stage] = {
        StageKey(path, stage.index): stage
        for path, document in documents.items()
        for stage in document.stages
    }
    open_bindings = {binding.uid: binding for binding in bindings}
    found: dict[Uid, StageMatch] = {}

    def pair(uid: Uid, key: StageKey, how: str = "") -> None:
        found[uid] = StageMatch(key, how)
        del free[key]
        del open_bindings[uid]

    same = {(key.path, stage.name, stage.id): key for key, stage in free.items()}
    for uid, binding in sorted(open_bindings.items()):
        key = same.get((binding.anchor.path, binding.anchor.name, binding.anchor.id))
        if key is not None and key in free:
            pair(uid, key)
    by_id = {(key.path, stage.id): key for key, stage in free.items() if stage.id is not None}
    for uid, binding in sorted(open_bindings.items()):
        anchor = binding.anchor
        key = by_id.get((anchor.path, anchor.id)) if anchor.id is not None else None
        if key is not None and key in free:
            pair(uid, key, "renamed")
    shares = _shares(documents, items, item_bindings)
    for score, uid, key in _ranked(open_bindings, free, shares):
        if uid in open_bindings and key in free and score >= 50:
            how = "renamed" if key.path == open_bindings[uid].anchor.path else "moved to another file"
            pair(uid, key, how)
    return found


def _shares(
    documents: Mapping[str, Document], items: Mapping[Uid, ItemKey], bindings: Mapping[Uid, Binding]
) -> dict[tuple[Uid, StageKey], float]:
    """How much of what a stage held stands in each stage now, 0 to 1."""
    held: Counter[Uid] = Counter()
    now: Counter[tuple[Uid, StageKey]] = Counter()
    for uid, key in items.items():
        stage_uid = settled_stage(bindings[uid])
        if stage_uid is None:
            continue
        held[stage_uid] += 1
        stage = documents[key.path].entry(key.index).stage
        if stage is not None:
            now[stage_uid, StageKey(key.path, stage)] += 1
    return {pair: count / held[pair[0]] for pair, count in now.items()}


def settled_stage(binding: Binding) -> Uid | None:
    """The stage that an item was in when it was last settled."""
    for fields in binding.base.values():
        base = fields.get(Field.STAGE)
        if base is not None and isinstance(base.roadmap, str):
            return Uid(base.roadmap)
    return None


def _ranked(
    bindings: Mapping[Uid, StageBinding],
    free: Mapping[StageKey, Stage],
    shares: Mapping[tuple[Uid, StageKey], float],
) -> list[tuple[float, Uid, StageKey]]:
    ranked: list[tuple[float, Uid, StageKey]] = []
    for uid, binding in bindings.items():
        for key, stage in free.items():
            score = _score(binding.anchor, key, stage, shares.get((uid, key), 0.0))
            if score > 0:
                ranked.append((score, uid, key))
    ranked.sort(key=lambda entry: (-entry[0], entry[1], entry[2].path, entry[2].index))
    return ranked


def _score(anchor: StageAnchor, key: StageKey, stage: Stage, share: float) -> float:
    """How likely a stage is the one that was bound, 0 to about 200."""
    score = 120 * share
    same_file = key.path == anchor.path
    if stage.name == anchor.name:
        score += 80
    elif _rest(stage.name, stage.number) and _rest(stage.name, stage.number) == _rest(
        anchor.name, anchor.number
    ):
        score += 60
    elif same_file:
        alike = fuzz.ratio(stage.name.casefold(), anchor.name.casefold())
        if alike >= 70:
            score += alike / 2
        if anchor.number is not None and (anchor.kind_word, anchor.number) == (stage.kind_word, stage.number):
            score += 52
    return score if same_file or share >= 0.5 or stage.name == anchor.name else 0.0


def _rest(name: str, number: str | None) -> str:
    """A name without its kind word and number."""
    if number is None:
        return ""
    _head, found, tail = name.partition(number)
    return tail.strip(" :.-–—").casefold() if found else ""
