"""Links from lines to their issues where the branch takes no commits: they wait in the rolling request."""

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
        made = Harbour(sandbox, request.param, policy=Policy(link_back=LinkBack.LINK))
        yield made
        made.forge.close()


def test_links_of_new_issues_go_into_the_request_of_the_same_run(harbour: Harbour) -> None:
    """They are pending afterwards, settled once merged, and planned once only."""
    harbour.sync()
    numbers = {issue.title: issue.number for issue in harbour.repository.issues()}
    on_branch = harbour.lines("syncer/main")
    plan = harbour.settled()

    assert {hold.code for hold in plan.holds} == {"pending"}
    assert len(plan.holds) == len(numbers) == 6
    for title, number in numbers.items():
        (line,) = (line for line in on_branch if title in line)
        assert line.startswith(f"- [ ] {title} ([#{number}](")
    assert not any("](" in line for line in harbour.lines())

    harbour.request.merge()
    harbour.sync()
    assert harbour.settled().holds == ()
    assert harbour.lines() == on_branch


def test_declined_links_are_not_asked_for_again(harbour: Harbour) -> None:
    """A request that is closed unmerged is an answer, and the lines stay without links."""
    harbour.sync()
    harbour.request.close()
    harbour.sync()

    assert {hold.code for hold in harbour.settled().holds} == {"declined"}
    assert not any("](" in line for line in harbour.lines())
