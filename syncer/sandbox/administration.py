"""What administrators do: people, credentials, repositories, rules; one :class:`Side` per forge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from syncer.sandbox.forge import Forge, Lag, Settings
from syncer.sandbox.github.founding import found as found_on_github
from syncer.sandbox.gitlab.founding import found as found_on_gitlab
from syncer.sandbox.handles import PERSON, MilestoneHandle
from syncer.sandbox.happenings import Mention
from syncer.sandbox.identifiers import secret
from syncer.sandbox.people import App, Installation, Role, Token, User
from syncer.sandbox.protection import Protection, Ruleset
from syncer.sandbox.repository_handle import RepositoryHandle

CLASSIC_SCOPES: tuple[str, ...] = ("repo", "user")
GITLAB_SCOPES: tuple[str, ...] = ("api",)


class Side:
    """One forge of a sandbox, seen by its administrator."""

    def __init__(self, forge: Forge) -> None:
        self.model = forge

    @property
    def lag(self) -> Lag:
        return self.model.lag

    @property
    def settings(self) -> Settings:
        return self.model.settings

    @property
    def mentions(self) -> list[Mention]:
        """Everybody that a text notified so far."""
        with self.model.lock:
            return list(self.model.mentions)

    def user(self, login: str, *, name: str = "", role: str = "", site_admin: bool = False) -> User:
        """A user; ``role`` is what this user may do in repositories that say nothing else."""
        with self.model.lock:
            made = self.model.people.user(login, self.model.clock.now(), name=name)
            if role:
                made.base_role = Role.named(role)
            made.site_admin = made.site_admin or site_admin
            return made

    def token(
        self,
        login: str,
        *,
        role: str = "maintain",
        scopes: Iterable[str] | None = None,
        permissions: Mapping[str, str] | None = None,
        repositories: Iterable[RepositoryHandle] | None = None,
        expires_in: float | None = None,
        bot: bool = False,
        kind: str = "",
    ) -> str:
        """A new credential of a user, who is made if need be.

        Args:
            login: whose it is.
            role: what the user may do in repositories that say nothing else; empty leaves that alone.
            scopes: of a classic token (GitHub: all of ``repo``) or of a GitLab token (``api``).
            permissions: makes it a fine-grained token: ``{"issues": "write", "contents": "read"}``.
            repositories: which it reaches; all by default.
            expires_in: seconds until it stops working.
            bot: whether the user is a bot.
            kind: of the token, where it is none of the usual ones (``project``, ``group`` …).
        """
        forge = self.model
        with forge.lock:
            now = forge.clock.now()
            user = forge.people.user(login, now, kind="Bot" if bot else "User")
            if role:
                user.base_role = Role.named(role)
            fine = permissions is not None
            if forge.kind == "github":
                value = secret("github_pat_" if fine else "ghp_")
                default = CLASSIC_SCOPES
                shape = kind or ("fine-grained" if fine else "classic")
            else:
                value, default, shape = secret("glpat-", 20), GITLAB_SCOPES, kind or "personal"
            token = Token(
                forge.ids.next("token"),
                value,
                user,
                shape,
                now,
                scopes=None if fine else frozenset(default if scopes is None else scopes),
                permissions=permissions,
                repositories=None if repositories is None else frozenset(entry.id for entry in repositories),
                expires_at=None if expires_in is None else now + timedelta(seconds=expires_in),
            )
            return forge.add_token(token).value

    def revoke(self, token: str) -> None:
        """Let a credential stop working."""
        with self.model.lock:
            self.model.people.tokens[token].revoked = True

    def repository(
        self,
        path: str,
        *,
        files: Mapping[str, bytes | None] | None = None,
        private: bool = False,
        by: str = PERSON,
        branch: str = "main",
        description: str = "",
    ) -> RepositoryHandle:
        """A new repository (on GitLab: project) with files in a first commit."""
        forge = self.model
        with forge.lock:
            creator = forge.people.user(by, forge.clock.now())
            found = found_on_github if forge.kind == "github" else found_on_gitlab
            made = found(forge, path, creator, private=private, description=description)
            made.default_branch = branch
            if files:
                made.commit_files(creator, branch, dict(files), "Initial commit")
            return RepositoryHandle(made)

    def find(self, path: str) -> RepositoryHandle:
        """A repository by its present or a former path. Raises ``KeyError``."""
        with self.model.lock:
            known = self.model.find(path)
        if known is None:
            raise KeyError(path)
        return RepositoryHandle(known)

    def repositories(self) -> list[RepositoryHandle]:
        """All repositories."""
        with self.model.lock:
            return [RepositoryHandle(entry) for entry in self.model.repositories.values()]

    def rename(self, repository: RepositoryHandle, path: str, *, by: str = PERSON) -> None:
        """Rename or move a repository; the former path redirects."""
        with self.model.lock:
            person = self.model.people.user(by, self.model.clock.now())
            self.model.rename_repository(repository.model, path, person)

    def invite(self, repository: RepositoryHandle, login: str, role: str) -> None:
        """Give somebody a role in one repository, more or less than elsewhere."""
        with self.model.lock:
            self.model.people.user(login, self.model.clock.now())
            repository.model.members[login.lower()] = Role.named(role)

    def archive(self, repository: RepositoryHandle, archived: bool = True) -> None:
        """Make a repository read-only, or writable again."""
        with self.model.lock:
            repository.model.archived = archived

    def enable_issues(self, repository: RepositoryHandle, enabled: bool) -> None:
        """Switch issues on or off."""
        with self.model.lock:
            repository.model.issues_enabled = enabled

    def protect(
        self, repository: RepositoryHandle, branch: str = "", *, push: str | None = None, merge: str = "write"
    ) -> None:
        """Classic protection: only through pull requests, or (``push``) only by a role."""
        with self.model.lock:
            name = branch or repository.model.default_branch
            repository.model.protections[name] = Protection(
                self.model.ids.next("protection"),
                name,
                push=None if push is None else Role.named(push),
                merge=Role.named(merge),
                pull_request_required=push is None,
            )

    def unprotect(self, repository: RepositoryHandle, branch: str = "") -> None:
        """Take classic protection away."""
        with self.model.lock:
            repository.model.protections.pop(branch or repository.model.default_branch, None)

    def ruleset(
        self,
        repository: RepositoryHandle,
        *rules: str | dict[str, Any],
        include: Iterable[str] = ("~DEFAULT_BRANCH",),
        bypass: str | None = None,
        name: str = "rules",
    ) -> None:
        """GitHub: a ruleset with rules such as ``pull_request`` or ``creation``."""
        with self.model.lock:
            repository.model.rulesets.append(
                Ruleset(
                    self.model.ids.next("ruleset"),
                    name,
                    tuple(include),
                    tuple({"type": rule} if isinstance(rule, str) else rule for rule in rules),
                    None if bypass is None else Role.named(bypass),
                )
            )

    def group_milestone(self, group: str, title: str, *, by: str = PERSON) -> MilestoneHandle:
        """GitLab: a milestone of a group, which the projects below it can use."""
        from syncer.sandbox.gitlab.founding import add_group_milestone

        forge = self.model
        with forge.lock:
            person = forge.people.user(by, forge.clock.now())
            made = add_group_milestone(forge, forge.people.group(group, forge.clock.now()), person, title)
            home = next(entry for entry in forge.repositories.values() if made in entry.visible_milestones())
            return MilestoneHandle(home, made)

    def app(
        self,
        slug: str,
        *,
        permissions: Mapping[str, str],
        accounts: Iterable[str] = (),
        events: Iterable[str] = (),
        stateless_tokens: bool = False,
    ) -> App:
        """GitHub: an App with a fresh key pair, installed on some accounts."""
        from syncer.sandbox.keys import key_pair

        forge = self.model
        private, public = key_pair()
        with forge.lock:
            now = forge.clock.now()
            owner = forge.people.user(PERSON, now)
            bot = forge.people.user(f"{slug}[bot]", now, kind="Bot")
            bot.base_role = Role.WRITE
            app = App(
                forge.ids.next("app"),
                slug,
                slug.replace("-", " ").title(),
                owner,
                bot,
                private,
                public,
                permissions,
                tuple(events),
                now,
                stateless_tokens,
            )
            forge.people.apps[app.id] = app
            for account in accounts:
                where = Installation(forge.ids.next("installation"), account, None, now)
                app.installations[where.id] = where
            return app
