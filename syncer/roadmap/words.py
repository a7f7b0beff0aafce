"""What a short text says about a state, and which word answers which.

A word that is not in the vocabulary is never guessed: the cell is reported and left alone.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from syncer.model.fields import Status
from syncer.roadmap.vocabulary import (
    AMBIGUOUS,
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

_TELLING = {glyph: GLYPHS[glyph] for glyph in TELLING_GLYPHS}


def _table(text: str) -> dict[str, str]:
    pairs = (entry.split("=") for entry in text.split("|"))
    return {left.strip(): right.strip() for left, right in pairs}


_ANSWER_DONE = _table(DONE_ANSWERS)
_ANSWER_OPEN = _table(OPEN_ANSWERS)
_BY_WORD: dict[str, Status] = {
    word.strip(): status for status, words in WORDS.items() for word in words.split("|") if word.strip()
}
_CACHED = 4096
"""So many texts are remembered: a file uses few different status words, many times."""

_AMBIGUOUS = frozenset(word.strip() for word in AMBIGUOUS.split("|"))
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


def unaccented(text: str) -> str:
    """A text without accents: "terminé" and "termine" are one word, "tamamlandı" and "tamamlandi" too."""
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text.replace("ı", "i"))
    return unicodedata.normalize("NFC", "".join(char for char in parts if not unicodedata.combining(char)))


@functools.lru_cache(maxsize=_CACHED)
def canonical_word(text: str) -> str:
    """A text as the vocabulary spells it: no markup, no pictographs, lower case, single blanks."""
    plain = _MARKUP.sub("", strip_emoji(text))
    plain = unicodedata.normalize("NFC", plain).casefold()
    return _SPACES.sub(" ", plain).strip(" \t\r\n.:;!,-–—•·[]()（）")


def word_status(text: str) -> Status | None:
    """The state that a text names if it is exactly one status word (markup and glyphs aside)."""
    return _status_of(canonical_word(text))


def plainly_a_status(text: str) -> bool:
    """Whether a text is one status word that can hardly be anything else.

    "Done" is; "Testing", "Review" and "Next" name work as often as they name a state, so at the end of
    a name they are part of it.
    """
    word = canonical_word(text)
    return _status_of(word) is not None and word not in _AMBIGUOUS and unaccented(word) not in _AMBIGUOUS


def glyph_status(text: str) -> Status | None:
    """The state that the first telling glyph of a text shows."""
    for char in _SELECTORS.sub("", text):
        if char in GLYPHS:
            return GLYPHS[char]
    return None


def read_status(text: str, legend: Mapping[str, Status] | None = None) -> StatusReading | None:
    """Read a status cell or a status suffix.

    Args:
        text: folded text, markup allowed.
        legend: what glyphs mean in the file at hand, beyond the usual.

    Returns:
        ``None`` where the text is not understood. Words outrank glyphs, a percentage outranks
        both: 100 is done, less is in progress. A telling glyph with words that nobody knows
        is understood by its glyph, as saying more than that.
    """
    return _read_legended(text, legend) if legend else _read(text)


@functools.lru_cache(maxsize=_CACHED)
def _read(text: str) -> StatusReading | None:
    return _read_legended(text, {})


def _read_legended(text: str, legend: Mapping[str, Status]) -> StatusReading | None:
    bare = _SPACES.sub(" ", _SELECTORS.sub("", _MARKUP.sub("", text))).strip()
    percent = _PERCENT.search(bare)
    if percent is not None:
        value = int(percent.group(1))
        reached = Status.DONE if value >= 100 else Status.IN_PROGRESS if value > 0 else Status.OPEN
        return StatusReading(reached, canonical_word(bare), qualified=True)
    word = canonical_word(bare)
    status = _status_of(word)
    if status is not None:
        return StatusReading(status, word, qualified=False)
    main = _leading_word(strip_emoji(bare))
    if main is not None:
        return StatusReading(main[1], main[0], qualified=True)
    told = _told_by_glyph(bare, legend)
    return StatusReading(told, "", qualified=bool(word)) if told is not None else None


def _told_by_glyph(bare: str, legend: Mapping[str, Status]) -> Status | None:
    """The state that the glyphs of a text show, if they show one and no more."""
    shown = {char: status for char in bare if (status := legend.get(char) or _TELLING.get(char)) is not None}
    return next(iter(shown.values())) if len(shown) == 1 else None


def _status_of(word: str) -> Status | None:
    """The state of a canonical word, however its accents are written."""
    known = _BY_WORD.get(word)
    return known if known is not None or not word else _by_plain_word().get(unaccented(word))


@functools.cache
def _by_plain_word() -> Mapping[str, Status]:
    plain: dict[str, Status] = {}
    for word, status in _BY_WORD.items():
        plain.setdefault(unaccented(word), status)
    return plain


def _leading_word(text: str) -> tuple[str, Status] | None:
    parts = re.split(r"([\s(（:;,]+)", unicodedata.normalize("NFC", text).casefold().strip())
    for count in range(min(len(parts), 9), 0, -2):
        word = canonical_word("".join(parts[:count]))
        status = _status_of(word)
        if status is not None and _QUALIFIES.match("".join(parts[count:]).strip()):
            return word, status
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
