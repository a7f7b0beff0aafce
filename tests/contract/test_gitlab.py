"""The GitLab adapter keeps the contract, over real HTTP against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncer.errors import Missing
from syncer.model.tracker import Cursor, IssueChange, MilestoneChange
from syncer.sandbox import Sandbox
from tests.traffic import RECORD_TO

from .documents import DocumentsContract
from .families import FamiliesContract
from .sandbox_world import SandboxWorld
from .trackers import TrackerContract


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        yield sandbox


@pytest.fixture
def world(sandbox: Sandbox) -> Iterator[SandboxWorld]:
    world = SandboxWorld("gitlab", sandbox)
    yield world
    world.leave()


class TestTracker(TrackerContract):
    """Issues and milestones on GitLab."""

    body_history = False

    def test_a_group_s_milestone_is_used_and_not_changed(self, world: SandboxWorld, sandbox: Sandbox) -> None:
        """It is listed with the project's own, takes issues, and is found by its key."""
        world.milestone("M1")
        key = sandbox.gitlab.group_milestone("acme", "Q1").id
        tracker = world.tracker()
        number = world.open("first")
        listed = {
            milestone.title: milestone.writable for milestone in tracker.read(Cursor()).milestones or ()
        }

        assert {"M1": True, "Q1": False} == listed
        assert "Q1" == tracker.milestone(key).title
        assert key == tracker.update_issue(number, IssueChange(milestone=key)).milestone
        assert frozenset({number}) == tracker.open_issues_in(key)
        with pytest.raises(Missing):
            tracker.update_milestone(key, MilestoneChange(title="Q2"))


class TestFamilies(FamiliesContract):
    """Parents and children in the same place."""


class TestDocuments(DocumentsContract):
    """Files on GitLab."""
