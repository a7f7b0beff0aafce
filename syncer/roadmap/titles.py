"""What an item's first line says besides its title: an id, a status suffix, a link.

The line keeps all of it; only the title is free of it, so that an issue's title reads well and a
change of the suffix is no change of the title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from syncer.roadmap.inline import plain_text
from syncer.roadmap.pieces import BOLD, BOLD_END, LINKED, LINKED_END, STRUCK, STRUCK_END
from syncer.roadmap.words import word_status

_GLYPH = "[✅✔☑✓❌🚧🔄⏳⌛⬜🔲⏸⛔✗✘]\ufe0f?"
_TAIL_NOTE = re.compile(r"\s*\([^()]*\)\s*$")
_GLYPH_TAIL = re.compile(
    rf"(?P<all>\s*(?:[-–—:]\s*)?{_GLYPH}\s*"
    rf"(?P<word>{BOLD}[^{BOLD_END}]{{1,40}}{BOLD_END}|[^\W\d_][\w ']{{1,30}})?(?:\s*{_GLYPH})*)\s*$"
)
_BOLD_TAIL = re.compile(rf"(?P<all>\s*(?:[-–—:]\s*)?{BOLD}(?P<word>[^{BOLD_END}]{{1,40}}){BOLD_END})\s*$")
_DASH_TAIL = re.compile(r"(?P<all>\s+[-–—]+\s*(?P<word>[^\W\d_][\w ']{1,30}))\s*$")
_BRACKET_TAIL = re.compile(r"(?P<all>\s*[(\[](?P<word>[^()\[\]]{1,30})[)\]])\s*$")
_LINK_TAIL = re.compile(rf"\s*\(?\s*{LINKED}\s*(?:#|!|GH-|gh-)\d+\s*{LINKED_END}\s*\)?\s*$")
_SIGNS_ONLY = re.compile(f"[{BOLD}{BOLD_END}{STRUCK}{STRUCK_END}{LINKED}{LINKED_END}\\s]*")

_HYPHENATED = r"[A-Z]{1,10}(?:[-_][A-Z0-9]{1,8}){0,3}[-_]\d{1,6}(?:\.\d+)*[a-z]?"
_JOINED = r"[A-Z]{1,6}\d{1,6}(?:\.\d+)*[a-z]?"
_NUMERIC = r"\d{1,4}(?:[.-]\d{1,4}){1,4}"
_ID = re.compile(
    rf"\s*(?P<bold>{BOLD}\s*)?(?P<open>[\[(])?(?P<id>{_HYPHENATED}|{_JOINED}|{_NUMERIC})(?P<shut>[\])])?"
    rf"(?P<inner>\s*:)?(?P<bold_end>\s*{BOLD_END})?(?P<sep>\s*[:.)]|\s+[-–—|])?(?:\s+|$)"
)
_PRIORITY = re.compile(r"P[0-9]|S[0-9]|Q[1-4]|H[1-6]")
_PLACEHOLDER = re.compile(r"\[[^\]\[]*\]|<[^<>]+>|.*\{\{.*\}\}.*|t?X{2,}|\.{3}|…|TBD|TODO")


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


@dataclass(frozen=True, slots=True)
class Suffix:
    """Where a title ends and what stands behind it.

    Args:
        cuts: ranges of characters that are no part of the title, in order.
        status_text: the status that was cut off, as plain text.
    """

    cuts: tuple[tuple[int, int], ...]
    status_text: str | None


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
    numeric = identifier[0].isdigit()
    joined = re.fullmatch(_JOINED, identifier) is not None
    if match["bold"] and not match["bold_end"]:
        # The bold run goes on over the title; the id stands inside it.
        if not colon and not match["sep"]:
            return IdGuess(identifier, match.end(), certain=False)
        bold = False
    if numeric:
        certain = colon or bold or bracketed
    elif joined:
        certain = bracketed or bold or (colon and sum(char.isdigit() for char in identifier) >= 3)
    else:
        certain = bracketed or bold or colon
    return IdGuess(identifier, match.end(), certain)


def find_suffix(marked: str) -> Suffix:
    """Find what stands behind a title: status glyphs and words, and a link back to an issue.

    A glyph with words that name no status ("✅ **READY FOR SUNDAY TESTING**") is text.
    """
    cuts: list[tuple[int, int]] = []
    texts: list[str] = []
    end = len(marked.rstrip())
    link = _LINK_TAIL.search(marked[:end])
    if link is not None and marked[: link.start()].strip():
        cuts.append((link.start(), end))
        end = link.start()
    while True:
        cut = _status_tail(marked, end)
        if cut is None:
            break
        start, stop, text = cut
        if not plain_text(marked[:start]):
            break
        cuts.append((start, stop))
        texts.append(text)
        if stop < end:
            # A note in brackets stands behind the status; it stays part of the title.
            break
        end = start
    cuts.sort()
    status_text = " ".join(reversed(texts)) if texts else None
    return Suffix(tuple(cuts), status_text)


def _status_tail(marked: str, end: int) -> tuple[int, int, str] | None:
    head = marked[:end]
    note = _TAIL_NOTE.search(head)
    for stop in [end] + ([note.start()] if note is not None else []):
        text = marked[:stop]
        match = _GLYPH_TAIL.search(text)
        if match is not None:
            word = match["word"]
            if word is None or word_status(plain_text(word)) is not None:
                return match.start("all"), match.end("all"), plain_text(match["all"]).lstrip("-–—: ")
        bold = _BOLD_TAIL.search(text)
        if bold is not None and word_status(plain_text(bold["word"])) is not None:
            return bold.start("all"), bold.end("all"), plain_text(bold["word"])
        if stop == end:
            for pattern in (_DASH_TAIL, _BRACKET_TAIL):
                tail = pattern.search(text)
                if tail is not None and word_status(tail["word"]) is not None:
                    return tail.start("all"), tail.end("all"), plain_text(tail["word"])
    return None


def title_ranges(marked: str, id_end: int, suffix: Suffix) -> list[tuple[int, int]]:
    """The ranges of characters that make up the title, id and suffix left out."""
    ranges: list[tuple[int, int]] = []
    at = id_end
    for start, stop in suffix.cuts:
        if start > at:
            ranges.append((at, start))
        at = max(at, stop)
    if at < len(marked):
        ranges.append((at, len(marked)))
    return ranges


def join_title(marked: str, ranges: list[tuple[int, int]]) -> str:
    """The title's text, white space collapsed."""
    return plain_text("".join(marked[start:stop] for start, stop in ranges))


def is_struck(marked: str) -> bool:
    """Whether the whole title is struck through."""
    start, stop = marked.find(STRUCK), marked.rfind(STRUCK_END)
    return (
        0 <= start < stop
        and _SIGNS_ONLY.fullmatch(marked[:start]) is not None
        and not plain_text(marked[stop:]).strip("✅✔☑✓❌ ")
        and marked.count(STRUCK) == 1
    )


def is_placeholder(title: str) -> bool:
    """Whether a title is a template's blank that somebody still has to fill in."""
    return _PLACEHOLDER.fullmatch(title) is not None
