"""One configured pair of a source, where the roadmaps are, and the trackers that follow them."""

from __future__ import annotations

from dataclasses import dataclass, field

from syncer.ports import Documents, Tracker
from syncer.reconcile.policy import Policy
from syncer.roadmap.admit import DEFAULT_SIZE_LIMIT


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long the fate of a create stays unknown.

    Args:
        grace: seconds for which a create without an answer is looked for before it is sent again,
            because listings lag behind.
        settling: seconds after which a request that was cut off cannot take effect any more. GitHub
            ends requests after 10 seconds (docs.github.com, "Timeouts").
    """

    grace: float = 600.0
    settling: float = 10.0


@dataclass(frozen=True, slots=True)
class Project:
    """What one run works on.

    Args:
        branch: empty for the repository's default branch.
        patterns: which files are roadmaps.
        owner: empty for the source's host and repository id.
        size_limit: of one roadmap, in bytes.
        allow_public: whether a private source may have a public tracker.
    """

    name: str
    documents: Documents
    trackers: tuple[Tracker, ...]
    patterns: tuple[str, ...]
    branch: str = ""
    policy: Policy = field(default_factory=Policy)
    owner: str = ""
    size_limit: int = DEFAULT_SIZE_LIMIT
    allow_public: bool = False
    waiting: Waiting = field(default_factory=Waiting)
