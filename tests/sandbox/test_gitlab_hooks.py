"""GitLab's webhooks: tokens, signatures, idempotency keys, and hooks that are switched off."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox

from .conftest import gitlab_client
from .receiver import Receiver, receiver

KEY = b"k" * 32
SIGNING_TOKEN = "whsec_" + base64.b64encode(KEY).decode()


@pytest.fixture
def inbox() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def hook(lab: httpx.Client, url: str, **values: Any) -> int:
    answer = lab.post("/hooks", json={"url": url, **values})
    assert 201 == answer.status_code, answer.text
    key: int = answer.json()["id"]
    return key


def test_events_carry_token_signature_and_idempotency_key(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client, inbox: Receiver
) -> None:
    """All of what a receiver can check, over the raw body."""
    hook(
        lab,
        inbox.url,
        token="s3cret",
        signing_token=SIGNING_TOKEN,
        issues_events=True,
        milestone_events=True,
        note_events=True,
        merge_requests_events=True,
    )
    issue = project.open_issue("ä", by="alice")
    issue.retitle("new", by="alice")
    issue.comment("hi")
    issue.close()
    project.create_milestone("MVP").close()
    project.create_branch("side")
    project.commit({"x.md": b"1"}, branch="side", by="bob")
    project.open_pull("side")
    assert forge.settle()

    assert [
        "Issue Hook",
        "Issue Hook",
        "Note Hook",
        "Issue Hook",
        "Milestone Hook",
        "Milestone Hook",
        "Push Hook",
        "Push Hook",
        "Merge Request Hook",
    ] == [entry.headers["x-gitlab-event"] for entry in inbox.received]
    for entry in inbox.received:
        headers = entry.headers
        assert ("s3cret", headers["idempotency-key"]) == (headers["x-gitlab-token"], headers["webhook-id"])
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + entry.body
        expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        assert f"v1,{expected}" == headers["webhook-signature"]
    opened, edited, _, closed = (entry.json for entry in inbox.received[:4])
    assert ("open", "alice", 1) == (
        opened["object_attributes"]["action"],
        opened["user"]["username"],
        opened["object_attributes"]["iid"],
    )
    assert {"title": {"previous": "ä", "current": "new"}} == edited["changes"]
    assert "close" == closed["object_attributes"]["action"]
    pushed = inbox.received[7].json
    assert ("refs/heads/side", 1, "bob") == (
        pushed["ref"],
        pushed["total_commits_count"],
        pushed["user_username"],
    )


def test_a_push_lists_twenty_commits_and_counts_all(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client, inbox: Receiver
) -> None:
    """What is not listed has to be read."""
    project.create_branch("side")
    for number in range(25):
        project.commit({"x.md": str(number).encode()}, branch="side")
    target = project.head("side")
    hook(lab, inbox.url)
    project.force_push("main", target)
    forge.settle()
    [entry] = inbox.received
    assert (25, 20) == (entry.json["total_commits_count"], len(entry.json["commits"]))


def test_a_failing_hook_is_paused_then_ended_and_forgiven_by_success(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client, inbox: Receiver
) -> None:
    """Four failures in a row pause it for a minute, more for longer; one success resets everything."""
    key = hook(lab, inbox.url, issues_events=True)
    inbox.status = 500
    for title in "abc":
        project.open_issue(title)
    forge.settle()
    assert "executable" == lab.get(f"/hooks/{key}").json()["alert_status"]
    project.open_issue("d")
    forge.settle()
    paused = lab.get(f"/hooks/{key}").json()
    assert "temporarily_disabled" == paused["alert_status"]
    assert paused["disabled_until"] is not None
    project.open_issue("unheard")
    forge.settle()
    assert 4 == len(inbox.received)
    forge.clock.advance(61)
    inbox.status = 200
    project.open_issue("heard")
    forge.settle()
    assert (5, "executable") == (len(inbox.received), lab.get(f"/hooks/{key}").json()["alert_status"])
    inbox.status = 404
    for number in range(40):
        forge.clock.advance(90_000)
        project.open_issue(f"{number}")
        forge.settle()
    assert "disabled" == lab.get(f"/hooks/{key}").json()["alert_status"]


def test_deliveries_are_listed_and_sent_again_under_the_same_key(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client, inbox: Receiver
) -> None:
    """The idempotency key stays, so that a receiver can tell."""
    key = hook(lab, inbox.url, issues_events=True)
    project.open_issue("a")
    forge.settle()
    [event] = lab.get(f"/hooks/{key}/events").json()
    assert ("200", "issue_hooks") == (event["response_status"], event["trigger"])
    assert 201 == lab.post(f"/hooks/{key}/events/{event['id']}/resend").status_code
    assert 404 == lab.post(f"/hooks/{key}/events/1/resend").status_code
    forge.settle()
    assert 1 == len({entry.headers["idempotency-key"] for entry in inbox.received})
    assert 2 == len(inbox.received)


def test_hooks_can_be_changed_tested_and_removed(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client, inbox: Receiver
) -> None:
    """Secrets are never shown, only that they are there; rights are needed."""
    key = hook(lab, inbox.url, push_events=False, issues_events=True, token="s", signing_token=SIGNING_TOKEN)
    shown = lab.get(f"/hooks/{key}").json()
    assert (True, True, False, True) == (
        shown["token_present"],
        shown["signing_token_present"],
        shown["push_events"],
        shown["issues_events"],
    )
    assert not {"token", "signing_token"} & shown.keys()
    assert [key] == [entry["id"] for entry in lab.get("/hooks").json()]
    project.open_issue("a")
    assert 201 == lab.post(f"/hooks/{key}/test/issues_events").status_code
    assert 201 == lab.post(f"/hooks/{key}/test/push_events").status_code
    assert 422 == lab.post(f"/hooks/{key}/test/wiki_page_events").status_code
    forge.settle()
    assert 3 == len(inbox.received)
    changed = lab.put(f"/hooks/{key}", json={"issues_events": False, "token": "", "name": "n"}).json()
    assert (False, False, "n") == (changed["issues_events"], changed["token_present"], changed["name"])
    assert 422 == lab.put(f"/hooks/{key}", json={"url": "nowhere"}).status_code
    assert 400 == lab.put(f"/hooks/{key}", json={"signing_token": "whsec_short"}).status_code
    assert {"error": "url is missing"} == lab.post("/hooks", json={}).json()
    assert 204 == lab.delete(f"/hooks/{key}").status_code
    assert 404 == lab.get(f"/hooks/{key}").status_code
    with gitlab_client(forge, forge.gitlab.token("dev", role="developer")) as client:
        assert 403 == client.get(f"/projects/{project.id}/hooks").status_code


def test_confidential_issues_have_a_flag_of_their_own(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client, inbox: Receiver
) -> None:
    """A hook for issues does not hear of confidential ones."""
    hook(lab, inbox.url, push_events=False, issues_events=True)
    lab.post("/issues", json={"title": "secret", "confidential": True})
    lab.post("/issues", json={"title": "open"})
    forge.settle()
    assert ["open"] == [entry.json["object_attributes"]["title"] for entry in inbox.received]
