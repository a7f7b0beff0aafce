"""Issues that ask for a line where the branch takes no commits: the line waits in the rolling request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncer.reconcile.policy import LinkBack, Policy
from syncer.sandbox import Sandbox
from tests.traffic import RECORD_TO

from .rolling import Harbour


@pytest.fixture(params=["github", "gitlab"])
def harbour(request: pytest.FixtureRequest) -> Iterator[Harbour]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        side = sandbox.github if request.param == "github" else sandbox.gitlab
        side.user("tess", role="triage")
        made = Harbour(sandbox, request.param, policy=Policy(link_back=LinkBack.OFF))
        made.sync()
        yield made
        made.forge.close()


def test_the_line_is_pending_and_the_issue_marked_once_it_is_merged(harbour: Harbour) -> None:
    """Until then nothing is written into the issue, and nothing is planned twice."""
    issue = harbour.repository.open_issue("count the sails", "TODO.md :: Alpha", by="tess")
    harbour.sync()
    assert [hold.code for hold in harbour.settled().holds] == ["pending"]
    assert "syncer:begin" not in issue.body
    assert "- [ ] count the sails" in harbour.lines("syncer/main")

    harbour.request.merge()
    harbour.sync()
    assert harbour.settled().holds == ()
    assert "syncer:begin" in issue.body
    assert harbour.lines().count("- [ ] count the sails") == 1
    assert len(harbour.repository.issues()) == 7


def test_an_issue_that_is_retitled_while_its_line_is_merged_gets_no_second_line(harbour: Harbour) -> None:
    """The request remembers for whom it brought the line."""
    issue = harbour.repository.open_issue("count the sails", "TODO.md :: Alpha", by="tess")
    harbour.sync()
    harbour.request.merge()
    issue.retitle("mend the sails")
    harbour.sync()
    harbour.request.merge()
    harbour.sync()

    assert harbour.settled().holds == ()
    assert [line for line in harbour.lines() if "sails" in line] == ["- [ ] mend the sails"]
    assert len(harbour.repository.issues()) == 7


def test_a_retitled_issue_changes_the_line_that_waits(harbour: Harbour) -> None:
    issue = harbour.repository.open_issue("count the sails", "TODO.md :: Alpha", by="tess")
    harbour.sync()
    issue.retitle("mend the sails")
    harbour.sync()

    assert [line for line in harbour.lines("syncer/main") if "sails" in line] == ["- [ ] mend the sails"]
    assert [hold.code for hold in harbour.settled().holds] == ["pending"]


def test_a_declined_line_is_not_offered_again(harbour: Harbour) -> None:
    harbour.repository.open_issue("count the sails", "TODO.md :: Alpha", by="tess")
    harbour.sync()
    harbour.request.close()
    harbour.sync()

    assert [hold.code for hold in harbour.settled().holds] == ["declined"]
    assert not any("sails" in line for line in harbour.lines())
