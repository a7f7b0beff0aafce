"""The in-memory forge keeps the contract."""

from __future__ import annotations

import pytest

from .documents import DocumentsContract
from .trackers import TrackerContract
from .worlds import MemoryWorld


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


class TestTracker(TrackerContract):
    """Issues and milestones in memory."""


class TestDocuments(DocumentsContract):
    """Files in memory."""
