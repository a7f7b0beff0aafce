"""Files, commits, branches and merge requests on GitLab."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox
from syncer.sandbox.git import SUBMODULE, SYMLINK, Leaf

from .conftest import FILES, gitlab_client

CHANGED = {"message": "The file has changed since you started editing it: TODO.md"}


def commit(lab: httpx.Client, *actions: dict[str, Any], **values: Any) -> httpx.Response:
    body = {"branch": "main", "commit_message": "Tick", "actions": list(actions), **values}
    return lab.post("/repository/commits", json=body)


def update(**values: Any) -> dict[str, Any]:
    return {"action": "update", "file_path": "TODO.md", "content": "new\n", **values}


def test_a_commit_carries_any_number_of_files(project: RepositoryHandle, lab: httpx.Client) -> None:
    """Create, update, delete, move and chmod in one request and one commit."""
    before = project.head()
    answer = commit(
        lab,
        update(),
        {
            "action": "create",
            "file_path": "bin",
            "content": base64.b64encode(b"\x00\xff").decode(),
            "encoding": "base64",
        },
        {"action": "move", "file_path": "docs/moved.md", "previous_path": "docs/notes.md"},
    )
    made = answer.json()
    assert (201, [before], project.head()) == (answer.status_code, made["parent_ids"], made["id"])
    assert (b"new\n", b"\x00\xff", FILES["docs/notes.md"]) == (
        project.file("TODO.md"),
        project.file("bin"),
        project.file("docs/moved.md"),
    )
    second = commit(
        lab,
        {"action": "delete", "file_path": "bin"},
        {"action": "chmod", "file_path": "TODO.md", "execute_filemode": True},
    )
    assert 201 == second.status_code
    tree = {entry["path"]: entry["mode"] for entry in lab.get("/repository/tree").json()}
    assert {"docs": "040000", "TODO.md": "100755"} == tree


@pytest.mark.parametrize(
    ("actions", "status", "body"),
    [
        (None, 400, {"error": "actions is missing"}),
        ([{"action": "explode", "file_path": "x"}], 400, {"error": "action does not have a valid value"}),
        (
            [{"action": "create", "file_path": "TODO.md", "content": ""}],
            400,
            {"message": "A file with this name already exists"},
        ),
        (
            [{"action": "update", "file_path": "none.md", "content": ""}],
            400,
            {"message": "A file with this name doesn't exist"},
        ),
    ],
)
def test_commits_that_make_no_sense(
    lab: httpx.Client, project: RepositoryHandle, actions: Any, status: int, body: dict[str, str]
) -> None:
    """Nothing is committed, and the reason is told."""
    before = project.head()
    values = {"branch": "main", "commit_message": "m", "actions": actions}
    answer = lab.post("/repository/commits", json=values)
    assert (status, body) == (answer.status_code, answer.json())
    assert before == project.head()


def test_the_lock_of_a_file_holds_against_a_newer_commit(
    project: RepositoryHandle, lab: httpx.Client
) -> None:
    """``last_commit_id`` is the last commit of that file; commits to other files do not matter."""
    file = lab.get("/repository/files/TODO.md", params={"ref": "main"}).json()
    project.commit({"other.md": b"1"}, by="alice")
    assert 201 == commit(lab, update(last_commit_id=file["last_commit_id"])).status_code
    stale = commit(lab, update(content="again\n", last_commit_id=file["last_commit_id"]))
    assert (400, CHANGED) == (stale.status_code, stale.json())
    assert b"new\n" == project.file("TODO.md")


def test_the_lock_has_a_hole(project: RepositoryHandle, lab: httpx.Client) -> None:
    """An id that the repository does not hold, or that has no such file, protects nothing."""
    empty = project.model.store.add_commit(
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        [],
        project.model.signature(project.model.creator),
        project.model.signature(project.model.creator),
        "unrelated",
    )
    project.commit({"TODO.md": b"by a person\n"}, by="alice")
    assert 201 == commit(lab, update(last_commit_id="0" * 40)).status_code
    assert 201 == commit(lab, update(content="x", last_commit_id=empty.sha)).status_code


def test_a_protected_branch_needs_a_maintainer_and_a_detour_does_not(
    forge: Sandbox, project: RepositoryHandle
) -> None:
    """Developers cannot push to the default branch of a new project, but to a branch of their own."""
    token = forge.gitlab.token("dev", role="developer")
    with gitlab_client(forge, token) as client:
        client.base_url = httpx.URL(f"{forge.url}/api/v4/projects/{project.id}")
        refused = commit(client, update())
        assert (403, {"message": "403 Forbidden - You are not allowed to push into this branch"}) == (
            refused.status_code,
            refused.json(),
        )
        detour = commit(client, update(), branch="roadmap-sync/main", start_branch="main")
        assert (201, [project.head()]) == (detour.status_code, detour.json()["parent_ids"])
        again = commit(client, update(), branch="roadmap-sync/main", start_branch="main")
        assert (400, True) == (again.status_code, "already exists" in again.json()["message"])
        assert 201 == commit(client, update(content="2"), branch="roadmap-sync/main").status_code
        missing = commit(client, update(), branch="nope")
        assert (400, "You can only create or edit files when you are on a branch") == (
            missing.status_code,
            missing.json()["message"],
        )
        assert 400 == commit(client, update(), branch="b", start_branch="main", start_sha="x").status_code
        assert 400 == commit(client, update(), branch="b", start_sha="0" * 40).status_code
        fresh = commit(client, update(), branch="b", start_sha=project.head())
        assert 201 == fresh.status_code
    with gitlab_client(forge, forge.gitlab.token("rep", role="reporter")) as client:
        client.base_url = httpx.URL(f"{forge.url}/api/v4/projects/{project.id}")
        assert 403 == commit(client, update(), branch="c", start_branch="main").status_code


def test_files_tell_three_ids_apart(project: RepositoryHandle, lab: httpx.Client) -> None:
    """The blob, the head of the ref, and the last commit of the file are different things."""
    first = project.head()
    head = project.commit({"other.md": b"1"})
    file = lab.get("/repository/files/TODO.md", params={"ref": "main"})
    shown = file.json()
    assert (first, head) == (shown["last_commit_id"], shown["commit_id"])
    assert FILES["TODO.md"] == base64.b64decode(shown["content"])
    assert shown["blob_id"] == file.headers["x-gitlab-blob-id"]
    nested = lab.get("/repository/files/docs%2Fnotes.md/raw", params={"ref": first})
    assert FILES["docs/notes.md"] == nested.content
    bare = lab.head("/repository/files/TODO.md", params={"ref": "main"})
    assert (200, b"", first) == (bare.status_code, bare.content, bare.headers["x-gitlab-last-commit-id"])
    assert FILES["TODO.md"] == lab.get(f"/repository/blobs/{shown['blob_id']}/raw").content
    assert {"message": "404 File Not Found"} == lab.get("/repository/files/none.md").json()
    assert {"message": "404 Commit Not Found"} == (
        lab.get("/repository/files/TODO.md", params={"ref": "nope"}).json()
    )


def test_files_are_written_one_by_one(project: RepositoryHandle, lab: httpx.Client) -> None:
    """Create, update with a lock, and delete, each a commit of its own."""
    values = {"branch": "main", "commit_message": "m", "content": "x"}
    made = lab.post("/repository/files/docs%2Fnew.md", json=values)
    assert (201, {"file_path": "docs/new.md", "branch": "main"}) == (made.status_code, made.json())
    assert 400 == lab.post("/repository/files/docs%2Fnew.md", json=values).status_code
    known = lab.get("/repository/files/docs%2Fnew.md").json()["last_commit_id"]
    again = {**values, "content": "y", "last_commit_id": known}
    assert 200 == lab.put("/repository/files/docs%2Fnew.md", json=again).status_code
    stale = lab.put("/repository/files/docs%2Fnew.md", json={**again, "content": "z"})
    assert (400, "You are attempting to update a file that has changed since you started editing it.") == (
        stale.status_code,
        stale.json()["message"],
    )
    gone = lab.request("DELETE", "/repository/files/docs%2Fnew.md", json=values)
    assert 204 == gone.status_code
    assert 400 == lab.put("/repository/files/docs%2Fnew.md", json=values).status_code


def test_a_tree_tells_kinds_apart_and_is_paged(project: RepositoryHandle, lab: httpx.Client) -> None:
    """Links and submodules are what they are; pages go by number or by keyset."""
    model = project.model
    model.commit_files(
        model.creator,
        "main",
        {"link": Leaf(SYMLINK, model.store.add_blob(b"TODO.md")), "lib": Leaf(SUBMODULE, "a" * 40)},
        "odd",
    )
    tree = lab.get("/repository/tree", params={"recursive": "true"}).json()
    assert {
        "docs": ("tree", "040000"),
        "TODO.md": ("blob", "100644"),
        "docs/notes.md": ("blob", "100644"),
        "lib": ("commit", "160000"),
        "link": ("blob", "120000"),
    } == {entry["path"]: (entry["type"], entry["mode"]) for entry in tree}
    params = {"recursive": "true", "per_page": "2", "pagination": "keyset"}
    answer, seen = lab.get("/repository/tree", params=params), 0
    while True:
        seen += len(answer.json())
        if "next" not in answer.links:
            break
        answer = lab.get(answer.links["next"]["url"])
    assert 5 == seen
    assert ["docs/notes.md"] == [e["path"] for e in lab.get("/repository/tree?path=docs").json()]
    assert 404 == lab.get("/repository/tree", params={"ref": "nope"}).status_code
    assert 404 == lab.get("/repository/tree", params={"path": "nope"}).status_code


def test_history(project: RepositoryHandle, lab: httpx.Client) -> None:
    """Commits by path, one commit with its diff, comparison and merge base."""
    first = project.head()
    project.create_branch("side")
    second = project.commit({"TODO.md": b"x\n"}, by="alice", message="tick")
    project.commit({"y.md": b"1"}, branch="side")
    listed = lab.get("/repository/commits", params={"path": "docs/notes.md"}).json()
    assert [first] == [entry["id"] for entry in listed]
    one = lab.get("/repository/commits/main").json()
    assert ("tick", {"additions": 1, "deletions": 4, "total": 5}) == (one["title"], one["stats"])
    assert ["TODO.md"] == [d["new_path"] for d in lab.get(f"/repository/commits/{second}/diff").json()]
    compared = lab.get("/repository/compare", params={"from": "side", "to": "main"}).json()
    assert [second] == [entry["id"] for entry in compared["commits"]]
    base = lab.get("/repository/merge_base?refs[]=side&refs[]=main").json()
    assert first == base["id"]
    assert 404 == lab.get("/repository/commits/nope").status_code
    assert 400 == lab.get("/repository/merge_base?refs[]=side").status_code
    assert 404 == lab.get("/repository/compare", params={"from": "x", "to": "main"}).status_code


def test_branches_and_their_protection(forge: Sandbox, project: RepositoryHandle, lab: httpx.Client) -> None:
    """The default branch is protected from the start; rules are read, made and taken away."""
    main = lab.get("/repository/branches/main").json()
    assert (True, True, project.head()) == (main["protected"], main["can_push"], main["commit"]["id"])
    made = lab.post("/repository/branches", json={"branch": "feature/x", "ref": "main"})
    assert (201, "feature/x") == (made.status_code, made.json()["name"])
    assert "feature/x" == lab.get("/repository/branches/feature%2Fx").json()["name"]
    assert (
        "Branch already exists"
        == (lab.post("/repository/branches", json={"branch": "feature/x", "ref": "main"}).json()["message"])
    )
    assert ["feature/x", "main"] == [entry["name"] for entry in lab.get("/repository/branches").json()]
    assert 405 == lab.delete("/repository/branches/main").status_code
    assert 204 == lab.delete("/repository/branches/feature%2Fx").status_code
    assert {"message": "404 Branch Not Found"} == lab.get("/repository/branches/feature%2Fx").json()

    [rule] = lab.get("/protected_branches").json()
    assert ("main", 40) == (rule["name"], rule["push_access_levels"][0]["access_level"])
    values = {"name": "release/*", "push_access_level": 0, "merge_access_level": 30}
    made = lab.post("/protected_branches", json=values)
    assert (201, "No one") == (
        made.status_code,
        made.json()["push_access_levels"][0]["access_level_description"],
    )
    assert 409 == lab.post("/protected_branches", json=values).status_code
    assert 403 == commit(lab, update(), branch="release/1", start_branch="main").status_code
    assert 200 == lab.get("/protected_branches/release%2F*").status_code
    assert 204 == lab.delete("/protected_branches/release%2F*").status_code
    assert 404 == lab.get("/protected_branches/release%2F*").status_code


def test_merge_requests_from_opening_to_merging(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """Opened once per branch, listed, changed, merged by whoever may, with the right head."""
    project.open_issue("bug")
    project.create_branch("side")
    project.commit({"x.md": b"1"}, branch="side")
    values = {"source_branch": "side", "target_branch": "main", "title": "MR", "description": "Closes #1"}
    made = lab.post("/merge_requests", json=values)
    assert (201, 1, "opened", "mergeable") == (
        made.status_code,
        made.json()["iid"],
        made.json()["state"],
        made.json()["detailed_merge_status"],
    )
    again = lab.post("/merge_requests", json=values)
    assert (
        409,
        {"message": ["Another open merge request already exists for this source branch: !1"]},
    ) == (again.status_code, again.json())
    assert 400 == lab.post("/merge_requests", json={**values, "source_branch": "nope"}).status_code
    assert 400 == lab.post("/merge_requests", json={**values, "source_branch": "main"}).status_code
    listed = lab.get("/merge_requests", params={"state": "opened", "source_branch": "side"}).json()
    assert [1] == [entry["iid"] for entry in listed]
    assert "new" == lab.put("/merge_requests/1", json={"title": "new"}).json()["title"]
    assert 1 == len(lab.get("/merge_requests/1/commits").json())
    assert ["x.md"] == [entry["new_path"] for entry in lab.get("/merge_requests/1/diffs").json()]
    assert 201 == lab.post("/merge_requests/1/notes", json={"body": "hi"}).status_code
    assert ["hi"] == [n["body"] for n in lab.get("/merge_requests/1/notes").json() if not n["system"]]
    with gitlab_client(forge, forge.gitlab.token("dev", role="developer")) as client:
        assert 401 == client.put(f"/projects/{project.id}/merge_requests/1/merge").status_code
    assert 409 == lab.put("/merge_requests/1/merge", json={"sha": "0" * 40}).status_code
    merged = lab.put("/merge_requests/1/merge", json={"squash": True, "should_remove_source_branch": True})
    assert (200, "merged") == (merged.status_code, merged.json()["state"])
    assert {"main"} == set(project.branches())
    assert "closed" == project.issue(1).state
    assert 405 == lab.put("/merge_requests/1/merge").status_code


def test_merge_requests_that_wait_conflict_and_close(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """Automatic merging waits for the checks; a conflict cannot be merged; closing can be undone."""
    for name, data in (("clean", b"1"), ("dirty", b"side\n")):
        project.create_branch(name)
        project.commit({"TODO.md" if name == "dirty" else "x.md": data}, branch=name)
        values = {"source_branch": name, "target_branch": "main", "title": name}
        lab.post("/merge_requests", json=values)
    forge.gitlab.settings.checks_pending = True
    assert 405 == lab.put("/merge_requests/1/merge").status_code
    waiting = lab.put("/merge_requests/1/merge", json={"auto_merge": True}).json()
    assert ("opened", True) == (waiting["state"], waiting["merge_when_pipeline_succeeds"])
    project.pull(1).approve()
    assert "merged" == lab.get("/merge_requests/1").json()["state"]
    forge.gitlab.settings.checks_pending = False
    project.commit({"TODO.md": b"main\n"})
    assert lab.get("/merge_requests/2").json()["has_conflicts"]
    assert 405 == lab.put("/merge_requests/2/merge").status_code
    assert "closed" == lab.put("/merge_requests/2", json={"state_event": "close"}).json()["state"]
    assert "opened" == lab.put("/merge_requests/2", json={"state_event": "reopen"}).json()["state"]
    assert 201 == lab.post("/merge_requests/2/cancel_merge_when_pipeline_succeeds").status_code
    assert 404 == lab.get("/merge_requests/9").status_code
