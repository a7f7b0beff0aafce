"""What can be wrong with a set-up, looked for in the order in which one thing rests on another.

Everything here only reads. What a token may write is asked in a way that could change nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path

from syncer.clock import SystemClock
from syncer.errors import Missing, RoadmapError, SyncerError
from syncer.forges import Forge
from syncer.forges.passport import Passport
from syncer.ledger.git.ledger import GitLedger
from syncer.ledger.sql import SqlLedger
from syncer.model.source import Entry, EntryKind
from syncer.model.tracker import TrackerProfile
from syncer.roadmap.parse import parse
from syncer.settings import ProjectSettings, Settings, StateSettings, TrackerSettings, trackers_of
from syncer.wiring import Workshop

_SOON = timedelta(days=14)
_SKEW = timedelta(seconds=60)
_NOWHERE = StateSettings(url="sqlite:////nowhere/at/all.db")
"""A database that does not exist, and that a read-only workshop does not make."""

_GITLAB_ROLES = "Reporter for issues, Developer for commits, Maintainer for a protected branch"


class Grade(Enum):
    """How much a finding matters."""

    FINE = "ok"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Args:
        place: what it is about, as the configuration names it.
        mend: what to do about it; empty where nothing needs to be done.
    """

    place: str
    grade: Grade
    what: str
    mend: str = ""


class Checkup:
    """Looks at everything that a configuration names.

    Args:
        settings: checked.
        path: where they were read.
        clock: for ends and differences of time.
    """

    def __init__(self, settings: Settings, path: Path, clock: SystemClock) -> None:
        self._settings = settings
        self._base = path.parent
        self._clock = clock
        self._path = path

    def findings(self) -> Iterator[Finding]:
        """All findings, as they are made."""
        settings = self._settings
        projects, forges = _count(len(settings.projects), "project"), _count(len(settings.forges), "forge")
        yield _fine("configuration", f"{self._path}: {projects}, {forges}")
        if not settings.projects:
            yield _bad("configuration", "no project is configured", "add a [projects.NAME] table")
        states = list(self._refs() if settings.state.ref("any") else [self._state()])
        yield from states
        if any(state.grade is Grade.BAD for state in states):
            settings = settings.model_copy(update={"state": _NOWHERE})
        shop = Workshop(settings, self._base, self._clock, read_only=True)
        try:
            passports: dict[str, Passport] = {}
            for name, repository in self._forges().items():
                yield from self._forge(shop, name, repository, passports)
            for name, project in settings.projects.items():
                yield from self._project(shop, name, project, passports)
        finally:
            shop.close()

    # -- the state database ----------------------------------------------------------------------------

    def _state(self) -> Finding:
        url, place = self._settings.state.url, "state.url"
        if url.startswith("sqlite:///"):
            file = self._base / url.removeprefix("sqlite:///")
            if not file.parent.is_dir():
                return _bad(place, f"{file.parent} does not exist", f"create {file.parent}")
            if not os.access(file if file.exists() else file.parent, os.W_OK):
                return _bad(place, f"{file} cannot be written", "give syncer the right to write there")
            if not file.exists():
                return _fine(place, f"{file} will be made by the first run")
            url = f"sqlite:///{file}"
        try:
            SqlLedger(url, create=False).close()
        except SyncerError as error:
            return _error(place, error)
        return _fine(place, "the database answers and is up to date")

    def _refs(self) -> Iterator[Finding]:
        """The refs that hold the state, if it is kept beside the roadmaps."""
        shop = Workshop(self._settings, self._base, self._clock, read_only=True)
        try:
            for name in self._settings.projects:
                try:
                    if isinstance(shop.ledger, GitLedger):
                        where = shop.ledger.probe(name)
                        yield _fine("state.url", f"{where} can be written, as far as a dry run tells")
                except SyncerError as error:
                    yield _error("state.url", error)
        finally:
            shop.close()

    # -- forges ----------------------------------------------------------------------------------------

    def _forges(self) -> dict[str, str]:
        """The forges that projects use, with one repository each to ask about."""
        used: dict[str, str] = {}
        for project in self._settings.projects.values():
            used.setdefault(project.forge, project.repository)
            for tracker in trackers_of(project):
                used.setdefault(tracker.forge, tracker.repository)
        return used

    def _forge(
        self, shop: Workshop, name: str, repository: str, passports: dict[str, Passport]
    ) -> Iterator[Finding]:
        place = f"forges.{name}"
        try:
            forge = shop.forge(name)
            passport = forge.passport(repository)
        except Missing as error:
            if self._settings.forges[name].kind == "github" or "/user" in error.where:
                mend = f"check {place}.url, and that the token reaches {repository}"
                yield _bad(place, f"{error.where}: {error.what}", mend)
            else:
                yield _error(place, error)
            return
        except SyncerError as error:
            yield _error(place, error)
            return
        passports[name] = passport
        yield _fine(place, f"{forge.connection.base_url} answers")
        yield from self._token(place, forge, passport)
        yield from self._time(place, passport)

    def _token(self, place: str, forge: Forge, passport: Passport) -> Iterator[Finding]:
        place = f"{place}.token"
        hint = forge.connection.token_hint
        if passport.kind == "anonymous":
            yield _bad(place, "there is no token: nothing can be written", f"put one into {hint}")
            return
        ends = passport.expires
        until = f", good until {ends:%Y-%m-%d}" if ends is not None else ""
        yield _fine(place if passport.kind == "token" else hint, f"known as {passport.login}{until}")
        if ends is not None and ends - self._clock.now() < _SOON:
            days = max(0, (ends - self._clock.now()).days)
            yield Finding(place, Grade.NOTE, f"it ends in {_count(days, 'day')}", "make a new one in time")
        if passport.scopes is None:
            return
        kind = forge.connection.kind
        if kind == "gitlab" and "api" not in passport.scopes:
            yield _bad(place, _lacks("api", passport.scopes), "make a token with the scope `api`")
        if kind == "github" and not passport.scopes & {"repo", "public_repo"}:
            yield _bad(
                place,
                _lacks("repo", passport.scopes),
                "make one with the scope `repo`, or a fine-grained one with Issues and Contents to write",
            )

    def _time(self, place: str, passport: Passport) -> Iterator[Finding]:
        skew = passport.skew
        if skew is not None and abs(skew) > _SKEW:
            way = "ahead of" if skew > timedelta() else "behind"
            yield Finding(
                place,
                Grade.NOTE,
                f"this machine's clock is {abs(skew).total_seconds():.0f} s {way} the forge's",
                "let a time service set it: signatures of Apps and webhooks depend on it",
            )

    # -- projects --------------------------------------------------------------------------------------

    def _project(
        self, shop: Workshop, name: str, project: ProjectSettings, passports: dict[str, Passport]
    ) -> Iterator[Finding]:
        place = f"projects.{name}"
        source: TrackerProfile | None = None
        if project.forge in passports:
            try:
                source = shop.forge(project.forge).documents(project.repository).profile()
            except SyncerError as error:
                yield _error(f"{place}.repository", error)
        if source is not None:
            yield from self._source(shop, name, project, source, passports[project.forge])
        for tracker in trackers_of(project):
            if tracker.forge in passports:
                yield from self._tracker(shop, place, project, tracker, source)

    def _source(
        self,
        shop: Workshop,
        name: str,
        project: ProjectSettings,
        profile: TrackerProfile,
        passport: Passport,
    ) -> Iterator[Finding]:
        place, forge = f"projects.{name}", shop.forge(project.forge)
        shown = profile.canonical
        if shown.lower() != project.repository.lower():
            what = f"{project.repository} is called {shown} now"
            yield Finding(f"{place}.repository", Grade.NOTE, what, f'write "{shown}"')
        if profile.archived:
            mend = "unarchive it, or take the project out of the configuration"
            yield _bad(f"{place}.repository", f"{shown} is archived: nothing can be written", mend)
        branch = project.branch or profile.default_branch
        by_api = project.source == "forge"
        try:
            documents = shop.project(name).documents
            head = documents.head(branch, None)
        except SyncerError as error:
            yield _error(f"{place}.branch" if by_api else f"{place}.source", error)
            return
        if not by_api:
            yield _fine(f"{place}.source", f"{project.source} can be read")
        elif not profile.archived:
            yield from self._way_back(forge, place, project, profile, branch, passport)
        try:
            entries = documents.entries(head.revision, project.roadmaps)
            contents = documents.read(head.revision, [each for each in entries if _readable(each, project)])
        except SyncerError as error:
            yield _error(f"{place}.roadmaps", error)
            return
        yield from _roadmaps(place, project, branch, entries, contents)

    def _way_back(
        self,
        forge: Forge,
        place: str,
        project: ProjectSettings,
        profile: TrackerProfile,
        branch: str,
        passport: Passport,
    ) -> Iterator[Finding]:
        """Whether edits can reach the branch."""
        place = f"{place}.write_back"
        if passport.kind == "anonymous":
            return
        rights = forge.rights(project.repository)
        if profile.can_push is False or rights.contents is False:
            mend = "give it Contents: write" if forge.connection.kind == "github" else _GITLAB_ROLES
            yield _bad(place, f"{passport.login} may not commit to {profile.canonical}", mend)
            return
        proposals = forge.proposals(project.repository)
        try:
            by_request = proposals is not None and proposals.needs_request(branch)
        except SyncerError as error:
            yield _error(place, error)
            return
        if not by_request and project.write_back != "request":
            yield _fine(place, f"{branch} takes commits, as far as its rules say")
        elif project.write_back == "commit":
            mend = 'set write_back = "auto", or let this user push to the branch'
            yield _bad(place, f"{branch} takes changes by requests only", mend)
        elif rights.requests is False:
            mend = "give it Pull requests: write"
            yield _bad(place, f"{passport.login} may not open the request that {branch} wants", mend)
        else:
            name = project.write_back_branch.replace("{branch}", branch)
            yield _fine(place, f"{branch} gets edits by one rolling request from {name}")

    def _tracker(
        self,
        shop: Workshop,
        place: str,
        project: ProjectSettings,
        tracker: TrackerSettings,
        source: TrackerProfile | None,
    ) -> Iterator[Finding]:
        place = f"{place}.trackers"
        forge = shop.forge(tracker.forge)
        try:
            profile = forge.tracker(tracker.repository).profile()
            rights = forge.rights(tracker.repository)
        except SyncerError as error:
            if source is None or tracker.repository != project.repository:  # else it was said above
                yield _error(place, error)
            return
        shown = profile.canonical
        if not profile.issues_enabled:
            yield _bad(place, f"issues are switched off in {shown}", "switch them on in its settings")
        elif profile.archived:
            yield _bad(place, f"{shown} is archived: nothing can be written", "name another tracker")
        elif profile.can_triage is False or rights.issues is False:
            mend = "give it Issues: write" if forge.connection.kind == "github" else _GITLAB_ROLES
            yield _bad(place, f"the token may not write issues in {shown}", mend)
        else:
            yield _fine(place, f"issues of {shown} can be written")
        if source is not None and source.private and not profile.private and not project.allow_public:
            yield _bad(
                place,
                f"{source.canonical} is private and the issues of {shown} are public",
                "set allow_public = true if everybody may see the roadmap's text",
            )


def _roadmaps(
    place: str,
    project: ProjectSettings,
    branch: str,
    entries: tuple[Entry, ...],
    contents: Mapping[str, bytes],
) -> Iterator[Finding]:
    place = f"{place}.roadmaps"
    found = {entry.path for entry in entries}
    for pattern in project.roadmaps:
        if not set(pattern) & set("*?[") and pattern not in found:
            yield _bad(place, f"there is no {pattern} on {branch}", "correct the path, or take it out")
    if not entries and any(set(pattern) & set("*?[") for pattern in project.roadmaps):
        yield _bad(place, f"no file on {branch} matches {', '.join(project.roadmaps)}", "name the roadmaps")
    for entry in entries:
        if entry.kind is not EntryKind.FILE:
            yield _bad(place, f"{entry.path} is a {entry.kind.value}", "name the file itself")
        elif entry.path not in contents:
            mend = "raise roadmap_size_limit"
            yield _bad(place, f"{entry.path} has {entry.size:,} bytes, more than the limit", mend)
        else:
            yield _roadmap(place, project, entry.path, contents[entry.path])


def _roadmap(place: str, project: ProjectSettings, path: str, data: bytes) -> Finding:
    try:
        document = parse(path, data, size_limit=project.roadmap_size_limit)
    except RoadmapError as error:
        return _bad(place, f"{path} cannot be read: {error.what}", error.next_step or "save it as UTF-8 text")
    what = f"{path}: {_count(len(document.items), 'item')}, {_count(len(document.stages), 'stage')}"
    if not document.items:
        return Finding(place, Grade.NOTE, what, f"`syncer parse` shows what is seen in {path}, and why")
    return _fine(place, what)


def _readable(entry: Entry, project: ProjectSettings) -> bool:
    small = entry.size is None or entry.size <= project.roadmap_size_limit
    return entry.kind is EntryKind.FILE and small


def _fine(place: str, what: str) -> Finding:
    return Finding(place, Grade.FINE, what)


def _bad(place: str, what: str, mend: str) -> Finding:
    return Finding(place, Grade.BAD, what, mend)


def _error(place: str, error: SyncerError) -> Finding:
    where = f"{error.where}: " if error.where and error.where != place else ""
    return Finding(place, Grade.BAD, f"{where}{error.what}", error.next_step)


def _lacks(scope: str, scopes: frozenset[str]) -> str:
    return f"the token lacks the scope {scope} (it has: {', '.join(sorted(scopes)) or 'none'})"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
