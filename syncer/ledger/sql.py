"""The ledger over SQLAlchemy Core: SQLite for one machine, PostgreSQL for several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, delete, event, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from syncer.errors import ConfigError, SyncerError, Unavailable
from syncer.ledger import codec, schema
from syncer.ledger.locks import advisory_lease, file_lease, leave_mark, read_mark
from syncer.ledger.notes import SqlNotes
from syncer.ledger.upgrade import ensure_schema
from syncer.model.identity import Owner, TrackerId, Uid
from syncer.model.ledger import (
    Carrier,
    FileBase,
    Intent,
    JournalEntry,
    LedgerChange,
    LedgerState,
    RunOutcome,
    RunRecord,
    SourceState,
    Standing,
    TrackerState,
    empty_state,
)
from syncer.model.tracker import Cursor


class SqlLedger:
    """A ledger in a SQL database.

    Args:
        url: ``sqlite:///path`` or ``postgresql+psycopg://…``.
        create: whether a database that does not exist, or an older schema, is brought up to date.
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        self._url = url
        self._engine = _engine(url)
        self._lock_directory = _lock_directory(url)
        try:
            ensure_schema(self._engine, url, create=create)
        except SQLAlchemyError as error:
            raise ConfigError(
                f"the state database cannot be opened: {_cause(error)}",
                where="state.url",
                next_step="check the path or address, and that syncer may write there",
            ) from None

    @property
    def notes(self) -> SqlNotes:
        """What processes share beside the ledger, in the same database."""
        return SqlNotes(self._engine)

    def lease(self, project: str) -> AbstractContextManager[None]:
        if self._lock_directory is not None:
            return self._marked_lease(self._lock_directory, project)
        return advisory_lease(self._engine, project)

    @contextmanager
    def _marked_lease(self, directory: Path, project: str) -> Iterator[None]:
        """A lease that leaves a mark beside the database: how far it had come."""
        with file_lease(directory, project):
            if not self.generation(project):
                # A new database is no old copy; that of its predecessor says nothing about it.
                leave_mark(directory, project, 0)
            try:
                yield
            finally:
                with suppress(SyncerError):
                    leave_mark(directory, project, self.generation(project))

    def generation(self, project: str) -> int:
        table = schema.projects
        with self._transaction() as connection:
            found = connection.execute(select(table.c.generation).where(table.c.project == project)).scalar()
        return int(found or 0)

    def _restored(self, project: str, generation: int) -> bool:
        """Whether the database had come further before: then this is an older copy."""
        return self._lock_directory is not None and read_mark(self._lock_directory, project) > generation

    def close(self) -> None:
        self._engine.dispose()

    # -- loading -------------------------------------------------------------------------------------

    def load(self, project: str) -> LedgerState:
        with self._transaction() as connection:
            row = connection.execute(
                select(schema.projects.c.generation, schema.projects.c.facts).where(
                    schema.projects.c.project == project
                )
            ).first()
            if row is None:
                return empty_state(project)
            facts = codec.load(row.facts)
            profile = facts.get("source_profile")
            return LedgerState(
                project=project,
                generation=row.generation,
                owner=Owner(facts["owner"]) if facts.get("owner") else None,
                source_profile=codec.profile_from_json(profile) if profile else None,
                source=codec.source_from_json(facts["source"]) if facts.get("source") else SourceState(),
                files={
                    each.path: FileBase(each.path, each.blob, each.data)
                    for each in _rows(connection, schema.files, project)
                },
                bindings={
                    Uid(each.uid): codec.binding_from_json(each.uid, codec.load(each.record))
                    for each in _rows(connection, schema.bindings, project)
                },
                stages={
                    Uid(each.uid): codec.stage_from_json(each.uid, codec.load(each.record))
                    for each in _rows(connection, schema.stages, project)
                },
                trackers=_trackers(connection, project),
                intents=tuple(
                    codec.intent_from_json(each.id, codec.load(each.record))
                    for each in _rows(connection, schema.intents, project, schema.intents.c.id)
                ),
                approved=frozenset(facts.get("approved", ())),
                forgotten=frozenset(facts.get("forgotten", ())),
                carrier=codec.carrier_from_json(facts["carrier"]) if facts.get("carrier") else Carrier(),
                decisions=tuple(codec.decision_from_json(each) for each in facts.get("decisions", ())),
                pins=tuple(codec.pin_from_json(each) for each in facts.get("pins", ())),
                detached=bool(facts.get("detached", False)),
                restored=self._restored(project, row.generation),
            )

    def runs(self, project: str, limit: int) -> tuple[RunRecord, ...]:
        table = schema.runs
        query = select(table).where(table.c.project == project).order_by(table.c.run.desc()).limit(limit)
        with self._transaction() as connection:
            return tuple(
                RunRecord(
                    row.run,
                    datetime.fromisoformat(row.started_at),
                    codec.moment_from_json(row.finished_at),
                    RunOutcome(row.outcome) if row.outcome else None,
                    row.summary,
                )
                for row in connection.execute(query)
            )

    def journal(
        self, project: str, *, run: str | None = None, uid: Uid | None = None
    ) -> tuple[JournalEntry, ...]:
        table = schema.journal
        query = select(table).where(table.c.project == project).order_by(table.c.id)
        if run is not None:
            query = query.where(table.c.run == run)
        if uid is not None:
            query = query.where(table.c.uid == uid)
        with self._transaction() as connection:
            return tuple(
                JournalEntry(
                    datetime.fromisoformat(row.at),
                    row.run,
                    row.kind,
                    row.place,
                    row.text,
                    Uid(row.uid) if row.uid else None,
                    row.outcome,
                )
                for row in connection.execute(query)
            )

    def standing(self, project: str) -> Standing | None:
        table = schema.projects
        with self._transaction() as connection:
            text = connection.execute(select(table.c.standing).where(table.c.project == project)).scalar()
        return codec.standing_from_json(codec.load(text)) if text else None

    # -- remembering ---------------------------------------------------------------------------------

    def save(self, project: str, change: LedgerChange) -> None:
        with self._transaction() as connection:
            self._save_facts(connection, project, change)
            _upsert(
                connection,
                schema.files,
                [
                    {"project": project, "path": each.path, "blob": each.blob, "data": each.data}
                    for each in change.files
                ],
            )
            _remove(connection, schema.files, project, schema.files.c.path, change.dropped_files)
            _upsert(
                connection,
                schema.bindings,
                [
                    {"project": project, "uid": each.uid, "record": codec.dump(codec.binding_to_json(each))}
                    for each in change.bindings
                ],
            )
            _remove(connection, schema.bindings, project, schema.bindings.c.uid, change.dropped)
            _upsert(
                connection,
                schema.stages,
                [
                    {"project": project, "uid": each.uid, "record": codec.dump(codec.stage_to_json(each))}
                    for each in change.stages
                ],
            )
            _remove(connection, schema.stages, project, schema.stages.c.uid, change.dropped_stages)
            self._save_trackers(connection, project, change)
            if change.closed_intents:
                connection.execute(
                    delete(schema.intents).where(schema.intents.c.id.in_(change.closed_intents))
                )
            if change.journal:
                connection.execute(
                    insert(schema.journal),
                    [
                        {
                            "project": project,
                            "run": entry.run,
                            "uid": entry.uid,
                            "at": entry.at.isoformat(),
                            "kind": entry.kind,
                            "place": entry.place,
                            "text": entry.text,
                            "outcome": entry.outcome,
                        }
                        for entry in change.journal
                    ],
                )

    def _save_facts(self, connection: Connection, project: str, change: LedgerChange) -> None:
        table = schema.projects
        row = connection.execute(
            select(table.c.generation, table.c.facts, table.c.standing).where(table.c.project == project)
        ).first()
        facts = codec.load(row.facts) if row is not None else {}
        if change.owner is not None:
            facts["owner"] = change.owner
        if change.source_profile is not None:
            facts["source_profile"] = codec.profile_to_json(change.source_profile)
        if change.source is not None:
            facts["source"] = codec.source_to_json(change.source)
        if change.approved is not None:
            facts["approved"] = sorted(change.approved)
        if change.forgotten is not None:
            facts["forgotten"] = sorted(change.forgotten)
        if change.carrier is not None:
            facts["carrier"] = codec.carrier_to_json(change.carrier)
        if change.decisions is not None:
            facts["decisions"] = [codec.decision_to_json(each) for each in change.decisions]
        if change.pins is not None:
            facts["pins"] = [codec.pin_to_json(each) for each in change.pins]
        if change.detached is not None:
            facts["detached"] = change.detached
        standing = row.standing if row is not None else None
        if change.standing is not None:
            standing = codec.dump(codec.standing_to_json(change.standing))
        _upsert(
            connection,
            table,
            [
                {
                    "project": project,
                    "generation": (row.generation if row is not None else 0) + 1,
                    "facts": codec.dump(facts),
                    "standing": standing,
                }
            ],
        )

    def _save_trackers(self, connection: Connection, project: str, change: LedgerChange) -> None:
        table = schema.trackers
        for tracker in dict.fromkeys([*change.cursors, *change.profiles]):
            row = connection.execute(
                select(table.c.cursor, table.c.profile).where(
                    table.c.project == project, table.c.tracker == tracker
                )
            ).first()
            cursor = change.cursors.get(tracker)
            profile = change.profiles.get(tracker)
            known = row.cursor if row is not None else codec.dump(codec.cursor_to_json(Cursor()))
            _upsert(
                connection,
                table,
                [
                    {
                        "project": project,
                        "tracker": tracker,
                        "cursor": codec.dump(codec.cursor_to_json(cursor)) if cursor is not None else known,
                        "profile": codec.dump(codec.profile_to_json(profile))
                        if profile is not None
                        else (row.profile if row is not None else None),
                    }
                ],
            )
        for tracker, issues in change.issues.items():
            _upsert(
                connection,
                schema.issues,
                [
                    {
                        "project": project,
                        "tracker": tracker,
                        "number": issue.number,
                        "record": codec.dump(codec.issue_to_json(issue)),
                    }
                    for issue in issues
                ],
            )
        for tracker, number in change.gone_issues:
            connection.execute(
                delete(schema.issues).where(
                    schema.issues.c.project == project,
                    schema.issues.c.tracker == tracker,
                    schema.issues.c.number == number,
                )
            )
        for tracker, milestones in change.milestones.items():
            connection.execute(
                delete(schema.milestones).where(
                    schema.milestones.c.project == project, schema.milestones.c.tracker == tracker
                )
            )
            rows = [
                {
                    "project": project,
                    "tracker": tracker,
                    "number": each.key,
                    "record": codec.dump(codec.milestone_to_json(each)),
                }
                for each in milestones
            ]
            if rows:
                connection.execute(insert(schema.milestones), rows)

    def intend(self, project: str, intent: Intent) -> Intent:
        record = codec.dump(codec.intent_to_json(intent))
        with self._transaction() as connection:
            result = connection.execute(insert(schema.intents).values(project=project, record=record))
            key = result.inserted_primary_key
        number = int(key[0]) if key is not None else 0
        return codec.intent_from_json(number, codec.load(record))

    @property
    def foresight(self) -> int:
        return 1

    def sending(self, project: str, intent: Intent) -> None:
        """What is announced by itself is sent at once."""

    def gathering(self, project: str) -> AbstractContextManager[None]:
        del project  # a transaction for each costs little
        return nullcontext()

    def begin_run(self, project: str, run: str, at: datetime) -> None:
        with self._transaction() as connection:
            connection.execute(
                insert(schema.runs).values(project=project, run=run, started_at=at.isoformat(), summary="")
            )

    def end_run(self, project: str, run: str, at: datetime, outcome: RunOutcome, summary: str) -> None:
        table = schema.runs
        with self._transaction() as connection:
            connection.execute(
                update(table)
                .where(table.c.project == project, table.c.run == run)
                .values(finished_at=at.isoformat(), outcome=outcome.value, summary=summary)
            )

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SyncerError:
            raise
        except SQLAlchemyError as error:
            raise Unavailable(
                f"the state database failed: {_cause(error)}",
                where="state.url",
                next_step="syncer stops here; nothing that was done is lost, run it again",
            ) from error


def _trackers(connection: Connection, project: str) -> dict[TrackerId, TrackerState]:
    seen: dict[str, dict[int, Any]] = {}
    for row in _rows(connection, schema.issues, project):
        seen.setdefault(row.tracker, {})[row.number] = codec.issue_from_json(
            row.number, codec.load(row.record)
        )
    found: dict[str, dict[int, Any]] = {}
    for row in _rows(connection, schema.milestones, project):
        found.setdefault(row.tracker, {})[row.number] = codec.milestone_from_json(
            row.number, codec.load(row.record)
        )
    trackers: dict[TrackerId, TrackerState] = {}
    for row in _rows(connection, schema.trackers, project):
        trackers[TrackerId(row.tracker)] = TrackerState(
            codec.cursor_from_json(codec.load(row.cursor)),
            codec.profile_from_json(codec.load(row.profile)) if row.profile else None,
            seen.get(row.tracker, {}),
            found.get(row.tracker, {}),
        )
    return trackers


def _rows(connection: Connection, table: Table, project: str, order: Any = None) -> Sequence[Any]:
    query = select(table).where(table.c.project == project)
    if order is not None:
        query = query.order_by(order)
    return connection.execute(query).all()


def _upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as dialect_insert
    else:
        from sqlalchemy.dialects.postgresql import insert as dialect_insert  # type: ignore[assignment]
    statement = dialect_insert(table)
    keys = [column.name for column in table.primary_key]
    others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), list(rows))


def _remove(connection: Connection, table: Table, project: str, column: Any, values: Sequence[str]) -> None:
    if values:
        connection.execute(delete(table).where(table.c.project == project, column.in_(list(values))))


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        raise ConfigError(
            "this is no database address",
            where="state.url",
            next_step="write sqlite:///syncer.db or postgresql://host/database",
        ) from None
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed)
        _prepare_sqlite(engine)
        return engine
    if parsed.get_backend_name() == "postgresql":
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        try:
            return create_engine(parsed, pool_pre_ping=True)
        except ModuleNotFoundError:
            raise ConfigError(
                "PostgreSQL needs a driver that is not installed",
                where="state.url",
                next_step="install syncer[postgres]",
            ) from None
    raise ConfigError(
        f"{parsed.get_backend_name()!r} is no supported database",
        where="state.url",
        next_step="use SQLite or PostgreSQL",
    )


def _prepare_sqlite(engine: Engine) -> None:
    """Make transactions real.

    By default pysqlite opens none for a SELECT, and two processes that read and then write lose each
    other's updates without an error. So the driver is told to leave transactions to us, and each of
    ours takes the write lock at its beginning (docs.sqlalchemy.org, "SQLite Transactions and the
    sqlite3 driver").
    """

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=30000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _lock_directory(url: str) -> Path | None:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        import tempfile

        return Path(tempfile.mkdtemp(prefix="syncer-locks-"))
    path = Path(parsed.database)
    return path.with_name(path.name + ".lock.d")


def _cause(error: SQLAlchemyError) -> str:
    """What the driver said, without statements and parameters, which may hold anything."""
    original = getattr(error, "orig", None)
    text = str(original if original is not None else error)
    return text.splitlines()[0][:200] if text else type(error).__name__
