"""GitHub's mutations: commits with a lock, issues and pull requests one alias at a time."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from syncer.sandbox import Limits, RepositoryHandle, Sandbox

from .asking import ask, data
from .conftest import github_client

COMMIT = """
mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid signature { isValid } } ref { name target { oid } } }
}
"""


def commit_input(repo: RepositoryHandle, head: str, **files: bytes | None) -> dict[str, Any]:
    additions = [
        {"path": path.replace("_", "."), "contents": base64.b64encode(content).decode()}
        for path, content in files.items()
        if content is not None
    ]
    deletions = [{"path": path.replace("_", ".")} for path, content in files.items() if content is None]
    return {
        "branch": {"repositoryNameWithOwner": repo.full_name, "branchName": "main"},
        "expectedHeadOid": head,
        "message": {"headline": "Tick", "body": "because"},
        "fileChanges": {"additions": additions, "deletions": deletions},
    }


def test_a_commit_carries_all_files_and_is_signed(repo: RepositoryHandle, bot: httpx.Client) -> None:
    """One request, one commit, and the answer says where the branch is then."""
    before = repo.head()
    values = commit_input(repo, before, TODO_md=b"# Done\n", new_md=b"x", docs=None)
    values["fileChanges"]["deletions"] = [{"path": "docs/notes.md"}]
    made = data(bot, COMMIT, input=values)["createCommitOnBranch"]

    assert repo.head() == made["commit"]["oid"] == made["ref"]["target"]["oid"]
    assert made["commit"]["signature"]["isValid"]
    assert (b"# Done\n", b"x") == (repo.file("TODO.md"), repo.file("new.md"))
    assert ["Tick\n\nbecause", "Initial commit"] == repo.log()
    with pytest.raises(KeyError):
        repo.file("docs/notes.md")


def test_a_commit_on_a_head_that_moved_is_stale(repo: RepositoryHandle, bot: httpx.Client) -> None:
    """The error has the type that clients must look for, and nothing is written."""
    before = repo.head()
    moved = repo.commit({"other.md": b"1"}, by="alice")
    body = ask(bot, COMMIT, input=commit_input(repo, before, TODO_md=b"x"))
    assert {"createCommitOnBranch": None} == body["data"]
    error = body["errors"][0]
    assert ("STALE_DATA", ["createCommitOnBranch"]) == (error["type"], error["path"])
    assert f'Expected branch to point to "{before}" but it did not.  Pull and try again.' == error["message"]
    assert moved == repo.head()


def test_commits_that_the_rules_forbid(forge: Sandbox, repo: RepositoryHandle, bot: httpx.Client) -> None:
    """Classic protection and rulesets refuse with different types; so do small roles and archives."""

    def error(client: httpx.Client) -> tuple[str, str]:
        found = ask(client, COMMIT, input=commit_input(repo, repo.head(), TODO_md=b"x"))["errors"][0]
        return found["type"], found["message"]

    forge.github.protect(repo)
    assert "BRANCH_PROTECTION_RULE_VIOLATION" == error(bot)[0]
    forge.github.unprotect(repo)
    forge.github.ruleset(repo, "pull_request")
    kind, message = error(bot)
    assert ("UNPROCESSABLE", True) == (kind, message.startswith("Repository rule violations found"))
    repo.model.rulesets.clear()
    with github_client(forge, forge.github.token("reader", role="read")) as client:
        assert (
            "FORBIDDEN",
            "reader does not have the correct permissions to execute `CreateCommitOnBranch`",
        ) == error(client)
    narrow = forge.github.token("narrow", permissions={"issues": "write"})
    with github_client(forge, narrow) as client:
        assert ("FORBIDDEN", "Resource not accessible by personal access token") == error(client)
    forge.github.archive(repo)
    assert "Repository was archived so is read-only." == error(bot)[1]


def test_commits_with_bad_values(repo: RepositoryHandle, bot: httpx.Client) -> None:
    """A missing branch, broken base64, and a deletion of what is not there."""
    values = commit_input(repo, repo.head(), TODO_md=b"x")
    values["branch"]["branchName"] = "nope"
    assert "NOT_FOUND" == ask(bot, COMMIT, input=values)["errors"][0]["type"]
    values = commit_input(repo, repo.head(), TODO_md=b"x")
    values["fileChanges"]["additions"][0]["contents"] = "!"
    assert "UNPROCESSABLE" == ask(bot, COMMIT, input=values)["errors"][0]["type"]
    values = commit_input(repo, repo.head(), none_md=None)
    assert "does not exist as of commit oid" in ask(bot, COMMIT, input=values)["errors"][0]["message"]
    assert "errors" in ask(bot, COMMIT, input={"message": {"headline": "x"}})


def node_ids(bot: httpx.Client) -> dict[str, str]:
    query = """{ repository(owner: "acme", name: "rune") { id
        label(name: "bug") { id } milestones(first: 1) { nodes { id } } } }"""
    shown = data(bot, query)["repository"]
    return {
        "repository": shown["id"],
        "label": shown["label"]["id"],
        "milestone": shown["milestones"]["nodes"][0]["id"],
    }


def test_several_issues_are_created_in_one_request_and_fail_one_by_one(
    forge: Sandbox, repo: RepositoryHandle, bot: httpx.Client
) -> None:
    """Each alias succeeds or fails for itself, and each created object is counted."""
    repo.create_milestone("MVP")
    ids = node_ids(bot)
    forge.reset_counts()
    query = """mutation($r: ID!, $l: ID!, $m: ID!, $long: String!) {
        a: createIssue(input: {repositoryId: $r, title: "one", labelIds: [$l], milestoneId: $m}) {
          issue { id number } }
        b: createIssue(input: {repositoryId: $r, title: $long}) { issue { number } }
        c: createIssue(input: {repositoryId: $r, title: "three"}) { issue { number } } }"""
    body = ask(bot, query, r=ids["repository"], l=ids["label"], m=ids["milestone"], long="x" * 257)

    assert (1, None, 2) == (
        body["data"]["a"]["issue"]["number"],
        body["data"]["b"],
        body["data"]["c"]["issue"]["number"],
    )
    assert [("UNPROCESSABLE", ["b"])] == [(error["type"], error["path"]) for error in body["errors"]]
    assert (frozenset({"bug"}), 1) == (repo.issue(1).labels, repo.issue(1).milestone)
    counts = forge.count()
    assert (1, 2) == (counts.mutations, counts.created)
    assert ("createIssue", "createIssue", "createIssue") == forge.requests[-1].operations


def test_too_many_objects_are_submitted_too_quickly(
    forge: Sandbox, repo: RepositoryHandle, bot: httpx.Client
) -> None:
    """The content limit counts objects, not requests, and says so in its own words."""
    repo.create_milestone("MVP")
    ids = node_ids(bot)
    forge.set_limits(Limits(creations_per_minute=2))
    parts = [
        f'a{n}: createIssue(input: {{repositoryId: $r, title: "{n}"}}) {{ issue {{ number }} }}'
        for n in range(3)
    ]
    body = ask(bot, f"mutation($r: ID!) {{ {' '.join(parts)} }}", r=ids["repository"])
    assert [("UNPROCESSABLE", "was submitted too quickly", ["a2"])] == [
        (error["type"], error["message"], error["path"]) for error in body["errors"]
    ]
    assert 2 == len(repo.issues())


def issue_id(bot: httpx.Client, number: int) -> str:
    query = f'{{ repository(owner: "acme", name: "rune") {{ issue(number: {number}) {{ id }} }} }}'
    found: str = data(bot, query)["repository"]["issue"]["id"]
    return found


def test_issues_are_changed_closed_and_reopened(repo: RepositoryHandle, bot: httpx.Client) -> None:
    """Updating leaves alone what is not mentioned, and null takes the milestone away."""
    repo.create_milestone("MVP")
    repo.open_issue("old", "body", labels=["bug"]).set_milestone(1)
    repo.open_issue("canonical")
    key, other = issue_id(bot, 1), issue_id(bot, 2)
    update = "mutation($i: UpdateIssueInput!) { updateIssue(input: $i) { issue { title body } } }"
    changed = data(bot, update, i={"id": key, "title": "new"})["updateIssue"]["issue"]
    assert {"title": "new", "body": "body"} == changed
    data(bot, update, i={"id": key, "milestoneId": None, "labelIds": []})
    assert (None, frozenset()) == (repo.issue(1).milestone, repo.issue(1).labels)

    close = """mutation($i: CloseIssueInput!) { closeIssue(input: $i) {
        issue { state stateReason plain: stateReason full: stateReason(enableDuplicate: true) } } }"""
    values = {"issueId": key, "stateReason": "DUPLICATE", "duplicateIssueId": other}
    closed = data(bot, close, i=values)["closeIssue"]["issue"]
    assert ("CLOSED", "NOT_PLANNED", "DUPLICATE") == (closed["state"], closed["plain"], closed["full"])
    reopen = "mutation($k: ID!) { reopenIssue(input: {issueId: $k}) { issue { stateReason } } }"
    assert "REOPENED" == data(bot, reopen, k=key)["reopenIssue"]["issue"]["stateReason"]
    missing = ask(bot, close, i={"issueId": "I_nonsense"})
    assert "NOT_FOUND" == missing["errors"][0]["type"]


def test_labels_and_comments_by_mutation(repo: RepositoryHandle, bot: httpx.Client) -> None:
    """Labels are added and removed by id, and a comment is made."""
    repo.create_milestone("MVP")
    repo.open_issue("a")
    ids, key = node_ids(bot), issue_id(bot, 1)
    add = """mutation($i: AddLabelsToLabelableInput!) { addLabelsToLabelable(input: $i) {
        labelable { ... on Issue { labels(first: 5) { nodes { name } } } } } }"""
    data(bot, add, i={"labelableId": key, "labelIds": [ids["label"]]})
    assert frozenset({"bug"}) == repo.issue(1).labels
    remove = """mutation($i: RemoveLabelsFromLabelableInput!) { removeLabelsFromLabelable(input: $i) {
        labelable { ... on Issue { number } } } }"""
    data(bot, remove, i={"labelableId": key, "labelIds": [ids["label"]]})
    assert frozenset() == repo.issue(1).labels
    say = """mutation($k: ID!) { addComment(input: {subjectId: $k, body: "hello"}) {
        commentEdge { node { body } } } }"""
    assert "hello" == data(bot, say, k=key)["addComment"]["commentEdge"]["node"]["body"]


def test_a_child_is_created_below_its_parent_in_one_mutation(
    forge: Sandbox, repo: RepositoryHandle, bot: httpx.Client
) -> None:
    """Parents are set at birth, added, replaced, ordered and taken away."""
    repo.create_milestone("MVP")
    repo.open_issue("parent")
    repo.open_issue("other parent")
    ids, parent, other = node_ids(bot), issue_id(bot, 1), issue_id(bot, 2)
    create = """mutation($r: ID!, $p: ID!) { createIssue(input: {repositoryId: $r, title: "c",
        parentIssueId: $p}) { issue { id parent { number } } } }"""
    child = data(bot, create, r=ids["repository"], p=parent)["createIssue"]["issue"]
    assert 1 == child["parent"]["number"]
    add = """mutation($i: AddSubIssueInput!) { addSubIssue(input: $i) { issue {
        subIssuesSummary { total } subIssues(first: 5) { nodes { number } } } } }"""
    values = {"issueId": other, "subIssueId": child["id"]}
    assert "Sub issue may only have one parent" == ask(bot, add, i=values)["errors"][0]["message"]
    moved = data(bot, add, i={**values, "replaceParent": True})["addSubIssue"]["issue"]
    assert ({"total": 1}, [{"number": 3}]) == (moved["subIssuesSummary"], moved["subIssues"]["nodes"])
    sibling = data(bot, create, r=ids["repository"], p=other)["createIssue"]["issue"]["id"]
    order = """mutation($i: ReprioritizeSubIssueInput!) { reprioritizeSubIssue(input: $i) {
        issue { number } } }"""
    data(bot, order, i={"issueId": other, "subIssueId": sibling, "beforeId": child["id"]})
    assert [4, 3] == repo.issue(2).children
    remove = """mutation($i: RemoveSubIssueInput!) { removeSubIssue(input: $i) { issue { number } } }"""
    data(bot, remove, i={"issueId": other, "subIssueId": child["id"]})
    assert [4] == repo.issue(2).children
    by_url = {"issueId": parent, "subIssueUrl": f"{forge.url}/acme/rune/issues/3"}
    data(bot, add, i=by_url)
    assert [3] == repo.issue(1).children


def test_the_way_around_protection_in_one_document(
    forge: Sandbox, repo: RepositoryHandle, bot: httpx.Client
) -> None:
    """Branch, commit and pull request are three mutations of one request; they run in order."""
    forge.github.ruleset(repo, {"type": "pull_request", "parameters": {"required_approving_review_count": 1}})
    repo.create_milestone("MVP")
    head, key = repo.head(), node_ids(bot)["repository"]
    query = """mutation($r: ID!, $oid: GitObjectID!, $commit: CreateCommitOnBranchInput!) {
        createRef(input: {repositoryId: $r, name: "refs/heads/roadmap-sync/main", oid: $oid}) { ref { id } }
        createCommitOnBranch(input: $commit) { commit { oid } }
        createPullRequest(input: {repositoryId: $r, baseRefName: "main",
          headRefName: "roadmap-sync/main", title: "Roadmap", body: "text"}) {
            pullRequest { id number } } }"""
    commit = commit_input(repo, head, TODO_md=b"x\n")
    commit["branch"]["branchName"] = "roadmap-sync/main"
    made = data(bot, query, r=key, oid=head, commit=commit)
    pull = made["createPullRequest"]["pullRequest"]
    assert (head, 1) == (repo.head(), pull["number"])

    enable = """mutation($p: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $p,
        mergeMethod: SQUASH}) { pullRequest { autoMergeRequest { mergeMethod } } } }"""
    data(bot, enable, p=pull["id"])
    assert not repo.pull(1).merged
    repo.pull(1).approve(by="alice")
    assert repo.pull(1).merged
    assert b"x\n" == repo.file("TODO.md")


def test_pull_requests_by_mutation(forge: Sandbox, repo: RepositoryHandle, bot: httpx.Client) -> None:
    """Changing, refusing to wait for nothing, merging and closing."""
    for name in ("one", "two"):
        repo.create_branch(name)
        repo.commit({f"{name}.md": b"1"}, branch=name)
        repo.open_pull(name)
    query = '{ repository(owner: "acme", name: "rune") { pullRequests(first: 9) { nodes { id number } } } }'
    nodes = data(bot, query)["repository"]["pullRequests"]["nodes"]
    one, two = nodes[0]["id"], nodes[1]["id"]
    enable = (
        "mutation($p: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $p}) { actor { login } } }"
    )
    assert "Pull request is in clean status" == ask(bot, enable, p=one)["errors"][0]["message"]
    repo.model.auto_merge_allowed = False
    assert "not allowed" in ask(bot, enable, p=one)["errors"][0]["message"]
    update = """mutation($p: ID!) { updatePullRequest(input: {pullRequestId: $p, title: "t", body: "b"}) {
        pullRequest { title body } } }"""
    assert {"title": "t", "body": "b"} == data(bot, update, p=one)["updatePullRequest"]["pullRequest"]
    merge = """mutation($i: MergePullRequestInput!) { mergePullRequest(input: $i) {
        pullRequest { state merged mergeCommit { oid } } } }"""
    stale = ask(bot, merge, i={"pullRequestId": one, "expectedHeadOid": "0" * 40})
    assert "STALE_DATA" == stale["errors"][0]["type"]
    merged = data(bot, merge, i={"pullRequestId": one})["mergePullRequest"]["pullRequest"]
    assert ("MERGED", repo.head()) == (merged["state"], merged["mergeCommit"]["oid"])
    close = "mutation($p: ID!) { closePullRequest(input: {pullRequestId: $p}) { pullRequest { state } } }"
    assert "CLOSED" == data(bot, close, p=two)["closePullRequest"]["pullRequest"]["state"]


def test_refs_by_mutation(forge: Sandbox, repo: RepositoryHandle, bot: httpx.Client) -> None:
    """A ref is created once, moved forward, forced back, and deleted; a ruleset can forbid it."""
    repo.create_milestone("MVP")
    key, first = node_ids(bot)["repository"], repo.head()
    second = repo.commit({"x.md": b"1"})
    create = """mutation($i: CreateRefInput!) { createRef(input: $i) { ref { id name prefix } } }"""
    values = {"repositoryId": key, "name": "refs/heads/bot", "oid": first}
    made = data(bot, create, i=values)["createRef"]["ref"]
    assert ("bot", "refs/heads/") == (made["name"], made["prefix"])
    again = ask(bot, create, i=values)["errors"][0]
    assert 'A ref named "refs/heads/bot" already exists in the repository.' == again["message"]
    update = "mutation($i: UpdateRefInput!) { updateRef(input: $i) { ref { target { oid } } } }"
    data(bot, update, i={"refId": made["id"], "oid": second})
    assert "errors" in ask(bot, update, i={"refId": made["id"], "oid": first})
    data(bot, update, i={"refId": made["id"], "oid": first, "force": True})
    assert first == repo.head("bot")
    delete = "mutation($k: ID!) { deleteRef(input: {refId: $k}) { clientMutationId } }"
    data(bot, delete, k=made["id"])
    assert "bot" not in repo.branches()
    forge.github.ruleset(repo, "creation", include=["~ALL"])
    assert "creations being restricted" in ask(bot, create, i=values)["errors"][0]["message"]
