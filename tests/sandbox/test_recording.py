"""Every request is counted by kind and logged, and on request written down."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from syncer.sandbox import Counts, Kind, RepositoryHandle, Sandbox

from .conftest import github_client


def test_requests_are_counted_by_kind(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Reads, unchanged reads, writes, creations, queries and mutations are told apart."""
    first = hub.get("/issues")
    hub.get("/issues", headers={"If-None-Match": first.headers["etag"]})
    hub.post("/issues", json={"title": "a"})
    hub.post("/milestones", json={"title": "a"})
    hub.post("/labels", json={"name": "a"})
    hub.patch("/issues/1", json={"title": "b"})
    hub.post("/issues", json={"title": ""})
    hub.post(f"{forge.url}/graphql", json={"query": "{ viewer { login } }"})
    hub.post(f"{forge.url}/graphql", json={"query": "mutation { closeIssue(input: {issueId: 1}) { x } }"})

    expected = Counts(reads=1, not_modified=1, writes=2, creations=3, queries=1, mutations=1, created=2)
    assert expected == forge.count("github")
    assert (9, 6) == (forge.count().total, forge.count().changes)
    assert Counts() == forge.count("gitlab")
    forge.reset_counts()
    assert (Counts(), []) == (forge.count(), forge.requests)


def test_the_log_has_what_a_test_wants_to_know(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """Order, path, template, status, login, body, and the client's process id."""
    hub.post("/issues", json={"title": "a"}, headers={"X-Client-Pid": "4711"})
    hub.get("/issues/7")
    hub.get("/nothing")
    created, missing, unknown = forge.requests
    assert (1, "POST", "/repos/acme/rune/issues", "/repos/{owner}/{repo}/issues") == (
        created.index,
        created.method,
        created.path,
        created.template,
    )
    assert (Kind.CREATION, 201, "syncer-bot", 4711, {"title": "a"}) == (
        created.kind,
        created.status,
        created.login,
        created.pid,
        created.json,
    )
    assert (404, "/repos/{owner}/{repo}/issues/{issue_number}") == (missing.status, missing.template)
    assert (404, "") == (unknown.status, unknown.template)


def test_traffic_is_written_as_lines_of_json(tmp_path: Path) -> None:
    """Each exchange is one line, with request and answer."""
    path = tmp_path / "traffic.jsonl"
    with Sandbox(record_to=path) as forge:
        forge.github.repository("acme/rune")
        token = forge.github.token("bot")
        with github_client(forge, token, "/repos/acme/rune") as client:
            client.post("/issues", json={"title": "a"})
            client.get("/issues", params={"state": "all"})
    created, listed = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert ("POST", "/repos/{owner}/{repo}/issues", {"title": "a"}, 201, 1) == (
        created["method"],
        created["template"],
        created["body"],
        created["status"],
        created["response"]["number"],
    )
    assert ([["state", "all"]], 1) == (listed["query"], len(listed["response"]))
    assert token not in path.read_text(encoding="utf-8")
