"""One request to the GitLab half, with everything a handler asks about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from syncer.sandbox.exchange import Circumstances, Incoming
from syncer.sandbox.forge import Forge
from syncer.sandbox.gitlab import problems
from syncer.sandbox.gitlab.access import Asker
from syncer.sandbox.gitlab.courier import GitLabHooks
from syncer.sandbox.gitlab.fields import Fields
from syncer.sandbox.gitlab.view import View
from syncer.sandbox.issues import Issue
from syncer.sandbox.limits import Meter
from syncer.sandbox.people import Group, Role, User
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Route

READS = ("GET", "HEAD")


@dataclass
class GitLabCall:
    """A request on its way through a handler."""

    forge: Forge
    incoming: Incoming
    values: dict[str, str]
    route: Route[GitLabCall]
    asker: Asker
    view: View
    circumstances: Circumstances
    now: datetime
    hooks: GitLabHooks
    meter: Meter

    @cached_property
    def fields(self) -> Fields:
        return Fields.read(self.incoming)

    @cached_property
    def list_moment(self) -> datetime | None:
        """The moment whose state lists show; ``None`` for the present."""
        return self.circumstances.list_moment or self.forge.lag.moment_of_list(self.now)

    @property
    def reading(self) -> bool:
        return self.incoming.method in READS

    @property
    def user(self) -> User:
        """Whoever asks; 401 for nobody."""
        if self.asker.user is None:
            raise problems.unauthorized()
        return self.asker.user

    def project(self, least: Role = Role.READ) -> Repository:
        """The project in the path, if the asker may do what needs a role there."""
        key = self.values["id"]
        by_id = self.forge.repositories
        project = by_id.get(int(key)) if key.isdecimal() else self.forge.find(key)
        if project is None or not self.asker.sees(project):
            raise problems.not_found("Project")
        if not key.isdecimal() and project.full_name.lower() != key.lower():
            self._moved(project)
        if not self.reading and self.asker.user is None:
            raise problems.unauthorized()
        if self.asker.role(project) < least:
            raise problems.forbidden()
        if not self.reading and project.archived:
            raise problems.forbidden()
        return project

    def role(self, project: Repository) -> Role:
        return self.asker.role(project)

    def group(self) -> Group:
        """The group in the path, by id or by full path."""
        key = self.values["id"]
        groups = self.forge.people.groups
        found = groups.get(key.lower())
        if key.isdecimal():
            found = next((group for group in groups.values() if group.id == int(key)), None)
        if found is None:
            raise problems.not_found("Group")
        return found

    def number(self, name: str) -> int:
        """A number in the path; 400 for anything else."""
        value = self.values[name]
        if not value.isdecimal():
            raise problems.invalid(f"{name} is invalid")
        return int(value)

    def issue(self, project: Repository, name: str = "issue_iid") -> Issue:
        """The issue in the path; what is deleted, or hidden from the asker, is not there."""
        found = project.issues.get(self.number(name))
        too_new = found is not None and self.reading and self.forge.lag.hides(found.created_at, self.now)
        if found is None or found.deleted or too_new or not self.readable(found):
            raise problems.not_found("Issue" if self.reading else "")
        return found

    def readable(self, issue: Issue) -> bool:
        """Whether the asker may know of an issue: confidential ones are for members, author, assignees."""
        if not issue.repository.issues_enabled:
            return False
        if not issue.confidential:
            return True
        user = self.asker.user
        return self.role(issue.repository) >= Role.TRIAGE or (
            user is not None and (user is issue.author or user in issue.assignees)
        )

    def merge_request(self, project: Repository) -> Issue:
        """The merge request in the path."""
        found = project.pulls.get(self.number("merge_request_iid"))
        if found is None or found.deleted:
            raise problems.not_found()
        return found

    def _moved(self, project: Repository) -> None:
        if not self.reading:
            raise problems.problem(405, "Non GET methods are not allowed for moved projects")
        head, _, rest = self.incoming.raw_path.removeprefix("/api/v4/projects/").partition("/")
        del head
        location = self.view.project(project) + (f"/{rest}" if rest else "")
        if self.incoming.query_string:
            location += f"?{self.incoming.query_string}"
        text = f"This resource has been moved permanently to {location}"
        raise problems.problem(301, text, headers={"location": location})
