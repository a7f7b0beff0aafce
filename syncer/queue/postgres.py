"""Wake-ups in PostgreSQL, for any number of processes: jobs of procrastinate, one key for each project.

A job's ``queueing_lock`` makes waiting jobs of a project one, its ``lock`` keeps them from running beside
each other. What procrastinate has no place for stands in two small tables of our own, created with its
schema: which delivery is covered by which job, and how a project's last sync ended.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import procrastinate
import psycopg
import psycopg_pool
from procrastinate import exceptions as trouble

from syncer.errors import ConfigError, Unavailable
from syncer.queue.inbox import MOST_NAMED, Reason, Wake

TASK: Final = "syncer.sync"
QUEUE: Final = "syncer"

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS syncer_deliveries (
    id text NOT NULL,
    project text NOT NULL,
    job bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    done boolean NOT NULL DEFAULT false,
    PRIMARY KEY (id, project)
);
CREATE INDEX IF NOT EXISTS syncer_deliveries_by_job ON syncer_deliveries (job) WHERE NOT done;
CREATE TABLE IF NOT EXISTS syncer_lanes (
    project text PRIMARY KEY,
    failures integer NOT NULL,
    not_before timestamptz,
    next text NOT NULL,
    reason text NOT NULL,
    remedy text NOT NULL
);
CREATE TABLE IF NOT EXISTS syncer_engine_migrations (name text PRIMARY KEY);
"""
_SCHEMA_LOCK: Final = 0x73796E636572
_BUSY: Final = (psycopg.Error, trouble.ConnectorException, psycopg_pool.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Lane:
    """How a project's last sync ended, as all processes know it.

    Args:
        not_before: before which there is no point in trying again.
        next: a :class:`syncer.daemon.landing.Next`, by value.
    """

    project: str
    failures: int = 0
    not_before: datetime | None = None
    next: str = "rest"
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A wake-up that waits or is being worked on."""

    project: str
    doing: bool
    due: datetime | None


def conninfo(url: str) -> str:
    """A state database's address as psycopg wants it.

    Raises:
        ConfigError: it is no PostgreSQL.
    """
    scheme, separator, rest = url.partition("://")
    if scheme.partition("+")[0] not in ("postgresql", "postgres") or not separator:
        raise ConfigError(
            'engine = "procrastinate" needs PostgreSQL',
            where="state.url",
            next_step='give postgresql://HOST/DATABASE, or use engine = "embedded"',
        )
    return f"postgresql://{rest}"


def upgrade(url: str) -> str:
    """Bring the engine's own schema up to date, and say what was done.

    Raises:
        ConfigError: the database cannot be used.
    """
    app = procrastinate.App(
        connector=procrastinate.SyncPsycopgConnector(conninfo=conninfo(url), min_size=1, max_size=2)
    )
    scripts = Path(app.schema_manager.get_migrations_path())
    migrations = sorted(path.name for path in scripts.iterdir() if path.suffix == ".sql")
    try:
        with psycopg.connect(conninfo(url), autocommit=True) as connection, app.open():
            connection.execute("SELECT pg_advisory_lock(%s)", (_SCHEMA_LOCK,))
            connection.execute(_TABLES)
            row = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
            if row is None or row[0] is None:
                app.schema_manager.apply_schema()
                _remember(connection, migrations)
                return "made"
            known = {name for (name,) in connection.execute("SELECT name FROM syncer_engine_migrations")}
            if not known:  # somebody else made procrastinate's schema, at a version that only they know
                _remember(connection, migrations)
            missing = [name for name in migrations if known and name not in known]
            for name in missing:
                with connection.transaction():
                    connection.execute((scripts / name).read_text(encoding="utf-8").encode())
                    _remember(connection, [name])
            return f"upgraded by {', '.join(missing)}" if missing else "up to date"
    except _BUSY as error:
        raise ConfigError(
            f"the state database cannot be used: {_said(error)}",
            where="state.url",
            next_step="check the address, and that syncer may create tables there",
        ) from None


def _remember(connection: psycopg.Connection[Any], names: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO syncer_engine_migrations VALUES (%s) ON CONFLICT DO NOTHING",
            [(name,) for name in names],
        )


class PostgresQueue:
    """Puts wake-ups into procrastinate, and looks at them. Safe to share between threads.

    Args:
        url: of the state database.
        debounce: seconds from a first event to its sync.
        longest_debounce: the same while events keep coming.

    Raises:
        ConfigError: the database cannot be reached, or has no schema yet.
    """

    def __init__(self, url: str, *, debounce: float, longest_debounce: float) -> None:
        self.url = url
        self._debounce, self._longest = debounce, longest_debounce
        self._latest: dict[str, float] = {}
        self._pool = psycopg_pool.ConnectionPool(
            conninfo(url), min_size=1, max_size=4, timeout=10, open=False, kwargs={"autocommit": True}
        )
        self.app = procrastinate.App(
            connector=procrastinate.SyncPsycopgConnector(conninfo=conninfo(url), min_size=1, max_size=4)
        )
        try:
            self._pool.open(wait=True, timeout=10)
            self.app.open()
            with self._pool.connection() as connection:
                row = connection.execute("SELECT to_regclass('syncer_lanes')").fetchone()
        except _BUSY as error:
            self.close()
            raise ConfigError(
                f"the state database cannot be used: {_said(error)}",
                where="state.url",
                next_step="check the address, and whether the database runs",
            ) from None
        if row is None or row[0] is None:
            self.close()
            raise ConfigError(
                "the state database has no present schema",
                where="state.url",
                next_step="run `syncer db upgrade`",
            )

    def put(self, wakes: Sequence[Wake]) -> None:
        """Keep wake-ups. When this returns, they are committed.

        Raises:
            Unavailable: the database could not be reached; some of them may be kept.
        """
        keys: dict[str, list[Wake]] = {}
        for wake in wakes:
            keys.setdefault(_key(wake.project, wake.full), []).append(wake)
        with _talking():
            named = {key: _named(group) for key, group in keys.items()}
            waiting = self._waiting(named)
            for key, group in keys.items():
                # A job that waits now begins after what woke us, so it covers that.
                if key not in waiting:
                    event = any(wake.reason is Reason.WEBHOOK for wake in group)
                    due = self._pause(group[0].project) if event else None
                    first, reason = group[0], group[-1].reason.value
                    waiting[key] = self._defer(first.project, first.full, named[key], reason, due)
            covered = {
                (wake.delivery, wake.project): waiting[key]
                for key, group in keys.items()
                for wake in group
                if wake.delivery
            }
            if covered:
                with self._pool.connection() as connection:
                    connection.execute(
                        "INSERT INTO syncer_deliveries (id, project, job)"
                        " SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[]) ON CONFLICT DO NOTHING",
                        (
                            [delivery for delivery, _project in covered],
                            [project for _delivery, project in covered],
                            list(covered.values()),
                        ),
                    )

    def again(
        self, project: str, full: bool, issues: frozenset[int], at: datetime | None, *, instead_of: int
    ) -> None:
        """Keep the wake-up that a sync could not satisfy, for a later moment.

        Args:
            project: whose.
            full: whether a complete listing was asked for.
            issues: the only ones that it was about; empty for everything.
            at: not before this moment; ``None`` for at once.
            instead_of: the job that was tried. What it covered is covered by the new one.
        """
        with _talking():
            job = self._defer(project, full, issues, "retry", at)
            with self._pool.connection() as connection:
                connection.execute(
                    "UPDATE syncer_deliveries SET job = %s WHERE job = %s AND NOT done", (job, instead_of)
                )

    def handled(self, deliveries: Collection[str]) -> frozenset[tuple[str, str]]:
        """Which deliveries were followed by a sync of which projects."""
        with _talking(), self._pool.connection() as connection:
            rows = connection.execute(
                "SELECT id, project FROM syncer_deliveries WHERE id = ANY(%s) AND done", (list(deliveries),)
            ).fetchall()
        return frozenset((row[0], row[1]) for row in rows)

    def done(self, job: int) -> None:
        """A sync that began after this job's wake-ups ended well."""
        with _talking(), self._pool.connection() as connection:
            connection.execute("UPDATE syncer_deliveries SET done = true WHERE job = %s AND NOT done", (job,))

    def land(self, lane: Lane) -> None:
        """Tell all processes how a project's sync ended."""
        with _talking(), self._pool.connection() as connection:
            connection.execute(
                "INSERT INTO syncer_lanes VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (project) DO UPDATE SET"
                " failures = excluded.failures, not_before = excluded.not_before, next = excluded.next,"
                " reason = excluded.reason, remedy = excluded.remedy",
                (lane.project, lane.failures, lane.not_before, lane.next, lane.reason, lane.remedy),
            )

    def lanes(self) -> Mapping[str, Lane]:
        """How every project's last sync ended."""
        with _talking(), self._pool.connection() as connection:
            return {row[0]: Lane(*row) for row in connection.execute("SELECT * FROM syncer_lanes")}

    def lane(self, project: str) -> Lane:
        """How one project's last sync ended."""
        with _talking(), self._pool.connection() as connection:
            row = connection.execute("SELECT * FROM syncer_lanes WHERE project = %s", (project,)).fetchone()
        return Lane(*row) if row is not None else Lane(project)

    def jobs(self) -> tuple[Job, ...]:
        """What waits or is being worked on."""
        with _talking(), self._pool.connection() as connection:
            rows = connection.execute(
                "SELECT args ->> 'project', status = 'doing', scheduled_at FROM procrastinate_jobs"
                " WHERE queue_name = %s AND status IN ('todo', 'doing')",
                (QUEUE,),
            ).fetchall()
        return tuple(Job(*row) for row in rows)

    def hurry(self) -> None:
        """Whoever is parked or backing off is tried at once: what was wrong may have been mended."""
        with _talking(), self._pool.connection() as connection:
            connection.execute("UPDATE syncer_lanes SET not_before = NULL, failures = 0")
            connection.execute(
                "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE queue_name = %s AND status = 'todo'",
                (QUEUE,),
            )

    def tidy(self, older_than: float) -> int:
        """Forget deliveries from before a moment (seconds since the epoch)."""
        with _talking(), self._pool.connection() as connection:
            found = connection.execute(
                "DELETE FROM syncer_deliveries WHERE at < %s", (datetime.fromtimestamp(older_than, UTC),)
            )
            return found.rowcount

    def drop(self, known: Sequence[str]) -> None:
        """Forget how projects ended that are none of these."""
        with _talking(), self._pool.connection() as connection:
            connection.execute("DELETE FROM syncer_lanes WHERE NOT project = ANY(%s)", (list(known),))

    def check(self) -> None:
        """Raise ``Unavailable`` where the database cannot be reached."""
        with _talking(), self._pool.connection() as connection:
            connection.execute("SELECT 1")

    def close(self) -> None:
        """Give the connections back."""
        self.app.close()
        self._pool.close()

    def _pause(self, project: str) -> datetime:
        """When the sync of an event is due. While events keep coming, it waits for more of them."""
        now = time.monotonic()
        burst = now - self._latest.get(project, float("-inf")) < self._longest
        self._latest[project] = now
        return datetime.now(UTC) + timedelta(seconds=self._longest if burst else self._debounce)

    def _defer(
        self, project: str, full: bool, issues: frozenset[int], reason: str, at: datetime | None
    ) -> int:
        """The id of the job that now waits for the project, and is about these issues at least."""
        key = _key(project, full)
        while True:
            deferrer = self.app.configure_task(
                TASK, lock=f"project:{project}", queueing_lock=key, queue=QUEUE, schedule_at=at
            )
            try:
                return deferrer.defer(
                    project=project, full=full, reason=reason, at=time.time(), issues=[*sorted(issues)]
                )
            except trouble.AlreadyEnqueued:
                found = self._waiting({key: issues})
                if found:
                    return found[key]
                # It has just been begun, so it does not cover us: another one has to wait.

    def _waiting(self, keys: Mapping[str, frozenset[int]]) -> dict[str, int]:
        """The jobs that wait under these keys, and are about these issues at least (none for all of them).

        What a job is about is widened only while it waits: one that has been begun in the meantime is
        not among the answers.
        """
        found: dict[str, int] = {}
        with self._pool.connection() as connection:
            rows = connection.execute(
                "SELECT queueing_lock, id, args -> 'issues' FROM procrastinate_jobs"
                " WHERE queueing_lock = ANY(%s) AND status = 'todo'",
                (list(keys),),
            ).fetchall()
            for key, job, known in rows:
                about = frozenset(known or ())
                wanted = together(about, keys[key])
                if wanted == about or _widened(connection, job, about, wanted):
                    found[key] = job
        return found


def _widened(
    connection: psycopg.Connection[Any], job: int, about: frozenset[int], wanted: frozenset[int]
) -> bool:
    """Let a job that waits be about more. False if it does not wait any more, or was widened by others."""
    done = connection.execute(
        "UPDATE procrastinate_jobs SET args = jsonb_set(args, '{issues}', %s::jsonb)"
        " WHERE id = %s AND status = 'todo' AND coalesce(args -> 'issues', '[]') = %s::jsonb",
        (json.dumps(sorted(wanted)), job, json.dumps(sorted(about))),
    )
    return done.rowcount > 0


def _named(wakes: Sequence[Wake]) -> frozenset[int]:
    """The only issues that wake-ups are about; none where any of them is about everything."""
    if any(wake.full or not wake.issue for wake in wakes):
        return frozenset()
    named = frozenset(wake.issue for wake in wakes)
    return named if len(named) <= MOST_NAMED else frozenset()


def together(some: frozenset[int], others: frozenset[int]) -> frozenset[int]:
    """What two wake-ups are about, where no issue stands for everything."""
    both = some | others
    return both if some and others and len(both) <= MOST_NAMED else frozenset()


def _key(project: str, full: bool) -> str:
    """Waiting jobs with the same key are one."""
    return f"{'audit' if full else 'sync'}:{project}"


@contextmanager
def _talking() -> Iterator[None]:
    try:
        yield
    except _BUSY as error:
        raise Unavailable(
            f"the state database failed: {_said(error)}",
            where="state.url",
            next_step="syncer goes on when it answers again",
        ) from error


def _said(error: BaseException) -> str:
    """What the driver said, in one line. It never prints passwords."""
    text = str(error).strip()
    return text.splitlines()[0][:200] if text else type(error).__name__
