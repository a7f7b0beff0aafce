"""GitHub's GraphQL queries, with partial answers, bounded pages and connections by cursor."""

from __future__ import annotations

import httpx
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox

from .asking import ask, data
from .conftest import FILES, github_client


def test_one_query_reads_head_files_issues_and_milestones(
    forge: Sandbox, repo: RepositoryHandle, bot: httpx.Client
) -> None:
    """A poll is one request: the branch, some blobs by alias, what changed, and the milestones."""
    from datetime import date

    repo.create_milestone("MVP", due=date(2026, 3, 6))
    issue = repo.open_issue("a", "text", labels=["bug"])
    issue.set_milestone(1)
    query = """
    query($since: DateTime) {
      viewer { login }
      rateLimit { cost remaining }
      repository(owner: "acme", name: "rune") {
        id databaseId nameWithOwner isArchived hasIssuesEnabled viewerPermission
        ref(qualifiedName: "refs/heads/main") { target { oid } }
        todo: object(expression: "main:TODO.md") { ... on Blob { oid text isTruncated isBinary } }
        none: object(expression: "main:none.md") { ... on Blob { oid } }
        root: object(expression: "main:") { ... on Tree { entries { path type mode } } }
        issues(first: 100, filterBy: {since: $since}, orderBy: {field: UPDATED_AT, direction: ASC}) {
          totalCount pageInfo { hasNextPage endCursor }
          nodes { number title state labels(first: 10) { nodes { name } } milestone { number dueOn } }
        }
        milestones(first: 100) { nodes { number title dueOn state issues(first: 1) { totalCount } } }
      }
    }
    """
    found = data(bot, query, since="2026-01-01T00:00:00Z")
    shown = found["repository"]

    assert "syncer-bot" == found["viewer"]["login"]
    assert (repo.id, "ADMIN") == (shown["databaseId"], shown["viewerPermission"])
    assert repo.head() == shown["ref"]["target"]["oid"]
    assert (FILES["TODO.md"].decode(), False, False) == (
        shown["todo"]["text"],
        shown["todo"]["isTruncated"],
        shown["todo"]["isBinary"],
    )
    assert shown["none"] is None
    assert [("TODO.md", "blob", 0o100644), ("docs", "tree", 0o40000)] == [
        (entry["path"], entry["type"], entry["mode"]) for entry in shown["root"]["entries"]
    ]
    [node] = shown["issues"]["nodes"]
    assert (1, "OPEN", "2026-03-06T08:00:00Z") == (
        node["number"],
        node["state"],
        node["milestone"]["dueOn"],
    )
    assert 1 == shown["milestones"]["nodes"][0]["issues"]["totalCount"]
    counts = forge.count()
    assert (1, 0) == (counts.queries, counts.mutations)


def test_pull_requests_are_not_among_the_issues(repo: RepositoryHandle, bot: httpx.Client) -> None:
    """Unlike in REST, an issue by the number of a pull request is not found."""
    repo.create_branch("side")
    repo.commit({"x.md": b"1"}, branch="side")
    repo.open_pull("side", title="request")
    query = """{ repository(owner: "acme", name: "rune") {
        issues(first: 5) { totalCount } issue(number: 1) { title }
        issueOrPullRequest(number: 1) { ... on PullRequest { title mergeable headRefOid } }
        pullRequests(first: 5, states: [OPEN]) { nodes { number headRefName } } } }"""
    body = ask(bot, query)
    shown = body["data"]["repository"]
    assert (0, None) == (shown["issues"]["totalCount"], shown["issue"])
    assert "MERGEABLE" == shown["issueOrPullRequest"]["mergeable"]
    assert ("NOT_FOUND", ["repository", "issue"]) == (
        body["errors"][0]["type"],
        body["errors"][0]["path"],
    )


def test_what_is_missing_leaves_a_hole_and_an_error(
    forge: Sandbox, repo: RepositoryHandle, bot: httpx.Client
) -> None:
    """The rest of the answer is there."""
    forge.github.repository("acme/secret", private=True)
    stranger = forge.github.token("stranger", role="read", scopes=[])
    query = """{ a: repository(owner: "acme", name: "rune") { name }
                 b: repository(owner: "acme", name: "secret") { name } }"""
    with github_client(forge, stranger) as client:
        body = ask(client, query)
    assert {"a": {"name": "rune"}, "b": None} == body["data"]
    assert {
        "type": "NOT_FOUND",
        "path": ["b"],
        "locations": [{"line": 2, "column": 18}],
        "message": "Could not resolve to a Repository with the name 'acme/secret'.",
    } == body["errors"][0]


def test_a_renamed_repository_is_followed_without_a_word(
    forge: Sandbox, repo: RepositoryHandle, bot: httpx.Client
) -> None:
    """Only the name in the answer tells, unless following was declined."""
    forge.github.rename(repo, "acme/new")
    query = '{ repository(owner: "acme", name: "rune") { nameWithOwner } }'
    assert "acme/new" == data(bot, query)["repository"]["nameWithOwner"]
    strict = '{ repository(owner: "acme", name: "rune", followRenames: false) { name } }'
    assert "NOT_FOUND" == ask(bot, strict)["errors"][0]["type"]


def test_connections_are_paged_by_cursor(repo: RepositoryHandle, bot: httpx.Client) -> None:
    """Each page leads to the next, also when something new appears in between."""
    for number in range(7):
        repo.open_issue(f"{number}")
    query = """query($after: String) { repository(owner: "acme", name: "rune") {
        issues(first: 3, after: $after) { nodes { number } pageInfo { hasNextPage endCursor } } } }"""
    seen: list[int] = []
    after = None
    while True:
        page = data(bot, query, after=after)["repository"]["issues"]
        seen += [node["number"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert [1, 2, 3, 4, 5, 6, 7] == seen
    assert "errors" in ask(bot, query, after="nonsense")


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("issues { totalCount }", "MISSING_PAGINATION_BOUNDARIES"),
        ("issues(first: 101) { totalCount }", "EXCESSIVE_PAGINATION"),
        (
            """issues(first: 100) { nodes { comments(first: 100) { nodes { id } }
            labels(first: 100) { nodes { id } } timelineItems(first: 100) { nodes { __typename } } } }""",
            "",
        ),
        (
            """issues(first: 100) { nodes { labels(first: 100) { nodes { id } }
            subIssues(first: 100) { nodes { comments(first: 100) { nodes { id } } } } } }""",
            "MAX_NODE_LIMIT_EXCEEDED",
        ),
    ],
)
def test_pages_must_be_bounded(repo: RepositoryHandle, bot: httpx.Client, query: str, kind: str) -> None:
    """A connection without a size, or with too many nodes in all, is refused before it runs."""
    body = ask(bot, f'{{ repository(owner: "acme", name: "rune") {{ {query} }} }}')
    assert kind == (body["errors"][0]["type"] if kind else "")
    assert bool(kind) == ("errors" in body)


def test_documents_that_make_no_sense(forge: Sandbox, bot: httpx.Client) -> None:
    """Unknown fields, syntax errors and broken JSON each have their own answer; nobody gets a 401."""
    unknown = ask(bot, "{ viewer { shoeSize } }")
    assert "undefinedField" == unknown["errors"][0]["extensions"]["code"]
    assert "Parse error" in ask(bot, "{ viewer {")["errors"][0]["message"]
    assert 400 == bot.post("/graphql", content=b"{").status_code
    assert "errors" in bot.post("/graphql", json={}).json()
    assert 404 == bot.get("/graphql").status_code
    with github_client(forge) as stranger:
        answer = stranger.post("/graphql", json={"query": "{ viewer { login } }"})
        assert 401 == answer.status_code


def test_the_edit_history_of_a_body(repo: RepositoryHandle, bot: httpx.Client) -> None:
    """An edited body keeps every text it had, newest first; an unedited one has no history."""
    repo.open_issue("a", "one", by="alice")
    query = """{ repository(owner: "acme", name: "rune") { issue(number: 1) { lastEditedAt
        includesCreatedEdit
          userContentEdits(first: 10) { totalCount nodes { diff editor { login } } } } } }"""
    shown = data(bot, query)["repository"]["issue"]
    assert (0, None, False) == (
        shown["userContentEdits"]["totalCount"],
        shown["lastEditedAt"],
        shown["includesCreatedEdit"],
    )
    repo.issue(1).edit_body("two", by="bob")
    repo.issue(1).edit_body("three", by="carol")
    edits = data(bot, query)["repository"]["issue"]["userContentEdits"]["nodes"]
    assert [("three", "carol"), ("two", "bob"), ("one", "alice")] == [
        (edit["diff"], edit["editor"]["login"]) for edit in edits
    ]


def test_the_timeline_by_kind(repo: RepositoryHandle, bot: httpx.Client) -> None:
    """Events come with their actor and their values, filtered by type."""
    issue = repo.open_issue("old", by="alice")
    issue.retitle("new", by="bob")
    issue.close(by="carol", reason="not_planned")
    issue.comment("hi")
    issue.reopen(by="bob")
    query = """query($types: [IssueTimelineItemsItemType!]) { repository(owner: "acme", name: "rune") {
        issue(number: 1) { timelineItems(first: 50, itemTypes: $types) { filteredCount nodes { __typename
          ... on RenamedTitleEvent { previousTitle currentTitle actor { login } }
          ... on ClosedEvent { stateReason actor { login } createdAt }
          ... on ReopenedEvent { actor { login } }
          ... on IssueComment { body } } } } } }"""
    nodes = data(bot, query)["repository"]["issue"]["timelineItems"]["nodes"]
    assert ["RenamedTitleEvent", "ClosedEvent", "IssueComment", "ReopenedEvent"] == [
        node["__typename"] for node in nodes
    ]
    assert ("old", "new", "bob") == (
        nodes[0]["previousTitle"],
        nodes[0]["currentTitle"],
        nodes[0]["actor"]["login"],
    )
    assert "NOT_PLANNED" == nodes[1]["stateReason"]
    only = data(bot, query, types=["CLOSED_EVENT", "REOPENED_EVENT"])["repository"]["issue"]
    assert 2 == only["timelineItems"]["filteredCount"]


def test_anything_can_be_looked_up_by_its_id(repo: RepositoryHandle, bot: httpx.Client) -> None:
    """The ids of REST and of GraphQL are the same, and an unknown one is not found."""
    repo.create_milestone("MVP")
    repo.open_issue("a", labels=["bug"])
    rest = bot.get("/repos/acme/rune/issues/1").json()
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    found = data(
        bot,
        query,
        ids=[
            rest["node_id"],
            rest["labels"][0]["node_id"],
            rest["user"]["node_id"],
            bot.get("/repos/acme/rune").json()["node_id"],
            bot.get("/repos/acme/rune/milestones/1").json()["node_id"],
            bot.get("/repos/acme/rune/git/ref/heads/main").json()["node_id"],
            bot.get("/repos/acme/rune/commits/main").json()["node_id"],
        ],
    )["nodes"]
    assert ["Issue", "Label", "User", "Repository", "Milestone", "Ref", "Commit"] == [
        node["__typename"] for node in found
    ]
    assert "NOT_FOUND" == ask(bot, '{ node(id: "X_1") { id } }')["errors"][0]["type"]


def test_a_host_without_a_feature_does_not_know_its_fields(
    forge: Sandbox, repo: RepositoryHandle, bot: httpx.Client
) -> None:
    """An older schema refuses the field by name; a host without the endpoint is 404."""
    query = '{ repository(owner: "acme", name: "rune") { issues(first: 1) { nodes { parent { id } } } } }'
    assert "errors" not in ask(bot, query)
    forge.github.settings.missing_features.add("sub_issues")
    assert "parent" in ask(bot, query)["errors"][0]["message"]
    forge.github.settings.missing_features.add("graphql")
    assert 404 == bot.post("/graphql", json={"query": query}).status_code


def test_text_of_blobs_that_are_no_text(repo: RepositoryHandle, bot: httpx.Client) -> None:
    """Binary files have no text, broken UTF-8 comes out replaced, long texts are cut."""
    repo.commit({"bin": b"\x00\x01", "latin.md": b"caf\xe9", "long.md": b"x" * 600_000})
    query = """{ repository(owner: "acme", name: "rune") {
        bin: object(expression: "HEAD:bin") { ... on Blob { text isBinary byteSize } }
        latin: object(expression: "HEAD:latin.md") { ... on Blob { text } }
        long: object(expression: "HEAD:long.md") { ... on Blob { text isTruncated } } } }"""
    shown = data(bot, query)["repository"]
    assert {"text": None, "isBinary": True, "byteSize": 2} == shown["bin"]
    assert "caf\ufffd" == shown["latin"]["text"]
    assert (True, 512_000) == (shown["long"]["isTruncated"], len(shown["long"]["text"]))


def test_history_in_graphql(repo: RepositoryHandle, bot: httpx.Client) -> None:
    """A commit knows its parents, its files and its history."""
    repo.commit({"TODO.md": b"x"}, by="alice", message="change\n\nwhy")
    query = """{ repository(owner: "acme", name: "rune") { defaultBranchRef { name target { ... on Commit {
        messageHeadline messageBody author { name user { login } } changedFilesIfAvailable
        parents(first: 1) { totalCount } tree { oid } file(path: "docs/notes.md") { name type }
        history(first: 10, path: "TODO.md") { totalCount nodes { messageHeadline } } } } }
        refs(refPrefix: "refs/heads/", first: 5) { nodes { name } } } }"""
    shown = data(bot, query)["repository"]
    head = shown["defaultBranchRef"]["target"]
    assert ("change", "why", "alice") == (
        head["messageHeadline"],
        head["messageBody"],
        head["author"]["user"]["login"],
    )
    assert ["change", "Initial commit"] == [n["messageHeadline"] for n in head["history"]["nodes"]]
    assert {"name": "notes.md", "type": "blob"} == head["file"]
    assert [{"name": "main"}] == shown["refs"]["nodes"]


def test_graphql_is_where_enterprise_hosts_have_it(forge: Sandbox, repo: RepositoryHandle) -> None:
    """``/api/graphql`` answers a GitHub token as GitHub."""
    with github_client(forge, forge.github.token("bot")) as client:
        answer = client.post("/api/graphql", json={"query": "{ viewer { login } }"})
    assert "bot" == answer.json()["data"]["viewer"]["login"]
    assert "x-github-enterprise-version" in answer.headers
