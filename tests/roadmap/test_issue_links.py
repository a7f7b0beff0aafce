"""Links to issues behind the texts of table rows and of new tasks: read, written, kept and taken away."""

from __future__ import annotations

import pytest

from syncer.errors import RoadmapError
from syncer.model.edits import Edit, InsertTask, Retitle, SetLink, SetState
from syncer.model.fields import TaskState
from syncer.roadmap.edit import apply_edits
from syncer.roadmap.parse import parse
from tests.roadmap.reading import read

_URL = "https://forge.example/acme/rune/issues/12"
_OTHER = "https://gitlab.example/group/app/-/issues/3"


def _table(text: str, status: str = "Pending") -> bytes:
    return (
        "# Plan\r\n\r\n| ID | Feature | Status |\r\n|----|---------|--------|\r\n"
        f"| A-1 | {text} | {status} |\r\n| A-2 | Other | Pending |\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("text", "title", "link"),
    [
        (f"Parse ([#12]({_URL}))", "Parse", _URL),
        (f"Parse [#12]({_URL})", "Parse", _URL),
        (f"Parse **all** ([acme/rune#12]({_URL}))", "Parse all", _URL),
        (f"Parse ([#3]({_OTHER}))", "Parse", _OTHER),
        (f"Parse [the issue]({_URL})", "Parse the issue", None),
        (f"Parse ([#12]({_URL})) later", "Parse (#12) later", None),
        ("Parse (#12)", "Parse (#12)", None),
        ("Parse ([#12](https://forge.example/acme/rune/pull/12))", "Parse (#12)", None),
        ("Parse ([#12](javascript:issues/12))", "Parse (#12)", None),
    ],
)
def test_a_link_at_the_end_of_a_row_is_no_part_of_its_text(text: str, title: str, link: str | None) -> None:
    item = read(_table(text)).items[0]

    assert (item.title, item.link, item.id) == (title, link, "A-1")


@pytest.mark.parametrize(
    ("edit", "text", "status"),
    [
        (SetLink(0, "#12", _URL), f"Parse `a\\|b` ([#12]({_URL}))", "Pending"),
        (Retitle(0, "Read | write"), "Read \\| write", "Pending"),
        (SetState(0, TaskState.DONE), "Parse `a\\|b`", "Complete"),
    ],
)
def test_rows_are_edited_beside_their_links(edit: Edit, text: str, status: str) -> None:
    """Each edit alone, and upon a row that has a link, which stays."""
    bare, linked = _table("Parse `a\\|b`"), _table(f"Parse `a\\|b` ([#12]({_URL}))")

    assert apply_edits(read(bare), [edit]).data == _table(text, status)
    if not isinstance(edit, SetLink):
        after = apply_edits(read(linked), [edit])
        assert after.data == _table(f"{text} ([#12]({_URL}))", status)
        assert after.document.items[0].link == _URL


def test_a_link_in_a_row_comes_and_goes_without_a_trace() -> None:
    document = read(_table("Parse"))
    linked = apply_edits(document, [SetLink(0, "#12", _URL)]).document

    assert apply_edits(linked, [SetLink(0, "#3", _OTHER)]).data == _table(f"Parse ([#3]({_OTHER}))")
    assert apply_edits(linked, [SetLink(0, "#12", None)]).data == document.data


@pytest.mark.parametrize(
    "text",
    [
        "# Plan\n\n| ID | Status |\n|---|---|\n| A-1 | Pending |\n| A-2 | Done |\n",
        "# Plan\n\n## [ ] Phase 1\n\nText.\n",
    ],
)
def test_what_has_no_text_of_its_own_takes_no_link(text: str) -> None:
    """A row that is nothing but its id, and a heading with a box."""
    document = parse("TODO.md", text.encode())
    for item in document.items:
        assert not document.has_line(item)
        with pytest.raises(RoadmapError):
            apply_edits(document, [SetLink(item.index, "#12", _URL)])


def test_a_new_task_can_have_its_link_at_once() -> None:
    document = read(b"# Plan\r\n\r\n* [ ] one\r\n")
    after = apply_edits(document, [InsertTask(1, "two *", ("#12", _URL)), InsertTask(1, "three")])

    assert (
        after.data == f"# Plan\r\n\r\n* [ ] one\r\n* [ ] two \\* ([#12]({_URL}))\r\n* [ ] three\r\n".encode()
    )
    assert [(item.title, item.link) for item in after.document.items] == [
        ("one", None),
        ("two *", _URL),
        ("three", None),
    ]
    assert after.followed.added == (1, 2)
