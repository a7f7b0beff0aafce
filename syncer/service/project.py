"""One configured pair of a source, where the roadmaps are, and the trackers that follow them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from syncer.ports import Documents, Proposals, Tracker
from syncer.reconcile.policy import Dropped, Policy
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


class Way(Enum):
    """How edits reach the branch."""

    AUTO = "auto"
    """By a commit where the branch takes one, else by a request."""
    COMMIT = "commit"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class WriteBack:
    """How edits reach the roadmaps.

    Args:
        branch: of the rolling request; ``{branch}`` stands for the branch that it is to be merged into.
        auto_merge: let the forge merge the request as soon as its rules allow.
        skip_ci: direct commits start no pipeline. Never on a request, whose checks would wait for ever.
    """

    way: Way = Way.AUTO
    branch: str = "syncer/{branch}"
    auto_merge: bool = False
    skip_ci: bool = False


def _nowhere(path: str) -> bool:
    """There are no other projects."""
    del path
    return False


@dataclass(frozen=True, slots=True)
class Project:
    """What one run works on.

    Args:
        branch: empty for the repository's default branch.
        patterns: which files are roadmaps.
        owner: empty for the source's host and repository id.
        size_limit: of one roadmap, in bytes.
        allow_public: whether a private source may have a public tracker.
        proposals: the source's pull or merge requests, where its forge has such.
        elsewhere: whether a path is a roadmap of another project with the same owner.
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
    proposals: Proposals | None = None
    write_back: WriteBack = field(default_factory=WriteBack)
    elsewhere: Callable[[str], bool] = _nowhere

    @property
    def strikes(self) -> bool:
        """Whether a line that is struck through counts as dropped."""
        return self.policy.dropped is Dropped.STRIKE
