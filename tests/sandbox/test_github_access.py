"""Credentials, roles, Apps and addresses on GitHub: who may see and do what."""

from __future__ import annotations

import base64
from datetime import timedelta

import httpx
import jwt
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox

from .conftest import FILES, github_client


def test_bad_credentials_are_401(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Unknown, revoked and expired tokens are all refused in the same words."""
    gone, short = forge.github.token("bot"), forge.github.token("bot", expires_in=60)
    forge.github.revoke(gone)
    with github_client(forge, short) as client:
        answer = client.get("/user")
        assert 200 == answer.status_code
        assert answer.headers["github-authentication-token-expiration"].endswith(" UTC")
    forge.clock.advance(61)
    for token in ("ghp_unknown", gone, short):
        with github_client(forge, token) as client:
            answer = client.get("/repos/acme/rune")
        assert (401, "Bad credentials") == (answer.status_code, answer.json()["message"])


def test_tokens_are_taken_in_any_of_the_usual_ways(forge: Sandbox) -> None:
    """``Bearer``, ``token`` and basic authentication carry the same token."""
    token = forge.github.token("bot")
    basic = base64.b64encode(f"bot:{token}".encode()).decode()
    for header in (f"Bearer {token}", f"token {token}", f"Basic {basic}"):
        answer = httpx.get(f"{forge.url}/user", headers={"Authorization": header})
        assert "bot" == answer.json()["login"]


def test_without_a_credential_public_things_can_be_read(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Reading what is public needs nobody, writing 401, and private things do not exist."""
    forge.github.repository("acme/secret", private=True)
    with github_client(forge) as client:
        assert 200 == client.get("/repos/acme/rune").status_code
        answer = client.post("/repos/acme/rune/issues", json={"title": "x"})
        assert (401, "Requires authentication") == (answer.status_code, answer.json()["message"])
        assert 401 == client.get("/user").status_code
        assert 404 == client.get("/repos/acme/secret").status_code
        assert 404 == client.post("/repos/acme/secret/issues", json={"title": "x"}).status_code


def test_an_open_door_lets_unknown_tokens_in_with_all_rights(open_forge: Sandbox) -> None:
    """A stranger with any token seeds the sandbox over the wire, as one would seed the real forge."""
    with github_client(open_forge, "ghp_Hello-World") as client:
        assert f"{open_forge.url}/user" == client.get("/").json()["current_user_url"]
        assert "hello-world" == client.get("/user").json()["login"]
        made = client.post("/orgs/acme/repos", json={"name": "rune", "auto_init": True})
        assert (201, "acme/rune") == (made.status_code, made.json()["full_name"])
        text = base64.b64encode(b"- [ ] a\n").decode()
        written = client.put("/repos/acme/rune/contents/TODO.md", json={"message": "m", "content": text})
        assert 201 == written.status_code
        assert b"- [ ] a\n" == open_forge.github.find("acme/rune").file("TODO.md")
        assert 201 == client.post("/user/repos", json={"name": "own", "private": True}).status_code
        assert ["acme/rune", "hello-world/own"] == [r["full_name"] for r in client.get("/user/repos").json()]
        assert 422 == client.post("/user/repos", json={"name": "own"}).status_code


def test_roles_show_in_the_repository(forge: Sandbox, repo: RepositoryHandle) -> None:
    """The permissions of the asker come with the repository, and can be asked for by name."""
    expected = {
        "read": ("read", [False, False, False, False, True]),
        "triage": ("read", [False, False, False, True, True]),
        "write": ("write", [False, False, True, True, True]),
        "maintain": ("write", [False, True, True, True, True]),
        "admin": ("admin", [True, True, True, True, True]),
    }
    admin = forge.github.token("boss", role="admin")
    for role, (word, flags) in expected.items():
        token = forge.github.token(f"{role}-er", role=role)
        with github_client(forge, token) as client:
            shown = client.get("/repos/acme/rune").json()["permissions"]
        assert flags == [shown[name] for name in ("admin", "maintain", "push", "triage", "pull")]
        with github_client(forge, admin) as client:
            asked = client.get(f"/repos/acme/rune/collaborators/{role}-er/permission").json()
        assert (word, role) == (asked["permission"], asked["role_name"])


def test_collaborators(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """People come and go, each with a role of their own."""
    forge.github.user("alice")
    assert 404 == hub.get("/collaborators/alice").status_code
    assert 204 == hub.put("/collaborators/alice", json={"permission": "triage"}).status_code
    assert 204 == hub.get("/collaborators/alice").status_code
    found = {user["login"]: user["role_name"] for user in hub.get("/collaborators").json()}
    assert {"alice": "triage", "maintainer": "admin", "syncer-bot": "admin"} == found
    assert 204 == hub.delete("/collaborators/alice").status_code
    assert 404 == hub.get("/collaborators/alice").status_code
    assert 404 == hub.get("/collaborators/nobody/permission").status_code


def test_a_role_in_one_repository_can_be_smaller_than_elsewhere(
    forge: Sandbox, repo: RepositoryHandle
) -> None:
    """What the repository says about somebody wins."""
    token = forge.github.token("bot", role="admin")
    forge.github.invite(repo, "bot", "read")
    with github_client(forge, token) as client:
        assert not client.get("/repos/acme/rune").json()["permissions"]["push"]


@pytest.mark.parametrize(
    ("scopes", "private", "read", "write"),
    [
        (["repo"], True, 200, 201),
        (["public_repo"], True, 404, 404),
        (["public_repo"], False, 200, 201),
        ([], False, 200, 404),
        ([], True, 404, 404),
    ],
)
def test_scopes_of_classic_tokens(
    forge: Sandbox, scopes: list[str], private: bool, read: int, write: int
) -> None:
    """Too small a scope hides what it does not cover."""
    forge.github.repository("acme/thing", private=private)
    token = forge.github.token("bot", scopes=scopes)
    with github_client(forge, token) as client:
        answer = client.get("/repos/acme/thing")
        assert ", ".join(scopes) == answer.headers["x-oauth-scopes"]
        assert read == answer.status_code
        assert write == client.post("/repos/acme/thing/issues", json={"title": "x"}).status_code


def test_fine_grained_tokens_say_what_was_missing(forge: Sandbox, repo: RepositoryHandle) -> None:
    """A missing permission is a 403 with the header that names it."""
    token = forge.github.token("bot", permissions={"issues": "write", "contents": "read"})
    with github_client(forge, token, "/repos/acme/rune") as client:
        assert 201 == client.post("/issues", json={"title": "x"}).status_code
        answer = client.post("/git/blobs", json={"content": "x"})
        assert (403, "Resource not accessible by personal access token") == (
            answer.status_code,
            answer.json()["message"],
        )
        assert "contents=write" == answer.headers["x-accepted-github-permissions"]
        assert "x-oauth-scopes" not in answer.headers
        assert 403 == client.post("/hooks", json={"config": {"url": "http://x.test"}}).status_code


def test_fine_grained_tokens_reach_their_repositories_only(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Another private repository does not exist, another public one can be read but not changed."""
    hidden = forge.github.repository("acme/hidden", private=True)
    open_one = forge.github.repository("acme/open")
    token = forge.github.token("bot", permissions={"issues": "write"}, repositories=[repo])
    with github_client(forge, token) as client:
        assert 404 == client.get(f"/repos/{hidden.full_name}").status_code
        assert 200 == client.get(f"/repos/{open_one.full_name}").status_code
        assert 403 == client.post(f"/repos/{open_one.full_name}/issues", json={"title": "x"}).status_code
        assert 201 == client.post(f"/repos/{repo.full_name}/issues", json={"title": "x"}).status_code


def app_token(forge: Sandbox, key: int, private: str, **changes: int) -> str:
    now = int(forge.clock.now().timestamp())
    claims = {"iat": now - 60, "exp": now + 300, "iss": str(key), **changes}
    return jwt.encode(claims, private, algorithm="RS256")


@pytest.mark.parametrize("stateless", [False, True])
def test_an_app_gets_a_token_for_an_hour(forge: Sandbox, repo: RepositoryHandle, stateless: bool) -> None:
    """A signed web token finds the installation and mints a token, of any length, that acts as the bot."""
    app = forge.github.app(
        "syncer-app", permissions={"issues": "write"}, accounts=["acme"], stateless_tokens=stateless
    )
    with github_client(forge, app_token(forge, app.id, app.private_key)) as client:
        assert "syncer-app" == client.get("/app").json()["slug"]
        where = client.get("/repos/acme/rune/installation").json()["id"]
        assert [where] == [entry["id"] for entry in client.get("/app/installations").json()]
        assert where == client.get(f"/app/installations/{where}").json()["id"]
        minted = client.post(f"/app/installations/{where}/access_tokens")
    token = minted.json()["token"]
    assert (201, stateless) == (minted.status_code, len(token) > 100)

    with github_client(forge, token) as client:
        made = client.post("/repos/acme/rune/issues", json={"title": "x"})
        assert ("syncer-app[bot]", "Bot") == (made.json()["user"]["login"], made.json()["user"]["type"])
        blob = client.post("/repos/acme/rune/git/blobs", json={"content": "x"})
        assert "Resource not accessible by integration" == blob.json()["message"]
        assert 403 == client.get("/user").status_code
        found = client.get("/installation/repositories").json()
        assert ["acme/rune"] == [entry["full_name"] for entry in found["repositories"]]
        forge.clock.advance(3601)
        assert 401 == client.get("/repos/acme/rune").status_code


def test_app_tokens_can_be_narrowed_and_given_back(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Fewer permissions and repositories are possible, more are not."""
    forge.github.repository("acme/other", private=True)
    app = forge.github.app(
        "syncer-app", permissions={"issues": "write", "contents": "read"}, accounts=["acme"]
    )
    [where] = app.installations
    with github_client(forge, app_token(forge, app.id, app.private_key)) as client:
        place = f"/app/installations/{where}/access_tokens"
        more = client.post(place, json={"permissions": {"contents": "write"}})
        assert 422 == more.status_code
        narrow = client.post(place, json={"permissions": {"issues": "read"}, "repositories": ["rune"]})
        assert ["acme/rune"] == [entry["full_name"] for entry in narrow.json()["repositories"]]
        assert 404 == client.get("/repos/acme/missing/installation").status_code
        assert 404 == client.post("/app/installations/1/access_tokens").status_code
    with github_client(forge, narrow.json()["token"]) as client:
        assert 404 == client.get("/repos/acme/other").status_code
        assert 403 == client.post("/repos/acme/rune/issues", json={"title": "x"}).status_code
        assert 204 == client.delete("/installation/token").status_code
        assert 401 == client.get("/repos/acme/rune").status_code


def test_web_tokens_of_apps_are_checked(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Too long, expired, from the future, or signed with another key: all are refused."""
    app = forge.github.app("one", permissions={})
    other = forge.github.app("two", permissions={})
    now = int(forge.clock.now().timestamp())
    ten_minutes = int(timedelta(minutes=10).total_seconds())
    tokens = [
        app_token(forge, app.id, app.private_key, exp=now + ten_minutes + 60),
        app_token(forge, app.id, app.private_key, exp=now - 1),
        app_token(forge, app.id, app.private_key, iat=now + 120),
        app_token(forge, app.id, other.private_key),
        app_token(forge, 1, app.private_key),
    ]
    for token in tokens:
        with github_client(forge, token) as client:
            assert 401 == client.get("/app").status_code
    with github_client(forge, forge.github.token("bot")) as client:
        assert 401 == client.get("/app").status_code


def test_a_renamed_repository_redirects(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """GET is 301 and everything else 307, to the address by id, with the query string kept."""
    repo.open_issue("a")
    forge.github.rename(repo, "acme/new")
    answer = hub.get("/issues", params={"state": "all"})
    place = f"{forge.url}/repositories/{repo.id}/issues?state=all"
    assert (301, place) == (answer.status_code, answer.headers["location"])
    assert place == answer.json()["url"]
    followed = hub.get(answer.headers["location"])
    assert (200, "acme/new") == (
        followed.status_code,
        followed.json()[0]["repository_url"].partition("/repos/")[2],
    )
    posted = hub.post("/issues", json={"title": "x"})
    assert (307, f"{forge.url}/repositories/{repo.id}/issues") == (
        posted.status_code,
        posted.headers["location"],
    )
    taken = forge.github.repository("acme/rune", files=dict(FILES))
    assert taken.id == httpx.get(f"{forge.url}/repos/acme/rune").json()["id"]


def test_a_transferred_issue_redirects_and_a_deleted_one_is_gone(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """301 to the new place for whoever may read it, else 404; 410 for what was deleted."""
    target = forge.github.repository("acme/target")
    hidden = forge.github.repository("acme/hidden", private=True)
    moved = repo.open_issue("moves").transfer(target)
    repo.open_issue("hides").transfer(hidden)
    repo.open_issue("dies").delete()

    answer = hub.get("/issues/1")
    assert (301, f"{forge.url}/repositories/{target.id}/issues/{moved.number}") == (
        answer.status_code,
        answer.headers["location"],
    )
    assert 301 == hub.patch("/issues/1", json={"title": "x"}).status_code
    assert (410, "This issue was deleted") == (
        hub.get("/issues/3").status_code,
        hub.get("/issues/3").json()["message"],
    )
    assert [] == hub.get("/issues", params={"state": "all"}).json()
    with github_client(forge, "", "/repos/acme/rune") as stranger:
        assert 404 == stranger.get("/issues/2").status_code
        assert 404 == stranger.get("/issues/99").status_code


def test_a_repository_can_be_changed_and_handed_over(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Description, issues, archive, name and owner change over the wire, and deleting ends it."""
    token = forge.github.token("boss", role="admin")
    with github_client(forge, token) as client:
        values = {"description": "d", "has_issues": False, "archived": True}
        changed = client.patch("/repos/acme/rune", json=values).json()
        assert ("d", False, True) == (changed["description"], changed["has_issues"], changed["archived"])
        assert 403 == client.patch("/repos/acme/rune", json={"description": "x"}).status_code
        assert not client.patch("/repos/acme/rune", json={"archived": False}).json()["archived"]
        assert 422 == client.patch("/repos/acme/rune", json={"default_branch": "nope"}).status_code
        assert "acme/new" == client.patch("/repos/acme/rune", json={"name": "new"}).json()["full_name"]
        moved = client.post("/repos/acme/new/transfer", json={"new_owner": "umbrella"})
        assert (202, "umbrella/new") == (moved.status_code, moved.json()["full_name"])
        assert ["umbrella/new"] == [r["full_name"] for r in client.get("/orgs/umbrella/repos").json()]
        assert 204 == client.delete("/repos/umbrella/new").status_code
        assert 404 == client.get("/repos/umbrella/new").status_code


def test_people_and_host_can_be_looked_up(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Users, organizations, versions, the host and what is left."""
    token = forge.github.token("bot")
    with github_client(forge, token) as client:
        assert "bot" == client.get("/users/bot").json()["login"]
        assert 404 == client.get("/users/nobody").status_code
        assert "acme" == client.get("/orgs/acme").json()["login"]
        assert [] == client.get("/users/bot/repos").json()
        assert ["2022-11-28", "2026-03-10"] == client.get("/versions").json()
        assert 200 == client.get("/meta").status_code
        limit = client.get("/rate_limit")
        assert limit.json()["rate"] == limit.json()["resources"]["core"]
        newer = client.get("/rate_limit", headers={"X-GitHub-Api-Version": "2026-03-10"})
        assert "rate" not in newer.json()
        assert 404 == client.get("/nothing/here").status_code


def test_versions_of_the_api_are_checked(forge: Sandbox) -> None:
    """A version that never was is a 400, a retired one a 410."""
    for version, status in (
        ("2022-11-28", 200),
        ("2026-03-10", 200),
        ("1999-01-01", 400),
        ("2021-01-01", 410),
    ):
        answer = httpx.get(f"{forge.url}/versions", headers={"X-GitHub-Api-Version": version})
        assert status == answer.status_code
