"""What looks like a checkbox and is none: reported with its place, never edited."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from syncer.roadmap.draft import Findings
from syncer.roadmap.lines import Lines
from syncer.roadmap.structure import RegionKind, Scan

_CANDIDATE = re.compile(rb"\[(?:[ xX]|\xe2\x9c\x93|\xe2\x9c\x94|\xe2\x9c\x85)\]")
_BULLET_BEFORE = re.compile(rb"(?:[-*+]|\d{1,9}[.)])[ \t]+\Z")
_MARKUP_BEFORE = re.compile(rb"(?:[-*+]|\d{1,9}[.)])[ \t]+[*_`~]{1,3}\Z")
_INVISIBLE = re.compile("^[\u00a0\u200b\u2060\ufeff\u3000]+".encode())

_NEAR = 100
"""So many bytes in front of a bracket are looked at, so that a huge line is read in linear time."""

_FAR = 1_000
"""Beyond so many bytes a place is no longer told as a column, which would have to be counted."""

_WHY_REGION = {
    RegionKind.CODE: ("in-code", "stands in code"),
    RegionKind.HTML: ("in-html", "stands in an HTML block or comment"),
    RegionKind.QUOTE: ("in-quote", "stands in a quote; quotes are read only"),
    RegionKind.FOOTNOTE: ("in-footnote", "stands in a footnote"),
    RegionKind.FRONT_MATTER: ("in-front-matter", "stands in front matter"),
}


def report_suspects(data: bytes, scan: Scan, lines: Lines, taken: set[int], findings: Findings) -> None:
    """Report every bracket pair that could be taken for a box and is not one.

    Args:
        data: the file.
        scan: its structure.
        lines: its lines.
        taken: offsets of the opening brackets that are boxes or box cells, or were left out already.
        findings: where to report to.
    """
    starts = [region.start for region in scan.regions]
    said: set[tuple[int, str]] = set()
    for match in _CANDIDATE.finditer(data):
        at = match.start()
        if at in taken:
            continue
        line = lines.number(at)
        index = bisect_right(starts, at) - 1
        if index >= 0 and at < scan.regions[index].end:
            code, why = _WHY_REGION[scan.regions[index].kind]
            suspect = Suspect(code, why, harmless=True)
        else:
            found = _suspect(data, lines.start(line), at, data[match.end() : match.end() + 1])
            if found is None:
                continue
            suspect = found
        if (line, suspect.code) in said:
            # A line of ten thousand brackets is one thing to know.
            continue
        said.add((line, suspect.code))
        report = findings.leave_out if suspect.harmless else findings.problem
        report(line, suspect.code, suspect.message)


@dataclass(frozen=True, slots=True)
class Suspect:
    """What looks like a box, and why it is none.

    Args:
        harmless: it was hardly meant as one.
    """

    code: str
    message: str
    harmless: bool = False


def _suspect(data: bytes, line_start: int, at: int, after: bytes) -> Suspect | None:
    """Why a bracket pair outside all regions is no box; ``None`` where nobody would take it for one.

    Args:
        data: the file.
        line_start: where its line begins.
        at: where the bracket opens.
        after: the byte behind it.
    """
    near = data[max(line_start, at - _NEAR) : at]
    bullet = _BULLET_BEFORE.search(near)
    if bullet is None and _MARKUP_BEFORE.search(near):
        return Suspect("marked-up-box", "a box inside emphasis or code is text", harmless=True)
    if bullet is None:
        if not near.strip() and after in (b" ", b"\t"):
            return Suspect("bare-box", "a box without a list marker is text", harmless=True)
        return None
    start = at - len(near) + bullet.start()
    lead = data[line_start : min(start, line_start + _NEAR)]
    if not lead.strip():
        if after in (b"", b" ", b"\t", b"\r", b"\n"):
            why = "indented so far that Markdown reads it as text of the line above; it is no item"
            return Suspect("swallowed-checkbox", why)
        if after in (b":", b"("):
            return Suspect("link-text", "a link or a link definition, not a box", harmless=True)
        return Suspect("no-space-after-box", "a box needs a blank behind its brackets; it is no item")
    if _INVISIBLE.match(lead.strip(b" \t")):
        why = "indented with an invisible character; Markdown sees no list here"
        return Suspect("invisible-indent", why)
    if after in (b" ", b"\t"):
        far = start - line_start > _FAR
        where = f"byte {start + 1}" if far else f"column {len(data[line_start:start].decode()) + 1}"
        why = f"a checkbox is glued to the text before it ({where}); it is no item and never edited"
        return Suspect("glued-checkbox", why)
    return None
