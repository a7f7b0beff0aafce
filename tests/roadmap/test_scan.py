"""What the parser's ranges leave open, trap by trap, and how reading stays true to the bytes."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import NoReturn

import pyromark
import pytest

from syncer.errors import RoadmapError
from syncer.model.document import Document
from syncer.model.edits import SetState
from syncer.model.fields import Status, TaskState
from syncer.roadmap.admit import admit
from syncer.roadmap.edit import apply_edits
from syncer.roadmap.parse import parse
from syncer.roadmap.scan import scan
from syncer.roadmap.structure import RegionKind, Scan
from tests.roadmap.reading import codes, item_on, left_out, only, read, states, titles

_PROJECT = Path(__file__).resolve().parents[2]


def _scan(data: bytes) -> Scan:
    return scan("TODO.md", admit("TODO.md", data))


def _boxes(document: Document) -> list[bytes]:
    """The bytes that every box covers."""
    return [item.box.span.of(document.data) for item in document.items if item.box is not None]


def test_a_byte_order_mark_shifts_every_offset() -> None:
    """The parser never sees the mark, and every position counts it."""
    marked = read(b"\xef\xbb\xbf# Plan\n\n- [ ] a\n\n| ID | Task | Status |\n|-|-|-|\n| T-1 | b | Done |\n")

    assert [b"[ ]"] == _boxes(marked)
    assert b"Done" == item_on(marked, 7).cell.span.of(marked.data)  # type: ignore[union-attr]
    assert 0 == marked.sections[1].level - 1
    assert (b"\xef\xbb\xbf# Plan", True) == (marked.data[:9], marked.bom)


def test_bytes_that_are_not_utf8_are_refused_with_their_place() -> None:
    """Nothing is decoded leniently: an offset that were off by one byte would edit the wrong one."""
    with pytest.raises(RoadmapError, match="byte 0xff at offset 14") as caught:
        parse("docs/TODO.md", b"- [ ] a\n- [ ] \xff\n")

    assert ("not-utf8", "docs/TODO.md:2") == (caught.value.code, caught.value.where)


@pytest.mark.parametrize(
    "data",
    [
        b"- a\n\t- [ ] b\n\t\t- [ ] c\n",
        b"- a\n\n\t- [ ] b\n\n\t\t- [ ] c\n",
        b"-\ta\n\t-\t[ ] b\n\t\t-\t[ ] c\n",
        b"1. a\r\n\t* [ ] b\r\n\t\t+ [ ] c\r\n",
        b"  -   a\n      - [ ] b\n        - [ ] c\n",
    ],
)
def test_an_item_starts_at_its_bullet(data: bytes) -> None:
    """Ranges that begin with indentation, or with the line end before it, are moved to the bullet."""
    entries = _scan(data).entries

    assert all(data[entry.start : entry.start + 1] in (b"-", b"*", b"+", b"1") for entry in entries)
    assert [b"[ ]", b"[ ]"] == _boxes(read(data))
    assert [0, 1, 2] == [entry.depth for entry in entries]


def test_a_short_rows_missing_cell_is_nowhere() -> None:
    """The cell that a short row lacks is not the first byte of the next row."""
    document = read("""
        | ID | Task | Status |
        |----|------|--------|
        | T-1 | first |
        | T-2 | second | Pending |
        | T-3 |
    """)

    assert ["second"] == titles(document.items)
    assert [(3, "short-row"), (5, "short-row")] == codes(document.problems)
    assert all(cell.span is None for cell in _scan(document.data).tables[0].rows[0].cells[2:])


def test_cells_beyond_the_header_are_no_cells() -> None:
    """A row's surplus cells give nothing, and a cell is its text without the blanks around it."""
    document = read("""
        | ID | Task | Status |
        |----|------|--------|
        | T-1 |   first   |   Pending   | surplus | Done |
    """)
    item = only(document)

    assert (b"first", b"Pending") == (
        item.title_span.of(document.data),
        item.cell and item.cell.span.of(document.data),
    )


def test_an_empty_cell_lies_between_its_own_bars() -> None:
    """A word written into an empty cell stands in that cell, parted from both bars by a blank."""
    document = read("""
        | ID | Task | Status |
        |----|------|--------|
        | T-1 | a | Done |
        | T-2 | b |  |
        | T-3 | c ||
    """)
    edited = apply_edits(document, [SetState(1, TaskState.DONE), SetState(2, TaskState.DONE)])

    assert [b"| T-2 | b | Done |", b"| T-3 | c | Done |"] == edited.data.splitlines()[3:]


def test_escaped_pipes_and_code_do_not_end_a_cell() -> None:
    """A bar that is escaped is part of the cell, in code too (GFM, section 4.10)."""
    document = read(r"""
        | ID | Task | Status |
        |----|------|--------|
        | T-1 | a \| b `c \| d` | Pending |
    """)
    item = only(document)

    assert ("a | b `c | d`", Status.OPEN) == (item.title, item.status)
    assert rb"a \| b `c \| d`" == item.title_span.of(document.data)


def test_a_box_without_text_is_a_task_without_a_title() -> None:
    """GitHub shows a box there; no issue can be made of it, and what follows is not swallowed."""
    document = read("- [ ]\n- [x] \n- [ ] b\n")

    assert ["", "", "b"] == titles(document.items)
    assert ["open", "done", "open"] == states(document.items)
    assert [(1, "empty-title"), (2, "empty-title")] == codes(document.problems)


@pytest.mark.parametrize(
    "text", ["- [ ] | a | b |\n  |---|---|\n  | c | d |\n", "- [ ] title\n  ===\n", "- [ ] title\n  ---\n"]
)
def test_a_box_before_a_table_or_setext_heading_is_text(text: str) -> None:
    """The parser reports a task there (pulldown-cmark #1124), GitHub shows none."""
    assert () == read(text.encode()).items


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
def test_lines_are_counted_alike_for_every_line_end(eol: str) -> None:
    """Headings, lists and tables are found in files that end their lines with a carriage return, too."""
    text = "# Plan\n\n- [ ] a\n  - [x] b\n\n| ID | Task | Status |\n|-|-|-|\n| T-1 | c | Done |\n\n- [ ] d\n"
    document = read(text.replace("\n", eol).encode())

    assert [(3, "a"), (4, "b"), (8, "c"), (10, "d")] == [(item.line, item.title) for item in document.items]


def test_a_double_encoded_tick_does_not_end_a_line() -> None:
    """The second byte of a tick read as Latin-1 is U+0085, which ``str.splitlines`` takes for a line end."""
    tick = "✅".encode().decode("latin-1")
    document = read(f"- [ ] a {tick} b\n- [ ] c\n".encode())

    assert [1, 2] == [item.line for item in document.items]


@pytest.mark.parametrize("mark", list("✓✔✅☑хХ×"))
def test_ticks_that_gfm_does_not_know_are_read_from_the_bytes(mark: str) -> None:
    """The parser has no event for them; the brackets are found behind the bullet."""
    document = read(f"- [{mark}] a **b**\n- [ ] c\n".encode())

    assert [("a b", "done"), ("c", "open")] == list(
        zip(titles(document.items), states(document.items), strict=True)
    )
    assert [f"[{mark}]".encode(), b"[ ]"] == _boxes(document)


@pytest.mark.parametrize("mark", ["✅", "x", "X", "~"])
def test_a_link_definition_elsewhere_does_not_change_a_box(mark: str) -> None:
    """With ``[✅]: url`` in the file the brackets are a link to CommonMark and a box to people and GitHub."""
    document = read(f"- [{mark}] a\n- [ ] b\n\n[{mark}]: https://example.org\n".encode())

    assert ["a", "b"] == titles(document.items)
    assert [f"[{mark}]".encode(), b"[ ]"] == _boxes(document)


def test_marks_outside_the_closed_set_are_text() -> None:
    """Any other single character between brackets is a key, a footnote or a joke."""
    document = read("- [C] a\n- [P] b\n- [1] c\n- [O] d\n- [todo] e\n- [ x ] f\n- [ ] g\n")

    assert ["g"] == titles(document.items)


def test_only_the_first_brackets_decide() -> None:
    """``[x]`` further along the line does not tick the box, whatever a renderer makes of it."""
    document = read("- [ ] see [x] and [ ]\n- [x] not [ ]\n")

    assert ["open", "done"] == states(document.items)


def test_a_panic_of_the_parser_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Rust panic derives from BaseException only; it ends the reading of that file, not the process."""

    class PanicException(BaseException):
        pass

    def panics(*_args: object, **_options: object) -> NoReturn:
        raise PanicException("index out of bounds")

    monkeypatch.setattr(pyromark, "events_with_range", panics)
    with pytest.raises(RoadmapError, match="index out of bounds") as caught:
        parse("TODO.md", b"- [ ] a\n")

    assert ("parser-panic", "TODO.md") == (caught.value.code, caught.value.where)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, MemoryError])
def test_a_stop_is_no_panic(monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]) -> None:
    """What a person or the machine asks for is passed on."""

    def stops(*_args: object, **_options: object) -> NoReturn:
        raise stop

    monkeypatch.setattr(pyromark, "events_with_range", stops)
    with pytest.raises(stop):
        parse("TODO.md", b"- [ ] a\n")


def test_the_parser_is_pinned_and_known_to_one_module() -> None:
    """A release of the parser is a change to be looked at, and only one file depends on it."""
    project = tomllib.loads((_PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    users = [
        path.relative_to(_PROJECT).as_posix()
        for path in sorted((_PROJECT / "syncer").rglob("*.py"))
        if "pyromark" in _imported(path)
    ]

    assert ["syncer/roadmap/scan.py"] == users
    assert any(each.startswith("pyromark==") for each in project["dependencies"])


def _imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_what_is_no_markdown_list_is_left_out_with_its_reason() -> None:
    """Code, comments, quotes and front matter hold no items, and each is said to."""
    document = read("""
        ---
        tasks: "- [ ] matter"
        ---

        ```
        - [ ] fenced
        ```

        <!--
        - [ ] comment
        -->

        > - [ ] quote

            - [ ] indented

        - [ ] real
    """)

    assert ["real"] == titles(document.items)
    assert [
        (2, "in-front-matter"),
        (6, "in-code"),
        (10, "in-html"),
        (13, "in-quote"),
        (15, "in-code"),
    ] == left_out(document)
    assert [RegionKind.FRONT_MATTER, RegionKind.CODE, RegionKind.HTML, RegionKind.QUOTE, RegionKind.CODE] == [
        region.kind for region in _scan(document.data).regions
    ]
