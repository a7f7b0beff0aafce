"""What one GraphQL request carries along, and the ways in which a field of it can fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from graphql import GraphQLError

from syncer.sandbox.exchange import Circumstances
from syncer.sandbox.forge import Forge
from syncer.sandbox.github.access import Asker
from syncer.sandbox.github.view import View
from syncer.sandbox.limits import Meter
from syncer.sandbox.people import Role, User
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Needs

Json = dict[str, Any]


class Failure(GraphQLError):
    """One field fails; the others of the request go on.

    Args:
        kind: GitHub's word for it, such as ``NOT_FOUND`` or ``STALE_DATA``.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message, extensions={"type": kind})


def not_found(message: str) -> Failure:
    """What was asked for does not exist as far as the asker goes."""
    return Failure("NOT_FOUND", message)


def unprocessable(message: str) -> Failure:
    """The values make no sense."""
    return Failure("UNPROCESSABLE", message)


@dataclass
class Session:
    """One GraphQL request.

    Args:
        created: how many objects it created so far.
        cost: points it costs, once that is known.
    """

    forge: Forge
    asker: Asker
    view: View
    circumstances: Circumstances
    now: datetime
    meter: Meter
    created: int = 0
    cost: int = 1
    node_count: int = 0

    @cached_property
    def list_moment(self) -> datetime | None:
        """The moment whose state connections show; ``None`` for the present."""
        return self.circumstances.list_moment or self.forge.lag.moment_of_list(self.now)

    @property
    def user(self) -> User:
        if self.asker.user is None:
            raise Failure("FORBIDDEN", "Resource not accessible")
        return self.asker.user

    def need(self, repository: Repository, least: Role, area: str, doing: str) -> None:
        """Fail unless the asker may do something here that changes things."""
        if repository.archived:
            raise Failure("FORBIDDEN", "Repository was archived so is read-only.")
        needs: Needs = ((area, "write"),)
        if self.asker.lacks(repository, needs):
            token = self.asker.token
            who = (
                "integration"
                if token is not None and token.kind == "installation"
                else "personal access token"
            )
            raise Failure("FORBIDDEN", f"Resource not accessible by {who}")
        if self.asker.role(repository) < least:
            raise Failure(
                "FORBIDDEN", f"{self.user.login} does not have the correct permissions to execute `{doing}`"
            )

    def create(self) -> None:
        """Count an object that is about to be created, or fail where there are too many."""
        if not self.meter.create(self.asker.who, self.now):
            raise unprocessable("was submitted too quickly")
        self.created += 1
