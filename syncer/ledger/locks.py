"""Sole rights to a project that end with the process, however it ends.

A lease that expires would either block the run after a crash or let a slow run be overtaken. The
operating system and the database know when a process is gone: a lock on a file beside the SQLite
database, a session-level advisory lock in PostgreSQL (postgresql.org, "Explicit Locking", 13.3.5).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, text

from syncer.errors import LeaseTaken

_NEXT = "wait until it has finished, or look for it with `ps`"


@contextmanager
def file_lease(directory: Path, project: str) -> Iterator[None]:
    """A lock on a file of its own.

    Args:
        directory: where lock files live; created if it is missing.
        project: whose lease is wanted.

    Raises:
        LeaseTaken: another process holds it.
    """
    import fcntl

    directory.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(project.encode()).hexdigest()[:16]
    handle = os.open(directory / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LeaseTaken(
                f"another syncer{_holder(handle)} works on this project", where=project, next_step=_NEXT
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _holder(handle: int) -> str:
    written = os.pread(handle, 20, 0)
    return f" (process {written.decode()})" if written.isdigit() else ""


def leave_mark(directory: Path, project: str, generation: int) -> None:
    """Leave beside the database how far it has come, so that an older copy of it is recognised.

    Args:
        directory: where lock files live.
        project: whose generation it is.
        generation: of the ledger now.
    """
    name = hashlib.sha256(project.encode()).hexdigest()[:16]
    fresh = directory / f"{name}.mark.new"
    with suppress(OSError):
        fresh.write_text(str(generation), encoding="ascii")
        fresh.replace(directory / f"{name}.mark")


def read_mark(directory: Path, project: str) -> int:
    """How far the database had come; 0 if nothing tells."""
    name = hashlib.sha256(project.encode()).hexdigest()[:16]
    try:
        text = (directory / f"{name}.mark").read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return 0
    return int(text) if text.isdigit() else 0


@contextmanager
def advisory_lease(engine: Engine, project: str) -> Iterator[None]:
    """An advisory lock of a database session of its own.

    Raises:
        LeaseTaken: another session holds it.
    """
    key = int.from_bytes(hashlib.sha256(f"syncer/{project}".encode()).digest()[:8], "big", signed=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        taken = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar()
        if not taken:
            raise LeaseTaken("another syncer works on this project", where=project, next_step=_NEXT)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
