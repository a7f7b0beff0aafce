"""The GitHub adapter keeps the contract, over real HTTP against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
    world = SandboxWorld("github", sandbox)
    yield world
    world.leave()


class TestTracker(TrackerContract):
    """Issues and milestones on GitHub."""


class TestFamilies(FamiliesContract):
    """Parents and children in the same place."""


class TestDocuments(DocumentsContract):
    """Files on GitHub."""

    def test_a_tree_too_large_to_be_listed_is_walked(self, world: SandboxWorld, sandbox: Sandbox) -> None:
        """Only the directories that patterns lie in are asked for."""
        revision = world.push(
            {f"{place}/{name}.md": b"x" for place in ("a", "docs", "docs/deep", "z") for name in "pqr"}
        )
        sandbox.github.settings.tree_limit = 6
        world.requests()
        found = world.documents().entries(revision, ["TODO.md", "docs/**/*.md", "none/*.md"])

        assert [
            "TODO.md",
            *(f"docs/{name}.md" for name in ("deep/p", "deep/q", "deep/r", "p", "q", "r")),
        ] == [entry.path for entry in found]
        assert (4, 0) == world.requests()


class TestDocumentsOfAnOlderServer(DocumentsContract):
    """Files on a GitHub Enterprise Server without ``createCommitOnBranch``."""

    writes = 4  # the mutation that is not there, a tree, a commit, the branch

    @pytest.fixture
    def world(self, sandbox: Sandbox) -> Iterator[SandboxWorld]:
        world = SandboxWorld("github", sandbox, old=True)
        yield world
        world.leave()
