"""A mirror whose edits wait in a rolling request: what both files last agreed on is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from syncer.forges import Forge
from syncer.reconcile.policy import Policy
from syncer.sandbox import Sandbox
from syncer.service.project import Project
from tests.forges.rolling import TEXT, Harbour
from tests.practice.yard import KINDS
from tests.traffic import RECORD_TO


class MirroredHarbour(Harbour):
    """A harbour with a file that repeats the roadmap."""

    def project(self, forge: Forge) -> Project:
        return replace(super().project(forge), patterns=("TODO.md", "COPY.md"))


@pytest.fixture(params=KINDS)
def harbour(request: pytest.FixtureRequest) -> Iterator[MirroredHarbour]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = MirroredHarbour(sandbox, request.param, policy=Policy(mirrors={"COPY.md": "TODO.md"}))
        made.repository.commit({"COPY.md": TEXT.encode()}, by="alice")
        yield made
        made.forge.close()


def test_a_mirror_follows_through_a_request(harbour: MirroredHarbour) -> None:
    harbour.sync()
    harbour.edit("- [ ] paint the hull", "- [x] paint the hull")
    harbour.issue("build the engine").close()
    harbour.sync()
    request = harbour.request
    for _ in range(2):
        harbour.settled()
        assert harbour.request.number == request.number
        copy = harbour.repository.file("COPY.md", harbour.carrier.branch).decode()
        assert "- [x] paint the hull" in copy
        assert "- [x] build the engine" in copy
    request.merge(by="alice")
    harbour.sync()
    harbour.settled()
    assert harbour.repository.file("COPY.md") == harbour.repository.file("TODO.md")
    assert not [hold for hold in harbour.plan().holds if hold.code.startswith("mirror")]
