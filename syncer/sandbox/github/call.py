"""One request to the GitHub half, with everything a handler asks about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from syncer.sandbox.exchange import Circumstances, Incoming
from syncer.sandbox.forge import Forge
from syncer.sandbox.github import problems, times
from syncer.sandbox.github.access import Asker
from syncer.sandbox.github.courier import GitHubHooks
from syncer.sandbox.github.fields import Fields
from syncer.sandbox.github.view import View
from syncer.sandbox.issues import Issue
from syncer.sandbox.limits import Meter
from syncer.sandbox.people import Role, User
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Route

READS = ("GET", "HEAD")


@dataclass
class GitHubCall:
    """A request on its way through a handler."""

    forge: Forge
    incoming: Incoming
    values: dict[str, str]
    route: Route[GitHubCall]
    asker: Asker
    view: View
    circumstances: Circumstances
    now: datetime
    hooks: GitHubHooks
    meter: Meter

    @cached_property
    def body(self) -> Fields:
        return Fields.read(self.incoming.body)

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
            raise problems.needs_authentication()
        return self.asker.user

    def text(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.incoming.query.get(name, default)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """A query parameter out of a few words."""
        value = self.text(name, default) or default
        if value not in allowed:
            raise problems.validation_failed(problems.field_error("Issue", name, "invalid", value=value))
        return value

    def since(self, name: str = "since") -> datetime | None:
        """A moment in the query string."""
        value = self.text(name)
        if not value:
            return None
        try:
            return times.read(value.replace(" ", "+"))
        except ValueError:
            raise problems.validation_failed(
                problems.field_error("Issue", name, "invalid", value=value)
            ) from None

    def repository(self, least: Role = Role.READ, *, hide: bool = True) -> Repository:
        """The repository in the path, if the asker may do what needs a role there.

        A role that is too small is told 404 where ``hide`` says so, else 403.
        """
        path = f"{self.values['owner']}/{self.values['repo']}"
        repository = self.forge.find(path)
        if repository is None or not self.asker.sees(repository):
            raise problems.not_found()
        if repository.full_name.lower() != path.lower():
            raise self._redirect(repository)
        if not self.reading and self.asker.user is None:
            raise problems.needs_authentication()
        if self.asker.lacks(repository, self.route.needs):
            raise self._too_narrow()
        if self.asker.role(repository) < least:
            raise problems.not_found() if hide else problems.forbidden()
        if not self.reading and repository.archived:
            raise problems.archived()
        return repository

    def number(self, name: str) -> int:
        """A number in the path; 404 for anything else."""
        value = self.values[name]
        if not value.isdecimal():
            raise problems.not_found()
        return int(value)

    def issue(self, repository: Repository, name: str = "issue_number") -> Issue:
        """The issue (or pull request) in the path: 404, 410 if deleted, 301 if transferred."""
        found = repository.issues.get(self.number(name))
        if found is None or (self.reading and self.forge.lag.hides(found.created_at, self.now)):
            raise problems.not_found()
        if found.deleted:
            raise problems.gone("This issue was deleted")
        if found.moved_to is not None:
            target = found.moved_to
            if not self.asker.sees(target.repository):
                raise problems.not_found()
            raise problems.moved(f"{self.view.by_id(target.repository)}/issues/{target.number}")
        return found

    def pull(self, repository: Repository) -> Issue:
        """The pull request in the path."""
        found = repository.pulls.get(self.number("pull_number"))
        if found is None or (self.reading and self.forge.lag.hides(found.created_at, self.now)):
            raise problems.not_found()
        return found

    def need(self, feature: str) -> None:
        """404 where this host is too old for something."""
        if not self.forge.has(feature):
            raise problems.not_found()

    def _redirect(self, repository: Repository) -> Exception:
        raw = self.incoming.raw_path.removeprefix(self.view.prefix)
        rest = "/".join(raw.split("/")[4:]) if raw.startswith("/repos/") else ""
        location = self.view.by_id(repository) + (f"/{rest}" if rest else "")
        if self.incoming.query_string:
            location += f"?{self.incoming.query_string}"
        return problems.moved(location, status=301 if self.reading else 307)

    def _too_narrow(self) -> Exception:
        token = self.asker.token
        if token is not None and token.scopes is not None:
            return problems.not_found()
        who = "integration" if token is not None and token.kind == "installation" else "personal access token"
        return problems.forbidden(f"Resource not accessible by {who}")
