"""Whatever is edited: no byte outside the splices changes, and the file reads as intended or is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from syncer.errors import RoadmapError
from syncer.model.document import Document, Span
from syncer.model.edits import Edit, InsertTask, MoveItem, RenameStage, Retitle, SetDue, SetState
from syncer.model.fields import TaskState
from syncer.roadmap.edit import Edited, apply_edits
from syncer.roadmap.escape import one_line
from syncer.roadmap.mojibake import damage
from syncer.roadmap.parse import parse
from syncer.roadmap.texts import wanted_title
from tests.roadmap import strategies

_PROJECT = Path(__file__).resolve().parents[2]
_FILES = sorted(
    [
        *(_PROJECT / "config").rglob("*.md"),
        *(_PROJECT.parent / "shared" / "seeds").glob("*.txt"),
    ]
)
_SAMPLES = {path.name: parse("TODO.md", path.read_bytes()) for path in _FILES}


def _bytes_outside(document: Document, edited: Edited) -> tuple[bytes, bytes]:
    """The bytes before and after an edit, without what the splices replaced and wrote."""
    before, after = bytearray(), bytearray()
    at = shift = 0
    # Two equal insertions are two; two equal replacements are one.
    insertions = [splice for splice in edited.splices if splice.span.start == splice.span.end]
    splices = [*insertions, *dict.fromkeys(each for each in edited.splices if each not in insertions)]
    for splice in sorted(splices, key=lambda each: (each.span.start, each.span.end)):
        before += document.data[at : splice.span.start]
        after += edited.data[at + shift : splice.span.start + shift]
        at = splice.span.end
        shift += len(splice.new) - len(splice.old)
    return bytes(before + document.data[at:]), bytes(after + edited.data[at + shift :])


def _try(document: Document, edits: Sequence[Edit]) -> Edited | None:
    """Edits applied, or ``None`` where they are refused with the one code for it."""
    refusal: RoadmapError | None = None
    try:
        return apply_edits(document, edits)
    except RoadmapError as error:
        refusal = error
    assert "edit-refused" == refusal.code
    return None


@given(st.data())
def test_bytes_outside_the_splices_stay(data: st.DataObject) -> None:
    """Any combination of edits leaves every byte alone that it does not name."""
    document = data.draw(strategies.documents)
    edited = _try(document, data.draw(strategies.edits(document)))
    assume(edited is not None)
    assert edited is not None

    before, after = _bytes_outside(document, edited)
    assert before == after


@given(st.data())
def test_states_read_as_they_were_set(data: st.DataObject) -> None:
    """A state that was written reads back, and no other item's state moves."""
    document = data.draw(strategies.documents_with_items())
    edit = data.draw(strategies.state_edits(document))
    edited = _try(document, [edit])
    if edited is None:
        return

    assert [edit.state if item.index == edit.item else item.state for item in document.items] == [
        item.state for item in edited.document.items
    ]


@given(st.data())
def test_unticking_restores_the_bytes(data: st.DataObject) -> None:
    """Ticking open boxes and unticking them again gives the file back, byte for byte."""
    document = data.draw(strategies.documents_with_items())
    opened = [item.index for item in document.items if item.box is not None and item.box.mark == " "]
    assume(opened)
    chosen = data.draw(st.lists(st.sampled_from(opened), min_size=1, unique=True))
    done = _try(document, [SetState(index, TaskState.DONE) for index in chosen])
    assume(done is not None)
    assert done is not None
    texts = {
        item.index: tuple(cell.text for cell in ([item.cell] if item.cell else []) + list(item.mirrors))
        for item in document.items
    }
    back = apply_edits(done.document, [SetState(index, TaskState.OPEN, texts[index]) for index in chosen])

    assert document.data == back.data


@given(st.data())
def test_boxes_alone_are_never_refused(data: st.DataObject) -> None:
    """Ticking an open list item that has a text and shows its state nowhere else always works."""
    document = data.draw(strategies.documents_with_items())
    opened = [
        item
        for item in document.items
        if item.box is not None and item.title and not item.mirrors and item.state is TaskState.OPEN
    ]
    assume(opened)
    item = data.draw(st.sampled_from(opened))
    edited = apply_edits(document, [SetState(item.index, TaskState.DONE)])

    assert 1 == len(edited.splices)
    assert TaskState.DONE == edited.document.items[item.index].state


@given(st.data(), strategies.tracker_titles)
def test_titles_read_back_or_are_refused(data: st.DataObject, title: str) -> None:
    """A title from a tracker stands in the file as that very text, or not at all."""
    document = data.draw(strategies.documents_with_items())
    item = data.draw(st.sampled_from(document.items))
    edited = _try(document, [Retitle(item.index, title)])
    if edited is None:
        return

    assert wanted_title(item, title) == edited.document.items[item.index].title
    assert [each.title for each in document.items if each is not item] == [
        each.title for each in edited.document.items if each.index != item.index
    ]


@given(st.data(), strategies.tracker_titles)
@example(None, "a plain title")
def test_inserted_tasks_read_back_or_are_refused(data: st.DataObject | None, title: str) -> None:
    """An adopted issue is one more open item of its section, with its very title."""
    document = parse("TODO.md", b"## A\n- [ ] a\n") if data is None else data.draw(strategies.documents)
    number = 1 if data is None else data.draw(st.integers(0, len(document.sections) - 1))
    edited = _try(document, [InsertTask(number, title)])
    if edited is None:
        assert data is not None
        return
    added = [item for item in edited.document.items if item.full_title == one_line(title)]

    assert len(document.items) + 1 == len(edited.document.items)
    assert document.sections[number].segments in [item.section for item in added]


@given(st.data(), strategies.tracker_titles)
def test_names_of_stages_read_back_or_are_refused(data: st.DataObject, name: str) -> None:
    """A renamed milestone renames its stage everywhere, or nothing."""
    document = data.draw(strategies.documents)
    assume(document.stages)
    stage = data.draw(st.sampled_from(document.stages))
    edited = _try(document, [RenameStage(stage.index, name)])
    if edited is None:
        return

    assert one_line(name) == edited.document.stages[stage.index].name
    assert [item.title for item in document.items] == [item.title for item in edited.document.items]


@given(st.data(), st.dates())
def test_due_dates_read_back(data: st.DataObject, day: date) -> None:
    """A date that was written is the stage's date, and removing it leaves the rest of the name alone."""
    document = data.draw(strategies.documents_with_dates())
    dated = [stage for stage in document.stages if stage.due_cell is not None]
    assume(dated)
    stage = data.draw(st.sampled_from(dated))
    edited = apply_edits(document, [SetDue(stage.index, day)])
    removed = _try(edited.document, [SetDue(stage.index, None)])

    assert edited.document.stages[stage.index].due == day
    if removed is None:
        # Another date stands beside the stage: without this one, that one would be the stage's.
        assert len(re.findall(rb"\d{4}-\d\d-\d\d", edited.document.data)) > 1
        return
    assert removed.document.stages[stage.index].due is None
    assert stage.name == removed.document.stages[stage.index].name


@pytest.mark.parametrize("name", _SAMPLES)
@given(data=st.data())
def test_sample_roadmaps_survive_any_edits(name: str, data: st.DataObject) -> None:
    """The same holds for real roadmaps."""
    document = _SAMPLES[name]
    edits = data.draw(strategies.edits(document))
    edited = _try(document, edits)
    if edited is None:
        return
    before, after = _bytes_outside(document, edited)
    states = {edit.item: edit.state for edit in edits if isinstance(edit, SetState)}
    kept = [
        item
        for item in edited.document.items
        if not any(isinstance(edit, InsertTask) and item.full_title == one_line(edit.title) for edit in edits)
    ]

    assert before == after
    if len(kept) == len(document.items) and not any(isinstance(edit, MoveItem) for edit in edits):
        assert [states.get(item.index, item.state) for item in document.items] == [
            item.state for item in kept
        ]


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("final", ["", "\n"])
def test_bytes_around_an_edit_survive(eol: str, bom: bytes, final: str) -> None:
    """Line ends, byte order mark, tabs, trailing blanks, damage and a missing final newline stay."""
    text = "# Плàn" + damage(" ✅ – ’") + "\n\n-\t[ ] a  \n\t- [ ] b\t\n- [x] c " + damage("✅")
    data = bom + (text + final).replace("\n", eol).encode()
    document = parse("TODO.md", data)
    edited = apply_edits(
        document, [SetState(0, TaskState.DONE), SetState(1, TaskState.DROPPED), SetState(2, TaskState.OPEN)]
    )
    places = [item.box.mark_span.start for item in document.items if item.box]
    wanted = bytearray(data)
    for place, mark in zip(places, b"x- ", strict=True):
        wanted[place] = mark

    assert bytes(wanted) == edited.data
    assert [Span(place, place + 1) for place in places] == [splice.span for splice in edited.splices]
