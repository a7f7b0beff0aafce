"""What happens in the runs that are interrupted: a first sync, and a sync with changes on both sides."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tests.crash.rig import Rig

_ITEMS = (
    "Weld the frame of section {n}",
    "Fit valve {n} and test it under pressure",
    "Write down what went wrong with engine {n}",
    "Order the parts for stand {n}",
)


def roadmap(size: int) -> bytes:
    """A roadmap with two stages, a table of milestones, twins, and text that is none of our business."""
    ground = max(size // 2, size - 30)
    lines = ["# Rocket", "", "Written by hand; do not reflow.  ", "", "## Milestones", ""]
    lines += ["| Milestone | Target date | Status |", "|---|---|---|"]
    lines += ["| M1: First flight | 2026-09-01 | Planned |", "| M2: Second flight | 2026-12-01 | Planned |"]
    for stage, numbers in (("Phase 1: Ground", range(ground)), ("Phase 2: Flight", range(ground, size - 2))):
        lines += ["", f"## {stage}", ""]
        for number in numbers:
            lines.append(f"- [ ] {_ITEMS[number % len(_ITEMS)].format(n=number)}")
            if number % 5 == 0:
                lines.append(f"  with a remark about part {number}")
    lines += ["- [ ] Check the seals", "- [ ] Check the seals", "", "Notes\tend without a line end"]
    return "\n".join(lines).encode()


@dataclass(frozen=True)
class Story:
    """One thing that can be interrupted.

    Args:
        prepare: brings a fresh rig to where the run begins.
    """

    name: str
    prepare: Callable[[Rig, int], None]


def _first(rig: Rig, _size: int) -> None:
    """People have issues and a milestone of their own already."""
    own = rig.repository.create_milestone("Someday")
    rig.repository.open_issue("The pad smells of kerosene", "Since *yesterday*.\n", milestone=own)
    rig.repository.open_issue("Check the seals", "Not the one of the roadmap.")


def _mixed(rig: Rig, size: int) -> None:
    """Everything people do to both sides between two syncs."""
    _first(rig, size)
    rig.run()
    by_title = {issue.title: issue for issue in rig.repository.issues()}
    titles = [title for title in by_title if title.split()[0] in ("Weld", "Fit", "Write", "Order")]
    ticked, closed = titles[0], titles[1]
    by_title[closed].close()
    _edit(rig, f"- [ ] {ticked}", f"- [x] {ticked}")
    rig.run()
    rig.sandbox.clock.advance(3)
    # Here begins what the interrupted run has to carry.
    by_title[closed].reopen()
    _edit(rig, f"- [x] {ticked}", f"- [ ] {ticked}")
    rest = titles[2:]
    count = max(1, size // 20)
    for title in rest[0:count]:
        by_title[title].close()
    for title in rest[count : 2 * count]:
        _edit(rig, f"- [ ] {title}", f"- [X] {title}")
    for title in rest[2 * count : 3 * count]:
        by_title[title].retitle(f"Something else entirely {title.split()[-1]}")
    for title in rest[3 * count : 4 * count]:
        _edit(rig, title, f"{title}, twice")
    moved = rest[4 * count]
    _edit(rig, f"- [ ] {moved}\n", "")
    _edit(
        rig,
        "- [ ] Check the seals\n- [ ] Check the seals\n",
        f"- [ ] Check the seals\n- [ ] Check the seals\n- [ ] {moved}\n",
    )
    dropped = by_title[rest[4 * count + 1]]
    if rig.kind == "gitlab":
        dropped.label("dropped")
    dropped.close(reason="not_planned")
    _edit(rig, "## Phase 2: Flight", "## Phase 2: Ascent")
    _edit(rig, "2026-12-01", "2026-12-24")
    first = next(each for each in rig.repository.milestones() if "First flight" in each.title)
    first.set_due(date(2026, 9, 8))
    second = next(each for each in rig.repository.milestones() if "Second flight" in each.title)
    second.close()
    body = by_title[rest[0]].body
    by_title[rest[0]].edit_body(f"Seen by Bob.\n\n{body}\n\nAnd below.\n")
    by_title[rest[1]].comment("Is anybody on this?")
    rig.sandbox.clock.advance(3)


def _edit(rig: Rig, old: str, new: str) -> None:
    """Replace one text; "section 12" is not the beginning of "section 120"."""
    text = rig.repository.file("TODO.md").decode()
    changed, count = re.subn(re.escape(old) + r"(?![0-9])", lambda _match: new, text)
    assert count == 1, (old, count, text)
    rig.repository.commit({"TODO.md": changed.encode()}, by="dave")


FIRST = Story("a first sync", _first)
MIXED = Story("a sync with changes on both sides", _mixed)
STORIES = (FIRST, MIXED)
