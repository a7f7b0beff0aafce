"""A roadmap as it was read: values with byte-exact positions, nothing rendered, nothing repaired.

All spans are byte offsets into :attr:`Document.data`; lines count from 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from syncer.model.attributes import NO_ATTRIBUTES, Attributes
from syncer.model.fields import Status, TaskState
from syncer.model.record import record


@record
class Span:
    """A half-open range of bytes, ``data[start:end]``."""

    start: int
    end: int

    def of(self, data: bytes) -> bytes:
        return data[self.start : self.end]


class ItemKind(Enum):
    """What part an item plays in the plan."""

    TASK = "task"
    GROUP = "group"
    CRITERION = "criterion"
    REQUIREMENT = "requirement"
    GATE = "gate"
    """All criteria of a stage together. It has no line of its own and is never among a document's items."""


@record
class Box:
    """A checkbox: ``span`` covers the brackets, ``mark`` is what stands between them."""

    line: int
    span: Span
    mark: str

    @property
    def mark_span(self) -> Span:
        return Span(self.span.start + 1, self.span.end - 1)


@dataclass(frozen=True, slots=True)
class Wording:
    """The words a status cell would show for each state; ``None`` where no word is known.

    Args:
        started: for what is in progress.
        planned: for what is open and not in progress.
    """

    open: str | None
    done: str | None
    dropped: str | None
    started: str | None = None
    planned: str | None = None

    def word(self, state: TaskState) -> str | None:
        if state is TaskState.OPEN:
            return self.open
        return self.done if state is TaskState.DONE else self.dropped


@record
class StatusCell:
    """A place that shows a status in words: a table cell, or the value of a ``Status:`` bullet.

    Args:
        line: where it stands.
        span: its text between the outer blanks; empty for an empty cell.
        text: the same text, folded for reading.
        status: what the text means.
        wording: what would stand here for another state, in this column's own words.
        qualified: the text says more than a state, as "Complete (pending benchmarks)" does;
            such a text is never overwritten silently.
    """

    line: int
    span: Span
    text: str
    status: Status
    wording: Wording
    qualified: bool = False


@record
class Item:
    """Anything in a roadmap that has a state.

    Args:
        index: its position in :attr:`Document.items`.
        line: of the box or the row.
        title: folded text without box, id, outer bold and status suffix.
        title_span: the bytes that ``title`` was read from.
        id: the item's own id as written (``AUD-01``), if it has one.
        section: the reference's segments, stage first.
        stage: index into :attr:`Document.stages`.
        parent: index of the enclosing item with a box.
        ordinal: which one of the equal titles in this section it is, from 0.
        block: all bytes of the item with everything nested in it, whole lines.
        description: what stands below the title, as Markdown text without indentation.
        link: an issue link written on the line itself.
        mirrors: further cells that repeat this item's state.
        withheld: why no issue is created for it although it is open.
        members: of a gate, the indexes of its criteria.
        attributes: its priority, owners, due date, estimate and tags.
    """

    index: int
    line: int
    kind: ItemKind
    status: Status
    status_text: str | None
    title: str
    title_span: Span
    id: str | None
    section: tuple[str, ...]
    stage: int | None
    parent: int | None
    ordinal: int
    box: Box | None
    cell: StatusCell | None
    block: Span
    description: str = ""
    link: str | None = None
    mirrors: tuple[StatusCell, ...] = ()
    withheld: str | None = None
    members: tuple[int, ...] = ()
    attributes: Attributes = NO_ATTRIBUTES

    @property
    def state(self) -> TaskState:
        return self.status.task_state

    @property
    def full_title(self) -> str:
        """The title as an issue carries it: ``ID: text``; a gate's names what it is the gate of."""
        if self.kind is ItemKind.GATE and self.section:
            named = self.section[-1].casefold() in self.title.casefold()
            return self.title if named else f"{self.title}: {self.section[-1]}"
        return f"{self.id}: {self.title}" if self.id else self.title


@dataclass(frozen=True, slots=True)
class DateCell:
    """A place that holds a calendar date in ISO form, or is empty and could."""

    line: int
    span: Span


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the plan that plays the role of a milestone.

    Args:
        name: the heading's folded text, or the row's name where there is no heading.
        line: of the heading, else of the row.
        kind_word: the folded kind word ("phase"), if the name has one.
        number: the complete number ("7", "7.1", "0.5.0"), if the name has one.
        id: the row's id ("M2").
        status: derived from the items; from the cell where there are none.
        declared: what the file says in words beside the name.
        cell: the status cell of the stage's row.
        overview: the checkbox of an overview list that repeats this stage.
        mirrors: further places that repeat the declared status.
        headings: the words and glyphs in its headings that say how far it is.
        iterations: of a repeat loop, by name (``RC1``, ``RC2``); nothing for other stages.
        overview_ticked: whether the overview box says that it is done.
        due: the calendar date by which it should be finished.
        due_cell: where that date is written, or could be.
        name_spans: every place where the name is written (heading, row).
        criteria: success criteria that have no box, as text.
    """

    index: int
    name: str
    line: int
    heading_line: int | None
    row_line: int | None
    kind_word: str | None
    number: str | None
    id: str | None
    version: str | None
    status: Status
    declared: str | None
    due: date | None
    open: int
    done: int
    dropped: int = 0
    cell: StatusCell | None = None
    overview: Box | None = None
    mirrors: tuple[StatusCell, ...] = ()
    due_cell: DateCell | None = None
    name_spans: tuple[Span, ...] = ()
    goal: str = ""
    criteria: tuple[str, ...] = ()
    current: bool = False
    timing: str | None = None
    headings: tuple[StatusCell, ...] = ()
    overview_ticked: bool = False
    iterations: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name as a milestone carries it: ``ID: name``."""
        return f"{self.id}: {self.name}" if self.id else self.name

    @property
    def has_items(self) -> bool:
        return self.open + self.done + self.dropped > 0


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, or a full-bold line that heads a list, with what it contains.

    Args:
        segments: the reference's segments that lead here, stage first; empty for the file itself.
        line: of the heading; 0 for the file itself.
        span: from the heading to the end of the section.
        own: from the heading to the first sub-heading.
    """

    segments: tuple[str, ...]
    line: int
    level: int
    stage: int | None
    span: Span
    own: Span


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should know about the file. Nothing at that place is acted upon blindly."""

    line: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that looks like an item and is not one, with the reason."""

    line: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """One roadmap file as read at one revision.

    Args:
        path: from the repository's root, with forward slashes.
        data: the bytes, exactly.
        eol: ``LF``, ``CRLF``, ``CR``, ``mixed`` or ``none``.
        bom: whether the file starts with a UTF-8 byte order mark.
        mojibake: whether some of the text is UTF-8 that was decoded as windows-1252 and encoded again.
        strikes: whether an open item that is struck through was read, and is written, as dropped.
        gates: numbered on from the items.
    """

    path: str
    data: bytes = field(repr=False)
    eol: str
    bom: bool
    mojibake: bool
    items: tuple[Item, ...]
    stages: tuple[Stage, ...]
    sections: tuple[Section, ...]
    problems: tuple[Problem, ...]
    left_out: tuple[LeftOut, ...]
    strikes: bool = False
    gates: tuple[Item, ...] = ()

    @property
    def entries(self) -> tuple[Item, ...]:
        """Everything that can have an issue: items, then gates."""
        return self.items + self.gates

    def has_line(self, item: Item) -> bool:
        """Whether an item is written as a list item or as a table row, so that a link can stand behind it.

        A heading names a section, a row with nothing but an id has no title of its own, a gate has no line.
        """
        if item.kind is ItemKind.GATE:
            return False
        if item.title_span.start == item.title_span.end or item.title == item.id:
            return False
        return not any(section.line == item.line for section in self.sections)

    def entry(self, index: int) -> Item:
        """An item or a gate by its index."""
        return self.items[index] if index < len(self.items) else self.gates[index - len(self.items)]
