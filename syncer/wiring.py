"""The composition root: from settings to projects that can be run. The only module that knows everybody."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from syncer.clock import SystemClock
from syncer.errors import ConfigError, UnresolvedReference
from syncer.forges import AppKey, Connection, Exchange, Forge, Limits, Secret, TrackerOptions, connect
from syncer.forges.notes import InMemoryNotes, UnwrittenNotes
from syncer.forges.observer import Observer
from syncer.labelling_settings import labelling_of, members_of
from syncer.ledger.git.ledger import GitLedger
from syncer.ledger.git.notes import RefNotes
from syncer.ledger.memory import MemoryLedger
from syncer.ledger.sql import SqlLedger
from syncer.logs import REDACTOR
from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.neighbours import claimed_elsewhere
from syncer.observability.traces import requested
from syncer.ports import Clock, Ledger, Notes
from syncer.reconcile.policy import (
    Criteria,
    Dropped,
    Groups,
    Intake,
    LinkBack,
    Loops,
    OnConflict,
    Placement,
    Policy,
    Removed,
    StageStatus,
    StartedBy,
)
from syncer.reconcile.policy import Limits as GuardLimits
from syncer.service.project import Project, Waiting, Way, WriteBack
from syncer.service.status_issue.attendant import Attendant
from syncer.settings import (
    AppSettings,
    ForgeSettings,
    PaceSettings,
    ProjectSettings,
    Settings,
    TrackerSettings,
    secrets_in,
    trackers_of,
)
from syncer.sources.choice import Shelves, documents_of
from syncer.sources.git_ref import GitRef
from syncer.sources.git_state import state_ref


@dataclass(slots=True)
class Traffic:
    """Counts what goes over the wire. One per process is enough; it is told from many threads.

    Args:
        unchanged: conditional requests that were answered with "not modified".
    """

    reads: int = 0
    writes: int = 0
    unchanged: int = 0
    sent: int = 0
    received: int = 0
    onlooker: Observer | None = None

    def exchanged(self, exchange: Exchange) -> None:
        if exchange.write:
            self.writes += 1
        else:
            self.reads += 1
        self.unchanged += exchange.status == 304
        self.sent += exchange.sent
        self.received += exchange.received
        requested(exchange)
        if self.onlooker is not None:
            self.onlooker.exchanged(exchange)

    def waiting(self, seconds: float, why: str) -> None:
        if self.onlooker is not None:
            self.onlooker.waiting(seconds, why)


class Workshop:
    """Everything that runs need, made from settings and closed together.

    Args:
        settings: checked.
        base: the directory that relative paths in the settings refer to.
        clock: whose ``sleep`` a stop signal ends.
        read_only: nothing may be written, anywhere.
    """

    def __init__(self, settings: Settings, base: Path, clock: Clock, *, read_only: bool = False) -> None:
        self._settings = settings
        self._base = base
        self._clock = clock
        self._read_only = read_only
        self._forges: dict[str, Forge] = {}
        self._ledger: Ledger | None = None
        self._shared: Notes | None = None
        self._making = threading.RLock()
        self._shelves = Shelves(base, read_only)
        self.traffic = Traffic()
        for text in secrets_in(settings):
            if text != "environment":  # as a proxy, that is no secret
                REDACTOR.add(text)

    @property
    def ledger(self) -> Ledger:
        """Where everything is remembered. A read-only run never makes a database."""
        with self._making:
            if self._ledger is None:
                self._ledger = self._open_ledger()
            return self._ledger

    def _open_ledger(self) -> Ledger:
        state = self._settings.state
        if not state.ref("any"):
            return _open_database(state.url, self._base, read_only=self._read_only)
        projects = self._settings.projects
        return GitLedger(
            self._state_ref,
            SystemClock(),
            allow_public=lambda name: projects[name].allow_public,
            longest_wait=max(
                (each.pace.longest_wait for each in self._settings.forges.values() if each.pace), default=0.0
            ),
            read_only=self._read_only,
        )

    def _state_ref(self, name: str) -> GitRef:
        """Where a project's ledger is, if it is kept beside the roadmaps."""
        project = self._settings.projects[name]
        forge = self.forge(project.forge)
        return state_ref(
            name,
            self._settings.state.ref(name),
            project.source,
            project.repository,
            project.author,
            forge.connection,
            lambda: forge.secret(project.repository),
            self._shelves,
            SystemClock(),  # what a run did is remembered even if it is asked to end
            self.traffic,
        )

    def forge(self, name: str) -> Forge:
        """A forge by its configured name."""
        with self._making:  # the daemon's flights ask from many threads
            if name not in self._forges:
                connection = _connection(
                    name, self._settings.forges[name], self._base, read_only=self._read_only
                )
                self._forges[name] = connect(
                    connection,
                    self._clock,
                    observer=self.traffic,
                    notes=self.notes,
                    on_secret=REDACTOR.add,
                )
            return self._forges[name]

    @property
    def notes(self) -> Notes:
        """What all processes with this state database share: rate budgets, an App's token, notifications."""
        if self._shared is None:
            ledger = self.ledger
            kept: Notes = ledger.notes if isinstance(ledger, SqlLedger) else InMemoryNotes()
            if isinstance(ledger, GitLedger):
                kept = RefNotes(ledger, kept)
            self._shared = UnwrittenNotes(kept) if self._read_only else kept
        return self._shared

    @property
    def settings(self) -> Settings:
        return self._settings

    def trackers(self, name: str) -> list[TrackerSettings]:
        """The trackers of a project, as configured."""
        return trackers_of(self._settings.projects[name])

    @property
    def base(self) -> Path:
        """The directory that relative paths of the configuration refer to."""
        return self._base

    def names(self, chosen: Sequence[str] = ()) -> list[str]:
        """The projects to run: those chosen, or all.

        Raises:
            UnresolvedReference: one that was chosen does not exist.
            ConfigError: there is none at all.
        """
        for name in chosen:
            if name not in self._settings.projects:
                known = ", ".join(sorted(self._settings.projects)) or "none"
                raise UnresolvedReference(
                    f"there is no project {name!r}", next_step=f"known projects: {known}"
                )
        if not self._settings.projects:
            raise ConfigError("no project is configured", next_step="add a [projects.NAME] table")
        return list(chosen) or list(self._settings.projects)

    def project(self, name: str) -> Project:
        """A project, ready to run. No request is sent."""
        settings = self._settings.projects[name]
        state = self.ledger.load(name)
        trackers = []
        for each in trackers_of(settings):
            tracker_id = TrackerId(f"{each.forge}:{each.repository}")
            known = state.trackers.get(tracker_id)
            kind = self._settings.forges[each.forge].kind
            if settings.confidential and kind != "gitlab":
                raise ConfigError(
                    f"{kind} shows every issue to everybody who sees the repository",
                    where=f"projects.{name}.confidential",
                    next_step="take it out, or name a tracker on GitLab",
                )
            trackers.append(
                self.forge(each.forge).tracker(
                    each.repository,
                    tracker_id,
                    known=known.profile if known is not None else None,
                    options=TrackerOptions(
                        dropped_label=settings.dropped_label,
                        tasks=settings.groups == "sub_issues",
                        batch_creates=settings.batch_creates,
                        confidential=settings.confidential,
                    ),
                )
            )
        forge, profile = self.forge(settings.forge), state.source_profile
        documents = documents_of(
            settings.source,
            settings.roadmaps,
            settings.author,
            forge.connection,
            forge.documents(settings.repository, known=profile),
            self._shelves,
            self._clock,
            self.traffic,
        )
        by_api = settings.source == "forge"  # elsewhere there is nothing to ask for a merge
        return Project(
            name=name,
            documents=documents,
            trackers=tuple(trackers),
            patterns=tuple(dict.fromkeys([*settings.roadmaps, *sorted(settings.mirrors)])),
            branch=settings.branch,
            policy=policy_of(settings),
            owner=settings.owner,
            size_limit=settings.roadmap_size_limit,
            allow_public=settings.allow_public,
            waiting=Waiting(grace=settings.create_grace),
            proposals=forge.proposals(settings.repository, known=profile) if by_api else None,
            elsewhere=claimed_elsewhere(self._settings, name),
            write_back=WriteBack(
                Way(settings.write_back),
                settings.write_back_branch,
                auto_merge=settings.auto_merge,
                skip_ci=settings.skip_ci,
            ),
        )

    def attendant(self, name: str) -> Attendant | None:
        """Who keeps a project's status issue; ``None`` where it wants none."""
        settings = self._settings.projects[name]
        if not settings.status_issue or self._read_only:
            return None
        first = trackers_of(settings)[0]
        authority = self.forge(first.forge).authority(first.repository)
        if authority is None:
            return None
        tracker = self.project(name).trackers[0]
        return Attendant(
            name,
            tracker,
            authority,
            self.ledger,
            self.notes,
            self._clock,
            grace=settings.create_grace,
            clean=REDACTOR.clean,
        )

    def close(self) -> None:
        """Give everything back."""
        for forge in self._forges.values():
            forge.close()
        if self._ledger is not None:
            self._ledger.close()
        self._shelves.clear()


@contextmanager
def workshop(settings: Settings, base: Path, clock: Clock, *, read_only: bool = False) -> Iterator[Workshop]:
    """A workshop that is closed at the end, however that comes."""
    made = Workshop(settings, base, clock, read_only=read_only)
    try:
        yield made
    finally:
        made.close()


def policy_of(settings: ProjectSettings) -> Policy:
    """A project's choices as the planner takes them."""
    guard = settings.guard
    return Policy(
        label=settings.label,
        criteria=Criteria(settings.criteria),
        groups=Groups(settings.groups),
        dropped=Dropped(settings.dropped),
        removed=Removed(settings.removed),
        link_back=LinkBack(settings.link_back),
        intake=Intake(settings.intake),
        intake_label=settings.intake_label,
        on_conflict={
            Field.STATE: OnConflict(settings.on_conflict.state.value),
            Field.TITLE: OnConflict(settings.on_conflict.title.value),
            Field.NAME: OnConflict(settings.on_conflict.name.value),
            Field.DUE: OnConflict(settings.on_conflict.due.value),
        },
        mirrors=settings.mirrors,
        started_by=StartedBy(settings.started_by),
        loops=Loops(settings.loops),
        placement=Placement(settings.placement),
        stage_status=StageStatus(settings.stage_status),
        labelling=labelling_of(settings.labels),
        members=members_of(settings.members),
        done_wins=settings.done_wins,
        limits=GuardLimits(guard.creates, guard.changes, guard.few, guard.share, guard.ticks, guard.removals),
    )


def _open_database(url: str, base: Path, *, read_only: bool) -> Ledger:
    prefix = "sqlite:///"
    if url.startswith(prefix) and url[len(prefix) :] not in ("", ":memory:"):
        path = Path(url[len(prefix) :])
        if not path.is_absolute():
            path = base / path
        if read_only and not path.exists():
            # Nothing is remembered yet, and a read-only run leaves it at that.
            return MemoryLedger()
        if not path.parent.is_dir():
            raise ConfigError(
                "its directory does not exist", where=f"state.url: {path}", next_step=f"create {path.parent}"
            )
        url = f"{prefix}{path}"
    return SqlLedger(url, create=not read_only)


def _connection(name: str, settings: ForgeSettings, base: Path, *, read_only: bool) -> Connection:
    return Connection(
        name=name,
        kind=settings.kind,
        url=settings.url,
        token=Secret(_token(name, settings, base)),
        app=_app(name, settings.app, base) if settings.app is not None else None,
        ca_bundle=str(base / settings.ca_bundle) if settings.ca_bundle is not None else "",
        proxy=Secret(settings.proxy.get_secret_value()),
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        read_only=read_only,
        limits=_pace(settings.pace) if settings.pace is not None else None,
    )


def _token(name: str, settings: ForgeSettings, base: Path) -> str:
    given = settings.token.get_secret_value()
    if given:
        return given
    if settings.token_file is not None:
        return _secret_file(base / settings.token_file, f"forges.{name}.token_file")
    return ""


def _app(name: str, settings: AppSettings, base: Path) -> AppKey:
    key = settings.private_key.get_secret_value()
    if settings.private_key_file is not None:
        if key:
            raise ConfigError(
                "is given beside private_key",
                where=f"forges.{name}.app.private_key_file",
                next_step="give the key once",
            )
        key = _secret_file(base / settings.private_key_file, f"forges.{name}.app.private_key_file")
    variable = f"{_variable(name)}__APP__PRIVATE_KEY"
    if not key:
        raise ConfigError(
            "the App has no private key",
            where=f"forges.{name}.app",
            next_step=f"name its .pem file with private_key_file, or put its content into {variable}",
        )
    return AppKey(settings.id, Secret(key), settings.installation)


def _secret_file(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigError(
            f"the file cannot be read: {reason}", where=where, next_step=f"check {path}"
        ) from None


def _variable(forge: str) -> str:
    """Names of variables have no hyphens and dots, names of forges may."""
    return "SYNCER_FORGES__" + "".join(char if char.isalnum() else "_" for char in forge).upper()


def _pace(settings: PaceSettings) -> Limits:
    return Limits(
        creations_per_minute=settings.creations_per_minute,
        creations_per_hour=settings.creations_per_hour,
        seconds_between_writes=settings.seconds_between_writes,
        seconds_between_notifications=settings.seconds_between_creations,
        points_per_minute=settings.points_per_minute,
        requests_per_minute=settings.requests_per_minute,
        concurrency=settings.concurrency,
        longest_wait=settings.longest_wait,
    )
