"""What a heading's text says besides its name: a status, a duration, a date, a version, a counter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from syncer.model.fields import Status
from syncer.roadmap.inline import plain_text
from syncer.roadmap.pieces import BOLD, BOLD_END, STRUCK, STRUCK_END
from syncer.roadmap.timewords import CURRENT, DUE_NOTE, HAS_TIME, TIMING
from syncer.roadmap.words import (
    TELLING_GLYPHS,
    glyph_status,
    is_emoji,
    plainly_a_status,
    read_status,
    word_status,
)

_SELECTORS = "\ufe0e\ufe0f\u200d"
_EDGE = frozenset(" \t\u00a0\u202f\u3000" + BOLD + BOLD_END + STRUCK + STRUCK_END + _SELECTORS)
_BOX = re.compile(r"^\s*\[(?: |x|X|✓|✔|✅|~|-|/)\]\s+")
_OPENING, _CLOSING = "(（[", ")）]"
_ARROW = re.compile(r"\s*(?:→|->|=>|⇒|➡\ufe0f?)\s*(?P<target>v?\d+(?:\.\d+){1,3}[\w.-]*)\s*$")
_DASHED = re.compile(r"\s*(?P<sign>\s[-–—|·]+|:)\s*(?P<word>[^-–—|·:]{2,40})$")
_DASHED_DATE = re.compile(r"\s*(?:\s[-–—|·]+|:|,)?\s*(?P<date>\d{4}-\d{2}-\d{2})\s*$")
_ARROWS = re.compile(r"→|->|=>|⇒")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ,&'/.]*[a-z]")
_BOLD_SIGNS = re.compile(f"[{BOLD}{BOLD_END}]")
_LOUD = re.compile(r"(?P<word>(?:\b[A-Z][A-Z'’-]+\b[ ]?){1,3})$")
_COUNTER = re.compile(r"~?\d+\s*(?:/|of|из|von|sur|de)\s*\d+(?:\s+[^\W\d_]+){0,2}")
_PERCENT = re.compile(
    r"~?\d{1,3}(?:[.,]\d+)?\s*[%％](?:\s*(?:complete|completed|done|finished|progress|ready|готово|выполнено|завершено"
    r"|完了|完成|已完成|완료|terminé|completado|concluído|completo|fertig|erledigt|tamamlandı|completato|klaar|færdig))?",
    re.IGNORECASE,
)
_BAR_SIGNS = r"[█▓▒░▰▱■□▪▫⬛⬜🟩🟦🟨]{3,}"
_BAR = re.compile(
    rf"\s*(?:(?:\s[-–—|]+|:)?\s*\[?{_BAR_SIGNS}\]?\s*(?:{_PERCENT.pattern})?"
    rf"|(?:\s[-–—|]+|:)\s*(?:{_PERCENT.pattern})|\s\d{{1,3}}\s*[%％]\s+(?:complete|done|finished))\s*$"
)
_LONGEST_TAIL = 300
"""So many characters at a heading's end are looked at: a status is short, and a line may be huge."""

_MOST_CUTS = 12
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class HeadingReading:
    """A heading, a row's name, or a full-bold line, taken apart.

    Args:
        name: the folded text without status, timing, counters and decoration.
        start: first character of the name in the marked text.
        end: just behind its last character.
        status: what the heading declares, if anything.
        status_text: the words and glyphs that declare it.
        timing: "1-2 weeks", "Week 2", "Current - Week 1".
        due: a date, where brackets at the end hold exactly one ISO date and nothing else.
        due_at: where that date stands in the marked text.
        version: behind an arrow ("→ v0.7.0").
        current: whether the timing says that this is what is being worked on.
    """

    name: str
    start: int
    end: int
    status: Status | None = None
    status_text: str | None = None
    timing: str | None = None
    due: date | None = None
    due_at: tuple[int, int] | None = None
    version: str | None = None
    current: bool = False


def read_heading(marked: str) -> HeadingReading:
    """Take a heading's text apart.

    Args:
        marked: as :func:`~syncer.roadmap.inline.marked_text` yields it.
    """
    if _PLAIN.fullmatch(marked) is not None and not marked[-2:].isupper():
        name = plain_text(marked)
        return HeadingReading(name, len(marked) - len(marked.lstrip()), len(marked.rstrip()))
    return _Heading(marked).read()


class _Heading:
    """Cuts what is no name off a heading's end, piece by piece, until nothing more comes off."""

    def __init__(self, marked: str) -> None:
        self._marked = marked
        self._start = 0
        self._end = len(marked)
        self._texts: list[str] = []
        self._timing: str | None = None
        self._due: date | None = None
        self._due_at: tuple[int, int] | None = None
        self._version: str | None = None
        self._cuts: tuple[Callable[[], bool], ...] = (
            self._bar,
            self._glyphs,
            self._arrow,
            self._note,
            self._words,
            self._dashed,
            self._loud,
        )

    def read(self) -> HeadingReading:
        leading = self._lead()
        for _ in range(_MOST_CUTS):
            if not any(cut() for cut in self._cuts):
                break
        marked, start, end = self._marked, self._start, self._end
        while end > start and (marked[end - 1] in _EDGE or marked[end - 1] in ":："):
            end -= 1
        if marked[start : start + 1] == "[" and marked.find("]", start, end) == end - 1:
            # "[1.2.0]": a reference to a link that may or may not be defined.
            start, end = start + 1, end - 1
        texts = list(reversed(self._texts))
        status_text = " ".join(filter(None, [leading, *texts])) or None
        status = None
        if status_text is not None:
            reading = read_status(" ".join(texts)) if texts else None
            status = reading.status if reading else glyph_status(status_text)
        return HeadingReading(
            name=plain_text(marked[start:end]),
            start=start,
            end=end,
            status=status,
            status_text=status_text,
            timing=self._timing,
            due=self._due,
            due_at=self._due_at,
            version=self._version,
            current=bool(self._timing and CURRENT.search(self._timing)),
        )

    def _lead(self) -> str:
        """Pass over a box and pictographs in front of the name; those that tell a status are kept."""
        marked, end = self._marked, self._end
        box = _BOX.match(marked)
        at = lead = box.end() if box is not None else 0
        while at < end and (marked[at] in _EDGE or is_emoji(marked[at])):
            at += 1
        self._start = at
        return "".join(char for char in marked[lead:at] if char in TELLING_GLYPHS)

    def _cut(self, at: int, text: str | None = None) -> bool:
        """Let the name end earlier, if something of it remains; ``text`` is part of the status."""
        if not plain_text(self._marked[self._start : at]):
            return False
        self._end = at
        if text:
            self._texts.append(text)
        return True

    def _tail(self) -> tuple[int, str]:
        """The end of what is left of the heading, and where it begins."""
        first = max(self._start, self._end - _LONGEST_TAIL)
        return first, self._marked[first : self._end]

    def _bar(self) -> bool:
        """A progress bar, a percentage, or both, at the end."""
        first, tail = self._tail()
        found = _BAR.search(tail)
        return found is not None and self._cut(first + found.start(), found.group().strip(" -–—|:\t"))

    def _glyphs(self) -> bool:
        """Pictographs and blanks at the end."""
        marked, stop = self._marked, self._end
        while stop > self._start and (marked[stop - 1] in _EDGE or is_emoji(marked[stop - 1])):
            stop -= 1
        if stop == self._end or stop == self._start:
            return False
        glyphs = "".join(char for char in marked[stop : self._end] if char in TELLING_GLYPHS)
        if glyphs:
            self._texts.append(glyphs)
        self._end = stop
        return True

    def _arrow(self) -> bool:
        """A version that the heading leads to."""
        first, tail = self._tail()
        found = _ARROW.search(_BOLD_SIGNS.sub(" ", tail))
        if found is None or not self._cut(first + found.start()):
            return False
        self._version = found["target"]
        return True

    def _note(self) -> bool:
        """A bracket at the end that holds a date, a duration, a counter or a status."""
        first, tail = self._tail()
        opening = _last_bracket(tail)
        if opening is None:
            return False
        opening += first
        inner = plain_text(self._marked[opening + 1 : self._end - 1])
        due = DUE_NOTE.fullmatch(inner)
        day = _only_date(due["date"]) if due is not None else None
        if due is not None and day is not None and self._due is None:
            at = self._marked.index(due["date"], opening)
            return self._cut_timing(opening, inner) and self._take_due(day, at)
        if word_status(inner) is not None:
            return self._cut(opening, inner)
        if _COUNTER.fullmatch(inner):
            return self._cut(opening)
        if _is_timing(inner):
            return self._cut_timing(opening, inner)
        if _PERCENT.fullmatch(inner):
            return self._cut(opening, inner)
        told = read_status(inner)
        if (told is not None and plainly_a_status(told.word)) or _is_dated_status(inner):
            return self._cut(opening, inner)
        if any(char in TELLING_GLYPHS for char in inner):
            return self._cut(opening, inner)
        parts = [
            part.strip() for part in _ARROWS.split("".join(char for char in inner if not is_emoji(char)))
        ]
        if len(parts) > 1 and all(_is_timing(part) or word_status(part) is not None for part in parts):
            return self._cut(opening, inner)
        return self._noted_status(opening, inner)

    def _noted_status(self, opening: int, inner: str) -> bool:
        """A status with a note behind it: "— COMPLETE (phases 14-15)"."""
        before = _Heading(self._marked[:opening])
        before._start = self._start
        if not (before._glyphs() and before._texts) and not (before._words() or before._dashed(loud=True)):
            return False
        if not before._texts:
            return False
        return self._cut(before._end, f"{' '.join(reversed(before._texts))} ({inner})")

    def _cut_timing(self, at: int, text: str) -> bool:
        if not self._cut(at):
            return False
        self._timing = self._timing or text
        return True

    def _take_due(self, day: date, at: int) -> bool:
        self._due, self._due_at = day, (at, at + 10)
        return True

    def _words(self) -> bool:
        """A status glyph with words behind it."""
        first, tail = self._tail()
        cut = _status_words(tail)
        return cut is not None and self._cut(first + cut, plain_text(tail[cut:]))

    def _dashed(self, *, loud: bool = False) -> bool:
        """A status, or a date, behind a dash or a colon.

        Args:
            loud: accept only what is written in capitals.
        """
        first, tail = self._tail()
        dated = _DASHED_DATE.search(tail)
        if dated is not None and not loud:
            return self._cut_timing(first + dated.start(), dated["date"])
        found = _DASHED.search(tail)
        if found is None:
            return False
        word, before = plain_text(found["word"]), plain_text(tail[: found.start()])
        shouted = found["sign"] != ":" and word.isupper() and not before.isupper()
        if loud and not word.isupper():
            return False
        if not plainly_a_status(word) and not (shouted and word_status(word) is not None):
            return False
        return self._cut(first + found.start(), word)

    def _loud(self) -> bool:
        """A status in capitals at the end of a name that is not: "Tool Depth COMPLETE"."""
        text = plain_text(self._tail()[1])
        found = _LOUD.search(text)
        if found is None or not any(char.islower() for char in text[: found.start()]):
            return False
        words = found["word"].split(" ")
        for first in range(len(words)):
            tail = " ".join(words[first:])
            if plainly_a_status(tail):
                at = self._marked.rfind(words[first], self._start, self._end)
                return at > self._start and self._cut(at, tail)
        return False


def _last_bracket(text: str) -> int | None:
    """Where the bracket opens that closes at the end of a text, nested ones included."""
    if not text or text[-1] not in _CLOSING:
        return None
    depth = 0
    for at in range(len(text) - 1, 0, -1):
        if text[at] in _CLOSING:
            depth += 1
        elif text[at] in _OPENING:
            depth -= 1
            if depth == 0:
                return at
    return None


def _status_words(piece: str) -> int | None:
    """Where a status glyph with its words begins at the end of a heading, if one does."""
    at = max((index for index, char in enumerate(piece) if char in TELLING_GLYPHS), default=0)
    if at == 0 or _inside_bracket(piece, at):
        return None
    words = piece[at + 1 :]
    text = plain_text("".join(char for char in words if not is_emoji(char))).strip(_SELECTORS + " -–—:")
    if text and read_status(text) is None and not _shouted(words, text):
        return None
    while at > 0 and (piece[at - 1] in TELLING_GLYPHS or piece[at - 1] in _EDGE or piece[at - 1] in "-–—:|→"):
        at -= 1
    return at


def _inside_bracket(piece: str, at: int) -> bool:
    before = piece[:at]
    return sum(before.count(char) for char in _OPENING) > sum(before.count(char) for char in _CLOSING)


def _shouted(words: str, text: str) -> bool:
    """Whether words behind a status glyph are set off as a status: bold, or in capitals."""
    letters = [char for char in text if char.isalpha()]
    bold = words.strip().startswith(BOLD) and words.strip(_SELECTORS + " 🚀🎉").rstrip().endswith(BOLD_END)
    return len(text.split()) <= 4 and bool(letters) and (bold or all(char.isupper() for char in letters))


def _only_date(text: str) -> date | None:
    match = _ISO.fullmatch(text.strip())
    return _day(match) if match else None


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _is_timing(text: str) -> bool:
    return bool(text) and TIMING.fullmatch(text) is not None and HAS_TIME.search(text) is not None


def _is_dated_status(text: str) -> bool:
    """``shipped 2026-04-09``: history, not a date to come."""
    if not _ISO.search(text):
        return False
    words = _ISO.sub("", text).strip(" :,-–—")
    return not words or word_status(words) is not None or read_status(text) is not None


def find_date(text: str) -> tuple[date, int, int] | None:
    """The one ISO date in a text, with its place; ``None`` if there is none or more than one."""
    matches = list(_ISO.finditer(text))
    if len(matches) != 1:
        return None
    day = _day(matches[0])
    return (day, matches[0].start(), matches[0].end()) if day else None
