"""The admin API: another process seeds, acts, inspects and breaks things over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from syncer.sandbox import Sandbox


@pytest.fixture
def admin(forge: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{forge.url}/_sandbox") as client:
        yield client


def seed(admin: httpx.Client, kind: str = "github") -> dict[str, Any]:
    values = {"forge": kind, "path": "acme/rune", "files": {"TODO.md": "- [ ] a\n"}, "by": "alice"}
    made = admin.post("/repositories", json=values)
    assert 201 == made.status_code
    shown: dict[str, Any] = made.json()
    return shown


def act(admin: httpx.Client, deed: str, kind: str = "github", /, **values: Any) -> Any:
    chosen: dict[str, Any] = {key: values.pop(key) for key in ("issue", "pull", "milestone") if key in values}
    body = {"forge": kind, "repository": "acme/rune", "act": deed, "with": values, **chosen}
    answer = admin.post("/act", json=body)
    assert 200 == answer.status_code, answer.text
    return answer.json()


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_a_whole_story_over_the_wire(forge: Sandbox, admin: httpx.Client, kind: str) -> None:
    """Seeding, people at work, and looking at the result, on either forge."""
    assert ["TODO.md"] == seed(admin, kind)["files"]
    assert 1 == act(admin, "create_milestone", kind, title="MVP", due="2026-03-06")["number"]
    assert 1 == act(admin, "open_issue", kind, title="a", labels=["bug"], by="bob")["number"]
    assert "new" == act(admin, "retitle", kind, issue=1, title="new", by="bob")["title"]
    act(admin, "label", kind, issue=1, names=["x", "y"])
    act(admin, "unlabel", kind, issue=1, names=["bug"])
    act(admin, "comment", kind, issue=1, body="hi")
    act(admin, "assign", kind, issue=1, logins=["bob"])
    closed = act(admin, "close", kind, issue=1, by="alice", reason="not_planned")
    assert ("closed", ["x", "y"], ["bob"], ["hi"]) == (
        closed["state"],
        closed["labels"],
        closed["assignees"],
        closed["comments"],
    )
    assert "closed" == act(admin, "close", kind, milestone=1)["state"]
    assert "2026-04-01" == act(admin, "set_due", kind, milestone=1, due="2026-04-01")["due"]
    act(admin, "create_branch", kind, name="side")
    files = {"TODO.md": "- [x] a\n", "bin": {"base64": "AP8="}}
    sha = act(admin, "commit", kind, files=files, branch="side", message="tick", by="bob")["sha"]
    number = 1 if kind == "gitlab" else 2
    assert number == act(admin, "open_pull", kind, head="side")["number"]
    assert act(admin, "merge", kind, pull=number, by="alice")["merged"]
    shown = admin.get(f"/repositories/{kind}/acme/rune").json()
    assert (["TODO.md", "bin"], sha) == (shown["files"], shown["branches"]["side"])
    data = admin.get(f"/files/{kind}/acme/rune", params={"path": "bin"})
    assert b"\x00\xff" == data.content
    act(admin, "delete", kind, issue=1)
    assert [] == admin.get(f"/repositories/{kind}/acme/rune").json()["issues"]


def test_the_administrator_sets_rules_over_the_wire(forge: Sandbox, admin: httpx.Client) -> None:
    """Protection, rulesets, roles, archive, renaming and transfer."""
    seed(admin)
    act(admin, "protect")
    act(admin, "unprotect")
    act(admin, "ruleset", rules=["pull_request"], include=["main"])
    act(admin, "invite", login="carol", role="triage")
    act(admin, "enable_issues", enabled=True)
    act(admin, "open_issue", title="moves")
    forge.github.repository("acme/other")
    assert 1 == act(admin, "transfer", issue=1, target="acme/other")["number"]
    assert "acme/new" == act(admin, "rename", path="acme/new")["path"]
    act(admin, "archive")
    home = forge.github.find("acme/new").model
    assert (True, 1, "TRIAGE") == (home.archived, len(home.rulesets), home.members["carol"].name)


def test_credentials_over_the_wire(forge: Sandbox, admin: httpx.Client) -> None:
    """A token is made, works, and is revoked."""
    seed(admin)
    assert "bob" == admin.post("/users", json={"forge": "github", "login": "bob"}).json()["login"]
    values = {"forge": "github", "login": "bot", "role": "write", "scopes": ["repo"]}
    token = admin.post("/tokens", json=values).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert 200 == httpx.get(f"{forge.url}/user", headers=headers).status_code
    assert 204 == admin.post("/revoke", json={"forge": "github", "token": token}).status_code
    assert 401 == httpx.get(f"{forge.url}/user", headers=headers).status_code


def test_clock_faults_limits_lag_and_settings_over_the_wire(forge: Sandbox, admin: httpx.Client) -> None:
    """Everything that a test can switch can be switched from outside."""
    seed(admin)
    place = f"{forge.url}/repos/acme/rune"
    assert (
        "2026-03-06T12:00:00+00:00"
        == (admin.post("/clock", json={"freeze": "2026-03-06T12:00:00Z"}).json()["now"])
    )
    assert "2026-03-06T13:00:00+00:00" == admin.post("/clock", json={"advance": 3600}).json()["now"]
    assert admin.get("/clock").json() == admin.post("/clock", json={"freeze": True}).json()
    admin.post("/clock", json={"resume": True})

    key = admin.post("/faults", json={"do": "not_found", "path": "/rune"}).json()["id"]
    assert ["not_found"] == [entry["do"] for entry in admin.get("/faults").json()]
    assert 404 == httpx.get(place).status_code
    admin.post("/faults", json={"do": "not_found"})
    admin.delete("/faults", params={"id": key})
    admin.delete("/faults")
    assert 200 == httpx.get(place).status_code

    assert 80 == admin.post("/limits", json={"real": True}).json()["creations_per_minute"]
    assert 1 == admin.post("/limits", json={"anonymous_per_hour": 1}).json()["anonymous_per_hour"]
    assert 403 == httpx.get(place).status_code
    admin.post("/limits", json={})
    assert 5 == admin.post("/lag", json={"forge": "gitlab", "new": 5}).json()["new"]
    assert 5 == forge.gitlab.lag.new
    changed = admin.post("/settings", json={"forge": "github", "missing_features": ["sub_issues"]}).json()
    assert ["sub_issues"] == changed["missing_features"]


def test_counts_requests_mentions_and_deliveries_over_the_wire(forge: Sandbox, admin: httpx.Client) -> None:
    """What happened can be read, and the admin API itself is never counted."""
    seed(admin)
    act(admin, "open_issue", title="for @carol")
    httpx.get(f"{forge.url}/repos/acme/rune")
    httpx.get(f"{forge.url}/repos/acme/none")
    assert (2, 2) == (admin.get("/counts").json()["reads"], admin.get("/counts").json()["total"])
    log = admin.get("/requests", params={"since": "1"}).json()
    assert [("/repos/acme/none", 404)] == [(entry["target"], entry["status"]) for entry in log]
    assert [{"login": "carol", "place": "acme/rune#1"}] == admin.get("/mentions").json()
    assert {"settled": True} == admin.post("/settle").json()
    assert [] == admin.get("/deliveries").json()
    assert 204 == admin.delete("/counts").status_code
    assert 0 == admin.get("/").json()["counts"]["reads"]
    assert ["acme/rune"] == admin.get("/").json()["github"]["repositories"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/act", {"forge": "github", "repository": "acme/rune", "act": "explode"}),
        ("/act", {"forge": "github", "repository": "acme/none", "act": "commit"}),
        ("/act", {"forge": "github", "repository": "acme/rune", "act": "close", "issue": 7}),
        ("/act", {"forge": "bitbucket", "repository": "acme/rune", "act": "commit"}),
        ("/faults", {"do": "explode"}),
        ("/lag", {"forge": "github", "speed": 1}),
        ("/users", []),
    ],
)
def test_nonsense_is_refused_with_a_reason(admin: httpx.Client, path: str, body: Any) -> None:
    """400 says what was wrong."""
    seed(admin)
    answer = admin.post(path, json=body)
    assert 400 == answer.status_code
    assert answer.json()["message"]


def test_unknown_operations_are_404(admin: httpx.Client) -> None:
    """The answer says where the operations are documented."""
    assert "syncer.sandbox.control" == admin.get("/nothing").json()["see"]
