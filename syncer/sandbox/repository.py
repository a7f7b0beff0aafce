"""A repository: branches over git objects, issues, labels, milestones, members, rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from syncer.sandbox import history
from syncer.sandbox.git import EMPTY_TREE, EXECUTABLE, FILE, Commit, Leaf, ObjectStore, Signature
from syncer.sandbox.happenings import Happening, Push
from syncer.sandbox.issues import Comment, Issue, Label, Milestone, Pull
from syncer.sandbox.people import Group, Role, User
from syncer.sandbox.protection import Protection, Ruleset

if TYPE_CHECKING:
    from syncer.sandbox.forge import Forge
    from syncer.sandbox.hooks import Hook

NOTHING = "0" * 40


@dataclass
class Branches:
    """What each branch points at, now and earlier."""

    heads: dict[str, str] = field(default_factory=dict)
    moves: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)

    def set(self, name: str, sha: str | None, at: datetime) -> None:
        """Let a branch point at a commit, or remove it."""
        if sha is None:
            self.heads.pop(name, None)
        else:
            self.heads[name] = sha
        self.moves.setdefault(name, []).append((at, sha or NOTHING))

    def as_of(self, name: str, moment: datetime | None) -> str | None:
        """What a branch pointed at at a moment; ``None`` where there was no such branch."""
        if moment is None:
            return self.heads.get(name)
        earlier = [sha for at, sha in self.moves.get(name, []) if at <= moment]
        return earlier[-1] if earlier and earlier[-1] != NOTHING else None


class Repository:
    """One repository with everything in it."""

    def __init__(
        self,
        forge: Forge,
        key: int,
        namespace: str,
        name: str,
        creator: User,
        *,
        private: bool = False,
        description: str = "",
    ) -> None:
        now = forge.clock.now()
        self.forge = forge
        self.id = key
        self.namespace = namespace
        self.name = name
        self.creator = creator
        self.private = private
        self.description = description
        self.default_branch = "main"
        self.archived = False
        self.issues_enabled = True
        self.auto_merge_allowed = True
        self.delete_branch_on_merge = False
        self.created_at = self.updated_at = self.pushed_at = now
        self.members: dict[str, Role] = {creator.login.lower(): Role.ADMIN}
        self.store = ObjectStore()
        self.branches = Branches()
        self.tags: dict[str, str] = {}
        self.issues: dict[int, Issue] = {}
        self.pulls: dict[int, Issue] = {}
        self.labels: dict[int, Label] = {}
        self.milestones: dict[int, Milestone] = {}
        self.hooks: dict[int, Hook] = {}
        self.pinned: list[int] = []
        self.protections: dict[str, Protection] = {}
        self.rulesets: list[Ruleset] = []
        self._numbers: dict[str, int] = {}

    @property
    def full_name(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def owner(self) -> User | Group:
        return self.forge.owner_kind(self.namespace)

    # people

    def role_of(self, user: User | None) -> Role:
        """What somebody may do here; everybody may read what is public."""
        floor = Role.NONE if self.private else Role.READ
        if user is None:
            return floor
        if user.site_admin or user.login.lower() == self.namespace.lower():
            return Role.ADMIN
        own = self.members.get(user.login.lower())
        if own is None:
            own = max(user.base_role, self._group_role(user))
        return max(floor, own)

    def _group_role(self, user: User) -> Role:
        best, path = Role.NONE, self.namespace
        while path:
            group = self.forge.people.groups.get(path.lower())
            if group is not None:
                best = max(best, group.members.get(user.login.lower(), Role.NONE))
            path = path.rpartition("/")[0]
        return best

    # issues

    def next_number(self, kind: str) -> int:
        """The next number of a kind of thing, counted from 1."""
        key = "issue" if kind == "pull" and self.forge.shared_numbers else kind
        self._numbers[key] = self._numbers.get(key, 0) + 1
        return self._numbers[key]

    def open_issue(
        self,
        author: User,
        title: str,
        body: str | None = None,
        *,
        labels: tuple[Label, ...] = (),
        assignees: tuple[User, ...] = (),
        milestone: Milestone | None = None,
        confidential: bool = False,
        number: int | None = None,
        pull: Pull | None = None,
        kind: str = "issue",
    ) -> Issue:
        """A new issue, or a new pull request if ``pull`` is given."""
        now = self.forge.clock.now()
        of = "pull" if pull is not None else "issue"
        if number is None:
            number = self.next_number(of)
        else:
            self._numbers[of] = max(self._numbers.get(of, 0), number)
        issue = Issue(
            self.forge.ids.next("issue"),
            number,
            self,
            author,
            title,
            body,
            now,
            now,
            confidential=confidential,
            pull=pull,
            type=kind,
        )
        if pull is not None:
            self.pulls[number] = issue
        if pull is None or self.forge.shared_numbers:
            self.issues[number] = issue
        issue.labels, issue.assignees, issue.milestone = labels, assignees, milestone
        for label in labels:
            issue.log("labeled", author, label=label)
        for user in assignees:
            issue.log("assigned", author, user=user)
        if milestone is not None:
            issue.log("milestoned", author, milestone=milestone)
        issue.note_version(now)
        self.announce(issue.topic, "opened", author, issue=issue)
        return issue

    def find_label(self, name: str) -> Label | None:
        """A label by name: GitHub ignores case, GitLab does not."""
        if self.forge.kind == "github":
            folded = name.lower()
            return next((label for label in self.labels.values() if label.name.lower() == folded), None)
        return next((label for label in self.labels.values() if label.name == name), None)

    def add_label(
        self, actor: User, name: str, color: str, description: str = "", *, default: bool = False
    ) -> Label:
        """A new label."""
        now = self.forge.clock.now()
        label = Label(self.forge.ids.next("label"), name, color, description, now, default)
        self.labels[label.id] = label
        label.note_version(now)
        if not default:
            self.announce("label", "created", actor, label=label)
        return label

    def remove_label(self, actor: User, label: Label) -> None:
        """Delete a label, from its issues too."""
        for issue in self.everything():
            if label in issue.labels:
                issue.set_labels(actor, [other for other in issue.labels if other is not label])
        self.labels.pop(label.id, None)
        self.announce("label", "deleted", actor, label=label)

    def everything(self) -> list[Issue]:
        """All issues and pull requests that were not deleted or moved away."""
        if self.forge.shared_numbers:
            return [issue for issue in self.issues.values() if not issue.gone]
        return [issue for issue in [*self.issues.values(), *self.pulls.values()] if not issue.gone]

    # milestones

    def add_milestone(
        self,
        actor: User,
        title: str,
        description: str | None = None,
        *,
        due: date | None = None,
        start: date | None = None,
    ) -> Milestone:
        """A new milestone."""
        now = self.forge.clock.now()
        milestone = Milestone(
            self.forge.ids.next("milestone"),
            self.next_number("milestone"),
            title,
            description,
            actor,
            now,
            now,
            self.full_name,
            due=due,
            start=start,
        )
        self.milestones[milestone.number] = milestone
        milestone.note_version(now)
        self.announce("milestone", "created", actor, milestone=milestone)
        return milestone

    def visible_milestones(self) -> list[Milestone]:
        """The milestones that issues here can belong to: the repository's and its groups'."""
        found = list(self.milestones.values())
        path = self.namespace
        while path:
            group = self.forge.people.groups.get(path.lower())
            if group is not None:
                found += self.forge.group_milestones.get(group.id, [])
            path = path.rpartition("/")[0]
        return found

    def change_milestone(self, actor: User, milestone: Milestone, **values: object) -> None:
        """Change title, description, due, start or closed; equal values change nothing."""
        before = {name: getattr(milestone, name) for name in values}
        changed = {name: value for name, value in values.items() if before[name] != value}
        if not changed:
            return
        now = self.forge.clock.now()
        for name, value in changed.items():
            setattr(milestone, name, value)
        milestone.updated_at = now
        edited = {name: before[name] for name in changed if name != "closed"}
        if edited:
            self.announce("milestone", "edited", actor, milestone=milestone, before=edited)
        if "closed" in changed:
            milestone.closed_at = now if milestone.closed else None
            action = "closed" if milestone.closed else "opened"
            self.announce("milestone", action, actor, milestone=milestone)
        milestone.note_version(now)

    def remove_milestone(self, actor: User, milestone: Milestone) -> None:
        """Delete a milestone; its issues belong to none then."""
        for issue in self.everything():
            if issue.milestone is milestone:
                issue.set_milestone(actor, None)
        self.milestones.pop(milestone.number, None)
        self.announce("milestone", "deleted", actor, milestone=milestone)

    # git

    def head(self, branch: str = "") -> str | None:
        """What a branch points at."""
        return self.branches.heads.get(branch or self.default_branch)

    def resolve(self, ref: str) -> Commit | None:
        """A commit by branch, tag, full or abbreviated id, or ``HEAD``."""
        name = ref.removeprefix("refs/").removeprefix("heads/").removeprefix("tags/")
        if name in ("", "HEAD"):
            name = self.default_branch
        sha = self.branches.heads.get(name) or self.tags.get(name) or name
        found = self.store.commits.get(sha)
        if found is None and 7 <= len(sha) < 40:
            found = next((commit for key, commit in self.store.commits.items() if key.startswith(sha)), None)
        return found

    def signature(self, user: User) -> Signature:
        """How a user signs a commit made just now."""
        return Signature(user.name, user.email, self.forge.clock.now().replace(microsecond=0))

    def move_branch(self, actor: User, branch: str, sha: str | None) -> None:
        """Let a branch point somewhere else, or remove it; everybody who listens hears of it."""
        now = self.forge.clock.now()
        before = self.branches.heads.get(branch)
        if before == sha:
            return
        self.branches.set(branch, sha, now)
        if sha is not None:
            self.pushed_at = now
        forced = bool(before and sha) and not history.is_ancestor(self.store, before or "", sha or "")
        push = Push(f"refs/heads/{branch}", before or NOTHING, sha or NOTHING, forced)
        self.announce("push", "", actor, push=push)

    def commit_files(
        self,
        actor: User,
        branch: str,
        files: Mapping[str, bytes | Leaf | None],
        message: str,
        *,
        verified: bool = False,
        start: str | None = None,
    ) -> Commit:
        """Commit on top of a branch (or of ``start``): bytes, a leaf, or ``None`` to delete, by path."""
        parent = start or self.branches.heads.get(branch)
        base = self.store.commits[parent].tree if parent else EMPTY_TREE
        leaves = {
            path: Leaf(FILE, self.store.add_blob(value)) if isinstance(value, bytes) else value
            for path, value in files.items()
        }
        for path, leaf in leaves.items():
            known = self.store.find(base, path)
            if leaf is not None and known is not None and isinstance(files[path], bytes):
                leaves[path] = Leaf(EXECUTABLE if known.mode == EXECUTABLE else FILE, leaf.sha)
        tree = self.store.rewrite(base, leaves)
        who = self.signature(actor)
        commit = self.store.add_commit(tree, [parent] if parent else [], who, who, message, verified=verified)
        self.move_branch(actor, branch, commit.sha)
        return commit

    def read_file(self, path: str, ref: str = "") -> bytes | None:
        """The bytes of a file at a ref."""
        commit = self.resolve(ref)
        entry = self.store.find(commit.tree, path) if commit is not None else None
        return self.store.blobs.get(entry.sha) if entry is not None else None

    # telling

    def announce(
        self,
        topic: str,
        action: str,
        actor: User,
        *,
        issue: Issue | None = None,
        milestone: Milestone | None = None,
        label: Label | None = None,
        comment: Comment | None = None,
        push: Push | None = None,
        other: Issue | None = None,
        before: Mapping[str, object] | None = None,
    ) -> None:
        """Tell the forge's listeners that something happened here."""
        self.forge.tell(
            Happening(topic, action, self, actor, issue, milestone, label, comment, push, other, before or {})
        )
