"""The first tables: projects, files, bindings, stages, trackers, what was seen, intents, runs, journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_PROJECT = 200
_TRACKER = 400
_UID = 64
_MOMENT = 40


def upgrade() -> None:
    """Create the tables as they were in the first release."""
    op.create_table(
        "projects",
        sa.Column("project", sa.String(_PROJECT), primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("standing", sa.Text),
    )
    op.create_table(
        "files",
        sa.Column("project", sa.String(_PROJECT), primary_key=True),
        sa.Column("path", sa.String(1000), primary_key=True),
        sa.Column("blob", sa.String(100), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    for name in ("bindings", "stages"):
        op.create_table(
            name,
            sa.Column("project", sa.String(_PROJECT), primary_key=True),
            sa.Column("uid", sa.String(_UID), primary_key=True),
            sa.Column("record", sa.Text, nullable=False),
        )
    op.create_table(
        "trackers",
        sa.Column("project", sa.String(_PROJECT), primary_key=True),
        sa.Column("tracker", sa.String(_TRACKER), primary_key=True),
        sa.Column("cursor", sa.Text, nullable=False),
        sa.Column("profile", sa.Text),
    )
    for name in ("issues", "milestones"):
        op.create_table(
            name,
            sa.Column("project", sa.String(_PROJECT), primary_key=True),
            sa.Column("tracker", sa.String(_TRACKER), primary_key=True),
            sa.Column("number", sa.Integer, primary_key=True),
            sa.Column("record", sa.Text, nullable=False),
        )
    op.create_table(
        "intents",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("project", sa.String(_PROJECT), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("intents_by_project", "intents", ["project"])
    op.create_table(
        "runs",
        sa.Column("project", sa.String(_PROJECT), primary_key=True),
        sa.Column("run", sa.String(_UID), primary_key=True),
        sa.Column("started_at", sa.String(_MOMENT), nullable=False),
        sa.Column("finished_at", sa.String(_MOMENT)),
        sa.Column("outcome", sa.String(20)),
        sa.Column("summary", sa.Text, nullable=False),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("project", sa.String(_PROJECT), nullable=False),
        sa.Column("run", sa.String(_UID), nullable=False),
        sa.Column("uid", sa.String(_UID)),
        sa.Column("at", sa.String(_MOMENT), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("journal_by_run", "journal", ["project", "run"])
    op.create_index("journal_by_uid", "journal", ["project", "uid"])
