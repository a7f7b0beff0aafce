"""Ids at the start of an item's text: ``AUD-01:``, ``[T-001]``, ``**1.2**``, ``T001``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from syncer.roadmap.pieces import BOLD, BOLD_END, STRUCK

_HYPHENATED = r"[A-Z]{1,10}(?:[-_][A-Z0-9]{1,8}){0,3}[-_]\d{1,6}(?:\.\d+)*[a-z]?"
_JOINED = r"[A-Z]{1,6}\d{1,6}(?:\.\d+)*[a-z]?"
_NUMERIC = r"\d{1,4}(?:[.-]\d{1,4}){1,4}"
_ID = re.compile(
    rf"[\s{STRUCK}]*(?P<bold>{BOLD}\s*)?(?P<open>[\[(])?(?P<id>{_HYPHENATED}|{_JOINED}|{_NUMERIC})(?P<shut>[\])])?"
    rf"(?P<inner>\s*:)?(?P<bold_end>\s*{BOLD_END})?(?P<sep>\s*[:.)]|\s+[-–—|])?(?:\s+|$)"
)
_PRIORITY = re.compile(r"P[0-9]|S[0-9]|Q[1-4]|H[1-6]")
_IS_JOINED = re.compile(_JOINED)
_DIGITS = re.compile(r"\d+")
_FAMILY = 3
"""So many different ids of one kind prove each other."""


@dataclass(frozen=True, slots=True)
class IdGuess:
    """Something at a line's start that may be an id.

    Args:
        id: as written.
        end: how many characters of the line it takes, separator included.
        certain: its form alone proves it; otherwise the rest of the file has to.
    """

    id: str
    end: int
    certain: bool


def guess_id(marked: str) -> IdGuess | None:
    """Look for an id at the start of a line.

    ``AUD-01:``, ``**AUD-01**``, ``[T-001]`` and ``01-02:`` prove themselves. ``T001 text``,
    ``AES-256-GCM`` and ``1.2 text`` do not: whether they are ids, their neighbours have to tell.
    """
    if marked[:1].islower():
        return None
    match = _ID.match(marked)
    if match is None or _PRIORITY.fullmatch(match["id"]):
        return None
    bracketed = bool(match["open"] and match["shut"])
    if bool(match["open"]) != bool(match["shut"]):
        return None
    bold = bool(match["bold"] and match["bold_end"])
    colon = bool(match["inner"] or (match["sep"] or "").strip() == ":")
    identifier = match["id"]
    if match["bold"] and not match["bold_end"]:
        # The bold run goes on over the title; the id stands inside it.
        if not colon and not match["sep"]:
            return IdGuess(identifier, match.end(), certain=False)
        bold = False
    certain = bracketed or bold or colon
    if _IS_JOINED.fullmatch(identifier) is not None and not bracketed and not bold:
        certain = colon and sum(char.isdigit() for char in identifier) >= 3
    return IdGuess(identifier, match.end(), certain)


def proven_ids(guesses: Mapping[int, IdGuess]) -> dict[int, IdGuess]:
    """Those guesses that are ids: by their own form, or because three or more of one kind all differ."""
    families: dict[str, dict[str, int]] = {}
    for guess in guesses.values():
        family = families.setdefault(_family(guess.id), {})
        family[guess.id] = family.get(guess.id, 0) + 1
    convincing = {
        name for name, family in families.items() if len(family) >= _FAMILY and max(family.values()) == 1
    }
    return {
        index: guess for index, guess in guesses.items() if guess.certain or _family(guess.id) in convincing
    }


def _family(identifier: str) -> str:
    if identifier[0].isdigit():
        return _DIGITS.sub("0", identifier)
    return _DIGITS.split(identifier, maxsplit=1)[0]
