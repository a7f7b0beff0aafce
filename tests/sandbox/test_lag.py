"""Replicas that lag: what was just made is not there yet, and lists show the past."""

from __future__ import annotations

import httpx

from syncer.sandbox import RepositoryHandle, Sandbox


def test_what_was_just_created_is_nowhere_to_be_read(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """Neither by number nor in lists, until the replica has caught up."""
    forge.github.lag.new = 10
    forge.clock.freeze()
    assert 201 == hub.post("/issues", json={"title": "a"}).status_code
    assert 201 == hub.post("/milestones", json={"title": "m"}).status_code
    query = {"query": '{ repository(owner: "acme", name: "rune") { issue(number: 1) { title } } }'}
    assert 404 == hub.get("/issues/1").status_code
    assert 404 == hub.get("/milestones/1").status_code
    assert "NOT_FOUND" == hub.post(f"{forge.url}/graphql", json=query).json()["errors"][0]["type"]
    assert ([], []) == (hub.get("/issues").json(), hub.get("/milestones").json())
    assert 200 == hub.patch("/issues/1", json={"title": "b"}).status_code
    forge.clock.advance(10)
    assert ("b", 1) == (hub.get("/issues/1").json()["title"], len(hub.get("/issues").json()))


def test_lists_can_be_behind_while_reads_by_number_are_not(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """A list shows the state of some seconds ago."""
    forge.clock.freeze()
    repo.open_issue("old")
    repo.create_milestone("old")
    forge.clock.advance(60)
    repo.issue(1).retitle("new")
    repo.milestone(1).rename("new")
    forge.github.lag.lists = 30
    assert ("old", "new") == (hub.get("/issues").json()[0]["title"], hub.get("/issues/1").json()["title"])
    assert "old" == hub.get("/milestones").json()[0]["title"]
    forge.clock.advance(31)
    assert "new" == hub.get("/issues").json()[0]["title"]


def test_several_replicas_answer_in_turn(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """The same list is alternately behind and up to date, with different ETags."""
    forge.clock.freeze()
    forge.github.lag.lists, forge.github.lag.alternate = 30, True
    repo.open_issue("a")
    found = [len(hub.get("/issues").json()) for _ in range(4)]
    assert [0, 1, 0, 1] == found


def test_gitlab_can_lag_too(forge: Sandbox, project: RepositoryHandle, lab: httpx.Client) -> None:
    """The same settings, on the other forge."""
    forge.clock.freeze()
    forge.gitlab.lag.new = 10
    assert 201 == lab.post("/issues", json={"title": "a"}).status_code
    assert (404, []) == (lab.get("/issues/1").status_code, lab.get("/issues").json())
    forge.gitlab.lag.new, forge.gitlab.lag.lists = 0, 30
    assert (200, []) == (lab.get("/issues/1").status_code, lab.get("/issues").json())
    forge.clock.advance(31)
    assert 1 == len(lab.get("/issues").json())
