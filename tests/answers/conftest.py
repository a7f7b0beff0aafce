"""Desks: one for each forge, or just one where the forge makes no difference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.answers.desk import Desk, desk
from tests.e2e.world import KINDS


@pytest.fixture(params=KINDS)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A project that was synced once, on each forge."""
    with desk(request.param, tmp_path) as made:
        made.sync()
        yield made


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Desk]:
    """A project on a GitHub that was synced once."""
    with desk("github", tmp_path) as made:
        made.sync()
        yield made


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Desk]:
    """A project on a GitLab that was synced once."""
    with desk("gitlab", tmp_path) as made:
        made.sync()
        yield made
