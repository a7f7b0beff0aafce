"""What one GraphQL request to GitLab carries along, and how its things are named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from graphql import GraphQLError

from syncer.sandbox.exchange import Circumstances
from syncer.sandbox.forge import Forge
from syncer.sandbox.gitlab.access import Asker
from syncer.sandbox.gitlab.view import View
from syncer.sandbox.issues import Issue
from syncer.sandbox.people import Role, User
from syncer.sandbox.repository import Repository

Json = dict[str, Any]

UNAVAILABLE = (
    "The resource that you are attempting to access does not exist or you don't have permission to perform "
    "this action"
)


def unavailable() -> GraphQLError:
    """There is no such thing, or the asker may not see or change it."""
    return GraphQLError(UNAVAILABLE)


def gid(kind: str, key: int) -> str:
    """A global id."""
    return f"gid://gitlab/{kind}/{key}"


def read_gid(value: str) -> int:
    """The number in a global id."""
    tail = value.rpartition("/")[2]
    if not value.startswith("gid://gitlab/") or not tail.isdecimal():
        raise GraphQLError(f'"{value}" is not a valid Global ID')
    return int(tail)


@dataclass
class Session:
    """One GraphQL request."""

    forge: Forge
    asker: Asker
    view: View
    circumstances: Circumstances
    now: datetime
    created: int = 0

    @cached_property
    def list_moment(self) -> datetime | None:
        """The moment whose state connections show; ``None`` for the present."""
        return self.circumstances.list_moment or self.forge.lag.moment_of_list(self.now)

    @property
    def user(self) -> User:
        if self.asker.user is None:
            raise unavailable()
        return self.asker.user

    def project(self, path: str, least: Role = Role.READ) -> Repository:
        """A project by full path."""
        found = self.forge.find(path)
        if found is None or self.asker.role(found) < least:
            raise unavailable()
        return found

    def work_item(self, key: str, least: Role = Role.READ) -> Issue:
        """A work item by global id."""
        number = read_gid(key)
        for project in self.forge.repositories.values():
            for entry in project.issues.values():
                if entry.id == number and not entry.deleted and self.may_see(entry):
                    if self.asker.role(project) < least and entry.author is not self.asker.user:
                        raise unavailable()
                    return entry
        raise unavailable()

    def may_see(self, issue: Issue) -> bool:
        """Whether the asker may know of an issue."""
        role = self.asker.role(issue.repository)
        if role < Role.READ:
            return False
        return not issue.confidential or role >= Role.TRIAGE or issue.author is self.asker.user
