"""What people do with a repository as a whole: open issues and requests, push, make branches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from syncer.sandbox import history, merging
from syncer.sandbox.handles import PERSON, IssueHandle, MilestoneHandle
from syncer.sandbox.people import User
from syncer.sandbox.repository import Repository


class RepositoryHandle:
    """One repository or project."""

    def __init__(self, repository: Repository) -> None:
        self.model = repository
        self._lock = repository.forge.lock

    def __repr__(self) -> str:
        return f"<{self.model.forge.kind} repository {self.full_name}>"

    def _person(self, by: str) -> User:
        forge = self.model.forge
        return forge.people.user(by, forge.clock.now())

    @property
    def full_name(self) -> str:
        return self.model.full_name

    @property
    def id(self) -> int:
        return self.model.id

    # issues

    def issue(self, number: int) -> IssueHandle:
        """An issue by its number; also one that is deleted or moved away."""
        with self._lock:
            return IssueHandle(self.model.issues[number])

    def issues(self) -> list[IssueHandle]:
        """The issues that are here, by number, without pull requests."""
        with self._lock:
            found = [entry for entry in self.model.issues.values() if entry.pull is None and not entry.gone]
            return [IssueHandle(entry) for entry in sorted(found, key=lambda entry: entry.number)]

    def open_issue(
        self,
        title: str,
        body: str | None = None,
        *,
        by: str = PERSON,
        labels: Iterable[str] = (),
        milestone: MilestoneHandle | None = None,
    ) -> IssueHandle:
        """A person opens an issue."""
        with self._lock:
            person = self._person(by)
            found = [
                self.model.find_label(name) or self.model.add_label(person, name, "ededed") for name in labels
            ]
            chosen = None if milestone is None else milestone.model
            return IssueHandle(
                self.model.open_issue(person, title, body, labels=tuple(found), milestone=chosen)
            )

    def label(self, name: str, color: str = "ededed", *, by: str = PERSON) -> None:
        """A person makes a label."""
        with self._lock:
            self.model.add_label(self._person(by), name, color)

    @property
    def labels(self) -> frozenset[str]:
        with self._lock:
            return frozenset(label.name for label in self.model.labels.values())

    def delete_label(self, name: str, *, by: str = PERSON) -> None:
        """A person deletes a label."""
        with self._lock:
            label = self.model.find_label(name)
            if label is not None:
                self.model.remove_label(self._person(by), label)

    def milestone(self, number: int) -> MilestoneHandle:
        """A milestone by its number."""
        with self._lock:
            return MilestoneHandle(self.model, self.model.milestones[number])

    def milestones(self) -> list[MilestoneHandle]:
        """All milestones, by number."""
        with self._lock:
            return [MilestoneHandle(self.model, entry) for entry in self.model.milestones.values()]

    def create_milestone(
        self, title: str, *, due: date | None = None, description: str = "", by: str = PERSON
    ) -> MilestoneHandle:
        """A person makes a milestone."""
        with self._lock:
            made = self.model.add_milestone(self._person(by), title, description or None, due=due)
            return MilestoneHandle(self.model, made)

    # pull and merge requests

    def pull(self, number: int) -> IssueHandle:
        """A pull or merge request by its number."""
        with self._lock:
            return IssueHandle(self.model.pulls[number])

    def pulls(self) -> list[IssueHandle]:
        """All pull or merge requests, by number."""
        with self._lock:
            return [IssueHandle(entry) for _, entry in sorted(self.model.pulls.items())]

    def open_pull(
        self, head: str, *, title: str = "", base: str = "", body: str = "", by: str = PERSON
    ) -> IssueHandle:
        """A person asks for a branch to be merged."""
        with self._lock:
            return IssueHandle(
                merging.open_pull(
                    self.model,
                    self._person(by),
                    title=title or head,
                    head=head,
                    base=base or self.model.default_branch,
                    body=body or None,
                )
            )

    # files

    def commit(
        self,
        files: Mapping[str, bytes | None],
        *,
        by: str = PERSON,
        message: str = "Change files",
        branch: str = "",
    ) -> str:
        """A person pushes a commit; ``None`` deletes a file. The answer is the commit's id."""
        with self._lock:
            name = branch or self.model.default_branch
            return self.model.commit_files(self._person(by), name, files, message).sha

    def file(self, path: str, ref: str = "") -> bytes:
        """The bytes of a file. Raises ``KeyError`` if there is none."""
        with self._lock:
            data = self.model.read_file(path, ref)
        if data is None:
            raise KeyError(path)
        return data

    def head(self, branch: str = "") -> str:
        """What a branch points at. Raises ``KeyError`` if there is no such branch."""
        with self._lock:
            return self.model.branches.heads[branch or self.model.default_branch]

    def branches(self) -> dict[str, str]:
        """What every branch points at."""
        with self._lock:
            return dict(self.model.branches.heads)

    def log(self, branch: str = "") -> list[str]:
        """The messages of a branch's commits, newest first."""
        with self._lock:
            return [entry.message for entry in history.log(self.model.store, self.head(branch))]

    def create_branch(self, name: str, sha: str = "", *, by: str = PERSON) -> None:
        """A person makes a branch, at the default branch's head unless told otherwise."""
        with self._lock:
            self.model.move_branch(self._person(by), name, sha or self.head())

    def delete_branch(self, name: str, *, by: str = PERSON) -> None:
        """A person deletes a branch."""
        with self._lock:
            self.model.move_branch(self._person(by), name, None)

    def force_push(self, branch: str, sha: str, *, by: str = PERSON) -> None:
        """A person lets a branch point at any commit, history or not."""
        with self._lock:
            self.model.move_branch(self._person(by), branch, sha)
