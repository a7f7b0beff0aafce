"""One PostgreSQL server for all tests of a process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.queue.database import server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server."""
    # Not below pytest's own directory: where tests run as root, the server runs as somebody else.
    with tempfile.TemporaryDirectory(prefix="syncer-postgres-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        with server(Path(directory)) as address:
            yield address
