"""Places that repeat how far a stage is, and what they would say to follow its items.

A stage with items has a derived status. Cells of overview tables, ``Status:`` lines and headings repeat
it in words; where they contradict it, the file's own words for it are known, or nothing is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncer.model.document import Stage, StatusCell
from syncer.model.fields import Status


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A place that says something else than the items.

    Args:
        word: what it would say; ``None`` where no word is known, or where it says more than a state.
    """

    cell: StatusCell
    word: str | None


def places(stage: Stage) -> tuple[StatusCell, ...]:
    """Everything that repeats a stage's status in words: its cell, the cell's mirrors, its headings."""
    return (*((stage.cell,) if stage.cell is not None else ()), *stage.mirrors, *stage.headings)


def contradictions(
    stage: Stage, status: Status, texts: Sequence[str | None] = ()
) -> tuple[Contradiction, ...]:
    """The places of a stage that contradict a derived status.

    "In progress" beside items that are all open is no contradiction: somebody may have begun. Nor is
    "Planned" beside items of which some are done, where the file has no word for what is going on.

    Args:
        stage: as read.
        status: open, in progress or done, as its items say.
        texts: what stood in its places before they were made to say that it is done.
    """
    found = [
        Contradiction(cell, _word(cell, status, texts[at] if at < len(texts) else None))
        for at, cell in enumerate(places(stage))
        if _contradicts(cell, status)
    ]
    return tuple(each for each in found if each.word is not None or Status.DONE in (status, each.cell.status))


def box_contradicts(stage: Stage, ticked: bool, status: Status) -> bool:
    """Whether a stage's overview box is ticked and it is not done, or the other way round."""
    return stage.overview is not None and ticked is not (status is Status.DONE)


def _contradicts(cell: StatusCell, status: Status) -> bool:
    if status is Status.DONE:
        return cell.status in (Status.OPEN, Status.IN_PROGRESS)
    if cell.status is Status.DONE:
        return True
    return status is Status.IN_PROGRESS and cell.status is Status.OPEN


def _word(cell: StatusCell, status: Status, before: str | None) -> str | None:
    if cell.qualified:
        return None
    wording = cell.wording
    if status is Status.DONE:
        return wording.done
    fitting = wording.started if status is Status.IN_PROGRESS else wording.planned
    return fitting or (before or wording.open if cell.status is Status.DONE else None)
