"""Tokens, members and projects on GitLab."""

from __future__ import annotations

import httpx

from syncer.sandbox import RepositoryHandle, Sandbox

from .conftest import gitlab_client


def test_credentials(forge: Sandbox, project: RepositoryHandle) -> None:
    """Three ways to send a token; unknown, expired and revoked ones are 401, small scopes 403."""
    token = forge.gitlab.token("bot")
    place = f"{forge.url}/api/v4/user"
    for headers in ({"PRIVATE-TOKEN": token}, {"Authorization": f"Bearer {token}"}):
        assert "bot" == httpx.get(place, headers=headers).json()["username"]
    assert 200 == httpx.get(place, params={"private_token": token}).status_code
    assert {"message": "401 Unauthorized"} == httpx.get(place).json()
    assert 401 == httpx.get(place, headers={"PRIVATE-TOKEN": "glpat-nope"}).status_code
    short, gone = forge.gitlab.token("bot", expires_in=60), forge.gitlab.token("bot")
    forge.gitlab.revoke(gone)
    forge.clock.advance(61)
    for value, word in ((short, "expired"), (gone, "revoked")):
        answer = httpx.get(place, headers={"PRIVATE-TOKEN": value})
        assert (401, "invalid_token") == (answer.status_code, answer.json()["error"])
        assert word in answer.json()["error_description"]
    reading = forge.gitlab.token("reader", scopes=["read_api"])
    with gitlab_client(forge, reading) as client:
        assert ["read_api"] == client.get("/personal_access_tokens/self").json()["scopes"]
        assert 200 == client.get(f"/projects/{project.id}/issues").status_code
        answer = client.post(f"/projects/{project.id}/issues", json={"title": "x"})
        assert (403, "insufficient_scope") == (answer.status_code, answer.json()["error"])
        assert client.get("/version").json()["version"] == client.get("/metadata").json()["version"]
    with gitlab_client(forge, forge.gitlab.token("files", scopes=["read_repository"])) as client:
        assert 403 == client.get(f"/projects/{project.id}/issues").status_code
        assert 200 == client.get(f"/projects/{project.id}/repository/tree").status_code


def test_private_projects_do_not_exist_for_strangers(forge: Sandbox, project: RepositoryHandle) -> None:
    """404 without membership; public ones can be read by anybody and written by nobody unknown."""
    hidden = forge.gitlab.repository("group/hidden", private=True)
    with gitlab_client(forge) as client:
        answer = client.get(f"/projects/{hidden.id}")
        assert (404, {"message": "404 Project Not Found"}) == (answer.status_code, answer.json())
        assert 200 == client.get(f"/projects/{project.id}/issues").status_code
        assert 401 == client.post(f"/projects/{project.id}/issues", json={"title": "x"}).status_code
    with gitlab_client(forge, forge.gitlab.token("stranger", role="")) as client:
        assert 404 == client.get(f"/projects/{hidden.id}").status_code
        assert 1 == len(client.get("/projects").json())


def test_a_moved_project_redirects_reads_and_refuses_writes(
    forge: Sandbox, project: RepositoryHandle
) -> None:
    """By path a GET is 301 to the address by id, anything else 405; by id nothing changed."""
    forge.gitlab.rename(project, "group/new")
    with gitlab_client(forge, forge.gitlab.token("bot")) as client:
        answer = client.get("/projects/group%2Fsub%2Frune/issues", params={"state": "opened"})
        place = f"{forge.url}/api/v4/projects/{project.id}/issues?state=opened"
        assert (301, place) == (answer.status_code, answer.headers["location"])
        assert 200 == client.get(place).status_code
        refused = client.post("/projects/group%2Fsub%2Frune/issues", json={"title": "x"})
        assert (405, {"message": "Non GET methods are not allowed for moved projects"}) == (
            refused.status_code,
            refused.json(),
        )
        shown = client.get("/projects/group%2Fnew").json()
        assert ("group/new", project.id) == (shown["path_with_namespace"], shown["id"])


def test_projects_are_created_and_changed_over_the_wire(open_forge: Sandbox) -> None:
    """A stranger seeds a project with its groups, with any token where the door is open."""
    with gitlab_client(open_forge, "glpat-Stranger") as client:
        assert "stranger" == client.get("/user").json()["username"]
        made = client.post("/projects", json={"path": "group/sub/rune", "initialize_with_readme": True})
        assert (201, "group/sub/rune", "private") == (
            made.status_code,
            made.json()["path_with_namespace"],
            made.json()["visibility"],
        )
        place = f"/projects/{made.json()['id']}"
        assert 400 == client.post("/projects", json={"path": "group/sub/rune"}).status_code
        assert 400 == client.post("/projects", json={}).status_code
        group = client.get("/groups/group%2Fsub").json()
        second = client.post("/projects", json={"path": "two", "namespace_id": group["id"]})
        assert "group/sub/two" == second.json()["path_with_namespace"]
        own = client.post("/projects", json={"name": "My Own", "visibility": "public"})
        assert ("stranger/my-own", "public") == (
            own.json()["path_with_namespace"],
            own.json()["visibility"],
        )
        changed = client.put(place, json={"description": "d", "issues_access_level": "disabled"}).json()
        assert ("d", "disabled", 50) == (
            changed["description"],
            changed["issues_access_level"],
            changed["permissions"]["project_access"]["access_level"],
        )
        assert "group/sub/new" == client.put(place, json={"path": "new"}).json()["path_with_namespace"]
        assert client.post(f"{place}/archive").json()["archived"]
        assert not client.post(f"{place}/unarchive").json()["archived"]
        client.post("/groups", json={"name": "Other", "path": "other"})
        moved = client.put(f"{place}/transfer", json={"namespace": "other"}).json()
        assert "other/new" == moved["path_with_namespace"]
        assert 202 == client.delete(place).status_code
        assert 404 == client.get(place).status_code


def test_members(forge: Sandbox, project: RepositoryHandle, lab: httpx.Client) -> None:
    """Direct and inherited members with their access levels, and users by name."""
    alice = forge.gitlab.user("alice")
    assert 404 == lab.get(f"/members/all/{alice.id}").status_code
    made = lab.post("/members", json={"user_id": alice.id, "access_level": 20})
    assert (201, 20) == (made.status_code, made.json()["access_level"])
    assert 409 == lab.post("/members", json={"user_id": alice.id, "access_level": 20}).status_code
    assert 400 == lab.post("/members", json={"user_id": alice.id, "access_level": 25}).status_code
    assert 20 == lab.get(f"/members/all/{alice.id}").json()["access_level"]
    levels = {user["username"]: user["access_level"] for user in lab.get("/members/all").json()}
    assert {"maintainer": 50, "alice": 20, "syncer-bot": 50} == levels
    assert {"maintainer", "alice"} == {user["username"] for user in lab.get("/members").json()}
    [found] = lab.get(f"{forge.url}/api/v4/users", params={"username": "Alice"}).json()
    assert alice.id == lab.get(f"{forge.url}/api/v4/users/{found['id']}").json()["id"]
    assert 204 == lab.delete(f"/members/{alice.id}").status_code
    assert 404 == lab.get(f"{forge.url}/api/v4/nothing").status_code
