"""Edits that change what stands where: tasks that come, items that move, links, strokes."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.errors import RoadmapError
from syncer.model.document import Document
from syncer.model.edits import Edit, InsertTask, MoveItem, SetLink, SetState
from syncer.model.fields import TaskState
from syncer.roadmap.edit import apply_edits
from syncer.roadmap.parse import parse
from tests.roadmap import strategies
from tests.roadmap.reading import read, states, titles

_URL = "https://forge.example/acme/rune/issues/12"


def _text(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


def _section(document: Document, name: str) -> int:
    return next(
        at
        for at, section in enumerate(document.sections)
        if section.segments and section.segments[-1] == name
    )


def _item(document: Document, title: str) -> int:
    return next(item.index for item in document.items if item.title == title)


def _edited(text: str, *edits: Edit, strikes: bool = False) -> str:
    data = apply_edits(parse("TODO.md", _text(text).encode(), strikes=strikes), edits).data
    return data.decode()


def _refusal(document: Document, *edits: Edit) -> str:
    with pytest.raises(RoadmapError) as caught:
        apply_edits(document, edits)
    assert "edit-refused" == caught.value.code
    return caught.value.what


# -- tasks that come -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("## A\n* [ ] a\n* [x] b\n\n## B\n", "## A\n* [ ] a\n* [x] b\n* [ ] new\n\n## B\n"),
        ("## A\n  - [ ] a\n  - [ ] b", "## A\n  - [ ] a\n  - [ ] b\n  - [ ] new"),
        ("## A\r\n-\t[ ] a\r\n", "## A\r\n-\t[ ] a\r\n-\t[ ] new\r\n"),
        ("## A\n1. [ ] a\n2. [ ] b\n", "## A\n1. [ ] a\n2. [ ] b\n3. [ ] new\n"),
        ("## A\n1) [ ] a\n1) [ ] b\n", "## A\n1) [ ] a\n1) [ ] b\n1) [ ] new\n"),
        ("## A\n- [ ] a\n\n- [ ] b\n\nText.\n", "## A\n- [ ] a\n\n- [ ] b\n\n- [ ] new\n\nText.\n"),
        ("## A\n- [ ] a\n  - [ ] sub\n\n  more\n", "## A\n- [ ] a\n  - [ ] sub\n\n  more\n- [ ] new\n"),
        ("## A\n- group\n  - [ ] a\n", "## A\n- group\n  - [ ] a\n  - [ ] new\n"),
        ("## A\n", "## A\n\n- [ ] new\n"),
        ("## A\n\nText.\n\n## B\n* [ ] b\n", "## A\n\nText.\n\n* [ ] new\n\n## B\n* [ ] b\n"),
        ("## A\n\nText.\n\n---\n\n## B\n", "## A\n\nText.\n\n- [ ] new\n\n---\n\n## B\n"),
    ],
)
def test_a_new_task_is_written_as_its_list_is(before: str, after: str) -> None:
    """Bullet, number, indentation, gap, blank lines, line end and a missing final one are the list's own."""
    document = read(before.encode())

    assert after == apply_edits(document, [InsertTask(_section(document, "A"), "new")]).data.decode()


def test_several_new_tasks_keep_their_order_and_number() -> None:
    """Two issues adopted in one run stand one below the other."""
    document = read("## A\n1. [ ] a\n\n## B\n- [ ] b\n")
    edits = [InsertTask(1, "first"), InsertTask(2, "other"), InsertTask(1, "second")]

    assert "## A\n1. [ ] a\n2. [ ] first\n3. [ ] second\n\n## B\n- [ ] b\n- [ ] other\n" == (
        apply_edits(document, edits).data.decode()
    )


# -- items that move -------------------------------------------------------------------------------------


def test_an_item_moves_with_everything_below_it() -> None:
    """Sub-items, paragraphs and code go along, byte for byte, where the lists are written alike."""
    document = read("""
        ## Alpha

        - [ ] a
        - [x] b **bold** ✅
          text on b

          ```sh
          run
          ```
          - [ ] sub
            - note
        - [ ] c

        ## Beta

        - [ ] d
    """)
    moved = apply_edits(document, [MoveItem(_item(document, "b bold"), _section(document, "Beta"))])

    assert (
        _text("""
        ## Alpha

        - [ ] a
        - [ ] c

        ## Beta

        - [ ] d
        - [x] b **bold** ✅
          text on b

          ```sh
          run
          ```
          - [ ] sub
            - note
    """)
        == moved.data.decode()
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("## A\n- [ ] a\n- [ ] it\n\n## B\n* [ ] b\n", "## A\n- [ ] a\n\n## B\n* [ ] b\n* [ ] it\n"),
        (
            "## A\n- [ ] a\n- [ ] it\n  - [ ] sub\n\n## B\n1. [ ] b\n",
            "## A\n- [ ] a\n\n## B\n1. [ ] b\n2. [ ] it\n   - [ ] sub\n",
        ),
        (
            "## A\n1. [ ] a\n2. [ ] it\n   - [ ] sub\n\n## B\n- [ ] b\n",
            "## A\n1. [ ] a\n\n## B\n- [ ] b\n- [ ] it\n  - [ ] sub\n",
        ),
        (
            "## A\n- [ ] a\n  - [ ] it\n    text\n\n## B\n- [ ] b\n",
            "## A\n- [ ] a\n\n## B\n- [ ] b\n- [ ] it\n  text\n",
        ),
        (
            "## A\n- [ ] it\n\n## B\n- group\n  - [ ] b\n",
            "## A\n\n## B\n- group\n  - [ ] b\n  - [ ] it\n",
        ),
        (
            "## A\n\n- [ ] a\n\n- [ ] it\n\n- [ ] c\n\n## B\n\n- [ ] b\n",
            "## A\n\n- [ ] a\n\n- [ ] c\n\n## B\n\n- [ ] b\n- [ ] it\n",
        ),
        (
            "## A\r\n- [ ] a\r\n\r\n## B\r\n- [ ] b\r\n- [ ] it",
            "## A\r\n- [ ] a\r\n- [ ] it\r\n\r\n## B\r\n- [ ] b",
        ),
        ("## A\n- [ ] it\n- [ ] a\n\n## B\n", "## A\n- [ ] a\n\n## B\n\n- [ ] it\n"),
    ],
)
def test_a_moved_item_is_written_as_its_new_list_is(before: str, after: str) -> None:
    """Bullet and indentation follow the list; nested lines keep their place below the item."""
    document = read(before.encode())
    item = document.items[_item(document, "it")]
    target = _section(document, "B" if item.section == ("A",) else "A")

    assert after == apply_edits(document, [MoveItem(item.index, target)]).data.decode()


def test_the_last_item_takes_its_stage_along() -> None:
    """A stage whose only item leaves is none any more, and the one that it comes to becomes one."""
    document = read("## Phase 1: A\n\n- [ ] it\n\n## Phase 2: B\n\n- [ ] b\n\n## Phase 3: C\n")
    moved = apply_edits(document, [MoveItem(0, _section(document, "Phase 2: B"))]).document

    assert ["b", "it"] == titles(moved.items)
    assert ["Phase 2: B"] * 2 == [
        moved.stages[item.stage].name for item in moved.items if item.stage is not None
    ]


def test_several_items_move_at_once() -> None:
    """Moves, insertions and ticks of one run stand in one file."""
    document = read("## A\n- [ ] a\n- [ ] b\n- [ ] c\n\n## B\n- [ ] d\n")
    edits: list[Edit] = [
        MoveItem(0, 2),
        SetState(1, TaskState.DONE),
        MoveItem(2, 2),
        InsertTask(2, "new"),
        SetState(3, TaskState.DONE),
    ]
    edited = apply_edits(document, edits)

    assert {"a", "c", "d", "new"} == {item.title for item in edited.document.items if item.section == ("B",)}
    assert {"b", "d"} == {item.title for item in edited.document.items if item.state is TaskState.DONE}


def test_moves_that_mean_nothing_are_refused() -> None:
    """To where it stands, into itself, or of something that is no list item."""
    document = read("""
        ## A

        - [ ] a

        | ID | Task | Status |
        |----|------|--------|
        | T-1 | row | Pending |

        ## B
    """)

    assert "stands in that section already" in _refusal(document, MoveItem(0, 1))
    assert "only list items" in _refusal(document, MoveItem(1, 2))


# -- links ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- [ ] a\n", f"- [ ] a ([#12]({_URL}))\n"),
        ("- [x] **a** ✅ **COMPLETE**  \n", f"- [x] **a** ✅ **COMPLETE** ([#12]({_URL}))  \n"),
        ("- [ ] a\\\n  more\n", f"- [ ] a ([#12]({_URL}))\\\n  more\n"),
        ("- [ ] T-1: a\r\n  - [ ] b", f"- [ ] T-1: a ([#12]({_URL}))\r\n  - [ ] b"),
        ("- [ ] a <!-- id: 7 -->\n", f"- [ ] a <!-- id: 7 --> ([#12]({_URL}))\n"),
    ],
)
def test_a_link_comes_behind_the_title_and_goes_again(before: str, after: str) -> None:
    """The link is no part of the title, is recognised, and leaves no byte behind."""
    document = read(before.encode())
    linked = apply_edits(document, [SetLink(0, "#12", _URL)])
    freed = apply_edits(linked.document, [SetLink(0, "#12", None)])

    assert after == linked.data.decode()
    assert (_URL, document.items[0].title) == (linked.document.items[0].link, linked.document.items[0].title)
    assert (before, None) == (freed.data.decode(), freed.document.items[0].link)


@pytest.mark.parametrize(
    ("label", "url"),
    [
        ("#12", "https://gitlab.example/group/sub/app/-/issues/12"),
        ("acme/rune#12", _URL),
        ("#12", "https://gitlab.example/group/app/-/work_items/12"),
    ],
)
def test_links_of_every_forge_are_recognised(label: str, url: str) -> None:
    """GitLab's addresses and labels that name another project are links like any other."""
    document = apply_edits(read("- [ ] a\n"), [SetLink(0, label, url)]).document

    assert ("a", url) == (document.items[0].title, document.items[0].link)


def test_a_link_is_replaced_by_another() -> None:
    """An issue that was transferred has another address, and the line shows one link."""
    document = read(f"- [ ] a ([#12]({_URL})) ✅\n")

    assert "- [ ] a ([#3](https://forge.example/b/c/issues/3)) ✅\n" == (
        apply_edits(document, [SetLink(0, "#3", "https://forge.example/b/c/issues/3")]).data.decode()
    )


def test_links_of_people_are_left_alone() -> None:
    """A line that links to an issue in its own words gets no second link, and keeps the first."""
    document = read(f"- [ ] a, see [the issue]({_URL})\n- [ ] b\n")

    assert "already links" in _refusal(document, SetLink(0, "#1", "https://forge.example/x/issues/1"))
    assert "no link of this form" in _refusal(document, SetLink(0, "#12", None))
    assert "is no link to an issue" in _refusal(document, SetLink(1, "#1) [x](y", _URL))
    assert "is no link to an issue" in _refusal(document, SetLink(1, "#1", "javascript:alert(1)"))


# -- strokes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- [ ] a\n", "- [ ] ~~a~~\n"),
        ("- [ ] **T-1**: a `b` ✅\n", "- [ ] ~~**T-1**: a `b`~~ ✅\n"),
        ("- [ ] **a** b  \n  text\n", "- [ ] ~~**a** b~~  \n  text\n"),
        (f"- [ ] a ([#12]({_URL}))\n", f"- [ ] ~~a~~ ([#12]({_URL}))\n"),
    ],
)
def test_dropping_strikes_the_text_where_that_is_wanted(before: str, after: str) -> None:
    """With ``strikes`` an item is dropped by a stroke, reads as dropped, and comes back whole."""
    document = parse("TODO.md", before.encode(), strikes=True)
    struck = apply_edits(document, [SetState(0, TaskState.DROPPED)])
    back = apply_edits(struck.document, [SetState(0, TaskState.OPEN)])

    assert (after, ["dropped"]) == (struck.data.decode(), states(struck.document.items))
    assert (before, ["open"]) == (back.data.decode(), states(back.document.items))


def test_a_struck_item_can_be_ticked() -> None:
    """What was dropped and is done after all has a tick and no stroke."""
    document = parse("TODO.md", b"- [ ] ~~a~~ b\n- [ ] ~~c~~\n- [-] d\n", strikes=True)

    assert ["open", "dropped", "dropped"] == states(document.items)
    assert b"- [ ] ~~a~~ b\n- [x] c\n- [x] d\n" == (
        apply_edits(document, [SetState(1, TaskState.DONE), SetState(2, TaskState.DONE)]).data
    )


def test_without_the_option_a_stroke_is_only_reported() -> None:
    """An open box stays open; dropping writes the mark."""
    document = read("- [ ] ~~a~~\n- [ ] b\n")

    assert ["open", "open"] == states(document.items)
    assert "struck through" == document.items[0].withheld
    assert b"- [ ] ~~a~~\n- [-] b\n" == apply_edits(document, [SetState(1, TaskState.DROPPED)]).data


# -- properties ----------------------------------------------------------------------------------------


def _try(document: Document, edit: Edit) -> Document | None:
    try:
        return apply_edits(document, [edit]).document
    except RoadmapError as error:
        if error.code != "edit-refused":
            raise
        return None


@given(st.data())
def test_a_move_loses_and_changes_nothing(data: st.DataObject) -> None:
    """Whatever moves where, every item is still there, with its state, its text and what stands below it."""
    document = data.draw(strategies.documents_with_items())
    item = data.draw(st.sampled_from([item for item in document.items if item.box is not None]))
    section = data.draw(st.integers(0, len(document.sections) - 1))
    moved = _try(document, MoveItem(item.index, section))
    if moved is None:
        return

    def said(read: Document) -> list[tuple[str, str, str | None]]:
        return sorted((each.title, each.state.value, each.description) for each in read.items)

    assert said(document) == said(moved)
    there = [each for each in moved.items if each.section == document.sections[section].segments]
    assert (item.title, item.state) in [(each.title, each.state) for each in there]


@given(st.data(), st.sampled_from(["#12", "acme/rune#7", "!3"]))
def test_a_link_can_always_be_taken_away_again(data: st.DataObject, label: str) -> None:
    """Linking and unlinking gives the file back, byte for byte, whatever the line says."""
    document = data.draw(strategies.documents_with_items())
    item = data.draw(
        st.sampled_from([item for item in document.items if item.box is not None and item.title])
    )
    linked = _try(document, SetLink(item.index, label, _URL))
    if linked is None:
        return

    assert _URL == linked.items[item.index].link
    assert titles(document.items) == titles(linked.items)
    assert document.data == apply_edits(linked, [SetLink(item.index, label, None)]).data


@given(st.data())
def test_a_stroke_can_always_be_taken_away_again(data: st.DataObject) -> None:
    """Dropping by a stroke and reopening gives the file back, byte for byte."""
    plain = data.draw(strategies.documents_with_items())
    document = parse("TODO.md", plain.data, strikes=True)
    opened = [item for item in document.items if item.box is not None and item.box.mark == " " and item.title]
    item = data.draw(st.sampled_from(opened or list(document.items)))
    struck = _try(document, SetState(item.index, TaskState.DROPPED))
    if struck is None or item.state is TaskState.DROPPED or item.mirrors:
        return
    back = _try(struck, SetState(item.index, TaskState.OPEN))

    assert TaskState.DROPPED is struck.items[item.index].state
    assert back is not None
    assert item.state is not TaskState.OPEN or document.data == back.data
