"""Repeat loops: a stage that is gone through several times, such as RC1 to RC6.

A range in a name alone is none ("Phases 2–4" are three phases). The name, or what stands under it, has to
say that something is repeated.
"""

from __future__ import annotations

import re

_RANGE = re.compile(
    r"(?<![\w.])(?P<word>[A-Za-z]{1,12}[ #-]?)(?P<first>\d{1,3})\s*(?:-|–|—|…|\.\.\.?|to|through|до|bis)\s*"
    r"(?:(?P<again>[A-Za-z]{1,12}[ #-]?))?(?P<last>\d{1,3})(?![\w.])"
)
_SAYS_SO = re.compile(
    r"\b(?:repeat(?:ed|s)?\b(?! customers?)|per iteration|each iteration|every iteration|applies to each"
    r"|for each|\w+ (?:loop|cycle)\b|(?:loop|cycle)s?\b|повтор\w*|wiederhol\w*|répét\w*|repetir)",
    re.IGNORECASE,
)
_MOST = 24


def iterations(name: str, text: str) -> tuple[str, ...]:
    """The iterations of a stage, by name, in order; nothing where it is no loop.

    Args:
        name: of the stage.
        text: everything that stands under its heading, or beside it.
    """
    match = _RANGE.search(name)
    if match is None:
        return ()
    word, again = match["word"], match["again"]
    if again is not None and again.strip(" #-").casefold() != word.strip(" #-").casefold():
        return ()
    first, last = int(match["first"]), int(match["last"])
    if not 0 < last - first < _MOST or _SAYS_SO.search(f"{name}\n{text}") is None:
        return ()
    return tuple(f"{word}{number}" for number in range(first, last + 1))
