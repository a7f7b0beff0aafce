"""The ledger's tables.

Keys are columns, contents are JSON text: what is looked up is indexed, what is only carried along is
free to grow. The schema's history lives in ``migrations``.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

projects = Table(
    "projects",
    metadata,
    Column("project", String(200), primary_key=True),
    Column("generation", Integer, nullable=False, default=0),
    Column("facts", Text, nullable=False),
    Column("standing", Text),
)

files = Table(
    "files",
    metadata,
    Column("project", String(200), primary_key=True),
    Column("path", String(1000), primary_key=True),
    Column("blob", String(100), nullable=False),
    Column("data", LargeBinary, nullable=False),
)

bindings = Table(
    "bindings",
    metadata,
    Column("project", String(200), primary_key=True),
    Column("uid", String(64), primary_key=True),
    Column("record", Text, nullable=False),
)

stages = Table(
    "stages",
    metadata,
    Column("project", String(200), primary_key=True),
    Column("uid", String(64), primary_key=True),
    Column("record", Text, nullable=False),
)

trackers = Table(
    "trackers",
    metadata,
    Column("project", String(200), primary_key=True),
    Column("tracker", String(400), primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("profile", Text),
)

issues = Table(
    "issues",
    metadata,
    Column("project", String(200), primary_key=True),
    Column("tracker", String(400), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("record", Text, nullable=False),
)

milestones = Table(
    "milestones",
    metadata,
    Column("project", String(200), primary_key=True),
    Column("tracker", String(400), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("record", Text, nullable=False),
)

intents = Table(
    "intents",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("project", String(200), nullable=False),
    Column("record", Text, nullable=False),
    Index("intents_by_project", "project"),
    sqlite_autoincrement=True,
)

runs = Table(
    "runs",
    metadata,
    Column("project", String(200), primary_key=True),
    Column("run", String(64), primary_key=True),
    Column("started_at", String(40), nullable=False),
    Column("finished_at", String(40)),
    Column("outcome", String(20)),
    Column("summary", Text, nullable=False, default=""),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("project", String(200), nullable=False),
    Column("run", String(64), nullable=False),
    Column("uid", String(64)),
    Column("at", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("place", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("outcome", String(20), nullable=False, default=""),
    Index("journal_by_run", "project", "run"),
    Index("journal_by_uid", "project", "uid"),
    sqlite_autoincrement=True,
)

notes = Table(
    "notes",
    metadata,
    Column("name", String(400), primary_key=True),
    Column("text", Text, nullable=False),
)
