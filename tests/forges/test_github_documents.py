"""What GitHub's wire demands of its documents, exchange by exchange."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
import respx

from syncer.errors import (
    Forbidden,
    Garbled,
    Missing,
    RateLimited,
    Rejected,
    StaleHead,
    Unavailable,
    UnknownFate,
)
from syncer.forges.blobs import blob_id
from syncer.model.source import CommitDraft, Entry, EntryKind, Head
from syncer.ports import Documents

from .fakes import GITHUB, KNOWN, Diary, FakeClock, answer, github_repository, reach, sent

REPO = f"{GITHUB}/repos/acme/rune"
GRAPHQL = "https://github.example.org/api/graphql"
PARENT = "a" * 40
COMMITTED = "c" * 40


@pytest.fixture
def documents(clock: FakeClock, diary: Diary) -> Documents:
    return reach("github", clock, diary).documents("acme/rune")


# --- files -------------------------------------------------------------------------------------


@respx.mock
def test_an_unchanged_head_is_the_known_one(documents: Documents) -> None:
    """304 costs nothing and answers with the very head that was known."""
    route = respx.get(f"{REPO}/git/ref/heads/release/v1").mock(
        side_effect=[answer({"object": {"sha": PARENT}}, etag='"h"'), httpx.Response(304)]
    )
    head = documents.head("release/v1", None)

    assert Head("release/v1", PARENT, '"h"') == head
    assert documents.head("release/v1", head) is head
    assert '"h"' == route.calls[1].request.headers["if-none-match"]


@pytest.mark.parametrize(
    "response", [answer({"message": "Not Found"}, 404), answer({"message": "Git Repository is empty."}, 409)]
)
@pytest.mark.respx(assert_all_called=False)
def test_a_missing_branch_is_named(
    response: httpx.Response, documents: Documents, respx_mock: respx.MockRouter
) -> None:
    """Also in a repository without any commit."""
    respx_mock.get(f"{REPO}/git/ref/heads/main").mock(return_value=response)
    respx_mock.get(REPO).mock(return_value=answer(github_repository()))
    with pytest.raises(Missing, match="no branch 'main'"):
        documents.head("main", None)


@respx.mock
def test_a_missing_repository_is_not_taken_for_a_missing_branch(documents: Documents) -> None:
    nothing = answer({"message": "Not Found"}, 404)
    respx.get(f"{REPO}/git/ref/heads/main").mock(return_value=nothing)
    respx.get(REPO).mock(return_value=nothing)
    with pytest.raises(Missing, match="no repository 'acme/rune'"):
        documents.head("main", None)


def tree(*entries: tuple[str, str], truncated: bool = False) -> dict[str, Any]:
    kinds = {"040000": "tree", "160000": "commit"}
    listed = [
        {
            "path": path,
            "mode": mode,
            "type": kinds.get(mode, "blob"),
            "sha": blob_id(path.encode(), PARENT),
            "size": 3,
        }
        for path, mode in entries
    ]
    return {"sha": PARENT, "tree": listed, "truncated": truncated}


@respx.mock
def test_entries_cost_one_request(documents: Documents, diary: Diary) -> None:
    """Files, links and submodules are told apart by their modes."""
    listing = tree(
        ("TODO.md", "100644"),
        ("run.md", "100755"),
        ("link.md", "120000"),
        ("mod", "160000"),
        ("docs", "040000"),
    )
    respx.get(f"{REPO}/git/trees/{PARENT}").mock(return_value=answer(listing))
    found = documents.entries(PARENT, ["*.md", "mod", "docs"])

    assert {
        "TODO.md": EntryKind.FILE,
        "run.md": EntryKind.FILE,
        "link.md": EntryKind.SYMLINK,
        "mod": EntryKind.SUBMODULE,
        "docs": EntryKind.DIRECTORY,
    } == {entry.path: entry.kind for entry in found}
    assert 1 == len(diary.exchanges)


@respx.mock
def test_a_truncated_tree_is_walked_where_needed(documents: Documents) -> None:
    """Only the directories that patterns lie in are asked for; one that is missing is empty."""
    whole = respx.get(f"{REPO}/git/trees/{PARENT}", params={"recursive": "1"})
    whole.mock(return_value=answer(tree(("AAA", "100644"), truncated=True)))
    root = respx.get(f"{REPO}/git/trees/{PARENT}")
    root.mock(return_value=answer(tree(("TODO.md", "100644"), ("docs", "040000"), ("huge", "040000"))))
    docs = respx.get(f"{REPO}/git/trees/{blob_id(b'docs', PARENT)}")
    docs.mock(return_value=answer(tree(("plan.md", "100644"), ("deep", "040000"))))
    deep = respx.get(f"{REPO}/git/trees/{blob_id(b'deep', PARENT)}")
    deep.mock(return_value=answer(tree(("x.md", "100644"))))
    found = documents.entries(PARENT, ["TODO.md", "docs/**/*.md", "none/*.md"])

    assert ["TODO.md", "docs/deep/x.md", "docs/plan.md"] == [entry.path for entry in found]
    assert 4 == len(respx.calls)


@respx.mock
def test_a_directory_too_large_to_be_listed_is_no_listing(documents: Documents) -> None:
    """What is not listed must not be taken for deleted."""
    respx.get(f"{REPO}/git/trees/{PARENT}").mock(return_value=answer(tree(("A", "100644"), truncated=True)))
    with pytest.raises(Garbled, match="too large"):
        documents.entries(PARENT, ["TODO.md"])


@respx.mock
def test_files_are_read_byte_for_byte_and_proven(documents: Documents) -> None:
    """Bytes that are not text survive; bytes that are not what was listed are refused."""
    data = b"\xef\xbb\xbf\xff\x00 \r\n"
    content = base64.encodebytes(data).decode()
    entry = Entry("a.md", EntryKind.FILE, blob_id(data, PARENT))
    respx.get(f"{REPO}/git/blobs/{entry.blob}").mock(
        side_effect=[
            answer({"content": content, "encoding": "base64"}),
            answer({"content": content[:-6], "encoding": "base64"}),
        ]
    )

    assert {"a.md": data} == documents.read(PARENT, [entry, Entry("l", EntryKind.SYMLINK, "b" * 40)])
    with pytest.raises(Garbled, match="other bytes"):
        documents.read(PARENT, [entry])


# --- committing --------------------------------------------------------------------------------

DRAFT = CommitDraft(
    branch="main",
    parent=PARENT,
    files={"TODO.md": b"- [x] a\r\n", "b.md": b"\xff"},
    expected={"TODO.md": "1" * 40, "b.md": "2" * 40},
    message="docs: tick two boxes\n\nThey are done.\n",
)
DONE = {"data": {"createCommitOnBranch": {"commit": {"oid": COMMITTED, "url": "https://x/c"}}}}


@respx.mock
def test_a_commit_is_one_mutation_for_all_files(documents: Documents, diary: Diary) -> None:
    """It names the head that it was made for."""
    route = respx.post(GRAPHQL).mock(return_value=answer(DONE))
    made = documents.commit(DRAFT)
    given = sent(route.calls[0])["variables"]["input"]

    assert (COMMITTED, PARENT, "https://x/c") == (made.revision, made.parent, made.url)
    assert blob_id(b"\xff", PARENT) == made.blobs["b.md"]
    assert PARENT == given["expectedHeadOid"]
    assert {"repositoryNameWithOwner": "acme/rune", "branchName": "main"} == given["branch"]
    assert {"headline": "docs: tick two boxes", "body": "They are done."} == given["message"]
    assert b"- [x] a\r\n" == base64.b64decode(given["fileChanges"]["additions"][0]["contents"])
    assert 1 == len(diary.exchanges)
    assert diary.exchanges[0].write


@respx.mock
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            {"data": None, "errors": [{"type": "STALE_DATA", "message": "Expected branch to point to"}]},
            StaleHead,
        ),
        ({"errors": [{"type": "BRANCH_PROTECTION_RULE_VIOLATION", "message": "pull request"}]}, Forbidden),
        ({"errors": [{"type": "UNPROCESSABLE", "message": "Repository rule violations found"}]}, Forbidden),
        ({"data": None, "errors": [{"type": "RATE_LIMITED", "message": "exceeded"}]}, RateLimited),
        ({"errors": [{"type": "NOT_FOUND", "message": "Could not resolve to a Repository"}]}, Missing),
        ({"errors": [{"type": "UNPROCESSABLE", "message": "bad path"}]}, Rejected),
        ({"errors": [{"message": "Something went wrong while executing your query."}]}, UnknownFate),
        ({"data": {"createCommitOnBranch": {"commit": None}}}, UnknownFate),
    ],
)
def test_a_refused_commit_is_told_apart(
    content: dict[str, Any], expected: type[Exception], documents: Documents
) -> None:
    """GraphQL says why inside a 200; none of these leads to a second attempt."""
    route = respx.post(GRAPHQL).mock(return_value=answer(content))
    with pytest.raises(expected):
        documents.commit(DRAFT)

    assert 1 == route.call_count
    assert 1 == len(respx.calls)


def database() -> dict[str, respx.Route]:
    """A host without the mutation: the git database endpoints."""
    respx.get(f"{REPO}/git/commits/{PARENT}").mock(return_value=answer({"tree": {"sha": "7" * 40}}))
    respx.get(f"{REPO}/git/ref/heads/main").mock(return_value=answer({"object": {"sha": PARENT}}))
    routes = {name: respx.post(f"{REPO}/git/{name}") for name in ("blobs", "trees", "commits")}
    routes["blobs"].mock(return_value=answer({"sha": "8" * 40}, 201))
    routes["trees"].mock(return_value=answer({"sha": "9" * 40}, 201))
    routes["commits"].mock(return_value=answer({"sha": COMMITTED, "html_url": "https://x/c"}, 201))
    routes["ref"] = respx.patch(f"{REPO}/git/refs/heads/main")
    routes["ref"].mock(return_value=answer({"object": {"sha": COMMITTED}}))
    return routes


NO_MUTATION = [
    answer({"message": "Not Found"}, 404),
    answer({"errors": [{"message": "Field 'createCommitOnBranch' doesn't exist on type 'Mutation'"}]}),
    answer(
        {"errors": [{"type": "FORBIDDEN", "message": "Resource not accessible by personal access token"}]}
    ),
]


@respx.mock
@pytest.mark.parametrize("refusal", NO_MUTATION)
def test_without_the_mutation_the_git_database_does_it(refusal: httpx.Response, documents: Documents) -> None:
    """Text goes inline, other bytes as a blob, the branch moves forwards only; the absence is remembered."""
    graphql = respx.post(GRAPHQL).mock(return_value=refusal)
    routes = database()
    made = documents.commit(DRAFT)
    documents.commit(DRAFT)

    assert COMMITTED == made.revision
    assert 1 == graphql.call_count
    assert {
        "base_tree": "7" * 40,
        "tree": [
            {"path": "TODO.md", "mode": "100644", "type": "blob", "content": "- [x] a\r\n"},
            {"path": "b.md", "mode": "100644", "type": "blob", "sha": "8" * 40},
        ],
    } == sent(routes["trees"].calls[0])
    assert {"sha": COMMITTED, "force": False} == sent(routes["ref"].calls[0])
    assert [PARENT] == sent(routes["commits"].calls[0])["parents"]


@respx.mock
def test_an_executable_file_stays_executable(documents: Documents) -> None:
    """The mode that was listed is written again."""
    respx.post(GRAPHQL).mock(return_value=NO_MUTATION[0])
    routes = database()
    respx.get(f"{REPO}/git/trees/{PARENT}").mock(return_value=answer(tree(("TODO.md", "100755"))))
    documents.entries(PARENT, ["TODO.md"])
    documents.commit(DRAFT)

    assert "100755" == sent(routes["trees"].calls[0])["tree"][0]["mode"]


@respx.mock
def test_a_lost_race_in_the_git_database_is_a_stale_head(documents: Documents) -> None:
    """Not a fast forward, or a head that was put back: both refuse."""
    respx.post(GRAPHQL).mock(return_value=NO_MUTATION[0])
    routes = database()
    routes["ref"].mock(return_value=answer({"message": "Update is not a fast forward"}, 422))
    with pytest.raises(StaleHead):
        documents.commit(DRAFT)
    respx.get(f"{REPO}/git/ref/heads/main").mock(return_value=answer({"object": {"sha": "b" * 40}}))
    with pytest.raises(StaleHead):
        documents.commit(DRAFT)

    assert 1 == routes["ref"].call_count


@respx.mock
def test_what_fails_before_the_branch_moves_changed_nothing(documents: Documents) -> None:
    """A lost answer for a tree is no unknown fate: nobody can see a tree. One for the branch is."""
    respx.post(GRAPHQL).mock(return_value=NO_MUTATION[0])
    routes = database()
    routes["trees"].mock(side_effect=[httpx.ReadTimeout("slow"), answer({"sha": "9" * 40}, 201)])
    with pytest.raises(Unavailable):
        documents.commit(DRAFT)
    routes["ref"].mock(return_value=httpx.Response(502))
    with pytest.raises(UnknownFate):
        documents.commit(DRAFT)


@respx.mock
@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (answer({"status": "ahead"}), True),
        (answer({"status": "identical"}), True),
        (answer({"status": "behind"}), False),
        (answer({"status": "diverged"}), False),
        (answer({"message": "Not Found"}, 404), False),
    ],
)
def test_descent(response: httpx.Response, expected: bool, documents: Documents) -> None:
    """A revision that is not there any more is nobody's ancestor."""
    respx.get(f"{REPO}/compare/{PARENT}...{COMMITTED}").mock(return_value=response)

    assert expected is documents.is_ancestor(PARENT, COMMITTED)
    assert documents.is_ancestor(PARENT, PARENT)


def test_a_line_has_a_permanent_address(clock: FakeClock) -> None:
    """Percent-encoded, and without a request where the profile is known."""
    documents = reach("github", clock).documents("acme/rune", known=KNOWN)

    assert (
        f"https://github.example.org/acme/rune/blob/{PARENT}/d%C3%B6cs/a%20b%23%3F.md?plain=1#L12"
        == documents.line_url("döcs/a b#?.md", PARENT, 12)
    )


@respx.mock
def test_a_token_that_may_commit_in_no_way_is_told_the_first_reason(documents: Documents) -> None:
    """The branch is not moved."""
    refusal = {"errors": [{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}]}
    respx.post(GRAPHQL).mock(return_value=answer(refusal))
    routes = database()
    routes["trees"].mock(
        return_value=answer({"message": "Resource not accessible by integration, either"}, 403)
    )
    with pytest.raises(Forbidden) as caught:
        documents.commit(DRAFT)

    assert "either" not in caught.value.what
    assert not routes["ref"].called


@respx.mock
def test_a_branch_is_joined_with_another_commit_without_being_rewritten(clock: FakeClock) -> None:
    """The tree is the other commit's with our files in it; both are parents; only forwards."""
    other = "e" * 40
    routes = database()
    respx.get(f"{REPO}/git/commits/{other}").mock(return_value=answer({"tree": {"sha": "6" * 40}}))
    proposals = reach("github", clock).proposals("acme/rune")
    assert proposals is not None
    made = proposals.restart(DRAFT, other)

    assert made is not None
    assert COMMITTED == made.revision
    assert "6" * 40 == sent(routes["trees"].calls[0])["base_tree"]
    assert [PARENT, other] == sent(routes["commits"].calls[0])["parents"]
    assert {"sha": COMMITTED, "force": False} == sent(routes["ref"].calls[0])
