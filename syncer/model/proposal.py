"""Pull and merge requests, as far as one rolling request that carries edits needs them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ProposalState(Enum):
    """What became of a request."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"
    """Closed and not merged."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pull or merge request as its forge shows it.

    Args:
        shown: as people write it: ``#12`` or ``!12``.
        branch: that is to be merged.
        head: the newest commit of that branch, as long as the request was open.
        merged_as: the commit on the target that brought it there; empty where it was not merged.
        mergeable: whether it merges without conflicts; ``None`` where the forge does not know yet.
        handle: the forge's own name for it, where that is not the number.
        etag: validator for asking again.
    """

    number: int
    shown: str
    state: ProposalState
    branch: str
    head: str
    url: str
    body: str = ""
    merged_as: str = ""
    mergeable: bool | None = None
    handle: str = ""
    etag: str = ""


@dataclass(frozen=True, slots=True)
class ProposalDraft:
    """A request to be opened."""

    branch: str
    target: str
    title: str
    body: str
