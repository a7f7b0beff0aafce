"""What rendering needs to know besides the thing itself: addresses and the viewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from syncer.sandbox.issues import Issue, Milestone
from syncer.sandbox.people import Role, Token, User
from syncer.sandbox.repository import Repository

Json = dict[str, Any]


@dataclass
class View:
    """The eyes with which a client looks at the forge."""

    base: str
    user: User | None = None
    token: Token | None = None

    @property
    def api(self) -> str:
        return f"{self.base}/api/v4"

    def project(self, project: Repository) -> str:
        """The API address of a project, always by its id."""
        return f"{self.api}/projects/{project.id}"

    def web(self, project: Repository) -> str:
        return f"{self.base}/{project.full_name}"

    def issue_web(self, issue: Issue) -> str:
        kind = "merge_requests" if issue.pull is not None else "issues"
        return f"{self.web(issue.repository)}/-/{kind}/{issue.number}"

    def milestone_web(self, milestone: Milestone) -> str:
        place = f"groups/{milestone.owner}" if milestone.group_id is not None else milestone.owner
        return f"{self.base}/{place}/-/milestones/{milestone.number}"

    def role(self, project: Repository) -> Role:
        return project.role_of(self.user)
