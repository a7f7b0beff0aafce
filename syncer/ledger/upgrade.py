"""Bringing a database to the present schema, step by step, with Alembic."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from syncer.errors import ConfigError

HEAD = "0002"
"""The newest migration. A test compares it with the migrations that are there."""


def present_revision(engine: Engine) -> str | None:
    """The schema's revision, or ``None`` where there is no schema."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(select(text("version_num")).select_from(text("alembic_version"))).scalar()
        return str(found) if found is not None else None


def ensure_schema(engine: Engine, url: str, *, create: bool) -> None:
    """Make sure that the schema is the present one.

    Args:
        engine: of the database.
        url: its address, for Alembic.
        create: whether an older or missing schema is brought up to date.

    Raises:
        ConfigError: the schema is newer than this version, or older and may not be changed here.
    """
    revision = present_revision(engine)
    if revision == HEAD:
        return
    if revision is not None and revision > HEAD:
        raise ConfigError(
            f"the state database has schema {revision}, this version of syncer knows {HEAD}",
            where="state.url",
            next_step="run the newer syncer that wrote it",
        )
    if not create:
        raise ConfigError(
            "the state database has no present schema",
            where="state.url",
            next_step="run `syncer db upgrade`",
        )
    upgrade(engine, url)


def upgrade(engine: Engine, url: str) -> str:
    """Apply all missing migrations and say which revision the schema has now."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except SQLAlchemyError:
        # Another process may have been faster; what counts is the result.
        if present_revision(engine) != HEAD:
            raise
    return HEAD
