"""One configuration, ready to run."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

import structlog

from syncer.clock import RandomIds, SystemClock
from syncer.daemon.quiet import quiet_hours
from syncer.daemon.sweep import Mailbox
from syncer.daemon.ticks import Schedule
from syncer.errors import Interrupted, SyncerError
from syncer.forges.observer import Observer
from syncer.logs import REDACTOR
from syncer.model.identity import Uid
from syncer.model.ledger import RunOutcome, Standing
from syncer.notify.postbox import nobody
from syncer.service.cycle import Cycle, Orders
from syncer.service.report import RunReport
from syncer.service.resting import Ahead, Rest, rest_after
from syncer.serving.attending import attended, facts_of
from syncer.serving.directory import directory_of, interests_of
from syncer.serving.notifications import postbox_of
from syncer.serving.secrets import secrets_of
from syncer.serving_settings import ScheduleSettings
from syncer.settings import ProjectSettings, Settings, secrets_directory, trackers_of
from syncer.spans import span
from syncer.wiring import Workshop

_LOG = structlog.get_logger("syncer.daemon")


class _FixedRun:
    """Fresh identities; the run's own was given out before, so that every line of the log has it."""

    def __init__(self, run: str, ids: RandomIds) -> None:
        self._run, self._ids = run, ids

    def uid(self) -> Uid:
        return self._ids.uid()

    def run_id(self) -> str:
        return self._run


class _LoggedProgress:
    """How far a long run is, as lines of the log."""

    def start(self, total: int, what: str) -> None:
        if total:
            _LOG.info("applying", actions=total, of=what)

    def step(self, what: str) -> None:
        _LOG.debug("applying", action=what)

    def waiting(self, seconds: float, why: str) -> None:
        _LOG.info("waiting", seconds=round(seconds, 1), why=why)

    def finish(self) -> None:
        """The end of the sync says so."""


class ConfiguredSite:
    """One configuration, ready to run. Implements :class:`syncer.daemon.daemon.Worksite`.

    Args:
        path: the configuration's file.
        broken: projects that had to be left out, and why.
        notified: told a receiver's name and what came of an attempt to notify it.
    """

    def __init__(
        self,
        settings: Settings,
        broken: Mapping[str, str],
        path: Path,
        clock: SystemClock,
        observer: Observer,
        *,
        notified: Callable[[str, str], None] = nobody,
    ) -> None:
        self.settings, self.broken = settings, broken
        self._path, self._clock = path, clock
        for secret in secrets_of(settings, path.parent):
            REDACTOR.add(secret)
        self.directory = directory_of(settings, path.parent)
        self._shop = Workshop(settings, path.parent, clock)
        self._shop.traffic.onlooker = observer
        self._ledger = self._shop.ledger  # a database that cannot be used is better known now
        self._rests: dict[str, Rest] = {}
        self.postbox = postbox_of(settings, path.parent, lambda: self._shop.notes, notified)

    @cached_property
    def projects(self) -> Mapping[str, frozenset[str]]:
        return {
            name: frozenset(filter(None, map(self.host_of, _forges_of(project))))
            for name, project in self.settings.projects.items()
        }

    @property
    def schedules(self) -> Mapping[str, Schedule]:
        usual = self.settings.serve.schedule
        return {
            name: schedule_of(project.schedule or usual) for name, project in self.settings.projects.items()
        }

    @property
    def files(self) -> frozenset[Path]:
        base, found = self._path.parent, {self._path}
        for forge in self.settings.forges.values():
            for name in (forge.token_file, forge.ca_bundle, forge.webhook_secrets_file):
                if name is not None:
                    found.add(base / name)
            if forge.app is not None and forge.app.private_key_file is not None:
                found.add(base / forge.app.private_key_file)
        for receiver in self.settings.notifications.webhooks.values():
            for name in (receiver.url_file, receiver.secret_file, receiver.ca_bundle):
                if name is not None:
                    found.add(base / name)
        directory = secrets_directory()
        if directory is not None:
            with contextlib.suppress(OSError):  # mounts come and go
                found.update(each for each in directory.iterdir() if each.is_file())
        return frozenset(found)

    @property
    def fixed(self) -> Mapping[str, str]:
        """All of ``[serve]`` but the schedule, and where the state is."""
        values = self.settings.serve.model_dump(mode="json", exclude={"schedule", "status_token"})
        return {f"serve.{key}": json.dumps(value) for key, value in values.items()} | {
            "state.url": self.settings.state.url.partition("@")[2] or self.settings.state.url
        }

    def sync(self, project: str, *, run: str, full: bool, issues: frozenset[int]) -> RunReport:
        ids = _FixedRun(run, RandomIds(self._clock))
        cycle = Cycle(self._ledger, self._clock, ids, _LoggedProgress())
        again = Cycle(self._ledger, self._clock, RandomIds(self._clock), _LoggedProgress())
        with span("sync", project=project, run=run, full=full) as note:
            try:
                rest, ahead = self._rests.pop(project, None), None
                if rest is not None and not full and not issues:
                    ahead = self._looked(rest)
                    if ahead is not None and rest.covers(ahead):
                        self._rests[project] = rest
                        report = rest.report(run, self._clock.now())
                        note(facts_of(report))
                        return report
                ready = self._shop.project(project)
                report = cycle.run(ready, Orders(full=full, issues=issues), ahead=ahead)
                report = attended(self._shop, again, report)
                rest = rest_after(ready, self._ledger.load(project), report, self._clock.now())
                if rest is not None:
                    self._rests[project] = rest
            except SyncerError as error:
                now, failed = datetime.now(UTC), RunOutcome.FAILED
                report = RunReport(project, run, False, now, outcome=failed, problem=error)
            note(facts_of(report))
        return report

    def _looked(self, rest: Rest) -> Ahead | None:
        """Whether anything has changed for a project at rest; ``None`` where a whole run has to tell."""
        try:
            over = self._clock.now() >= rest.until
            if over or self._ledger.generation(rest.project.name) != rest.generation:
                return None
            return rest.look()
        except Interrupted:
            raise
        except SyncerError:
            return None  # the run meets it as well, and says what it means

    def mailboxes(self) -> Iterator[Mailbox]:
        """The repositories whose webhooks come to us, where the forge tells what it could not deliver."""
        public = self.settings.serve.public_url
        wanted: dict[tuple[str, str], set[str]] = {}
        for interest in interests_of(self.settings):
            wanted.setdefault((interest.forge, interest.repository), set()).add(interest.project)
        for (forge, repository), projects in wanted.items():
            if public and self.settings.forges[forge].kind == "github":
                url = f"{public}/webhooks/{forge}"
                look = partial(self._missed, forge, repository, url)
                yield Mailbox(f"{forge}:{repository}", frozenset(projects), look)

    def _missed(self, forge: str, repository: str, url: str, since: datetime) -> frozenset[str]:
        hooks = self._shop.forge(forge).hooks(repository)
        if hooks is None:
            return frozenset()
        ours = [hook for hook in hooks.all() if hook.url.rstrip("/") == url]
        return frozenset[str]().union(*(hooks.undelivered(hook, since) for hook in ours))

    def standing(self, project: str) -> Standing | None:
        """What is remembered of a project's last run."""
        return self._ledger.standing(project)

    def check(self) -> None:
        self._ledger.standing("")

    def budgets(self) -> tuple[tuple[str, float], ...]:
        found = []
        for name in sorted(self.settings.forges):
            try:
                found.append((name, self._shop.forge(name).governor.estimate(1)))
            except SyncerError:
                continue  # its projects are parked and say why
        return tuple(found)

    def close(self) -> None:
        if self.postbox is not None:
            self.postbox.close()
        self._shop.close()

    def host_of(self, forge: str) -> str:
        """The host of a configured forge; empty where it cannot be used."""
        if forge not in self.settings.forges:
            return ""
        try:
            return self._shop.forge(forge).connection.host
        except SyncerError:
            return ""  # each sync that needs it fails with the reason, and parks its project


def schedule_of(settings: ScheduleSettings) -> Schedule:
    """When to look, as configured."""
    return Schedule(
        every=settings.every,
        cron=settings.cron,
        jitter=settings.jitter,
        audit_every=settings.audit_every,
        zone=settings.time_zone,
        quiet=quiet_hours(settings.quiet, settings.time_zone),
    )


def _forges_of(project: ProjectSettings) -> set[str]:
    return {project.forge, *(each.forge for each in trackers_of(project))}
