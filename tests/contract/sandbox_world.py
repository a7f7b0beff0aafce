"""The forges of the sandbox as worlds: real HTTP, real client libraries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from syncer.forges import Connection, Forge, Secret, connect
from syncer.ports import Documents, Tracker
from syncer.sandbox import Fault, Sandbox
from syncer.sandbox.git import Leaf

from .worlds import BOT, FILES, REPOSITORY


class Clockwork:
    """Real time, except that waiting takes none: it is added instead, and to ``waited``."""

    def __init__(self) -> None:
        self.waited = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.waited

    def sleep(self, seconds: float) -> None:
        self.waited += timedelta(seconds=seconds)


_PLACES = {
    "create_issue": ("POST", r"/issues(\?|$)"),
    "update_issue": ("PATCH|PUT", r"/issues/\d+"),
    "set_parents": ("POST", r"/graphql"),
    "create_milestone": ("POST", r"/milestones(\?|$)"),
    "commit": ("POST", r"/graphql|/repository/commits"),
    "commit without GraphQL": ("PATCH", r"/git/refs/heads/"),
}


class SandboxWorld:
    """A forge of the sandbox over real HTTP.

    Args:
        old: a GitHub Enterprise Server without the mutation that commits, below ``/api/v3``.
    """

    def __init__(self, kind: str, sandbox: Sandbox, *, old: bool = False) -> None:
        self._kind = kind
        self._old = old
        self._sandbox = sandbox
        self._side = sandbox.github if kind == "github" else sandbox.gitlab
        self._repository = self._side.repository(REPOSITORY, files=FILES)
        self._token = self._side.token(BOT)
        self._url = f"{sandbox.url}/api/v3" if old else sandbox.url
        if old:
            self._side.settings.missing_features.add("createCommitOnBranch")
        self._forges: list[Forge] = []
        self.clock = Clockwork()

    def _connect(self, read_only: bool) -> Forge:
        connection = Connection(
            "main", self._kind, url=self._url, token=Secret(self._token), read_only=read_only
        )
        forge = connect(connection, self.clock)
        self._forges.append(forge)
        return forge

    def leave(self) -> None:
        """Close all connections."""
        for forge in self._forges:
            forge.close()

    def tracker(self, *, read_only: bool = False) -> Tracker:
        return self._connect(read_only).tracker(REPOSITORY)

    def documents(self, *, read_only: bool = False) -> Documents:
        return self._connect(read_only).documents(REPOSITORY)

    def requests(self) -> tuple[int, int]:
        counts = self._sandbox.count(self._kind)
        self._sandbox.reset_counts()
        return counts.total, counts.changes

    def later(self, seconds: float) -> None:
        self._sandbox.clock.advance(seconds)

    def open(self, title: str, *, by: str = "alice", milestone: int | None = None) -> int:
        made = self._repository.open_issue(title, by=by)
        if milestone is not None:
            made.set_milestone(self._number(milestone), by=by)
        return made.number

    def close(self, number: int, *, by: str = "alice", dropped: bool = False) -> None:
        issue = self._repository.issue(number)
        if dropped and self._kind == "gitlab":
            issue.label("dropped", by=by)
        issue.close(by=by, reason="not_planned" if dropped else "completed")

    def reopen(self, number: int, *, by: str = "alice") -> None:
        self._repository.issue(number).reopen(by=by)

    def retitle(self, number: int, title: str, *, by: str = "alice") -> None:
        self._repository.issue(number).retitle(title, by=by)

    def write(self, number: int, body: str, *, by: str = "alice") -> None:
        self._repository.issue(number).edit_body(body, by=by)

    def label(self, number: int, *names: str) -> None:
        self._repository.issue(number).label(*names)

    def outsider(self, login: str) -> None:
        self._side.user(login, role="none")

    def delete(self, number: int) -> None:
        self._repository.issue(number).delete()

    def milestone(self, title: str, *, due: date | None = None) -> int:
        made = self._repository.create_milestone(title, due=due)
        return made.number if self._kind == "github" else made.id

    def push(self, files: Mapping[str, bytes | None], *, branch: str = "main") -> str:
        if branch not in self._repository.branches():
            self._repository.create_branch(branch)
        return self._repository.commit(files, branch=branch)

    def link(self, path: str) -> None:
        model = self._repository.model
        with model.forge.lock:
            leaf = Leaf("120000", model.store.add_blob(b"TODO.md"))
            model.commit_files(model.creator, "main", {path: leaf}, "Link")

    def file(self, path: str) -> bytes:
        return self._repository.file(path)

    def head(self) -> str:
        return self._repository.head()

    def rewind(self, revision: str) -> None:
        self._repository.force_push("main", revision)

    def protect(self) -> None:
        if self._kind == "github":
            self._side.ruleset(self._repository, "pull_request")
        else:
            self._side.protect(self._repository)

    def lose_next_answer(self, method: str) -> None:
        self._fault("lose_answer", method)

    def break_next(self, method: str) -> None:
        self._fault("bad_gateway_before", method)

    def lag(self, seconds: float) -> None:
        self._side.lag.lists = seconds

    def _fault(self, what: str, method: str) -> None:
        methods, path = _PLACES["commit without GraphQL" if self._old and method == "commit" else method]
        verbs = methods.split("|")
        verb = verbs[0] if self._kind == "github" or len(verbs) == 1 else verbs[1]
        self._sandbox.faults.add(Fault(what, forge=self._kind, method=verb, path=path))

    def _number(self, key: int) -> int:
        if self._kind == "github":
            return key
        return next(found.number for found in self._repository.milestones() if found.id == key)
