"""Issues, pull requests, labels, milestones and what happens to them.

Every change goes through a method that moves ``updated_at``, writes the event log, keeps the version
that a lagging replica would show, and tells the repository's listeners (webhooks). A change to the same
value is no change: it leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from syncer.sandbox.people import User
from syncer.sandbox.versions import Versioned

if TYPE_CHECKING:
    from syncer.sandbox.repository import Repository


@dataclass(eq=False)
class Label(Versioned):
    """A label of one repository."""

    id: int
    name: str
    color: str
    description: str
    created_at: datetime
    default: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of an issue's log.

    Args:
        kind: GitHub's word: ``closed``, ``reopened``, ``renamed``, ``milestoned``, ``labeled`` …
        before: the former value (title, lock reason), where there is one.
        after: the new value.
        label: for ``labeled`` and ``unlabeled``.
        user: whom an assignment is about.
        milestone: the milestone in question, even if it is gone by now.
        other: another issue (parent, child, duplicate, source of a reference).
        commit: the commit that caused it.
    """

    id: int
    kind: str
    actor: User
    at: datetime
    before: str = ""
    after: str = ""
    label: Label | None = None
    user: User | None = None
    milestone: Milestone | None = None
    other: Issue | None = None
    commit: str = ""


@dataclass(frozen=True, slots=True)
class BodyEdit:
    """A state of an issue's body: who wrote it when, and the whole text."""

    id: int
    editor: User
    at: datetime
    body: str


@dataclass(eq=False)
class Comment:
    """A comment; ``system`` ones are notes that GitLab writes itself, ``action`` says about what."""

    id: int
    author: User
    body: str
    created_at: datetime
    updated_at: datetime
    system: bool = False
    action: str = ""


@dataclass(eq=False)
class Milestone(Versioned):
    """A milestone of a repository, or (GitLab) of a group.

    Args:
        number: what people see; GitLab's ``iid``.
        owner: the repository's or group's full path.
        due: a calendar date; each forge shows it in its own way.
    """

    id: int
    number: int
    title: str
    description: str | None
    creator: User
    created_at: datetime
    updated_at: datetime
    owner: str
    closed: bool = False
    closed_at: datetime | None = None
    due: date | None = None
    start: date | None = None
    group_id: int | None = None


@dataclass(eq=False)
class Pull:
    """What makes an issue a pull or merge request."""

    id: int
    base: str
    head: str
    base_sha: str
    head_sha: str
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: User | None = None
    merge_sha: str | None = None
    squash_sha: str | None = None
    auto_merge: str | None = None
    auto_merge_by: User | None = None
    auto_merge_at: datetime | None = None
    approvals: set[str] = field(default_factory=set)
    remove_source_branch: bool = False
    squash: bool = False


@dataclass(eq=False)
class Issue(Versioned):
    """An issue, or a pull request if ``pull`` is set."""

    id: int
    number: int
    repository: Repository
    author: User
    title: str
    body: str | None
    created_at: datetime
    updated_at: datetime
    labels: tuple[Label, ...] = ()
    assignees: tuple[User, ...] = ()
    milestone: Milestone | None = None
    closed: bool = False
    closed_at: datetime | None = None
    closed_by: User | None = None
    reason: str | None = None
    duplicate_of: Issue | None = None
    locked: bool = False
    lock_reason: str | None = None
    confidential: bool = False
    due: date | None = None
    weight: int | None = None
    type: str = "issue"
    comment_count: int = 0
    deleted: bool = False
    moved_to: Issue | None = None
    parent: Issue | None = None
    children: tuple[Issue, ...] = ()
    blocked_by: tuple[Issue, ...] = ()
    blocks: tuple[Issue, ...] = ()
    links: tuple[tuple[Issue, str], ...] = ()
    pull: Pull | None = None
    comments: list[Comment] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    edits: list[BodyEdit] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.body or ""

    @property
    def gone(self) -> bool:
        """Whether it is no longer in its repository's lists."""
        if self.moved_to is None:
            return self.deleted
        return self.deleted or self.repository.forge.transfer_removes

    def log(
        self,
        kind: str,
        actor: User,
        *,
        before: str = "",
        after: str = "",
        label: Label | None = None,
        user: User | None = None,
        milestone: Milestone | None = None,
        other: Issue | None = None,
        commit: str = "",
    ) -> Event:
        """Add an entry to the event log."""
        forge = self.repository.forge
        event = Event(
            forge.ids.next("event"),
            kind,
            actor,
            forge.clock.now(),
            before,
            after,
            label,
            user,
            milestone,
            other,
            commit,
        )
        self.events.append(event)
        return event

    def touch(self) -> None:
        """Something visible changed just now."""
        now = self.repository.forge.clock.now()
        self.updated_at = max(now, self.updated_at)
        self.note_version(now)

    def retitle(self, actor: User, title: str) -> None:
        """Give it another title."""
        if title == self.title:
            return
        before, self.title = self.title, title
        self.log("renamed", actor, before=before, after=title)
        self._changed("edited", actor, title=before)

    def rewrite(self, actor: User, body: str | None) -> None:
        """Give it another body; the history of bodies is kept."""
        if body == self.body:
            return
        before, forge = self.body, self.repository.forge
        if not self.edits:
            self.edits.append(BodyEdit(forge.ids.next("edit"), self.author, self.created_at, before or ""))
        self.body = body
        self.edits.append(BodyEdit(forge.ids.next("edit"), actor, forge.clock.now(), body or ""))
        self.log("body_edited", actor, before=before or "", after=body or "")
        self._changed("edited", actor, body=before)

    def close(
        self,
        actor: User,
        reason: str | None = "completed",
        *,
        duplicate_of: Issue | None = None,
        commit: str = "",
    ) -> None:
        """Close it; closing what is closed changes nothing, not even the reason."""
        if self.closed:
            return
        self.closed, self.reason, self.duplicate_of = True, reason, duplicate_of
        self.closed_at, self.closed_by = self.repository.forge.clock.now(), actor
        self.log("closed", actor, after=reason or "", other=duplicate_of, commit=commit)
        self._changed("closed", actor)

    def reopen(self, actor: User) -> None:
        """Open it again."""
        if not self.closed:
            return
        self.closed, self.reason, self.duplicate_of = False, "reopened", None
        self.closed_at = self.closed_by = None
        self.log("reopened", actor)
        self._changed("reopened", actor)

    def set_labels(self, actor: User, labels: Iterable[Label]) -> None:
        """Have exactly these labels."""
        wanted = tuple(dict.fromkeys(labels))
        gone = [label for label in self.labels if label not in wanted]
        new = [label for label in wanted if label not in self.labels]
        if not gone and not new:
            return
        self.labels = wanted
        for label in gone:
            self.log("unlabeled", actor, label=label)
        for label in new:
            self.log("labeled", actor, label=label)
        self.touch()
        for action, changed in (("unlabeled", gone), ("labeled", new)):
            for label in changed:
                self.repository.announce(self.topic, action, actor, issue=self, label=label)

    def set_assignees(self, actor: User, users: Iterable[User]) -> None:
        """Be assigned to exactly these users."""
        wanted = tuple(dict.fromkeys(users))
        gone = [user for user in self.assignees if user not in wanted]
        new = [user for user in wanted if user not in self.assignees]
        if not gone and not new:
            return
        before, self.assignees = self.assignees, wanted
        for user in gone:
            self.log("unassigned", actor, user=user)
        for user in new:
            self.log("assigned", actor, user=user)
        self._changed("assigned" if new else "unassigned", actor, assignees=before)

    def set_milestone(self, actor: User, milestone: Milestone | None) -> None:
        """Belong to a milestone, or to none."""
        before = self.milestone
        if milestone is before:
            return
        self.milestone = milestone
        if before is not None:
            self.log("demilestoned", actor, milestone=before)
        if milestone is not None:
            self.log("milestoned", actor, milestone=milestone)
        self._changed(
            "demilestoned" if milestone is None else "milestoned", actor, milestone=milestone or before
        )

    def lock(self, actor: User, reason: str | None = None) -> None:
        """Lock the conversation."""
        if not self.locked:
            self.locked, self.lock_reason = True, reason
            self.log("locked", actor, after=reason or "")
            self._changed("locked", actor)

    def unlock(self, actor: User) -> None:
        """Unlock the conversation."""
        if self.locked:
            self.locked, self.lock_reason = False, None
            self.log("unlocked", actor)
            self._changed("unlocked", actor)

    def set_confidential(self, actor: User, confidential: bool) -> None:
        """Hide it from outsiders, or show it."""
        if confidential != self.confidential:
            self.confidential = confidential
            self.log("confidential" if confidential else "visible", actor)
            self._changed("edited", actor)

    def comment(self, actor: User, body: str) -> Comment:
        """Say something."""
        forge = self.repository.forge
        now = forge.clock.now()
        comment = Comment(forge.ids.next("comment"), actor, body, now, now)
        self.comments.append(comment)
        self.comment_count += 1
        self.log("commented", actor, after=str(comment.id))
        self.touch()
        self.repository.announce("issue_comment", "created", actor, issue=self, comment=comment)
        return comment

    def _changed(self, action: str, actor: User, **before: object) -> None:
        self.touch()
        self.repository.announce(self.topic, action, actor, issue=self, before=before)

    @property
    def topic(self) -> str:
        """The name of the webhook event that is about things of this kind."""
        return "pull_request" if self.pull is not None else "issues"
