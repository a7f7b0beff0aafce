"""What people do, as methods: the same for both kinds of forge.

A handle stands for a thing of the model and takes the forge's lock for every access, so that a test or a
demo acts from its own thread while the server answers others. People act through the web page, so
nothing here asks for permission; ``by`` names who it was, and makes that person known if need be.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from syncer.sandbox import family, merging
from syncer.sandbox.issues import BodyEdit, Event, Issue, Milestone
from syncer.sandbox.people import User
from syncer.sandbox.repository import Repository
from syncer.sandbox.transfer import move_issue

if TYPE_CHECKING:
    from syncer.sandbox.repository_handle import RepositoryHandle

PERSON = "maintainer"
"""Who acts where nobody is named."""


class IssueHandle:
    """One issue, or one pull request."""

    def __init__(self, issue: Issue) -> None:
        self.model = issue
        self._lock = issue.repository.forge.lock

    def __repr__(self) -> str:
        return f"<{self.model.repository.full_name}#{self.number} {self.title!r} {self.state}>"

    def _person(self, by: str) -> User:
        forge = self.model.repository.forge
        return forge.people.user(by, forge.clock.now())

    # what it is

    @property
    def number(self) -> int:
        return self.model.number

    @property
    def id(self) -> int:
        return self.model.id

    @property
    def title(self) -> str:
        return self.model.title

    @property
    def body(self) -> str:
        return self.model.text

    @property
    def state(self) -> str:
        return "closed" if self.model.closed else "open"

    @property
    def reason(self) -> str | None:
        return self.model.reason

    @property
    def labels(self) -> frozenset[str]:
        with self._lock:
            return frozenset(label.name for label in self.model.labels)

    @property
    def assignees(self) -> frozenset[str]:
        with self._lock:
            return frozenset(user.login for user in self.model.assignees)

    @property
    def milestone(self) -> int | None:
        with self._lock:
            return None if self.model.milestone is None else self.model.milestone.number

    @property
    def milestone_title(self) -> str | None:
        with self._lock:
            return None if self.model.milestone is None else self.model.milestone.title

    @property
    def author(self) -> str:
        return self.model.author.login

    @property
    def updated_at(self) -> datetime:
        return self.model.updated_at

    @property
    def comments(self) -> list[str]:
        """The comments of people, oldest first."""
        with self._lock:
            return [said.body for said in self.model.comments if not said.system]

    @property
    def events(self) -> list[Event]:
        with self._lock:
            return list(self.model.events)

    @property
    def edits(self) -> list[BodyEdit]:
        with self._lock:
            return list(self.model.edits)

    @property
    def children(self) -> list[int]:
        with self._lock:
            return [child.number for child in self.model.children]

    @property
    def parent(self) -> int | None:
        with self._lock:
            return None if self.model.parent is None else self.model.parent.number

    @property
    def gone(self) -> bool:
        return self.model.gone

    # what people do to it

    def close(self, *, by: str = PERSON, reason: str = "completed") -> None:
        """Close it: ``completed``, ``not_planned`` or ``duplicate`` (GitLab forgets the reason)."""
        with self._lock:
            known = self.model.repository.forge.kind == "github" and self.model.pull is None
            self.model.close(self._person(by), reason if known else None)

    def reopen(self, *, by: str = PERSON) -> None:
        with self._lock:
            self.model.reopen(self._person(by))

    def retitle(self, title: str, *, by: str = PERSON) -> None:
        with self._lock:
            self.model.retitle(self._person(by), title)

    def edit_body(self, body: str, *, by: str = PERSON) -> None:
        with self._lock:
            self.model.rewrite(self._person(by), body)

    def comment(self, body: str, *, by: str = PERSON) -> None:
        with self._lock:
            self.model.comment(self._person(by), body)

    def label(self, *names: str, by: str = PERSON) -> None:
        """Put labels on it; unknown ones are made."""
        with self._lock:
            person, home = self._person(by), self.model.repository
            new = [home.find_label(name) or home.add_label(person, name, "ededed") for name in names]
            self.model.set_labels(person, [*self.model.labels, *new])

    def unlabel(self, *names: str, by: str = PERSON) -> None:
        """Take labels off it."""
        with self._lock:
            kept = [label for label in self.model.labels if label.name not in names]
            self.model.set_labels(self._person(by), kept)

    def assign(self, *logins: str, by: str = PERSON) -> None:
        """Be assigned to exactly these people."""
        with self._lock:
            self.model.set_assignees(self._person(by), [self._person(login) for login in logins])

    def set_milestone(self, milestone: MilestoneHandle | int | None, *, by: str = PERSON) -> None:
        """Move it to a milestone (a handle or a number), or out of all."""
        with self._lock:
            found = milestone
            if isinstance(found, MilestoneHandle):
                self.model.set_milestone(self._person(by), found.model)
            else:
                chosen = None if found is None else self.model.repository.milestones[found]
                self.model.set_milestone(self._person(by), chosen)

    def lock(self, *, by: str = PERSON, reason: str | None = None) -> None:
        with self._lock:
            self.model.lock(self._person(by), reason)

    def unlock(self, *, by: str = PERSON) -> None:
        with self._lock:
            self.model.unlock(self._person(by))

    def make_confidential(self, *, by: str = PERSON) -> None:
        with self._lock:
            self.model.set_confidential(self._person(by), True)

    def delete(self, *, by: str = PERSON) -> None:
        """Delete it for good."""
        with self._lock:
            self.model.deleted = True
            self.model.touch()
            self.model.repository.announce("issues", "deleted", self._person(by), issue=self.model)

    def transfer(self, target: RepositoryHandle, *, by: str = PERSON) -> IssueHandle:
        """Move it to another repository; the answer is what it is there."""
        with self._lock:
            return IssueHandle(move_issue(self.model, target.model, self._person(by)))

    def add_child(self, child: IssueHandle, *, by: str = PERSON) -> None:
        """Put another issue below it, wherever that stood before."""
        with self._lock:
            family.adopt(self.model, child.model, self._person(by), replace=True)

    def remove_child(self, child: IssueHandle, *, by: str = PERSON) -> None:
        """Take an issue out from below it."""
        with self._lock:
            family.release(self.model, child.model, self._person(by))

    # pull and merge requests

    @property
    def merged(self) -> bool:
        return self.model.pull is not None and self.model.pull.merged_at is not None

    def merge(self, *, by: str = PERSON, method: str = "merge") -> str:
        """Merge it: ``merge``, ``squash`` or ``rebase``; the answer is the commit's id."""
        with self._lock:
            return merging.merge(self.model, self._person(by), method=method).sha

    def approve(self, *, by: str = PERSON) -> None:
        """Say yes; a request that waits for that merges itself."""
        with self._lock:
            merging.approve(self.model, self._person(by))


class MilestoneHandle:
    """One milestone."""

    def __init__(self, repository: Repository, milestone: Milestone) -> None:
        self._home = repository
        self.model = milestone
        self._lock = repository.forge.lock

    def __repr__(self) -> str:
        return f"<{self._home.full_name} milestone {self.number} {self.title!r} {self.state}>"

    def _change(self, by: str, **values: object) -> None:
        with self._lock:
            forge = self._home.forge
            self._home.change_milestone(forge.people.user(by, forge.clock.now()), self.model, **values)

    @property
    def number(self) -> int:
        return self.model.number

    @property
    def id(self) -> int:
        return self.model.id

    @property
    def title(self) -> str:
        return self.model.title

    @property
    def description(self) -> str:
        return self.model.description or ""

    @property
    def state(self) -> str:
        return "closed" if self.model.closed else "open"

    @property
    def due(self) -> date | None:
        return self.model.due

    def close(self, *, by: str = PERSON) -> None:
        self._change(by, closed=True)

    def reopen(self, *, by: str = PERSON) -> None:
        self._change(by, closed=False)

    def rename(self, title: str, *, by: str = PERSON) -> None:
        self._change(by, title=title)

    def describe(self, text: str, *, by: str = PERSON) -> None:
        self._change(by, description=text)

    def set_due(self, due: date | None, *, by: str = PERSON) -> None:
        self._change(by, due=due)

    def delete(self, *, by: str = PERSON) -> None:
        """Delete it; its issues stay."""
        with self._lock:
            forge = self._home.forge
            self._home.remove_milestone(forge.people.user(by, forge.clock.now()), self.model)
