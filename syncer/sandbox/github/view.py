"""What rendering needs to know besides the thing itself: addresses, the viewer, counters.

One :class:`View` lives as long as one request.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from syncer.sandbox.issues import Issue, Milestone
from syncer.sandbox.people import Role, Token, User
from syncer.sandbox.repository import Repository

Json = dict[str, Any]


@dataclass
class View:
    """The eyes with which a client looks at the forge.

    Args:
        base: scheme, host and port; web pages live directly below.
        prefix: ``/api/v3`` on an enterprise host, empty otherwise.
    """

    base: str
    prefix: str
    user: User | None = None
    token: Token | None = None
    _counts: dict[int, Counter[tuple[int, bool]]] = field(default_factory=dict)

    @property
    def api(self) -> str:
        return self.base + self.prefix

    def repo(self, repository: Repository) -> str:
        """The API address of a repository."""
        return f"{self.api}/repos/{repository.full_name}"

    def by_id(self, repository: Repository) -> str:
        """The API address of a repository that survives renaming; page links use it."""
        return f"{self.api}/repositories/{repository.id}"

    def web(self, repository: Repository) -> str:
        """The address of a repository's web page."""
        return f"{self.base}/{repository.full_name}"

    def issue(self, issue: Issue) -> str:
        return f"{self.repo(issue.repository)}/issues/{issue.number}"

    def issue_web(self, issue: Issue) -> str:
        kind = "pull" if issue.pull is not None else "issues"
        return f"{self.web(issue.repository)}/{kind}/{issue.number}"

    def file_web(self, repository: Repository, ref: str, path: str, kind: str = "blob") -> str:
        return f"{self.web(repository)}/{kind}/{quote(ref)}/{quote(path)}"

    def role(self, repository: Repository) -> Role:
        return repository.role_of(self.user)

    def milestone_counts(self, repository: Repository, milestone: Milestone) -> tuple[int, int]:
        """How many open and closed issues a milestone has; counted once per request."""
        counts = self._counts.get(repository.id)
        if counts is None:
            counts = Counter(
                (issue.milestone.id, issue.closed)
                for issue in repository.everything()
                if issue.milestone is not None
            )
            self._counts[repository.id] = counts
        return counts[milestone.id, False], counts[milestone.id, True]
