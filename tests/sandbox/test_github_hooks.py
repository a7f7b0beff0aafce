"""GitHub's webhooks: really delivered, signed, listed, and delivered again under the same id."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox

from .conftest import github_client
from .receiver import Receiver, receiver


@pytest.fixture
def inbox() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def hook(hub: httpx.Client, url: str, *events: str, **config: str) -> int:
    values = {"config": {"url": url, "content_type": "json", **config}, "events": list(events)}
    answer = hub.post("/hooks", json=values)
    assert 201 == answer.status_code
    key: int = answer.json()["id"]
    return key


def test_events_arrive_signed_and_in_order(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client, inbox: Receiver
) -> None:
    """A new hook is pinged, then hears of what it asked for, each request signed over its raw bytes."""
    hook(hub, inbox.url, "issues", "milestone", "push", "label", "issue_comment", secret="s3cret")
    milestone = repo.create_milestone("MVP")
    issue = repo.open_issue("häuser", by="alice")
    issue.retitle("new", by="alice")
    issue.set_milestone(milestone)
    issue.label("bug")
    issue.comment("hi")
    issue.close(reason="not_planned")
    milestone.close()
    repo.label("fresh")
    repo.commit({"TODO.md": b"x\n"}, by="alice", message="push it")
    assert forge.settle()

    assert [
        "ping",
        "milestone.created",
        "issues.opened",
        "issues.edited",
        "issues.milestoned",
        "issues.labeled",
        "issue_comment.created",
        "issues.closed",
        "milestone.closed",
        "label.created",
        "push",
    ] == inbox.events()
    for entry in inbox.received:
        expected = hmac.new(b"s3cret", entry.body, hashlib.sha256).hexdigest()
        assert f"sha256={expected}" == entry.headers["x-hub-signature-256"]
    opened, edited, pushed = inbox.received[2].json, inbox.received[3].json, inbox.received[-1].json
    assert ("häuser", "alice") == (opened["issue"]["title"], opened["sender"]["login"])
    assert {"title": {"from": "häuser"}} == edited["changes"]
    assert ("refs/heads/main", ["TODO.md"]) == (pushed["ref"], pushed["commits"][0]["modified"])
    assert repo.head() == pushed["after"] == pushed["head_commit"]["id"]
    assert "acme/rune" == pushed["repository"]["full_name"]


def test_our_own_changes_are_told_too(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client, inbox: Receiver
) -> None:
    """What the bot does over the API causes events like anybody's."""
    hook(hub, inbox.url, "*")
    repo.open_issue("a")
    repo.open_issue("b")
    hub.patch("/issues/1", json={"state": "closed"})
    hub.post("/issues/1/sub_issues", json={"sub_issue_id": repo.issue(2).id})
    repo.create_branch("side")
    repo.commit({"x.md": b"1"}, branch="side")
    repo.open_pull("side")
    forge.github.rename(repo, "acme/new")
    repo.issue(2).transfer(forge.github.repository("acme/other"))
    assert forge.settle()

    events = inbox.events()
    assert "syncer-bot" == inbox.received[3].json["sender"]["login"]
    expected = {
        "issues.closed",
        "sub_issues.sub_issue_added",
        "sub_issues.parent_issue_added",
        "pull_request.opened",
        "repository.renamed",
        "issues.transferred",
    }
    assert expected <= set(events)
    renamed = next(e.json for e in inbox.received if e.headers["x-github-event"] == "repository")
    assert {"repository": {"name": {"from": "rune"}}} == renamed["changes"]


def test_failed_deliveries_are_listed_and_delivered_again(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client, inbox: Receiver
) -> None:
    """Nothing is retried by itself; a redelivery has the same delivery id."""
    key = hook(hub, inbox.url, "issues")
    forge.settle()
    inbox.status = 500
    repo.open_issue("a")
    forge.settle()
    failed = hub.get(f"/hooks/{key}/deliveries", params={"status": "failure"}).json()
    assert [("issues", 500)] == [(entry["event"], entry["status_code"]) for entry in failed]

    inbox.status = 200
    place = f"/hooks/{key}/deliveries/{failed[0]['id']}"
    assert "opened" == hub.get(place).json()["request"]["payload"]["action"]
    assert 202 == hub.post(f"{place}/attempts").status_code
    forge.settle()
    latest = hub.get(f"/hooks/{key}/deliveries").json()
    assert [("issues", True), ("issues", False), ("ping", False)] == [
        (entry["event"], entry["redelivery"]) for entry in latest
    ]
    guids = {entry.headers["x-github-delivery"] for entry in inbox.received[1:]}
    assert {failed[0]["guid"]} == guids
    forge.clock.advance(3 * 86_400 + 60)
    assert [] == hub.get(f"/hooks/{key}/deliveries").json()


def test_deliveries_are_paged_by_cursor(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client, inbox: Receiver
) -> None:
    """The next link carries the cursor; an invented one is refused."""
    key = hook(hub, inbox.url, "issues")
    for title in "abc":
        repo.open_issue(title)
    forge.settle()
    seen: list[str] = []
    url = f"/hooks/{key}/deliveries?per_page=3"
    while url:
        answer = hub.get(url)
        seen += [entry["guid"] for entry in answer.json()]
        url = answer.links.get("next", {}).get("url", "")
    assert (4, 4) == (len(seen), len(set(seen)))
    assert 400 == hub.get(f"/hooks/{key}/deliveries", params={"cursor": "x"}).status_code


def test_hooks_can_be_changed_pinged_tested_and_removed(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client, inbox: Receiver
) -> None:
    """The secret is never shown, and an inactive hook hears nothing."""
    key = hook(hub, inbox.url, "push", secret="s3cret")
    shown = hub.get(f"/hooks/{key}").json()
    assert "********" == shown["config"]["secret"]
    assert 1 == len(hub.get("/hooks").json())
    assert 204 == hub.post(f"/hooks/{key}/pings").status_code
    assert 204 == hub.post(f"/hooks/{key}/tests").status_code
    assert hub.get(f"/hooks/{key}/config").json()["url"] == inbox.url
    assert "1" == hub.patch(f"/hooks/{key}/config", json={"insecure_ssl": "1"}).json()["insecure_ssl"]
    changed = hub.patch(f"/hooks/{key}", json={"active": False, "add_events": ["issues"]}).json()
    assert (False, ["issues", "push"]) == (changed["active"], changed["events"])
    forge.settle()
    repo.open_issue("unheard")
    forge.settle()
    assert ["ping", "ping", "push"] == inbox.events()
    assert 204 == hub.delete(f"/hooks/{key}").status_code
    assert 404 == hub.get(f"/hooks/{key}").status_code


def test_bad_hooks_are_refused(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client, inbox: Receiver
) -> None:
    """No address, the same one twice, more than twenty for an event, or too few rights."""
    assert 422 == hub.post("/hooks", json={"config": {"url": "nowhere"}}).status_code
    hook(hub, inbox.url, "issues")
    values: dict[str, Any] = {"config": {"url": inbox.url}, "events": ["issues"]}
    assert (
        "Hook already exists on this repository"
        == (hub.post("/hooks", json=values).json()["errors"][0]["message"])
    )
    for number in range(19):
        hook(hub, f"{inbox.url}/{number}", "issues")
    values["config"] = {"url": f"{inbox.url}/more"}
    refused = hub.post("/hooks", json=values)
    assert 'The "issues" event cannot have more than 20 hooks' == refused.json()["errors"][0]["message"]
    with github_client(forge, forge.github.token("will", role="write"), "/repos/acme/rune") as client:
        assert 404 == client.get("/hooks").status_code


def test_a_hook_can_be_sent_as_a_form(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client, inbox: Receiver
) -> None:
    """The signature covers the form as it was sent."""
    hook(hub, inbox.url, "push", content_type="form", secret="s")
    forge.settle()
    [entry] = inbox.received
    assert "application/x-www-form-urlencoded" == entry.headers["content-type"]
    assert '"zen"' in parse_qs(entry.body.decode())["payload"][0]
    expected = hmac.new(b"s", entry.body, hashlib.sha256).hexdigest()
    assert f"sha256={expected}" == entry.headers["x-hub-signature-256"]


def test_a_receiver_that_is_not_there_is_a_failed_delivery(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """The delivery is listed with status 0 and a reason."""
    key = hook(hub, "http://127.0.0.1:9/", "push")
    assert forge.settle()
    [entry] = hub.get(f"/hooks/{key}/deliveries").json()
    assert 0 == entry["status_code"]
    assert "refused" in entry["status"]
    assert "misconfigured" == hub.get(f"/hooks/{key}").json()["last_response"]["status"]
