"""The governor against forges that enforce their real limits: nothing is ever refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from syncer.forges import Connection, Secret, connect
from syncer.forges.governor import GITHUB_PUBLIC, GITLAB_PUBLIC
from syncer.model.tracker import Cursor, IssueChange, IssueDraft, MilestoneDraft
from syncer.sandbox import Limits, Sandbox
from tests.traffic import RECORD_TO

from .worlds import BOT, FILES, REPOSITORY

PACES = {"github": GITHUB_PUBLIC, "gitlab": GITLAB_PUBLIC}


class SharedClock:
    """The forge's own clock: waiting lets time pass there."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.waited = 0.0

    def now(self) -> datetime:
        return self._sandbox.clock.now()

    def sleep(self, seconds: float) -> None:
        self.waited += seconds
        self._sandbox.clock.advance(seconds)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=Limits.real(), record_to=RECORD_TO) as sandbox:
        yield sandbox


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_an_import_is_never_refused_and_takes_as_long_as_estimated(kind: str, sandbox: Sandbox) -> None:
    """Three hundred issues, milestones and changes at the public forges' limits."""
    side = sandbox.github if kind == "github" else sandbox.gitlab
    side.repository(REPOSITORY, files=FILES)
    clock = SharedClock(sandbox)
    token = Secret(side.token(BOT))
    forge = connect(Connection("main", kind, url=sandbox.url, token=token, limits=PACES[kind]), clock)
    tracker = forge.tracker(REPOSITORY)
    expected = forge.governor.estimate(303, 20)
    for number in range(3):
        tracker.create_milestone(MilestoneDraft(f"M{number}", "", None))
    for number in range(300):
        tracker.create_issue(IssueDraft(f"issue {number}", "", None, frozenset()))
    for number in range(1, 21):
        tracker.update_issue(number, IssueChange(title=f"changed {number}"))
    taken = clock.waited
    tracker.read(Cursor())
    forge.close()

    assert set() == {entry.status for entry in sandbox.requests if entry.status >= 400}
    assert 0.9 * expected <= taken <= 1.1 * expected
    assert taken > 100
