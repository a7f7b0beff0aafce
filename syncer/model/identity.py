"""How things are told apart: trackers, issues, bindings, owners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

TrackerId = NewType("TrackerId", str)
"""Names one tracker of a project: ``FORGE:REPOSITORY`` as configured."""

Uid = NewType("Uid", str)
"""A binding's permanent id, the same in the ledger and in the hidden marker."""

Owner = NewType("Owner", str)
"""Who manages an issue: by default the source's forge host and numeric repository id."""


@dataclass(frozen=True, slots=True, order=True)
class IssueRef:
    """One issue of one tracker, by the number people see."""

    tracker: TrackerId
    number: int

    def __str__(self) -> str:
        return f"{self.tracker}#{self.number}"


@dataclass(frozen=True, slots=True)
class Marker:
    """The identity that travels hidden inside an issue's body or a milestone's description.

    Args:
        version: of the marker's format; a higher one than ours is never written to.
        owner: which installation manages the thing.
        uid: the binding's permanent id.
    """

    version: int
    owner: Owner
    uid: Uid
