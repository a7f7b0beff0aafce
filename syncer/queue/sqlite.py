"""The inbox of one process, in a SQLite file of its own.

The state database is not used for it: a sync holds its write lock while it saves, and a forge that
delivers a webhook waits for nobody. Losing the file loses no work, only the wake-ups in it, which the
next scheduled look makes good.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from syncer.errors import ConfigError, Unavailable
from syncer.queue.inbox import MOST_NAMED, Waiting, Wake

_VERSION = 2

_TABLES = """
CREATE TABLE IF NOT EXISTS wakes (
    project TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    full_number INTEGER NOT NULL,
    first_at REAL NOT NULL,
    latest_at REAL NOT NULL,
    reasons TEXT NOT NULL,
    issues TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (
    id TEXT NOT NULL,
    project TEXT NOT NULL,
    number INTEGER NOT NULL,
    at REAL NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id, project)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deliveries_open ON deliveries (project, number) WHERE done = 0;
"""

# A row of `wakes` is all wake-ups of a project. Its number and `full_number` (the number at which a
# complete listing was last asked for) only grow while the row lives, so that a sync which took
# number 3 cannot answer for a wake-up that came as number 4. Its `issues` (by number, between blanks;
# '' is all of them) only grow as well: an issue that was looked at before is looked at once more.
_PUT = f"""
INSERT INTO wakes (project, number, full_number, first_at, latest_at, reasons, issues)
VALUES (?, 1, ?, ?, ?, ?, ?)
ON CONFLICT (project) DO UPDATE SET
    number = number + 1,
    full_number = CASE WHEN excluded.full_number > 0 THEN number + 1 ELSE full_number END,
    latest_at = excluded.latest_at,
    reasons = CASE WHEN instr(reasons, excluded.reasons) > 0 THEN reasons
                   ELSE reasons || ' ' || excluded.reasons END,
    issues = CASE WHEN issues = '' OR excluded.issues = '' THEN ''
                  WHEN instr(' ' || issues || ' ', ' ' || excluded.issues || ' ') > 0 THEN issues
                  WHEN length(issues) - length(replace(issues, ' ', '')) >= {MOST_NAMED - 1} THEN ''
                  ELSE issues || ' ' || excluded.issues END
RETURNING number
"""  # noqa: S608  (a constant of ours)
_FROM_1 = "ALTER TABLE wakes ADD COLUMN issues TEXT NOT NULL DEFAULT ''"
_DELIVERY = """
INSERT INTO deliveries (id, project, number, at) VALUES (?, ?, ?, ?)
ON CONFLICT (id, project) DO NOTHING
"""


class SqliteInbox:
    """Implements :class:`syncer.queue.inbox.Inbox` for one process.

    Args:
        path: of the file; it and its lock file are created.

    Raises:
        ConfigError: another process has it, or it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._data_version = 0
        self._holder = _hold(path)
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA busy_timeout=30000")
            self._connection.execute("PRAGMA journal_mode=WAL")
            # Durable against power cuts too. The receiver puts many wake-ups into one transaction.
            self._connection.execute("PRAGMA synchronous=FULL")
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version == 1:
                self._connection.execute(_FROM_1)
            elif version not in (0, _VERSION):
                raise ConfigError(
                    f"was written by another version of syncer (format {version})",
                    where=f"serve.inbox: {path}",
                    next_step="run the newer syncer, or delete the file: the next look makes it good",
                )
            self._connection.executescript(_TABLES)
            self._connection.execute(f"PRAGMA user_version={_VERSION}")
        except sqlite3.Error as error:
            os.close(self._holder)
            raise ConfigError(
                f"cannot be opened: {error}",
                where=f"serve.inbox: {path}",
                next_step="check the path, or delete the file: the next look makes it good",
            ) from None
        except ConfigError:
            os.close(self._holder)
            raise

    def put(self, wakes: Sequence[Wake]) -> None:
        with self._transaction() as connection:
            _put(connection, wakes)

    def touched(self) -> bool:
        """Whether another process has left something here since this was asked before."""
        with self._transaction(write=False) as connection:
            (version,) = connection.execute("PRAGMA data_version").fetchone()
        before, self._data_version = self._data_version, int(version)
        return self._data_version != before

    def waiting(self) -> tuple[Waiting, ...]:
        with self._transaction(write=False) as connection:
            rows = connection.execute("SELECT * FROM wakes ORDER BY first_at, project").fetchall()
        return tuple(_waiting(row) for row in rows)

    def look(self, project: str) -> Waiting | None:
        with self._transaction(write=False) as connection:
            row = connection.execute("SELECT * FROM wakes WHERE project = ?", (project,)).fetchone()
        return _waiting(row) if row is not None else None

    def done(self, project: str, number: int) -> bool:
        with self._transaction() as connection:
            connection.execute(
                "UPDATE deliveries SET done = 1 WHERE project = ? AND number <= ? AND done = 0",
                (project, number),
            )
            found = connection.execute(
                "DELETE FROM wakes WHERE project = ? AND number <= ?", (project, number)
            )
            if found.rowcount:
                return False
            left = connection.execute(
                "UPDATE wakes SET first_at = latest_at,"
                " full_number = CASE WHEN full_number > ? THEN full_number ELSE 0 END WHERE project = ?",
                (number, project),
            )
            return left.rowcount > 0

    def handled(self, deliveries: Collection[str]) -> frozenset[tuple[str, str]]:
        query = "SELECT id, project FROM deliveries WHERE id = ? AND done = 1"
        with self._transaction(write=False) as connection:
            rows = [row for each in deliveries for row in connection.execute(query, (each,))]
        return frozenset((str(row[0]), str(row[1])) for row in rows)

    def drop(self, projects: Sequence[str]) -> None:
        with self._transaction() as connection:
            for project in projects:
                connection.execute("DELETE FROM wakes WHERE project = ?", (project,))
                connection.execute("DELETE FROM deliveries WHERE project = ?", (project,))

    def tidy(self, older_than: float) -> int:
        with self._transaction() as connection:
            return connection.execute("DELETE FROM deliveries WHERE at < ?", (older_than,)).rowcount

    def close(self) -> None:
        with self._lock:
            self._connection.close()
            with contextlib.suppress(OSError):
                os.close(self._holder)

    @contextmanager
    def _transaction(self, *, write: bool = True) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if not write:
                    yield self._connection
                    return
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise Unavailable(
                    f"the inbox failed: {error}",
                    where=f"serve.inbox: {self._path}",
                    next_step="check the disk; what was not accepted is delivered again or found by a look",
                ) from error


def leave(path: Path, wakes: Sequence[Wake]) -> bool:
    """Leave wake-ups for the daemon that has this inbox. False where there is no inbox."""
    if not path.is_file():
        return False
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=5.0, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != _VERSION:
                return False
            _put(connection, wakes)
            connection.execute("COMMIT")
    except sqlite3.Error:
        return False
    return True


def _put(connection: sqlite3.Connection, wakes: Sequence[Wake]) -> None:
    now = time.time()
    for wake in wakes:
        issue = str(wake.issue) if wake.issue and not wake.full else ""
        row = (wake.project, int(wake.full), now, now, wake.reason.value, issue)
        (number,) = connection.execute(_PUT, row).fetchone()
        if wake.delivery:
            connection.execute(_DELIVERY, (wake.delivery, wake.project, number, now))


def _waiting(row: Sequence[object]) -> Waiting:
    project, number, full_number, first_at, latest_at, reasons, issues = row
    return Waiting(
        project=str(project),
        number=int(str(number)),
        first_at=float(str(first_at)),
        latest_at=float(str(latest_at)),
        full=int(str(full_number)) > 0,
        reasons=tuple(sorted(str(reasons).split())),
        issues=frozenset(map(int, str(issues).split())),
    )


def _hold(path: Path) -> int:
    """A lock that ends with the process, so that two daemons never share an inbox."""
    try:
        handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(
            f"cannot be written: {error.strerror}",
            where=f"serve.inbox: {path}",
            next_step=f"create {path.parent} and let syncer write there",
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise ConfigError(
            "another syncer serves from this inbox",
            where=f"serve.inbox: {path}",
            next_step='stop that one, or use engine = "procrastinate" for several processes',
        ) from None
    return handle
