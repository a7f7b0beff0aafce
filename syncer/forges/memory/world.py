"""What the in-memory forge consists of, and what people can do in it. No HTTP, no network."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Concatenate, Final, ParamSpec, Protocol, TypeVar

from syncer.errors import Missing, ReadOnly, Rejected, SyncerError
from syncer.forges.connection import Connection
from syncer.forges.governor import CREATION, READ, WRITE, Cost, Governor
from syncer.forges.observer import Exchange, Observer
from syncer.model.fields import TaskState
from syncer.model.identity import IssueRef, TrackerId
from syncer.model.source import EntryKind
from syncer.model.tracker import Issue, LabelEvent, Milestone, StateEvent, TitleEvent
from syncer.ports import Clock

P = ParamSpec("P")
T = TypeVar("T")

_NOWHERE: Final = TrackerId("")


@dataclass(slots=True)
class Failure:
    """Something that goes wrong the next time a method is called.

    Args:
        method: by name, as in the port.
        error: made anew for each failure.
        after: whether the effect happens first, as when an answer is lost.
        times: how often.
    """

    method: str
    error: Callable[[], SyncerError]
    after: bool = False
    times: int = 1


@dataclass(slots=True)
class Commit:
    """A commit: what it stands on, and all files."""

    revision: str
    parent: str
    files: Mapping[str, tuple[EntryKind, bytes]]
    message: str = ""


@dataclass(slots=True)
class MemoryRepository:
    """One repository, as people with access use it. Numbers and keys count from 1.

    Args:
        lag: seconds by which lists are behind; single things are always current.
        failures: what is to go wrong.
        protected: branches that take no commits from us.
        bot: the login that our own changes are made under.
        outsiders: logins that cannot be assigned; they are left out without a word.
        strangers: logins without any rights; everybody else may triage.
        triage: false for a token whose labels and milestones are dropped without a word.
        tells_bodies: false for a forge that says that a body was edited, but not what it said.
        families: whether issues can stand below one another.
        most_children: that one issue can have.
        unadoptable: numbers of issues that the forge puts nowhere.
    """

    name: str
    number: int
    clock: Clock
    lag: float = 0.0
    failures: list[Failure] = field(default_factory=list)
    protected: set[str] = field(default_factory=set)
    bot: str = "syncer-bot"
    triage: bool = True
    outsiders: set[str] = field(default_factory=set)
    tells_bodies: bool = True
    families: bool = True
    most_children: int = 100
    unadoptable: frozenset[int] = frozenset()
    issues: dict[int, list[tuple[datetime, Issue | None]]] = field(default_factory=dict)
    milestones: dict[int, list[tuple[datetime, Milestone]]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    states: dict[int, list[StateEvent]] = field(default_factory=dict)
    titles: dict[int, list[TitleEvent]] = field(default_factory=dict)
    labelled: dict[int, list[LabelEvent]] = field(default_factory=dict)
    said: dict[int, list[str]] = field(default_factory=dict)
    strangers: set[str] = field(default_factory=set)
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    # --- issues --------------------------------------------------------------------------------

    def open(
        self,
        title: str,
        body: str = "",
        *,
        by: str = "alice",
        labels: frozenset[str] = frozenset(),
        milestone: int | None = None,
        assignees: frozenset[str] = frozenset(),
        confidential: bool = False,
    ) -> int:
        """A new issue; its number."""
        with self.lock:
            number, now = len(self.issues) + 1, self.clock.now()
            if milestone is not None and milestone not in self.milestones:
                raise Rejected("there is no such milestone", where=self.name, status=422)
            self._know(labels)
            issue = Issue(
                ref=IssueRef(_NOWHERE, number),
                title=title,
                body=body,
                state=TaskState.OPEN,
                milestone=milestone,
                labels=self._spelled(labels),
                assignees=assignees,
                author=by,
                url=f"https://memory.test/{self.name}/issues/{number}",
                created_at=now,
                updated_at=now,
                internal_id=self.number * 1_000_000 + number,
                parent=0,
                confidential=confidential,
            )
            self.issues[number] = [(now, issue)]
            self._log_labels(number, by, frozenset(), issue.labels)
            return number

    def close(self, number: int, *, by: str = "alice", dropped: bool = False) -> None:
        """Close an issue. What is closed stays as it is."""
        if self.issue(number).state is TaskState.OPEN:
            self.change(number, by=by, state=TaskState.DROPPED if dropped else TaskState.DONE)

    def reopen(self, number: int, *, by: str = "alice") -> None:
        """Open an issue again."""
        self.change(number, by=by, state=TaskState.OPEN)

    def retitle(self, number: int, title: str, *, by: str = "alice") -> None:
        """Give an issue another title."""
        self.change(number, by=by, title=title)

    def change(self, number: int, *, by: str = "alice", **values: object) -> Issue:
        """Change some of an issue's values, by the names that :class:`Issue` gives them."""
        with self.lock:
            before, now = self.issue(number), self.clock.now()
            after = replace(before, **values)  # type: ignore[arg-type]
            if after == before:
                return before
            self._know(after.labels)
            after = replace(after, labels=self._spelled(after.labels), updated_at=max(now, before.updated_at))
            self.issues[number].append((now, after))
            if after.state is not before.state:
                self.states.setdefault(number, []).append(StateEvent(now, by, after.state))
            self._log_labels(number, by, before.labels, after.labels)
            if after.title != before.title:
                self.titles.setdefault(number, []).append(TitleEvent(now, by, before.title, after.title))
            return after

    def adopt(self, number: int, parent: int, *, by: str = "alice") -> str:
        """Put an issue below another one, or take it out (0); why that is refused, or ""."""
        with self.lock:
            if number in self.unadoptable:
                return "this issue may not be put anywhere"
            below = [each for each in self.issues if parent and self._parent_of(each) == parent]
            if number not in below and len(below) >= self.most_children and parent:
                return f"a parent cannot have more than {self.most_children} sub-issues"
            above = parent
            while above > 0:
                if above == number:
                    return "a sub-issue may not be an ancestor of its parent"
                above = self.issue(above).parent or 0
            self.change(number, by=by, parent=parent)
            return ""

    def say(self, number: int, text: str, *, by: str = "alice") -> None:
        """A comment; it counts as a change of the issue."""
        del by
        with self.lock:
            issue = replace(self.issue(number), updated_at=self.clock.now())
            self.issues[number].append((issue.updated_at, issue))
            self.said.setdefault(number, []).append(text)

    def delete(self, number: int) -> None:
        """Remove an issue for good; what stood below it stands alone then."""
        with self.lock:
            self.issue(number)
            for child in [each for each in self.issues if self._parent_of(each) == number]:
                self.change(child, parent=0)
            self.issues[number].append((self.clock.now(), None))

    def issue(self, number: int) -> Issue:
        """An issue as it is now."""
        with self.lock:
            versions = self.issues.get(number, [])
            issue = versions[-1][1] if versions else None
            if issue is None:
                raise Missing(f"there is no issue {number}", where=self.name, status=404)
            return issue

    def _parent_of(self, number: int) -> int | None:
        issue = self.issues[number][-1][1]
        return issue.parent if issue is not None else None

    def listed(self) -> tuple[Issue, ...]:
        """All issues, as late as the lists are."""
        with self.lock:
            moment = self.clock.now() - timedelta(seconds=self.lag)
            found = [_as_of(versions, moment) for versions in self.issues.values()]
            return tuple(issue for issue in found if issue is not None)

    # --- milestones ----------------------------------------------------------------------------

    def add_milestone(self, title: str, *, description: str = "", due: date | None = None) -> int:
        """A new milestone; its key. Titles are unique, those of closed ones included."""
        with self.lock:
            key, now = len(self.milestones) + 1, self.clock.now()
            self._unique(title, key)
            milestone = Milestone(
                key=key,
                shown=str(key),
                title=title,
                description=description,
                closed=False,
                due=due,
                url=f"https://memory.test/{self.name}/milestones/{key}",
                updated_at=now,
            )
            self.milestones[key] = [(now, milestone)]
            return key

    def change_milestone(self, key: int, **values: object) -> Milestone:
        """Change some of a milestone's values, by the names that :class:`Milestone` gives them."""
        with self.lock:
            now = self.clock.now()
            after = replace(self.milestone(key), **values, updated_at=now)  # type: ignore[arg-type]
            self._unique(after.title, key)
            self.milestones[key].append((now, after))
            return after

    def milestone(self, key: int) -> Milestone:
        """A milestone as it is now."""
        with self.lock:
            if key not in self.milestones:
                raise Missing(f"there is no milestone {key}", where=self.name, status=404)
            return self.milestones[key][-1][1]

    # --- files ---------------------------------------------------------------------------------

    def push(
        self,
        files: Mapping[str, bytes | None],
        branch: str = "main",
        *,
        message: str = "",
        force: bool = False,
    ) -> str:
        """Commit files on top of a branch, or as a new history; ``None`` removes one. The new revision."""
        with self.lock:
            parent = "" if force else self.branches.get(branch, "")
            held = dict(self.commits[parent].files) if parent else {}
            for path, data in files.items():
                if data is None:
                    held.pop(path, None)
                else:
                    held[path] = (EntryKind.FILE, data)
            return self._commit(branch, parent, held, message)

    def link(self, path: str, kind: EntryKind, target: bytes = b"elsewhere", branch: str = "main") -> str:
        """Commit something that is no file: a symbolic link, a submodule."""
        with self.lock:
            parent = self.branches.get(branch, "")
            held = dict(self.commits[parent].files) if parent else {}
            return self._commit(branch, parent, {**held, path: (kind, target)}, "link")

    def file(self, path: str, branch: str = "main") -> bytes:
        """A file's bytes at a branch."""
        with self.lock:
            return self.commits[self.branches[branch]].files[path][1]

    def _commit(
        self, branch: str, parent: str, files: Mapping[str, tuple[EntryKind, bytes]], message: str
    ) -> str:
        text = f"{self.name}\0{len(self.commits)}\0{parent}\0{message}"
        revision = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        self.commits[revision] = Commit(revision, parent, files, message)
        self.branches[branch] = revision
        return revision

    def _log_labels(self, number: int, by: str, before: frozenset[str], after: frozenset[str]) -> None:
        now, log = self.clock.now(), self.labelled.setdefault(number, [])
        log += [LabelEvent(now, by, name, True) for name in sorted(after - before)]
        log += [LabelEvent(now, by, name, False) for name in sorted(before - after)]

    def _know(self, labels: frozenset[str]) -> None:
        for label in labels:
            self.labels.setdefault(label.casefold(), label)

    def _spelled(self, labels: frozenset[str]) -> frozenset[str]:
        """Labels as they are spelled here; a name in another case means the same label."""
        return frozenset(self.labels[label.casefold()] for label in labels)

    def _unique(self, title: str, key: int) -> None:
        if any(versions[-1][1].title == title for other, versions in self.milestones.items() if other != key):
            raise Rejected(f"milestone title already_exists: {title}", where=self.name, status=422)


@dataclass(frozen=True, slots=True)
class Door:
    """How adapters enter the forge: with a connection's rights, counted, in turn."""

    connection: Connection
    governor: Governor
    repositories: Mapping[str, MemoryRepository]
    observer: Observer | None

    def find(self, name: str) -> MemoryRepository:
        """A repository by name."""
        if name not in self.repositories:
            raise Missing(f"there is no repository {name!r}", where=self.connection.name, status=404)
        return self.repositories[name]

    @contextmanager
    def request(self, repository: MemoryRepository, method: str, cost: Cost) -> Iterator[None]:
        """One request: refused if it may not write, made to fail if a test wants so, counted."""
        where = f"{self.connection.name}: {method} {repository.name}"
        if cost.write and self.connection.read_only:
            raise ReadOnly("a read-only run tried to write", where=where, next_step="please report this")
        error = ""
        try:
            with self.governor.turn(cost):
                _fail(repository, method, after=False)
                with repository.lock:
                    yield
                _fail(repository, method, after=True)
        except SyncerError as problem:
            error = type(problem).__name__
            raise
        finally:
            if self.observer is not None:
                status = 0 if error else 200
                self.observer.exchanged(
                    Exchange(
                        self.connection.name,
                        "POST" if cost.write else "GET",
                        f"/{repository.name}/{method}",
                        cost.write,
                        status,
                        conditional=False,
                        seconds=0.0,
                        sent=0,
                        received=0,
                        error=error,
                    )
                )


class _Entering(Protocol):
    """An adapter's side of :func:`entering`."""

    @property
    def door(self) -> Door: ...

    @property
    def repository(self) -> MemoryRepository: ...


Self = TypeVar("Self", bound=_Entering)


def entering(
    cost: Cost,
) -> Callable[[Callable[Concatenate[Self, P], T]], Callable[Concatenate[Self, P], T]]:
    """Make a method of an adapter one request."""

    def decorate(method: Callable[Concatenate[Self, P], T]) -> Callable[Concatenate[Self, P], T]:
        @wraps(method)
        def wrapped(self: Self, /, *args: P.args, **kwargs: P.kwargs) -> T:
            with self.door.request(self.repository, method.__name__.lstrip("_"), cost):
                return method(self, *args, **kwargs)

        return wrapped

    return decorate


reading, writing, creating = entering(READ), entering(WRITE), entering(CREATION)


def _fail(repository: MemoryRepository, method: str, *, after: bool) -> None:
    with repository.lock:
        for failure in repository.failures:
            if failure.method == method and failure.after is after and failure.times > 0:
                failure.times -= 1
                raise failure.error()


def _as_of(versions: list[tuple[datetime, Issue | None]], moment: datetime) -> Issue | None:
    seen = [issue for at, issue in versions if at <= moment]
    return seen[-1] if seen else None
