"""What an item's first line says behind its title: a status suffix, a link.

The line keeps all of it; only the title is free of it, so that an issue's title reads well and a
change of the suffix is no change of the title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from syncer.roadmap.inline import plain_text
from syncer.roadmap.pieces import BOLD, BOLD_END, LINKED, LINKED_END, STRUCK, STRUCK_END
from syncer.roadmap.words import plainly_a_status, word_status

_GLYPH = "[✅✔☑✓❌🚧🔄⏳⌛⬜🔲⏸⛔✗✘]\ufe0f?"
_TAIL_NOTE = re.compile(r"\s*\([^()]*\)\s*$")
_GLYPH_TAIL = re.compile(
    rf"(?P<all>\s*(?:[-–—:]\s*)?{_GLYPH}\s*"
    rf"(?P<word>{BOLD}[^{BOLD_END}]{{1,40}}{BOLD_END}|[^\W\d_][\w ']{{1,30}})?(?:\s*{_GLYPH})*)\s*$"
)
_BOLD_TAIL = re.compile(rf"(?P<all>\s*(?:[-–—:]\s*)?{BOLD}(?P<word>[^{BOLD_END}]{{1,40}}){BOLD_END})\s*$")
_DASH_TAIL = re.compile(r"(?P<all>\s+[-–—]+\s*(?P<word>[^\W\d_][\w ']{1,30}))\s*$")
_BRACKET_TAIL = re.compile(r"(?P<all>\s*[(\[](?P<word>[^()\[\]]{1,30})[)\]])\s*$")
_TASK_TAIL = re.compile(
    r"(?P<all>\s*(?:(?P<sign>[📅🗓⏳🛫➕✅❌])\ufe0f?\s*\d{4}-\d{2}-\d{2}|[🔺⏫🔼🔽⏬]\ufe0f?))\s*$"
)
"""Dates and priorities as the Obsidian plugin "Tasks" appends them (documentation: "Tasks Emoji Format")."""

_LINK_TAIL = re.compile(rf"\s*\(?\s*{LINKED}\s*(?:[\w./-]*[#!]|GH-|gh-)\d+\s*{LINKED_END}\s*\)?\s*$")
_SIGNS_ONLY = re.compile(f"[{BOLD}{BOLD_END}{STRUCK}{STRUCK_END}{LINKED}{LINKED_END}\\s]*")

_NOTE = re.compile(r"(?:[(\[（].*[)\]）]|(?:[-–—:→]|=>).*)?")
"""What may stand behind a struck title without being one itself: why it was struck, where it went."""

_LONGEST_TAIL = 300
"""So many characters at a line's end are looked at: a status is short, and a line may be huge."""

_MOST_TAILS = 6
_BRACKET_ENDS = frozenset(")]")
_PRIORITY_ENDS = frozenset("🔺⏫🔼🔽⏬\ufe0f")
_HAS_GLYPH = re.compile("[✅✔☑✓❌🚧🔄⏳⌛⬜🔲⏸⛔✗✘]")
_SUFFIX_HINT = re.compile(
    r"[✅✔☑✓❌🚧🔄⏳⌛⬜🔲⏸⛔✗✘📅🗓🛫➕🔺⏫🔼🔽⏬]"
    rf"|[)\]{BOLD_END}{LINKED_END}]\s*$|\s[-–—]+\s*[^\W\d_][\w ']{{1,30}}\s*$"
)
_PLACEHOLDER = re.compile(
    r"\[[^\]\[]*\]|<[^<>]+>|.*\{\{.*\}\}.*|[tT]?X{2,}(?:\s.*)?|\.{3}|…|TODO|(?:TBD|TBA)(?:[\s:(,–—-].*)?"
)

_TELLING_SIGNS = "✅❌"
PLACEHOLDER_STARTS = frozenset(["", *"[<tTX.…"])
"""What a template's blank can begin with; nothing at all is one, too."""


@dataclass(frozen=True, slots=True)
class Suffix:
    """Where a title ends and what stands behind it.

    Args:
        cuts: ranges of characters that are no part of the title, in order.
        status_text: the status that was cut off, as plain text.
    """

    cuts: tuple[tuple[int, int], ...]
    status_text: str | None


NO_SUFFIX = Suffix((), None)


def may_have_suffix(marked: str) -> bool:
    """Whether anything may stand behind the title. Cheap; a yes is not a suffix."""
    if marked.isascii():
        return marked.rstrip()[-1:] in (")", "]") or " -" in marked
    return _SUFFIX_HINT.search(marked) is not None


def find_suffix(marked: str) -> Suffix:
    """Find what stands behind a title: status glyphs and words, and a link back to an issue.

    A glyph with words that name no status ("✅ **READY FOR SUNDAY TESTING**") is text.
    """
    cuts: list[tuple[int, int]] = []
    texts: list[str] = []
    end = len(marked.rstrip())
    linked = False
    for _ in range(_MOST_TAILS):
        first = max(0, end - _LONGEST_TAIL)
        link = None
        if not linked and LINKED_END in marked[max(first, end - 3) : end]:
            link = _LINK_TAIL.search(marked[first:end])
        if link is not None and marked[: first + link.start()].strip():
            cuts.append((first + link.start(), end))
            end, linked = first + link.start(), True
            continue
        cut = _status_tail(marked[first:end])
        if cut is None or not plain_text(marked[: first + cut[0]]):
            break
        start, stop = first + cut[0], first + cut[1]
        cuts.append((start, stop))
        texts.append(cut[2])
        if stop < end:
            # A note in brackets stands behind the status; it stays part of the title.
            break
        end = start
    cuts.sort()
    status_text = " ".join(text for text in reversed(texts) if text) or None
    return Suffix(tuple(cuts), status_text)


def without_link(marked: str) -> int:
    """Where a text ends that has nothing but a link to an issue behind it."""
    link = _LINK_TAIL.search(marked, max(0, len(marked) - _LONGEST_TAIL)) if LINKED_END in marked else None
    if link is None or not plain_text(marked[: link.start()]):
        return len(marked)
    return link.start()


def _status_tail(tail: str) -> tuple[int, int, str] | None:
    """Where a status stands at a line's end, or in front of a note there, and what it says."""
    # Most lines end with nothing of the kind: their last character tells, before a pattern has to.
    last = tail[-1:]
    if last.isdigit() or last in _PRIORITY_ENDS:
        task = _TASK_TAIL.search(tail)
        if task is not None:
            tells = task["sign"] is not None and task["sign"] in _TELLING_SIGNS
            return task.start("all"), task.end("all"), plain_text(task["all"]) if tells else ""
    bracketed = last in _BRACKET_ENDS
    note = _TAIL_NOTE.search(tail) if bracketed else None
    for text in (tail, tail[: note.start()]) if note is not None else (tail,):
        match = _GLYPH_TAIL.search(text) if _HAS_GLYPH.search(text) is not None else None
        if match is not None:
            word = match["word"]
            if word is None or word_status(plain_text(word)) is not None:
                return match.start("all"), match.end("all"), plain_text(match["all"]).lstrip("-–—: ")
        bold = _BOLD_TAIL.search(text) if BOLD_END in text[-3:] else None
        if bold is not None and plainly_a_status(plain_text(bold["word"])):
            return bold.start("all"), bold.end("all"), plain_text(bold["word"])
        if text is tail:
            found = (_BRACKET_TAIL if bracketed else _DASH_TAIL).search(text)
            if found is not None and plainly_a_status(found["word"]):
                return found.start("all"), found.end("all"), plain_text(found["word"])
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
        and _NOTE.fullmatch(plain_text(marked[stop:]).strip("✅✔☑✓❌ ")) is not None
        and marked.count(STRUCK) == 1
    )


def is_placeholder(title: str) -> bool:
    """Whether a title is a template's blank that somebody still has to fill in."""
    if title[:1] not in PLACEHOLDER_STARTS and "{{" not in title:
        return False
    return _PLACEHOLDER.fullmatch(title) is not None
