"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.sandbox import Sandbox
from tests.cli.desk import Desk
from tests.traffic import RECORD_TO


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        yield Desk(tmp_path, sandbox)
