"""What a heading's text says besides its name: a status, a duration, a date, a version, a number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from syncer.model.fields import Status
from syncer.roadmap.inline import plain_text
from syncer.roadmap.pieces import BOLD, BOLD_END, STRUCK, STRUCK_END
from syncer.roadmap.stagewords import ALONE, KINDS, NUMBER_WORDS
from syncer.roadmap.words import TELLING_GLYPHS, glyph_status, is_emoji, read_status, word_status

_SELECTORS = "\ufe0e\ufe0f\u200d"
_EDGE = frozenset(" \t\u00a0\u202f" + BOLD + BOLD_END + STRUCK + STRUCK_END + _SELECTORS)
_NOT_WORD = re.compile(r"[\W_]+")
_BOX = re.compile(r"^\s*\[(?: |x|X|✓|✔|✅|~|-|/)\]\s+")
_NOTE = re.compile(r"[(（\[](?P<inner>[^()（）\[\]]*)[)）\]]\s*$")
_ARROW = re.compile(r"\s*(?:→|->|=>|⇒|➡\ufe0f?)\s*(?P<target>v?\d+(?:\.\d+){1,3}[\w.-]*)\s*$")
_DASHED = re.compile(r"\s*(?:\s[-–—|·]+|:)\s*(?P<word>[^-–—|·:]{2,40})$")
_BOLD_SIGNS = re.compile(f"[{BOLD}{BOLD_END}]")

_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_UNIT = (
    r"days?|weeks?|wks?|months?|mos?|quarters?|years?|yrs?|hours?|hrs?|h|d|w|sprints?"
    r"|дн(?:ей|я|и)?|день|недел[ьяи]|месяц(?:а|ев)?|天|周|週|个月|ヶ月|か月|日|年|週間|주|개월|일"
    r"|semanas?|meses|mes|días?|dias?"
    r"|semaines?|mois|jours?|wochen?|monate?|tage?|hafta|ay|gün|tygodni(?:e)?|týdn[yů]"
)
_MONTHS = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
_TIMING_WORD = (
    rf"(?:{_UNIT}|{_MONTHS}|q[1-4]|h[12]|current|now|today|est\.?|estimated?|approx\.?|about|around|ca\.?"
    r"|weekend|to|until|through|by|mid|early|late|end|of|the|and|due|target|eta|start(?:ing)?|ongoing"
    r"|spring|summer|autumn|fall|winter|текущий|сейчас|当前|現在)"
)
_TIMING = re.compile(
    rf"(?:[\s~≈+\-–—/,.:&]|\d+(?:[.,]\d+)?(?:st|nd|rd|th)?|{_TIMING_WORD}(?![^\W\d_]))+", re.IGNORECASE
)
_HAS_TIME = re.compile(rf"\d|(?:{_MONTHS}|q[1-4]|current|now|ongoing|текущий|当前|現在)(?!\w)", re.IGNORECASE)
_CURRENT = re.compile(r"\b(?:current|now|active|in progress|текущий)\b|当前|現在", re.IGNORECASE)

_VERSION = r"\d+(?:\.(?:\d+|x)){1,3}(?:[-.+]?(?:alpha|beta|rc|pre|dev)[.\d]*)?"
_NUMBER = (
    r"v?\d+(?:[.\-]\d+)*(?:-?(?:alpha|beta|rc|pre|dev)[.\d]*)?[a-z]?|"
    + "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
    + r"|[a-h]"
)
_BOUND = r"(?=$|[\s:.)\]\-–—|(（,，：、/·])"
_NAMED = re.compile(rf"(?P<kind>{KINDS.pattern})[\s#№\-]*(?P<number>{_NUMBER}){_BOUND}")
_CJK = re.compile(
    r"第\s*(?P<number>\d+|[一二三四五六七八九十]+)\s*(?P<kind>阶段|階段|期|周|週|步|フェーズ|ステージ|段階|版|단계)"
)
_KOREAN = re.compile(r"(?P<number>\d+)\s*(?P<kind>단계|차|주차|스프린트)")
_BARE_VERSION = re.compile(rf"(?P<kind>v(?=\d)|version\s+)?(?P<number>{_VERSION}|\d+){_BOUND}")
_MILESTONE_ID = re.compile(rf"(?P<kind>ms|m|rc|p|wp)-?(?P<number>\d+(?:\.\d+)*){_BOUND}")
_QUARTER = re.compile(
    r"(?:(?P<year>\d{4})[\s\-/]*)?q(?P<quarter>[1-4])(?:[\s\-/]*(?P<year2>\d{4}))?" + _BOUND
)
_RANGE = re.compile(r"\s*(?:[-–—]|to\b|bis\b|a\b)\s*(?:[^\W\d_]{1,12}\s*)?\d")
_SEPARATOR = re.compile(r"\s*(?:[:：.)、|]|[-–—](?=\s)|(?<=\s)[-–—])\s*|\s*$")


@dataclass(frozen=True, slots=True)
class HeadingReading:
    """A heading, a row's name, or a full-bold line, taken apart.

    Args:
        name: the folded text without status, timing and decoration.
        start: first character of the name in the marked text.
        end: just behind its last character.
        status: what the heading declares, if anything.
        status_text: the words and glyphs that declare it.
        timing: "1-2 weeks", "Week 2", "Current - Week 1".
        due: a date, where brackets at the end hold exactly one ISO date and nothing else.
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


@dataclass(frozen=True, slots=True)
class StageName:
    """The parts of a name that tell which stage it is.

    Args:
        kind: canonical kind word ("phase", "post-phase", "version"), ``""`` where there is none.
        number: complete number, ``""`` where there is none.
        rest: what follows number and separator, ``""`` if nothing does.
        keyed: the number is followed by a separator or nothing, so kind and number alone name the
            stage: "Phase 7: AI" and "Phase 7", but not "Phase 7 Summary".
    """

    kind: str
    number: str
    rest: str
    keyed: bool


def fold_key(text: str) -> str:
    """A text as names are compared: case, punctuation, emoji and blanks do not count."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _NOT_WORD.sub(" ", folded.casefold().replace("&", " and ")).strip()


def read_heading(marked: str) -> HeadingReading:
    """Take a heading's text apart.

    Args:
        marked: as :func:`~syncer.roadmap.inline.marked_text` yields it.
    """
    start, end = 0, len(marked)
    texts: list[str] = []
    timing: str | None = None
    due: date | None = None
    due_at: tuple[int, int] | None = None
    version: str | None = None
    box = _BOX.match(marked)
    if box is not None:
        start = box.end()
    lead = start
    while start < end and (marked[start] in _EDGE or is_emoji(marked[start])):
        start += 1
    leading = "".join(char for char in marked[lead:start] if char in TELLING_GLYPHS)
    while True:
        stop = _trim(marked, start, end)
        glyphs = "".join(char for char in marked[stop:end] if char in TELLING_GLYPHS)
        if glyphs:
            texts.append(glyphs)
        end = stop
        piece = marked[start:end]
        cut = _status_words(piece)
        if cut is not None and plain_text(piece[:cut]):
            texts.append(plain_text(piece[cut:]))
            end = start + cut
            continue
        arrow = _ARROW.search(_BOLD_SIGNS.sub(" ", piece))
        if arrow is not None and plain_text(piece[: arrow.start()]):
            version = arrow["target"]
            end = start + arrow.start()
            continue
        note = _NOTE.search(piece)
        if note is not None and plain_text(piece[: note.start()]):
            inner = plain_text(note["inner"])
            day = _only_date(inner)
            if day is not None and due is None:
                due, timing = day, inner
                at = start + note.start("inner") + note["inner"].index(inner[:4])
                due_at = (at, at + 10)
            elif word_status(inner) is not None:
                texts.append(inner)
            elif _is_timing(inner) or _is_dated_status(inner):
                timing = timing or inner
            else:
                break
            end = start + note.start()
            continue
        dashed = _DASHED.search(piece)
        if dashed is None or word_status(dashed["word"]) is None or not plain_text(piece[: dashed.start()]):
            break
        texts.append(plain_text(dashed["word"]))
        end = start + dashed.start()
    while end > start and (marked[end - 1] in _EDGE or marked[end - 1] in ":："):
        end -= 1
    texts.reverse()
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
        timing=timing,
        due=due,
        due_at=due_at,
        version=version,
        current=bool(timing and _CURRENT.search(timing)),
    )


def read_stage_name(name: str, default_kind: str = "") -> StageName:
    """Find kind and number in a name.

    Args:
        name: folded, as :attr:`HeadingReading.name`.
        default_kind: the kind that a bare number stands for, from a table's header.
    """
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    match = _NAMED.match(text) or _CJK.match(text) or _KOREAN.match(text)
    if match is not None:
        kind = re.sub(r"[\s_]+", "-", match["kind"].strip())
        kind = kind[:-1] if kind.endswith("s") and kind.isascii() and not kind.endswith("ss") else kind
        return _named(name, text, match.end(), kind, _plain_number(match["number"]))
    quarter = _QUARTER.match(text)
    if quarter is not None:
        year = quarter["year"] or quarter["year2"] or ""
        return _named(name, text, quarter.end(), "quarter", f"{year}q{quarter['quarter']}")
    match = _MILESTONE_ID.match(text)
    if match is not None:
        kind = {"m": "milestone", "ms": "milestone", "p": "phase", "wp": "work-package"}.get(
            match["kind"], "rc"
        )
        return _named(name, text, match.end(), kind, match["number"])
    match = _BARE_VERSION.match(text)
    if match is not None:
        number = match["number"].removeprefix("v")
        versioned = bool(match["kind"]) or match["number"].startswith("v")
        kind = default_kind if default_kind and not versioned else "version"
        found = _named(name, text, match.end(), kind, number)
        # "1.2 Foundation" counts sections; "1.2", "1.2 - Foundation" and "1.2.0 Foundation" are versions.
        if versioned or default_kind or number.count(".") >= 2 or ("." in number and found.keyed):
            return found
    return StageName("", "", "", keyed=False)


def is_stage_like(name: str) -> bool:
    """Whether a heading's name alone suggests that it is a stage."""
    stage = read_stage_name(name)
    if stage.number:
        return True
    text = unicodedata.normalize("NFKC", name).casefold().strip(" :.-–—")
    head = re.split(r"\s*[:：(（]|\s+[-–—]\s", text, maxsplit=1)[0].strip()
    return ALONE.fullmatch(head) is not None


def _named(name: str, text: str, end: int, kind: str, number: str) -> StageName:
    if _RANGE.match(text, end):
        # "RC1 – RC6" and "Phase 1 to 3" name several stages at once, none of them by its number.
        return StageName("", "", "", keyed=False)
    separator = _SEPARATOR.match(text, end)
    keyed = separator is not None
    at = separator.end() if separator is not None else end
    rest = (name if len(name) == len(text) else text)[at:].strip()
    return StageName(kind, number, rest, keyed or text[end : end + 1] in "(（[")


def _plain_number(text: str) -> str:
    return NUMBER_WORDS.get(text, text.removeprefix("v") if text[1:2].isdigit() else text)


def _trim(marked: str, start: int, end: int) -> int:
    while end > start and (marked[end - 1] in _EDGE or is_emoji(marked[end - 1])):
        end -= 1
    # A bold run that was opened inside the name must not lose its sign: signs count as blanks.
    return end


def _status_words(piece: str) -> int | None:
    """Where a status glyph with its words begins at the end of a heading, if one does."""
    at = max((index for index, char in enumerate(piece) if char in TELLING_GLYPHS), default=0)
    if at == 0:
        return None
    words = piece[at + 1 :]
    text = plain_text("".join(char for char in words if not is_emoji(char))).strip(_SELECTORS + " -–—:")
    if text and read_status(text) is None and not _shouted(words, text):
        return None
    while at > 0 and (piece[at - 1] in TELLING_GLYPHS or piece[at - 1] in _EDGE or piece[at - 1] in "-–—:|"):
        at -= 1
    return at


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
    return bool(text) and _TIMING.fullmatch(text) is not None and _HAS_TIME.search(text) is not None


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
