"""An item's priority, owners, due date, estimate and tags, where its text says so in a form of its own.

Three places speak: tokens at the end of the line (``@ada #parser 📅 2026-03-06``), fields below it
(``- Owner: Ada``), and the columns of its row, which are read as fields. Nothing is guessed: a bare
``#3`` is a mention, ``@tm/core`` a package, and what stands in a code span is code.

The emoji are those of the Tasks plugin for Obsidian (its documentation, "Tasks Emoji Format"), the
``key:value`` tokens and ``(A)`` those of todo.txt (todotxt/todo.txt, "format rules"), ``[key:: value]``
those of Dataview (its documentation, "Inline fields").
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from datetime import date

from syncer.model.attributes import NO_ATTRIBUTES, Attributes
from syncer.roadmap.attributewords import DUE, KINDS, PRIORITIES
from syncer.roadmap.inline import plain_text
from syncer.roadmap.timewords import DUE_LABEL

_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_MAY_SPEAK = re.compile(
    rb"[@#!]|\xf0\x9f\x93\x85|\xe2\x8f[\xab\xac]|\xf0\x9f\x94[\xba\xbc\xbd]|P[0-4]|\w:[^\s/]|\([A-D]\) "
)
"""In bytes: a line that says nothing of the kind, as nearly all do, is not even decoded."""

_COMMENT = re.compile(r"<!--.*?-->")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"\*\*|__|~~")
_SIGNS = re.compile(r"[*_`~]+")
_LEADING_LEVEL = re.compile(r"(?:\[(P[0-4])\]|\((P[0-4])\)|(P[0-4])(?=\s*[:.–—-]\s|\s)|\(([A-D])\)(?=\s))")
_BRACKETED_LEVEL = re.compile(r"[\[(](P[0-4])[\])]")
_INLINE_FIELD = re.compile(r"[\[(]([^\[\]():：]{2,20})::\s*([^\[\]()]+)[\])]")
_DATE_TOKEN = re.compile(r"@due\((\d{4}-\d\d-\d\d)\)")
_PERSON = re.compile(r"@([A-Za-z0-9](?:[\w.-]*\w)?)")
_TAG = re.compile(r"#([^\W\d_][\w-]*(?:/[\w-]+)*)")
_MENTION = re.compile(r"[(\[]?(?:[\w./-]*[#!]|GH-)\d+[)\]]?")
_PAIR = re.compile(r"([A-Za-z]{3,9}):([^\s:/][^\s]*)")
_BANG = re.compile(r"!(highest|critical|urgent|high|medium|low|lowest)", re.IGNORECASE)
_LEVEL = re.compile(r"\(?\[?(P[0-4])\]?\)?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_MAY_BE_FIELD = re.compile(r"(?m)^(?:[-*+] )?[^\s:：][^:：\n]{1,29}[:：]")
_FIELD = re.compile(
    r"(?:[-*+] +)?(?:\*\*|__)?([^\W\d_][^:：*_\n]{1,24}?)(?:\*\*|__)?[ \t]*"
    r"(?::(?:\*\*|__)?[ \t]+|：(?:\*\*|__)?[ \t]*)(\S.*)"
)
_SEPARATORS = re.compile(r"\s*(?:[,;、，]|\s[&+/]\s|\band\b)\s*")
_WORD = re.compile(r"[\w -]{1,24}")
_GLYPHS = {"🔺": "highest", "⏫": "high", "🔼": "medium", "🔽": "low", "⏬": "lowest"}
_CIRCLES = {"🔴": "high", "🟠": "high", "🟡": "medium", "🟢": "low"}
"""Only where the place itself speaks of priorities; elsewhere they tell a status, or nothing."""

_SECTION = re.compile(
    r"(?:(critical|highest|high|medium|low|lowest)[ -]priority"
    r"|priority\s*[:：]?\s*(critical|highest|high|medium|low|lowest)"
    r"|\(?(p[0-4])\)?(?:\s*[:–—(-].*)?|(高|中|低)优先级)(?:\s+(?:tasks|items|issues|features|work))?",
    re.IGNORECASE,
)


def read_attributes(line: bytes, description: str, section: tuple[str, ...]) -> Attributes:
    """What an item says about itself.

    Args:
        line: what stands behind the box, or in the title's cell, as it is in the file.
        description: what stands below the line; of a row, its other columns as ``- Header: text``.
        section: the headings that it stands under.
    """
    found = _Found()
    if _MAY_SPEAK.search(line) is not None:
        _read_line(_as_words(line), found)
    if _MAY_BE_FIELD.search(description) is not None:
        for label, value in _fields(description):
            found.field(label, value)
    if not found.priority:
        found.priority = _of_sections(section)
    return found.attributes


class _Found:
    """What was read so far; the first word on each matter stands."""

    def __init__(self) -> None:
        self.priority = ""
        self.owners: list[str] = []
        self.due: date | None = None
        self.estimate = ""
        self.tags: list[str] = []

    @property
    def attributes(self) -> Attributes:
        if not (self.priority or self.owners or self.due or self.estimate or self.tags):
            return NO_ATTRIBUTES
        return Attributes(
            self.priority,
            tuple(dict.fromkeys(self.owners)),
            self.due,
            self.estimate,
            tuple(dict.fromkeys(self.tags)),
        )

    def field(self, label: str, value: str) -> bool:
        """Take a field. False where its label is about something else."""
        word = label.casefold().strip()
        kind = next((kind for kind, pattern in KINDS.items() if pattern.fullmatch(word)), "")
        if kind == "priority":
            self.priority = self.priority or _priority(value)
        elif kind == "owner":
            self.owners += [name for each in _values(value) if (name := each.lstrip("@"))]
        elif kind == "labels":
            self.tags += [tag for each in _values(value) if (tag := each.lstrip("#")) and not tag.isdigit()]
        elif kind == "estimate":
            self.estimate = self.estimate or plain_text(value)
        elif DUE.fullmatch(word) or DUE_LABEL.fullmatch(word):
            self.due = self.due or _date(value)
        else:
            return False
        return True


def _as_words(line: bytes) -> str:
    """A line without its markup; of links their texts, of code spans and comments nothing."""
    text = _COMMENT.sub(" ", _CODE.sub("`", line.decode("utf-8", "replace")))
    return _EMPHASIS.sub("", _LINK.sub(r"\1", text)).strip()


def _read_line(line: str, found: _Found) -> None:
    level = _LEADING_LEVEL.match(line) or _BRACKETED_LEVEL.search(line)
    if level is not None:
        found.priority = next(group for group in level.groups() if group).casefold()
    for match in _INLINE_FIELD.finditer(line):
        found.field(match[1], match[2])
    words = _INLINE_FIELD.sub(" ", line).split()
    while words and _takes(words, found):
        pass


def _takes(words: list[str], found: _Found) -> bool:
    """Take one token from the end of a line. False where the line's text begins."""
    word = words[-1]
    if len(words) > 1 and words[-2].strip("\ufe0f") == "📅" and (due := _date(word)) is not None:
        found.due = found.due or due
        del words[-2:]
        return True
    if word in _GLYPHS:
        found.priority = found.priority or _GLYPHS[word]
    elif (match := _BANG.fullmatch(word) or _LEVEL.fullmatch(word)) is not None:
        found.priority = found.priority or match[1].casefold()
    elif (match := _DATE_TOKEN.fullmatch(word)) is not None:
        found.due = found.due or _date(match[1])
    elif (match := _PERSON.fullmatch(word)) is not None:
        found.owners.append(match[1])
    elif (match := _TAG.fullmatch(word)) is not None:
        found.tags.append(match[1])
    elif _MENTION.fullmatch(word) is None and not (
        (match := _PAIR.fullmatch(word)) is not None and found.field(match[1], match[2])
    ):
        return False
    words.pop()
    return True


def _fields(description: str) -> Iterator[tuple[str, str]]:
    """The lines of a description that are a label and a value, those nested deeper left out."""
    fenced = False
    for row in description.split("\n"):
        if row.startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and (match := _FIELD.fullmatch(row)) is not None:
            yield match[1], match[2]


def _values(value: str) -> list[str]:
    text = _SIGNS.sub("", _LINK.sub(r"\1", value))
    return [each for part in _SEPARATORS.split(text) if (each := plain_text(part)) and each not in "-–—?"]


def _priority(value: str) -> str:
    """A priority's value: a known word in any of its languages, or a short word of the team's own."""
    glyphs = [_GLYPHS.get(char) or _CIRCLES.get(char) for char in value]
    text = "".join(char for char, glyph in zip(value, glyphs, strict=True) if glyph is None)
    word = plain_text(_SIGNS.sub("", text).replace("\ufe0f", "")).casefold().strip("[]()!. ")
    if not word:
        return next((glyph for glyph in glyphs if glyph), "")
    return PRIORITIES.get(word, word if _WORD.fullmatch(word) else "")


@functools.lru_cache(1024)
def _of_sections(section: tuple[str, ...]) -> str:
    """The priority that the nearest heading names."""
    for heading in reversed(section):
        match = _SECTION.fullmatch(heading.strip())
        if match is not None:
            word = next(group for group in match.groups() if group).casefold()
            return PRIORITIES.get(word, word)
    return ""


def _date(text: str) -> date | None:
    """A calendar date in ISO form, and nothing else."""
    if not _ISO.fullmatch(text.strip()):
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
