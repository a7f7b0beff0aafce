"""Files, trees, refs and commits on GitHub, with their preconditions and refusals."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox
from syncer.sandbox.git import EXECUTABLE, FILE, SUBMODULE, SYMLINK, Leaf

from .conftest import FILES, github_client


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def odd_tree(repo: RepositoryHandle) -> None:
    """A commit with a symbolic link, a broken one, a submodule and a script."""
    model = repo.model
    leaves: dict[str, bytes | Leaf | None] = {
        "link.md": Leaf(SYMLINK, model.store.add_blob(b"TODO.md")),
        "broken.md": Leaf(SYMLINK, model.store.add_blob(b"../outside.md")),
        "vendor/lib": Leaf(SUBMODULE, "a" * 40),
        "run.sh": Leaf(EXECUTABLE, model.store.add_blob(b"#!/bin/sh\n")),
    }
    model.commit_files(model.creator, "main", leaves, "odd things")


def test_a_tree_tells_files_links_and_submodules_apart(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Each entry has git's mode; a submodule has no address, a directory no size."""
    odd_tree(repo)
    tree = hub.get("/git/trees/main", params={"recursive": "1"}).json()
    modes = {entry["path"]: (entry["mode"], entry["type"]) for entry in tree["tree"]}
    assert {
        "TODO.md": (FILE, "blob"),
        "broken.md": (SYMLINK, "blob"),
        "docs": ("040000", "tree"),
        "docs/notes.md": (FILE, "blob"),
        "link.md": (SYMLINK, "blob"),
        "run.sh": (EXECUTABLE, "blob"),
        "vendor": ("040000", "tree"),
        "vendor/lib": (SUBMODULE, "commit"),
    } == modes
    assert not tree["truncated"]
    assert 6 == len(hub.get(f"/git/trees/{repo.head()}").json()["tree"])
    assert 404 == hub.get("/git/trees/nope").status_code


def test_a_tree_that_is_too_long_is_cut_and_says_so(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """The host's limit cuts the listing, and ``truncated`` admits it."""
    forge.github.settings.tree_limit = 2
    tree = hub.get("/git/trees/main", params={"recursive": "1"}).json()
    assert (2, True) == (len(tree["tree"]), tree["truncated"])


def test_contents_of_every_kind_of_entry(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Files, directories, links that lead somewhere and nowhere, submodules, and nothing at all."""
    odd_tree(repo)
    file = hub.get("/contents/TODO.md").json()
    assert FILES["TODO.md"] == base64.b64decode(file["content"])
    raw = hub.get("/contents/TODO.md", headers={"Accept": "application/vnd.github.raw+json"})
    assert FILES["TODO.md"] == raw.content
    assert ("file", FILES["TODO.md"]) == (
        hub.get("/contents/link.md").json()["type"],
        base64.b64decode(hub.get("/contents/link.md").json()["content"]),
    )
    broken = hub.get("/contents/broken.md").json()
    assert ("symlink", "../outside.md") == (broken["type"], broken["target"])
    assert "submodule" == hub.get("/contents/vendor/lib").json()["type"]
    listing = {entry["name"]: entry["type"] for entry in hub.get("/contents").json()}
    assert {"docs": "dir", "vendor": "dir", "link.md": "symlink"}.items() <= listing.items()
    assert ["file"] == [entry["type"] for entry in hub.get("/contents/vendor").json()]
    assert 404 == hub.get("/contents/missing.md").status_code
    wrong = hub.get("/contents/TODO.md", params={"ref": "nope"})
    assert (404, "No commit found for the ref nope") == (wrong.status_code, wrong.json()["message"])


def test_large_files_come_without_content(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Beyond a megabyte only the raw media type gives the bytes."""
    repo.commit({"big.md": b"x" * 1_100_000})
    shown = hub.get("/contents/big.md").json()
    assert ("none", "", 1_100_000) == (shown["encoding"], shown["content"], shown["size"])
    raw = hub.get("/contents/big.md", headers={"Accept": "application/vnd.github.raw"})
    assert 1_100_000 == len(raw.content)
    blob = hub.get(f"/git/blobs/{shown['sha']}", headers={"Accept": "application/vnd.github.raw+json"})
    assert 1_100_000 == len(blob.content)


def test_writing_a_file_needs_the_blob_that_it_replaces(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """422 without the id, 409 with a wrong one, 200 with the right one; a new file needs none."""
    values = {"message": "change", "content": encoded(b"new\n")}
    missing = hub.put("/contents/TODO.md", json=values)
    assert (422, 'Invalid request.\n\n"sha" wasn\'t supplied.') == (
        missing.status_code,
        missing.json()["message"],
    )
    wrong = hub.put("/contents/TODO.md", json={**values, "sha": "0" * 40})
    assert (409, f"TODO.md does not match {'0' * 40}") == (wrong.status_code, wrong.json()["message"])
    sha = hub.get("/contents/TODO.md").json()["sha"]
    right = hub.put("/contents/TODO.md", json={**values, "sha": sha})
    assert 200 == right.status_code
    assert repo.head() == right.json()["commit"]["sha"]
    assert b"new\n" == repo.file("TODO.md")
    assert 201 == hub.put("/contents/a/b.md", json=values).status_code
    assert 422 == hub.put("/contents/c.md", json={**values, "content": "!"}).status_code
    assert 404 == hub.put("/contents/c.md", json={**values, "branch": "nope"}).status_code
    assert ["change", "change", "Initial commit"] == repo.log()


def test_deleting_a_file_needs_its_blob(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """The same precondition holds for deleting."""
    sha = hub.get("/contents/docs/notes.md").json()["sha"]

    def delete(**values: str) -> int:
        return hub.request("DELETE", "/contents/docs/notes.md", json=values).status_code

    assert 422 == delete(message="m")
    assert 409 == delete(message="m", sha="0" * 40)
    assert 200 == delete(message="m", sha=sha)
    assert 404 == delete(message="m", sha=sha)
    with pytest.raises(KeyError):
        repo.file("docs/notes.md")


def test_a_commit_is_built_from_tree_and_ref(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Blob, tree, commit and ref in four requests; the branch moves with the last one only."""
    old = repo.head()
    base = hub.get(f"/git/commits/{old}").json()["tree"]["sha"]
    blob = hub.post("/git/blobs", json={"content": encoded(b"\x00\xff"), "encoding": "base64"}).json()["sha"]
    entries: list[dict[str, Any]] = [
        {"path": "bin", "mode": "100644", "type": "blob", "sha": blob},
        {"path": "new.md", "mode": "100644", "type": "blob", "content": "text"},
        {"path": "docs/notes.md", "mode": "100644", "type": "blob", "sha": None},
    ]
    tree = hub.post("/git/trees", json={"base_tree": base, "tree": entries})
    assert 201 == tree.status_code
    made = hub.post(
        "/git/commits", json={"message": "all", "tree": tree.json()["sha"], "parents": [old]}
    ).json()
    assert old == repo.head()
    moved = hub.patch("/git/refs/heads/main", json={"sha": made["sha"]})
    assert (200, made["sha"]) == (moved.status_code, moved.json()["object"]["sha"])
    assert (b"\x00\xff", b"text") == (repo.file("bin"), repo.file("new.md"))
    assert not made["verification"]["verified"]
    assert 422 == hub.post("/git/trees", json={"tree": [{"path": "x", "mode": "1", "sha": blob}]}).status_code
    assert 422 == hub.post("/git/commits", json={"message": "x", "tree": "0" * 40}).status_code


def test_only_bots_without_an_author_of_their_own_are_signed(forge: Sandbox, repo: RepositoryHandle) -> None:
    """A custom author loses the signature."""
    token = forge.github.token("robot[bot]", bot=True)
    with github_client(forge, token, "/repos/acme/rune") as client:
        tree = repo.model.store.commits[repo.head()].tree
        values: dict[str, Any] = {"message": "m", "tree": tree, "parents": [repo.head()]}
        assert client.post("/git/commits", json=values).json()["verification"]["verified"]
        values["author"] = {"name": "Robot", "email": "robot@example.test", "date": "2026-01-01T00:00:00Z"}
        own = client.post("/git/commits", json=values).json()
        assert (False, "2026-01-01T00:00:00Z") == (own["verification"]["verified"], own["author"]["date"])


def test_a_ref_moves_forward_unless_forced(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Going back is refused without force; refs are created once and deleted once."""
    first = repo.head()
    second = repo.commit({"x.md": b"1"})
    back = hub.patch("/git/refs/heads/main", json={"sha": first})
    assert (422, "Update is not a fast forward") == (back.status_code, back.json()["message"])
    assert second == repo.head()
    assert 200 == hub.patch("/git/refs/heads/main", json={"sha": first, "force": True}).status_code
    assert first == repo.head()

    made = hub.post("/git/refs", json={"ref": "refs/heads/bot/work", "sha": first})
    assert 201 == made.status_code
    again = hub.post("/git/refs", json={"ref": "refs/heads/bot/work", "sha": first})
    assert (422, "Reference already exists") == (again.status_code, again.json()["message"])
    assert 422 == hub.post("/git/refs", json={"ref": "refs/heads/a..b", "sha": first}).status_code
    assert 422 == hub.post("/git/refs", json={"ref": "refs/heads/x", "sha": "1" * 40}).status_code
    assert 201 == hub.post("/git/refs", json={"ref": "refs/tags/v1", "sha": first}).status_code
    assert first == hub.get("/git/ref/heads/bot/work").json()["object"]["sha"]
    assert 404 == hub.get("/git/ref/heads/bot").status_code
    found = [ref["ref"] for ref in hub.get("/git/matching-refs/heads/bot").json()]
    assert ["refs/heads/bot/work"] == found
    assert 204 == hub.delete("/git/refs/heads/bot/work").status_code
    gone = hub.patch("/git/refs/heads/bot/work", json={"sha": first})
    assert (422, "Reference does not exist") == (gone.status_code, gone.json()["message"])
    assert 422 == hub.delete("/git/refs/heads/bot/work").status_code
    assert 204 == hub.delete("/git/refs/tags/v1").status_code


def test_refs_at_their_old_address(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A full name finds one, the beginning of names a list, nothing finds all, and neither nothing."""
    repo.create_branch("bot/a")
    repo.create_branch("bot/b")
    assert repo.head() == hub.get("/git/refs/heads/main").json()["object"]["sha"]
    found = [ref["ref"] for ref in hub.get("/git/refs/heads/bot").json()]
    assert ["refs/heads/bot/a", "refs/heads/bot/b"] == found
    assert 3 == len(hub.get("/git/refs").json())
    assert 404 == hub.get("/git/refs/heads/none").status_code


def test_reading_a_ref_again_costs_nothing(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A branch's head is a conditional request like any other."""
    etag = hub.get("/git/ref/heads/main").headers["etag"]
    assert 304 == hub.get("/git/ref/heads/main", headers={"If-None-Match": etag}).status_code
    repo.commit({"x.md": b"1"})
    assert 200 == hub.get("/git/ref/heads/main", headers={"If-None-Match": etag}).status_code


def test_commits_are_listed_and_compared(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """History by path, one commit with its files, and what lies between two branches."""
    first = repo.head()
    repo.create_branch("side")
    repo.commit({"TODO.md": b"# Plan\n\n- [x] first\n- [ ] second\n"}, message="tick\n\nbody", by="alice")
    repo.commit({"x.md": b"1"}, branch="side", by="bob")

    assert 2 == len(hub.get("/commits").json())
    assert 1 == len(hub.get("/commits", params={"path": "docs/notes.md"}).json())
    assert 1 == len(hub.get("/commits", params={"author": "alice"}).json())
    one = hub.get("/commits/main").json()
    assert ["TODO.md"] == [entry["filename"] for entry in one["files"]]
    assert {"total": 2, "additions": 1, "deletions": 1} == one["stats"]
    assert "-- [ ] first\n+- [x] first" in one["files"][0]["patch"]
    plain = hub.get("/commits/main", headers={"Accept": "application/vnd.github.sha"})
    assert repo.head() == plain.text
    assert 422 == hub.get("/commits/nope").status_code
    compared = hub.get("/compare/main...side").json()
    assert ("diverged", 1, 1, first) == (
        compared["status"],
        compared["ahead_by"],
        compared["behind_by"],
        compared["merge_base_commit"]["sha"],
    )
    assert "identical" == hub.get("/compare/main...main").json()["status"]
    assert "ahead" == hub.get(f"/compare/{first}...main").json()["status"]
    assert "behind" == hub.get(f"/compare/main...{first}").json()["status"]
    assert 404 == hub.get("/compare/main...nope").status_code


def test_branches(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """All branches, one branch, and one that is not there."""
    repo.create_branch("feature/x")
    assert ["feature/x", "main"] == [entry["name"] for entry in hub.get("/branches").json()]
    assert repo.head() == hub.get("/branches/feature/x").json()["commit"]["sha"]
    missing = hub.get("/branches/nope")
    assert (404, "Branch not found") == (missing.status_code, missing.json()["message"])


def test_an_empty_repository_says_so(forge: Sandbox) -> None:
    """There is no ref, no tree and no commit to be had."""
    forge.github.repository("acme/empty")
    with github_client(forge, "", "/repos/acme/empty") as client:
        assert 409 == client.get("/git/ref/heads/main").status_code
        assert 409 == client.get("/git/trees/main").status_code
        assert 409 == client.get("/commits").status_code
        assert "This repository is empty." == client.get("/contents/TODO.md").json()["message"]


def test_classic_protection_asks_for_a_pull_request(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """Writing contents is 409, moving the ref 422, and the protection can be read."""
    forge.github.protect(repo)
    sha = hub.get("/contents/TODO.md").json()["sha"]
    written = hub.put("/contents/TODO.md", json={"message": "m", "content": encoded(b"x"), "sha": sha})
    assert (409, "Could not update file: Changes must be made through a pull request.") == (
        written.status_code,
        written.json()["message"],
    )
    other = repo.model.store.add_commit(
        repo.model.store.commits[repo.head()].tree,
        [repo.head()],
        repo.model.signature(repo.model.creator),
        repo.model.signature(repo.model.creator),
        "m",
    )
    moved = hub.patch("/git/refs/heads/main", json={"sha": other.sha})
    assert (422, "Changes must be made through a pull request.") == (
        moved.status_code,
        moved.json()["message"],
    )
    protection = hub.get("/branches/main/protection").json()
    assert 1 == protection["required_pull_request_reviews"]["required_approving_review_count"]
    assert hub.get("/branches/main").json()["protected"]
    assert ["main"] == [e["name"] for e in hub.get("/branches", params={"protected": "true"}).json()]
    assert [] == hub.get("/rules/branches/main").json()


def test_rulesets_are_invisible_to_classic_protection(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """The classic endpoint says "not protected" while every push is refused; the rules endpoint knows."""
    forge.github.ruleset(repo, "pull_request", "non_fast_forward")
    missing = hub.get("/branches/main/protection")
    assert (404, "Branch not protected") == (missing.status_code, missing.json()["message"])
    assert ["pull_request", "non_fast_forward"] == [r["type"] for r in hub.get("/rules/branches/main").json()]
    assert [] == hub.get("/rules/branches/not-there").json()
    sha = hub.get("/contents/TODO.md").json()["sha"]
    refused = hub.put("/contents/TODO.md", json={"message": "m", "content": encoded(b"x"), "sha": sha})
    assert 409 == refused.status_code
    assert refused.json()["message"].startswith(
        "Repository rule violations found\n\nChanges must be made through a pull request."
    )
    assert b"x" != repo.file("TODO.md")


def test_a_ruleset_can_forbid_new_branches(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Creating is refused for everybody who may not bypass the rules."""
    forge.github.ruleset(repo, "creation", "deletion", include=["~ALL"])
    refused = hub.post("/git/refs", json={"ref": "refs/heads/bot", "sha": repo.head()})
    assert 422 == refused.status_code
    assert "creations being restricted" in refused.json()["message"]
    repo.create_branch("by-a-person")
    assert 422 == hub.delete("/git/refs/heads/by-a-person").status_code


def test_pull_requests_from_opening_to_merging(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """A request is opened once, listed by branch, merged, and closes what its text says."""
    repo.open_issue("bug")
    repo.create_branch("side")
    empty = hub.post("/pulls", json={"title": "t", "head": "side", "base": "main"})
    assert (422, "No commits between main and side") == (
        empty.status_code,
        empty.json()["errors"][0]["message"],
    )
    repo.commit({"x.md": b"1"}, branch="side")
    values = {"title": "t", "head": "side", "base": "main", "body": "Fixes #1"}
    made = hub.post("/pulls", json=values)
    assert (201, 2, True, "clean") == (
        made.status_code,
        made.json()["number"],
        made.json()["mergeable"],
        made.json()["mergeable_state"],
    )
    again = hub.post("/pulls", json=values)
    assert "A pull request already exists for acme:side." == again.json()["errors"][0]["message"]
    assert 422 == hub.post("/pulls", json={**values, "head": "nope"}).status_code
    assert [2] == [p["number"] for p in hub.get("/pulls", params={"head": "acme:side"}).json()]
    assert [] == hub.get("/pulls", params={"head": "acme:other"}).json()
    assert "new" == hub.patch("/pulls/2", json={"title": "new"}).json()["title"]
    assert 1 == len(hub.get("/pulls/2/commits").json())
    assert ["x.md"] == [entry["filename"] for entry in hub.get("/pulls/2/files").json()]
    assert 404 == hub.get("/pulls/2/merge").status_code
    assert 409 == hub.put("/pulls/2/merge", json={"sha": "0" * 40}).status_code
    merged = hub.put("/pulls/2/merge", json={"merge_method": "squash"})
    assert (200, True) == (merged.status_code, merged.json()["merged"])
    assert (204, 405) == (hub.get("/pulls/2/merge").status_code, hub.put("/pulls/2/merge").status_code)
    assert ["new (#2)", "Initial commit"] == repo.log()
    assert ("closed", True) == (hub.get("/pulls/2").json()["state"], hub.get("/pulls/2").json()["merged"])
    assert "closed" == repo.issue(1).state
    assert 422 == hub.patch("/issues/2", json={"state": "open"}).status_code


def test_pull_requests_can_conflict_be_closed_and_reopened(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A conflict cannot be merged; closing is undone as long as the branch exists."""
    repo.create_branch("side")
    repo.commit({"TODO.md": b"side\n"}, branch="side")
    repo.commit({"TODO.md": b"main\n"})
    repo.open_pull("side")
    assert (False, "dirty") == (
        hub.get("/pulls/1").json()["mergeable"],
        hub.get("/pulls/1").json()["mergeable_state"],
    )
    assert 405 == hub.put("/pulls/1/merge").status_code
    assert "closed" == hub.patch("/pulls/1", json={"state": "closed"}).json()["state"]
    assert "open" == hub.patch("/pulls/1", json={"state": "open"}).json()["state"]
    repo.delete_branch("side")
    assert "closed" == hub.get("/pulls/1").json()["state"]
    assert 422 == hub.patch("/pulls/1", json={"state": "open"}).status_code


def test_merging_joins_edits_of_different_lines(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A tick on one branch and a new line on the other both survive a merge."""
    repo.create_branch("side")
    repo.commit({"TODO.md": b"# Plan\n\n- [x] first\n- [ ] second\n"}, branch="side")
    repo.commit({"TODO.md": FILES["TODO.md"] + b"- [ ] third\n"})
    repo.open_pull("side")
    assert 200 == hub.put("/pulls/1/merge", json={"merge_method": "merge"}).status_code
    assert b"# Plan\n\n- [x] first\n- [ ] second\n- [ ] third\n" == repo.file("TODO.md")
    assert "Merge pull request #1 from acme/side" == repo.log()[0].splitlines()[0]
