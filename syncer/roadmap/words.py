"""What a short text says about a state, and which word answers which.

A word that is not in the vocabulary is never guessed: the cell is reported and left alone.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from syncer.model.fields import Status
from syncer.roadmap.vocabulary import (
    DONE_ANSWERS,
    GLYPH_DONE,
    GLYPH_OPEN,
    GLYPHS,
    NOT_ALONE,
    OPEN_ANSWERS,
    WORDS,
)

STATUS_GLYPHS = frozenset(GLYPHS)
"""Every glyph that can tell a status, variation selectors aside."""

TELLING_GLYPHS = STATUS_GLYPHS - NOT_ALONE
"""Those that tell a status without a word beside them; the others may be mere decoration."""


def _table(text: str) -> dict[str, str]:
    pairs = (entry.split("=") for entry in text.split("|"))
    return {left.strip(): right.strip() for left, right in pairs}


_ANSWER_DONE = _table(DONE_ANSWERS)
_ANSWER_OPEN = _table(OPEN_ANSWERS)
_BY_WORD: dict[str, Status] = {
    word.strip(): status for status, words in WORDS.items() for word in words.split("|") if word.strip()
}
_SELECTORS = re.compile("[\ufe0e\ufe0f\u200d]")
_MARKUP = re.compile(r"[*_`~]+")
_PERCENT = re.compile(r"(?<![\d.])(\d{1,3})(?:[.,]\d+)?\s*[%٪％]")
_SPACES = re.compile(r"\s+")
# What may follow a status word so that the text still means that word, and more.
_QUALIFIES = re.compile(
    r"^(?:[(\[{;,:.（\-–—/→>+&\d#]|(?:on|since|at|in|by|as|for|until|with|but|and|v\d|q\d)\b)"
)


@dataclass(frozen=True, slots=True)
class StatusReading:
    """What a short text says about a state.

    Args:
        status: the state.
        word: the canonical status word, ``""`` where only a glyph speaks.
        qualified: the text says more than the state.
    """

    status: Status
    word: str
    qualified: bool


def is_emoji(char: str) -> bool:
    """Whether a character is a pictograph or dingbat, as opposed to text or punctuation."""
    code = ord(char)
    if code < 0x2190:
        return False
    return (
        0x1F000 <= code <= 0x1FAFF
        or 0x2600 <= code <= 0x27BF
        or 0x2B00 <= code <= 0x2BFF
        or code in (0x231A, 0x231B, 0x23E9, 0x23EA, 0x23EB, 0x23EC, 0x23F0, 0x23F3)
        or 0x23CF <= code <= 0x23FA
        or 0x25A0 <= code <= 0x25FF
        or 0xE0020 <= code <= 0xE007F
    )


def strip_emoji(text: str) -> str:
    """A text without pictographs and their selectors."""
    if text.isascii():
        return text
    return "".join(char for char in _SELECTORS.sub("", text) if not is_emoji(char))


def canonical_word(text: str) -> str:
    """A text as the vocabulary spells it: no markup, no pictographs, lower case, single blanks."""
    plain = _MARKUP.sub("", strip_emoji(text))
    plain = unicodedata.normalize("NFC", plain).casefold()
    return _SPACES.sub(" ", plain).strip(" \t\r\n.:;!,-–—•·[]()（）")


def word_status(text: str) -> Status | None:
    """The state that a text names if it is exactly one status word (markup and glyphs aside)."""
    return _BY_WORD.get(canonical_word(text))


def glyph_status(text: str) -> Status | None:
    """The state that the first telling glyph of a text shows."""
    for char in _SELECTORS.sub("", text):
        if char in GLYPHS:
            return GLYPHS[char]
    return None


def read_status(text: str) -> StatusReading | None:
    """Read a status cell or a status suffix.

    Args:
        text: folded text, markup allowed.

    Returns:
        ``None`` where the text is not understood. Words outrank glyphs, a percentage outranks
        both: 100 is done, less is in progress.
    """
    bare = _SPACES.sub(" ", _SELECTORS.sub("", _MARKUP.sub("", text))).strip()
    percent = _PERCENT.search(bare)
    if percent is not None:
        value = int(percent.group(1))
        status = Status.DONE if value >= 100 else Status.IN_PROGRESS if value > 0 else Status.OPEN
        return StatusReading(status, canonical_word(bare), qualified=True)
    word = canonical_word(bare)
    if word in _BY_WORD:
        return StatusReading(_BY_WORD[word], word, qualified=False)
    main = _leading_word(strip_emoji(bare))
    if main is not None:
        return StatusReading(_BY_WORD[main], main, qualified=True)
    if not word:
        glyph = glyph_status(bare)
        glyphs = [char for char in bare if char in GLYPHS]
        if glyph is not None and len(set(glyphs)) == 1 and glyphs[0] not in NOT_ALONE:
            return StatusReading(glyph, "", qualified=False)
    return None


def _leading_word(text: str) -> str | None:
    parts = re.split(r"([\s(（:;,]+)", unicodedata.normalize("NFC", text).casefold().strip())
    for count in range(min(len(parts), 9), 0, -2):
        word = canonical_word("".join(parts[:count]))
        if word in _BY_WORD and _QUALIFIES.match("".join(parts[count:]).strip()):
            return word
    return None


def answer(text: str, *, done: bool) -> str | None:
    """The counterpart of a status text: what the same author would write for the other state.

    Args:
        text: a status cell's text, folded.
        done: whether the counterpart for "done" is wanted, else the one for "open".

    Returns:
        The counterpart with the text's own glyph, markup and capitals carried over, or ``None``
        where none is known: a word is refused rather than invented.
    """
    word = canonical_word(text)
    table = _ANSWER_DONE if done else _ANSWER_OPEN
    glyphs = GLYPH_DONE if done else GLYPH_OPEN
    target = table.get(word)
    if target is None and word:
        return None
    pieces: list[str] = []
    plain_done = False
    for part in re.split(r"([^\W\d_](?:[^*`~|]*[^\W\d_])?)", text, maxsplit=1) if word else [text]:
        if word and not plain_done and canonical_word(part) == word:
            pieces.append(_like(part, target or ""))
            plain_done = True
            continue
        pieces.append(_swap_glyphs(part, glyphs, done=done))
    result = "".join(pieces)
    if word and not plain_done:
        return None
    return result if result != text else None


def _like(sample: str, word: str) -> str:
    letters = [char for char in sample if char.isalpha()]
    if letters and all(char.isupper() for char in letters) and len(letters) > 1:
        return word.upper()
    if letters and letters[0].isupper():
        if len(words := sample.split()) > 1 and all(part[:1].isupper() for part in words):
            return word.title()
        return word[:1].upper() + word[1:]
    return word


def _swap_glyphs(text: str, glyphs: dict[str, str], *, done: bool) -> str:
    swapped = []
    for char in text:
        if char in glyphs:
            swapped.append(glyphs[char])
        elif char == "⚠" or (char in GLYPHS and is_emoji(char)):
            swapped.append("✅" if done else "⬜")
        else:
            swapped.append(char)
    result = "".join(swapped)
    # A selector belongs to the glyph it followed; behind another glyph it would be noise.
    return result if result == text else re.sub("(?<=[✅⬜✓○☑☐])[\ufe0e\ufe0f]", "", result)
