"""What looks like a checkbox and is none: reported with its place, never edited."""

from __future__ import annotations

import re
from bisect import bisect_right

from syncer.roadmap.draft import Findings
from syncer.roadmap.lines import Lines
from syncer.roadmap.structure import RegionKind, Scan

_CANDIDATE = re.compile(rb"\[(?:[ xX]|\xe2\x9c\x93|\xe2\x9c\x94|\xe2\x9c\x85)\]")
_BULLET_BEFORE = re.compile(rb"(?:[-*+]|\d{1,9}[.)])[ \t]+\Z")
_INVISIBLE = re.compile("^[\u00a0\u200b\u2060\ufeff\u3000]+".encode())

_WHY_REGION = {
    RegionKind.CODE: ("in-code", "stands in code"),
    RegionKind.HTML: ("in-html", "stands in an HTML block or comment"),
    RegionKind.QUOTE: ("in-quote", "stands in a quote; quotes are read only"),
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
    for match in _CANDIDATE.finditer(data):
        at = match.start()
        if at in taken:
            continue
        line = lines.number(at)
        index = bisect_right(starts, at) - 1
        if index >= 0 and at < scan.regions[index].end:
            code, why = _WHY_REGION[scan.regions[index].kind]
            findings.leave_out(line, code, why)
            continue
        line_start = lines.start(line)
        before = data[line_start:at]
        after = data[match.end() : match.end() + 1]
        _report(line, before, after, findings)


def _report(line: int, before: bytes, after: bytes, findings: Findings) -> None:
    bullet = _BULLET_BEFORE.search(before)
    if bullet is not None:
        lead = before[: bullet.start()]
        if not lead.strip():
            if after in (b"", b" ", b"\t", b"\r", b"\n"):
                findings.problem(
                    line,
                    "swallowed-checkbox",
                    "indented so far that Markdown reads it as text of the line above; it is no item",
                )
            elif after in (b":", b"("):
                findings.leave_out(line, "link-text", "a link or a link definition, not a box")
            else:
                findings.problem(
                    line, "no-space-after-box", "a box needs a blank behind its brackets; it is no item"
                )
        elif _INVISIBLE.match(lead.strip(b" \t")):
            findings.problem(
                line, "invisible-indent", "indented with an invisible character; Markdown sees no list here"
            )
        elif after in (b" ", b"\t"):
            findings.problem(
                line,
                "glued-checkbox",
                f"a checkbox is glued to the text before it (column {len(lead.decode()) + 1}); "
                "it is no item and never edited",
            )
    elif not before.strip() and after in (b" ", b"\t"):
        findings.leave_out(line, "bare-box", "a box without a list marker is text")
