"""One forge's world: its people, its repositories, its settings. A sandbox holds two.

Everything here is plain in-memory state without HTTP. All access happens under :attr:`Forge.lock`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from syncer.sandbox.clock import ServerClock
from syncer.sandbox.happenings import Happening, Mention
from syncer.sandbox.identifiers import Ids
from syncer.sandbox.issues import Milestone
from syncer.sandbox.people import Group, People, Role, Token, User
from syncer.sandbox.repository import Repository

ForgeKind = Literal["github", "gitlab"]

GITLAB_SHIFT = 40_000_000


@dataclass
class Lag:
    """How far behind the replicas are that answer reads.

    Args:
        new: seconds for which something just created is in no list and is not found by number.
        lists: seconds by which lists are behind.
        alternate: let only every other list be behind, as with several replicas.
        search: seconds by which the search index is behind.
    """

    new: float = 0.0
    lists: float = 0.0
    alternate: bool = False
    search: float = 60.0
    _turn: int = field(default=0, repr=False)

    def moment_of_list(self, now: datetime) -> datetime | None:
        """The moment whose state a list shows; ``None`` for the present."""
        behind = max(self.lists, 0.0)
        if self.alternate and behind:
            self._turn += 1
            behind = behind if self._turn % 2 else 0.0
        return now - timedelta(seconds=behind) if behind else None

    def hides(self, created: datetime, now: datetime) -> bool:
        """Whether something is too new for the replica that is asked."""
        return bool(self.new) and now < created + timedelta(seconds=self.new)


@dataclass
class Settings:
    """What an administrator can set, and what a test wants to be different.

    Args:
        missing_features: things an older host does not have: ``sub_issues``, ``dependencies``,
            ``rules``, ``state_duplicate``, ``graphql``, ``createCommitOnBranch`` ….
        tree_limit: entries after which a recursive tree is cut and marked as truncated.
        checks_pending: whether pull and merge requests wait for a check before they can be merged.
        premium: GitLab: whether scoped labels exclude each other and weights exist.
        offset_cap: GitLab: the highest offset of offset pagination.
        hook_timeout: seconds that a webhook receiver has.
        enterprise_version: GitHub: the version that a GHES host says it is.
    """

    missing_features: set[str] = field(default_factory=set)
    tree_limit: int = 100_000
    checks_pending: bool = False
    premium: bool = False
    offset_cap: int = 50_000
    hook_timeout: float = 10.0
    enterprise_version: str = "3.19.0"


class Forge:
    """A GitHub, or a GitLab."""

    def __init__(self, kind: ForgeKind, clock: ServerClock, lock: threading.RLock) -> None:
        self.kind: ForgeKind = kind
        self.clock = clock
        self.lock = lock
        self.ids = Ids(shift=0 if kind == "github" else GITLAB_SHIFT)
        self.people = People(self.ids)
        self.repositories: dict[int, Repository] = {}
        self.paths: dict[str, int] = {}
        self.group_milestones: dict[int, list[Milestone]] = {}
        self.lag = Lag()
        self.settings = Settings()
        self.listeners: list[Callable[[Happening], None]] = []
        self.mentions: list[Mention] = []

    @property
    def transfer_removes(self) -> bool:
        """Whether a transferred issue leaves its repository; on GitLab it stays there, closed."""
        return self.kind == "github"

    @property
    def shared_numbers(self) -> bool:
        """Whether issues and pull requests count together."""
        return self.kind == "github"

    def has(self, feature: str) -> bool:
        """Whether this host is new enough for something."""
        return feature not in self.settings.missing_features

    def find(self, path: str) -> Repository | None:
        """A repository by full path, in any case, under its present or a former name."""
        key = self.paths.get(path.lower())
        return None if key is None else self.repositories.get(key)

    def create_repository(
        self, path: str, creator: User, *, private: bool = False, description: str = ""
    ) -> Repository:
        """A new, empty repository; the namespace is made if there is none."""
        namespace, _, name = path.rpartition("/")
        if self.people.find(namespace) is None:
            self.people.group(namespace, self.clock.now()).members.setdefault(
                creator.login.lower(), Role.ADMIN
            )
        repository = Repository(
            self,
            self.ids.next("repository"),
            namespace,
            name,
            creator,
            private=private,
            description=description,
        )
        self.repositories[repository.id] = repository
        self.paths[path.lower()] = repository.id
        return repository

    def rename_repository(self, repository: Repository, path: str, actor: User) -> None:
        """Move a repository; its former path leads to it as long as nobody else takes it."""
        before = repository.full_name
        namespace, _, name = path.rpartition("/")
        moved = namespace != repository.namespace
        if self.people.find(namespace) is None:
            self.people.group(namespace, self.clock.now())
        repository.namespace, repository.name = namespace, name
        repository.updated_at = self.clock.now()
        self.paths[path.lower()] = repository.id
        repository.announce(
            "repository", "transferred" if moved else "renamed", actor, before={"path": before}
        )

    def delete_repository(self, repository: Repository, actor: User) -> None:
        """Remove a repository for good."""
        repository.announce("repository", "deleted", actor)
        del self.repositories[repository.id]

    def owner_kind(self, namespace: str) -> User | Group:
        """The user or the group that a namespace belongs to."""
        user = self.people.find(namespace)
        return user if user is not None else self.people.group(namespace, self.clock.now())

    def add_token(self, token: Token) -> Token:
        """Make a credential known."""
        self.people.tokens[token.value] = token
        return token

    def tell(self, happening: Happening) -> None:
        """Pass on what happened to everyone who listens."""
        for listener in list(self.listeners):
            listener(happening)
