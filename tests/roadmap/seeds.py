"""The five real roadmaps that syncer was made for, kept beside the project, and what they must yield."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from syncer.model.document import Document
from syncer.roadmap.parse import parse

SEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"
EXPECTATIONS = SEEDS / "expectations.json"
KEYS = ["000", "001", "002", "003", "004"]
CHECKED = "xX✓✔✅☑"

needs_seeds = pytest.mark.skipif(not EXPECTATIONS.is_file(), reason="the seeds are not beside the project")


def expected(key: str) -> dict[str, Any]:
    """What people expect of one of them."""
    found: dict[str, Any] = json.loads(EXPECTATIONS.read_text(encoding="utf-8"))[key]
    return found


def data(key: str) -> bytes:
    return (SEEDS / str(expected(key)["file"])).read_bytes()


def read_seeds() -> dict[str, Document]:
    """All of them, read; none where they are absent."""
    return {key: parse("TODO.md", data(key)) for key in KEYS} if EXPECTATIONS.is_file() else {}
