"""The tables of ``docs/semantics.md``, as tests read them."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "semantics.md"

Row = tuple[str, ...]


def rows(law: str) -> list[Row]:
    """All rows of the tables that are marked with a law's name, as stripped cells."""
    text = DOCUMENT.read_text(encoding="utf-8")
    found: list[Row] = []
    for table in re.findall(rf"<!-- law: {re.escape(law)} -->\n((?:\|.*\n)+)", text):
        lines = table.strip().splitlines()[2:]
        found += [tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in lines]
    return found
