"""Edits of the five real roadmaps change exactly the bytes that people expect."""

from __future__ import annotations

from typing import Any

import pytest

from syncer.errors import RoadmapError
from syncer.model.document import Document, Span
from syncer.model.edits import Edit, SetStageState, SetState
from syncer.model.fields import TaskState
from syncer.roadmap.edit import apply_edits
from syncer.roadmap.splice import Splice, apply_splices
from tests.roadmap import seeds

pytestmark = seeds.needs_seeds


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return seeds.read_seeds()


def _sample_edits() -> list[tuple[str, dict[str, Any]]]:
    if not seeds.EXPECTATIONS.is_file():
        return []
    return [(key, edit) for key in seeds.KEYS for edit in seeds.expected(key)["sample_edits"]]


def _edit_for(document: Document, line: int) -> Edit:
    """The edit that changes the state of whatever stands on a line to its counterpart."""
    for item in document.items:
        if item.line == line or line in [mirror.line for mirror in item.mirrors]:
            done = item.state is TaskState.DONE
            return SetState(item.index, TaskState.OPEN if done else TaskState.DONE)
    for stage in document.stages:
        if line == stage.line or line in [mirror.line for mirror in stage.mirrors]:
            return SetStageState(stage.index, TaskState.DONE)
    raise LookupError(line)


@pytest.mark.parametrize(("key", "sample"), _sample_edits())
def test_sample_edit(documents: dict[str, Document], key: str, sample: dict[str, Any]) -> None:
    """The edit of one line changes exactly the bytes that it should, and nothing else."""
    document = documents[key]
    if sample.get("refuse"):
        with pytest.raises(LookupError):
            _edit_for(document, sample["line"])
        return
    start = sample["byte_offset"]
    span = Span(start, start + sample["byte_length"])
    wanted = Splice(span, sample["old"].encode(), sample["new"].encode())
    edited = apply_edits(document, [_edit_for(document, sample["line"])])

    assert wanted in edited.splices
    assert document.data[: span.start] + wanted.new + document.data[span.end :] == apply_splices(
        "TODO.md", document.data, [wanted]
    )
    assert apply_splices("TODO.md", document.data, edited.splices) == edited.data
    if len(edited.splices) == 1:
        assert sample["file_size_change"] == len(edited.data) - len(document.data)


def test_mirrors_are_written_together(documents: dict[str, Document]) -> None:
    """Closing a requirement writes both of its cells; closing M2 writes its row and the block above."""
    requirement = apply_edits(documents["004"], [SetState(0, TaskState.DONE)])
    milestone = apply_edits(documents["002"], [SetStageState(1, TaskState.DONE)])

    assert [1076, 7434] == sorted(splice.span.start for splice in requirement.splices)
    assert [105, 835] == sorted(splice.span.start for splice in milestone.splices)
    assert {b"Complete"} == {splice.new for splice in requirement.splices}
    assert {b"Completed"} == {splice.new for splice in milestone.splices}


def test_a_qualified_status_is_not_overwritten(documents: dict[str, Document]) -> None:
    """Reopening a stage whose cell says more than a state is refused with the reason."""
    with pytest.raises(RoadmapError, match="says more than a state") as caught:
        apply_edits(documents["000"], [SetStageState(0, TaskState.OPEN)])

    assert ("edit-refused", "TODO.md:11") == (caught.value.code, caught.value.where)


@pytest.mark.parametrize("key", ["000", "001", "003", "004"])
def test_every_state_can_be_changed_and_changed_back(documents: dict[str, Document], key: str) -> None:
    """Ticking everything open at once and unticking it again restores the file's bytes."""
    document = documents[key]
    opened = [
        item.index for item in document.items if item.state is TaskState.OPEN and (item.box or item.cell)
    ]
    texts = {
        item.index: tuple(cell.text for cell in ([item.cell] if item.cell else []) + list(item.mirrors))
        for item in document.items
    }
    done = apply_edits(document, [SetState(index, TaskState.DONE) for index in opened]).document
    back = apply_edits(done, [SetState(index, TaskState.OPEN, texts[index]) for index in opened]).document

    assert not [item for item in done.items if item.index in opened and item.state is not TaskState.DONE]
    assert document.data == back.data
