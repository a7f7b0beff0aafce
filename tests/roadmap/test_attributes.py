"""What an item says about itself: which forms are read, and which look like one and are not."""

from __future__ import annotations

from datetime import date

import pytest

from syncer.model.attributes import NO_ATTRIBUTES, Attributes
from syncer.roadmap.parse import parse

DAY = date(2026, 3, 6)

LINES = [
    ("Write it @ada", Attributes(owners=("ada",))),
    ("Write it @ada @bob-b", Attributes(owners=("bob-b", "ada"))),
    ("Write it @ada #parser 📅 2026-03-06", Attributes(owners=("ada",), due=DAY, tags=("parser",))),
    ("Write it due:2026-03-06 owner:ada", Attributes(owners=("ada",), due=DAY)),
    ("Write it @due(2026-03-06)", Attributes(due=DAY)),
    ("Write it [priority:: high] (due:: 2026-03-06)", Attributes(priority="high", due=DAY)),
    ("[P1] Write it", Attributes(priority="p1")),
    ("**P0**: Write it", Attributes(priority="p0")),
    ("Write it (P3)", Attributes(priority="p3")),
    ("(A) Write it", Attributes(priority="a")),
    ("Write it !high", Attributes(priority="high")),
    ("Write it ⏫", Attributes(priority="high")),
    ("Write it 🔽 📅 2026-03-06", Attributes(priority="low", due=DAY)),
    ("Write it #area/parser ([#12](https://f.example/a/b/issues/12))", Attributes(tags=("area/parser",))),
    # What only looks like it.
    ("Ship @tm/core", NO_ATTRIBUTES),
    ("Ship @next/bundle-analyzer", NO_ATTRIBUTES),
    ("Use `@ada`", NO_ATTRIBUTES),
    ("Remove `#tag`", NO_ATTRIBUTES),
    ("Ask @ada about the parser", NO_ATTRIBUTES),
    ("Mail ada@example.org", NO_ATTRIBUTES),
    ("Fix #3", NO_ATTRIBUTES),
    ("#1 Fix it", NO_ATTRIBUTES),
    ("constraint #4", NO_ATTRIBUTES),
    ("Support C#", NO_ATTRIBUTES),
    ("Write it 🔴", NO_ATTRIBUTES),
    ("Build P2P sharing", NO_ATTRIBUTES),
    ("Release by Q3", NO_ATTRIBUTES),
    ("Write it due:soon", NO_ATTRIBUTES),
    ("Write it due:2026-02-30", NO_ATTRIBUTES),
    ("See https://example.org/owner:ada", NO_ATTRIBUTES),
    ("Note: this is hard", NO_ATTRIBUTES),
]


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[line for line, _ in LINES])
def test_a_line(line: str, expected: Attributes) -> None:
    (item,) = parse("TODO.md", f"# Plan\n\n- [ ] {line}\n".encode()).items
    assert item.attributes == expected


FIELDS = [
    ("- Owner: Ada Lovelace, @bob", Attributes(owners=("Ada Lovelace", "bob"))),
    ("- **Assignee:** [Ada](https://example.org/ada)", Attributes(owners=("Ada",))),
    ("- Priority: 🔴 High", Attributes(priority="high")),
    ("- 优先级：高", Attributes(priority="high")),
    ("- 负责人： @ada", Attributes(owners=("ada",))),
    ("- Priority: 🟡", Attributes(priority="medium")),
    ("- Due: 2026-03-06", Attributes(due=DAY)),
    ("- Due: Q3", NO_ATTRIBUTES),
    ("- Estimate: 3 days", Attributes(estimate="3 days")),
    ("- Labels: `parser`, #lexer, 3", Attributes(tags=("parser", "lexer"))),
    ("It has an owner: nobody", NO_ATTRIBUTES),
    ("- Nested\n  - Owner: Ada", NO_ATTRIBUTES),
    ("```\n- Owner: Ada\n```", NO_ATTRIBUTES),
]


@pytest.mark.parametrize(("below", "expected"), FIELDS, ids=[below for below, _ in FIELDS])
def test_a_field_below_the_line(below: str, expected: Attributes) -> None:
    indented = "\n".join(f"  {row}" for row in below.split("\n"))
    (item,) = parse("TODO.md", f"# Plan\n\n- [ ] Write it\n{indented}\n".encode()).items
    assert item.attributes == expected


def test_the_columns_of_a_row() -> None:
    text = """# Plan

| ID | Task | Status | Priority | Owner | Target Date | Effort |
|---|---|---|---|---|---|---|
| A-1 | Write it | Pending | 🔴 | @ada | 2026-03-06 | 2d |
| A-2 | Test it | Pending | – | – | Q3 | |
"""
    first, second = parse("TODO.md", text.encode()).items
    assert first.attributes == Attributes("high", ("ada",), DAY, "2d")
    assert second.attributes == NO_ATTRIBUTES


@pytest.mark.parametrize(
    ("heading", "priority"),
    [
        ("High Priority", "high"),
        ("P1", "p1"),
        ("P0 - Critical", "p0"),
        ("Priority: Low", "low"),
        ("高优先级", "high"),
        ("Phase 1: Priority queues", ""),
        ("Highlights", ""),
    ],
)
def test_a_heading_names_the_priority_of_what_stands_below_it(heading: str, priority: str) -> None:
    text = f"# Plan\n\n## {heading}\n\n- [ ] Write it\n- [ ] [P4] Test it\n"
    first, second = parse("TODO.md", text.encode()).items
    assert (first.attributes.priority, second.attributes.priority) == (priority, "p4")


def test_nothing_is_read_in_comments() -> None:
    (item,) = parse("TODO.md", b"# Plan\n\n- [ ] Write it <!-- @ada #x -->\n").items
    assert item.attributes == NO_ATTRIBUTES
