"""Fuzzy pairing: similarity, uniqueness and margin, all three, or no pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

CUTOFF = 40.0
"""Below this similarity two texts are never looked at again."""


_ALIKE = 80.0
"""From this similarity on, two words count as one word that was typed in two ways."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """The outcome of pairing two sets of texts.

    Args:
        pairs: (left, right, score) where both are each other's clear best.
        unclear: (left, right, score) that are similar enough but not unique enough.
    """

    pairs: tuple[tuple[int, int, float], ...]
    unclear: tuple[tuple[int, int, float], ...]


def similarity(left: str, right: str) -> float:
    """How alike two texts are, 0 to 100: letters in order, or words in any order."""
    one, other = utils.default_process(left), utils.default_process(right)
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other) - 2.0)


def words_kept(left: str, right: str) -> float:
    """Which share of the words two texts have in common, 0 to 1; a word with a typo counts as the same."""
    ones, others = utils.default_process(left).split(), utils.default_process(right).split()
    if not ones or not others:
        return 0.0
    rest, missing = list(others), []
    for word in ones:
        if word in rest:
            rest.remove(word)
        else:
            missing.append(word)
    kept = len(ones) - len(missing)
    for word in missing:
        found = process.extractOne(word, rest, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        if found is not None:
            rest.pop(found[2])
            kept += 1
    return 2 * kept / (len(ones) + len(others))


def distinctness(text: str, others: Sequence[str], but: str) -> float:
    """How alike a text is to the most similar one of others, one occurrence of ``but`` left out, 0 to 100.

    What is no more alike to its supposed counterpart than to some line that certainly is another one says
    nothing about identity: the roadmap is written in phrases that repeat.
    """
    best = 0.0
    skipped = False
    one = utils.default_process(text)
    for found, score, _at in process.extract(
        one, others, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=CUTOFF, limit=3
    ):
        if found == but and not skipped:
            skipped = True
            continue
        best = max(best, score)
    return best


def pair_up(
    left: Sequence[str],
    right: Sequence[str],
    *,
    threshold: float,
    margin: float,
    bonus: dict[tuple[int, int], float] | None = None,
) -> Pairing:
    """Pair texts that are each other's clear best.

    Args:
        left: texts of one side.
        right: texts of the other.
        threshold: least similarity, 0 to 100.
        margin: by how much a pair must lead every other pair of its two texts.
        bonus: added to the similarity of a pair for evidence beside the text.
    """
    scores = _scores(left, right, bonus or {}, threshold)
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    pairs: list[tuple[int, int, float]] = []
    progress = True
    while progress:
        # A pair that is made removes rivals of others, so a later round may find clear ones.
        progress = False
        rivals_left, rivals_right = _best_two(scores, taken_left, taken_right)
        for (one, other), score in sorted(scores.items(), key=lambda entry: (-entry[1], entry[0])):
            if one in taken_left or other in taken_right or score < threshold:
                continue
            if _leads(rivals_left[one], other, score, margin) and _leads(
                rivals_right[other], one, score, margin
            ):
                pairs.append((one, other, score))
                taken_left.add(one)
                taken_right.add(other)
                progress = True
    unclear = tuple(
        (one, other, score)
        for (one, other), score in sorted(scores.items())
        if score >= threshold and one not in taken_left and other not in taken_right
    )
    return Pairing(tuple(sorted(pairs)), unclear)


def _scores(
    left: Sequence[str], right: Sequence[str], bonus: dict[tuple[int, int], float], threshold: float
) -> dict[tuple[int, int], float]:
    if not left or not right:
        return {}
    ones = [utils.default_process(text) for text in left]
    others = [utils.default_process(text) for text in right]
    most = max(bonus.values(), default=0.0)
    cutoff = max(CUTOFF, threshold - most - 10.0)
    found: dict[tuple[int, int], float] = {}
    for index, one in enumerate(ones):
        for _text, score, other in process.extract(
            one, others, scorer=fuzz.ratio, score_cutoff=cutoff, limit=None
        ):
            found[index, other] = score
        for _text, score, other in process.extract(
            one, others, scorer=fuzz.token_sort_ratio, score_cutoff=cutoff + 2.0, limit=None
        ):
            found[index, other] = max(found.get((index, other), 0.0), score - 2.0)
    return {pair: min(100.0, score + bonus.get(pair, 0.0)) for pair, score in found.items()}


def _best_two(
    scores: dict[tuple[int, int], float], taken_left: set[int], taken_right: set[int]
) -> tuple[dict[int, list[tuple[float, int]]], dict[int, list[tuple[float, int]]]]:
    by_left: dict[int, list[tuple[float, int]]] = {}
    by_right: dict[int, list[tuple[float, int]]] = {}
    for (one, other), score in scores.items():
        if one in taken_left or other in taken_right:
            continue
        by_left.setdefault(one, []).append((score, other))
        by_right.setdefault(other, []).append((score, one))
    for ranked in (*by_left.values(), *by_right.values()):
        ranked.sort(reverse=True)
        del ranked[2:]
    return by_left, by_right


def _leads(ranked: list[tuple[float, int]], candidate: int, score: float, margin: float) -> bool:
    """Whether a candidate leads every rival that is still free by the margin."""
    return all(other == candidate or score - rival >= margin for rival, other in ranked)
