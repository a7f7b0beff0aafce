"""What an item says about itself besides its text and its state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Attributes:
    """What stands on an item's line, in the fields below it, or in the columns of its row.

    It is only ever said, never derived: nothing here comes from an issue or from another item.

    Args:
        priority: folded (``p1``, ``high``); empty where nothing says so.
        owners: as written, without ``@``; names of people only where the configuration knows them.
        due: a calendar date.
        estimate: as written.
        tags: ``#backend`` without its sign, and the values of a field of labels.
    """

    priority: str = ""
    owners: tuple[str, ...] = ()
    due: date | None = None
    estimate: str = ""
    tags: tuple[str, ...] = ()


NO_ATTRIBUTES = Attributes()
