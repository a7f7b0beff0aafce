"""The parts of a name that tell which stage it is: its kind word, its number, and the rest."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from syncer.roadmap.stagewords import ALONE, KINDS, NUMBER_WORDS, ORDINALS, PLURALS

_NOT_WORD = re.compile(r"[\W_]+")
_VERSION = r"\d+(?:\.(?:\d+|x)){1,3}(?:[-.+]?(?:alpha|beta|rc|pre|dev)[.\d]*)?"
_WORDS = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_NUMBER = rf"v?\d+(?:[.\-]\d+)*(?:-?(?:alpha|beta|rc|pre|dev)[.\d]*)?[a-z]?|{_WORDS}"
_BOUND = r"(?=$|[\s:.)\]\-–—|(（,，：、/·])"
# A single letter is a number only where the name ends with it: "Phase A: Setup", not "Release a beta".
_LETTER = r"[a-h](?=\s*(?:$|[:：.)\]–—|(（,，、]|-\s))"
_NAMED = re.compile(rf"(?P<kind>{KINDS.pattern})[\s#№\-]*(?P<number>(?:{_NUMBER}){_BOUND}|{_LETTER})")
_COUNTED = re.compile(
    rf"(?P<number>\d+(?=(?:st|nd|rd|th|-?[йяея]|[.ºª°]|er|ère|ème|e|η|ος)\s)|{'|'.join(ORDINALS)})"
    rf"(?:st|nd|rd|th|-?[йяе]|[.ºª°]|er|ère|ème|e|η|ος)?\s+(?P<kind>{KINDS.pattern})(?=\s*(?:$|[:：)(（|]|\s[-–—]))"
)
_CJK = re.compile(
    r"第\s*(?P<number>\d+|[一二三四五六七八九十]+)\s*"
    r"(?P<kind>阶段|階段|期|周|週|批次|迭代|フェーズ|ステージ|スプリント|段階|版|단계)"
)
_KOREAN = re.compile(r"(?P<number>\d+)\s*(?P<kind>단계|차|주차|스프린트)")
_BARE_VERSION = re.compile(rf"(?P<kind>v(?=\d)|version\s+)?(?P<number>{_VERSION}|\d+){_BOUND}")
_BARE_NUMBER = re.compile(rf"(?P<number>\d+(?:\.\d+)*[a-z]?){_BOUND}")
_MILESTONE_ID = re.compile(rf"(?P<kind>ms|m|rc|wp|ph|p)-?(?P<number>\d+(?:\.\d+)*[a-z]?){_BOUND}")
_ID_KINDS = {
    "m": "milestone",
    "ms": "milestone",
    "wp": "work-package",
    "rc": "rc",
    "ph": "phase",
    "p": "phase",
}
_QUARTER = re.compile(
    r"(?:(?P<year>\d{4})[\s\-/]*)?(?P<unit>[qh])(?P<number>[1-4])"
    r"(?:\s*[-–—/]\s*[qh]?(?P<last>[1-4]))?(?:[\s\-/]*(?P<year2>\d{4}))?" + _BOUND
)
_RANGE = re.compile(
    rf"\s*(?:[-–—~]|to\b|bis\b|até\b|à\b)\s*(?:{KINDS.pattern}|rc|m|v)?\s*(?P<last>\d+(?:\.\d+)*){_BOUND}"
)
_SEPARATOR = re.compile(r"\s*(?:[:：.)、|]|[-–—](?=\s)|(?<=\s)[-–—])\s*|\s*$")
_LEAD = re.compile(r"^(?:[^\w\[第]|_)+")
_BRACKETED = re.compile(r"^\[(v?\d[^\[\]]*)\]")
_HEAD = re.compile(r"\s*[:：(（]|\s+[-–—]\s")


@dataclass(frozen=True, slots=True)
class StageName:
    """The parts of a name that tell which stage it is.

    Args:
        kind: canonical kind word ("phase", "post-phase", "version"), ``""`` where there is none.
        number: complete number, ``""`` where there is none; a range is a number of its own ("1-6").
        rest: what follows number and separator, ``""`` if nothing does.
        keyed: the number is followed by a separator or nothing, so kind and number alone name the
            stage: "Phase 7: AI" and "Phase 7", but not "Phase 7 Summary".
    """

    kind: str
    number: str
    rest: str
    keyed: bool


NO_NAME = StageName("", "", "", keyed=False)


def fold_key(text: str) -> str:
    """A text as names are compared: case, punctuation, emoji and blanks do not count."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _NOT_WORD.sub(" ", folded.casefold().replace("&", " and ")).strip()


def canonical_kind(word: str) -> str:
    """A kind word in the singular, blanks as hyphens: "Phases" is "phase"."""
    kind = re.sub(r"[\s_]+", " ", word.strip())
    kind = PLURALS.get(kind, kind)
    if kind.endswith("s") and not kind.endswith("ss"):
        kind = kind[:-1]
    return kind.replace(" ", "-")


def read_stage_name(name: str, default_kind: str = "") -> StageName:
    """Find kind and number in a name.

    Args:
        name: folded, as :attr:`HeadingReading.name`.
        default_kind: the kind that a bare number stands for, from a table's header.
    """
    name = _BRACKETED.sub(r"\1", _LEAD.sub("", name, count=1).strip(), count=1)
    text = unicodedata.normalize("NFKC", name).casefold()
    if default_kind and (match := _BARE_NUMBER.match(text)) is not None:
        # "1. Foundation" and "9.1 Rework" in a column of phases: the number says it all.
        found = _named(name, text, match.end(), default_kind, _plain_number(match["number"]))
        return StageName(found.kind, found.number, found.rest, keyed=True)
    match = _NAMED.match(text) or _COUNTED.match(text) or _CJK.match(text) or _KOREAN.match(text)
    if match is not None:
        return _named(name, text, match.end(), canonical_kind(match["kind"]), _plain_number(match["number"]))
    quarter = _QUARTER.match(text)
    if quarter is not None and (quarter["unit"] == "q" or quarter["number"] in "12"):
        return _quarter(name, text, quarter)
    match = _MILESTONE_ID.match(text)
    # "P1" is a priority, unless a column named for phases holds it.
    if match is not None and (match["kind"] != "p" or default_kind == "phase"):
        return _named(name, text, match.end(), _ID_KINDS[match["kind"]], _plain_number(match["number"]))
    match = _BARE_VERSION.match(text)
    if match is not None:
        found = _named(name, text, match.end(), "version", _plain_number(match["number"]))
        dots = match["number"].count(".")
        # "1.2 Foundation" counts sections; "1.2", "1.2 - Foundation" and "1.2.0 Foundation" are versions.
        if match["kind"] or dots >= 2 or (dots and found.keyed):
            return found
    return NO_NAME


def is_stage_like(name: str) -> bool:
    """Whether a heading's name alone suggests that it is a stage."""
    if read_stage_name(name).number:
        return True
    text = unicodedata.normalize("NFKC", _LEAD.sub("", name, count=1)).casefold().strip(" :.-–—")
    return ALONE.fullmatch(_HEAD.split(text, maxsplit=1)[0].strip()) is not None


def is_plainly_a_stage(name: str) -> bool:
    """Whether a name can be nothing but a stage's, with no other stage beside it to prove it."""
    stage = read_stage_name(name)
    if stage.number:
        return stage.keyed and (stage.kind != "version" or "." in stage.number)
    return is_stage_like(name)


def _named(name: str, text: str, end: int, kind: str, number: str) -> StageName:
    ranged = _RANGE.match(text, end)
    if ranged is not None and _follows(number, last := _plain_number(ranged["last"])):
        number, end = f"{number}-{last}", ranged.end()
    separator = _SEPARATOR.match(text, end)
    keyed = separator is not None
    at = separator.end() if separator is not None else end
    rest = (name if len(name) == len(text) else text)[at:].strip()
    return StageName(kind, number, rest, keyed or text[end : end + 1] in "(（[")


def _follows(first: str, last: str) -> bool:
    """Whether two numbers make a range of stages: "1 – 6" does, "Phase 2 - 2026 goals" does not."""
    try:
        return 0 < float(last) - float(first) < 60
    except ValueError:
        return False


def _quarter(name: str, text: str, match: re.Match[str]) -> StageName:
    year = match["year"] or match["year2"] or ""
    last = f"-{match['last']}" if match["last"] else ""
    kind = "quarter" if match["unit"] == "q" else "half"
    return _named(name, text, match.end(), kind, f"{year}{match['unit']}{match['number']}{last}")


def _plain_number(text: str) -> str:
    """A number in digits of our own, without leading zeros: "٣" is 3 and "09.1" is 9.1."""
    word = NUMBER_WORDS.get(text) or ORDINALS.get(text)
    if word is not None:
        return word
    return re.sub(r"\d+", lambda match: str(int(match.group())), text.removeprefix("v"))
