"""Every row of ``marks.md`` is what is read, and what is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from syncer.model.document import Document, Item
from syncer.model.edits import SetState
from syncer.model.fields import TaskState
from syncer.roadmap.edit import apply_edits
from syncer.roadmap.parse import parse

HEAD, TAIL = "# Plan\n\n", "\n- [ ] Other work\n"
_ROW = re.compile(r"^\| `(.+?)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = _ROW.findall((Path(__file__).parent / "marks.md").read_text(encoding="utf-8"))


def test_the_table_is_read() -> None:
    assert len(ROWS) > 40


@pytest.mark.parametrize(("line", "status", "closed", "reopened", "said"), ROWS, ids=[row[0] for row in ROWS])
def test_marks(line: str, status: str, closed: str, reopened: str, said: str) -> None:
    document = parse("TODO.md", f"{HEAD}{line}{TAIL}".encode())
    found = [item for item in document.items if item.title != "Other work"]
    assert [item.status.value.replace("_", " ") for item in found] == ([] if status == "text" else [status])
    told = [each.code for each in document.problems] + [each.code for each in document.left_out]
    codes = dict.fromkeys(told)
    assert (", ".join(codes) or "–") == said
    for item in found:
        assert _written(document, item, TaskState.DONE, line) == closed
        assert _written(document, item, TaskState.OPEN, line) == reopened


def _written(document: Document, item: Item, state: TaskState, line: str) -> str:
    data = apply_edits(document, [SetState(item.index, state)]).data.decode()
    assert data.startswith(HEAD)
    assert data.endswith(TAIL)
    now = data[len(HEAD) : -len(TAIL)]
    return "as it is" if now == line else f"`{now}`"
