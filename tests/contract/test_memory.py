"""The in-memory forge keeps the contract."""

from __future__ import annotations

import pytest

from .documents import DocumentsContract
from .families import FamiliesContract
from .trackers import TrackerContract
from .worlds import MemoryWorld


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


class TestTracker(TrackerContract):
    """Issues and milestones in memory."""


class TestFamilies(FamiliesContract):
    """Parents and children in the same place."""


class TestDocuments(DocumentsContract):
    """Files in memory."""
