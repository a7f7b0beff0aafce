"""What can be changed in a roadmap, in the words of the document it was read from.

An edit names its place by index into one :class:`~syncer.model.document.Document`; it means nothing
for another version of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from syncer.model.fields import Status, TaskState


@dataclass(frozen=True, slots=True)
class SetState:
    """Tick, untick or drop an item, in its box and in every cell that repeats it.

    Args:
        texts: what to write into its cell and its mirrors, in this order; ``None`` or nothing
            leaves the choice of words to the column.
    """

    item: int
    state: TaskState
    texts: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class SetStarted:
    """Write that an open row of a table is in progress, or no longer is, into its cell and its mirrors.

    Args:
        texts: what stood in its cell and its mirrors before; ``None`` or nothing leaves the choice of
            words to the column.
    """

    item: int
    started: bool
    texts: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Retitle:
    """Change an item's text, its box, id, markup and suffix untouched."""

    item: int
    title: str


@dataclass(frozen=True, slots=True)
class SetStageState:
    """Write a stage's state into its cell, what repeats it, and its overview box."""

    stage: int
    state: TaskState
    texts: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class SetStageStatus:
    """Write how far a stage with items is into every place that contradicts it, headings included.

    Args:
        status: open, in progress or done, as its items say.
        texts: what stood there before, cell, mirrors and headings in this order; for places whose file
            has no word for the status.
    """

    stage: int
    status: Status
    texts: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class RenameStage:
    """Change a stage's name where it is written."""

    stage: int
    name: str


@dataclass(frozen=True, slots=True)
class SetDue:
    """Write a stage's due date where the file has a place for it; ``None`` empties the place."""

    stage: int
    due: date | None


@dataclass(frozen=True, slots=True)
class InsertTask:
    """Append a task to the end of a section's list, in that list's own style.

    Args:
        link: label and address of its issue, where its line shows that.
    """

    section: int
    title: str
    link: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class MoveItem:
    """Move a list item, with everything below it, to the end of another section's list."""

    item: int
    section: int


@dataclass(frozen=True, slots=True)
class SetLink:
    """Write the link to an item's issue behind its title, or take it away.

    Args:
        label: as the forge shortens it: ``#12``, ``acme/rune#12``, ``!12``.
        url: the issue's address; ``None`` removes the link that stands there.
    """

    item: int
    label: str
    url: str | None


def link_to_come(item: int) -> SetLink:
    """The link to an issue that is about to be created, with a number and an address that nobody has.

    It is only ever rehearsed; the real ones take their place before anything is written.
    """
    return SetLink(item, "#0", "https://issue.invalid/issues/0")


Edit = (
    SetState
    | SetStarted
    | Retitle
    | SetStageState
    | SetStageStatus
    | RenameStage
    | SetDue
    | InsertTask
    | MoveItem
    | SetLink
)
