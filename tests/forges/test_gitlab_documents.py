"""What GitLab's wire demands of its documents, exchange by exchange."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx

from syncer.errors import Forbidden, Garbled, Missing, Rejected, StaleHead, UnknownFate
from syncer.forges.blobs import blob_id
from syncer.forges.gitlab.known_commits import RECENT, KnownCommits
from syncer.model.source import CommitDraft, Entry, EntryKind, Head
from syncer.ports import Documents

from .fakes import GITLAB, Diary, FakeClock, answer, gitlab_project, reach, sent

API = f"{GITLAB}/api/v4"
PROJECT = f"{API}/projects/acme%2Frune"
PARENT = "a" * 40
COMMITTED = "c" * 40


@pytest.fixture
def documents(clock: FakeClock, diary: Diary) -> Documents:
    return reach("gitlab", clock, diary).documents("acme/rune")


@pytest.fixture
def router() -> Iterator[respx.MockRouter]:
    """Answers that not every test needs."""
    with respx.mock(assert_all_called=False) as router:
        yield router


# --- files -------------------------------------------------------------------------------------


@respx.mock
def test_an_unchanged_head_is_the_known_one(documents: Documents) -> None:
    """Branch names are escaped as a whole."""
    route = respx.get(url=f"{PROJECT}/repository/branches/release%2Fv1").mock(
        side_effect=[answer({"commit": {"id": PARENT}}, etag='W/"h"'), httpx.Response(304)]
    )
    head = documents.head("release/v1", None)

    assert Head("release/v1", PARENT, 'W/"h"') == head
    assert documents.head("release/v1", head) is head
    assert 'W/"h"' == route.calls[1].request.headers["if-none-match"]


def listing(*entries: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {"id": blob_id(path.encode(), PARENT), "name": path, "type": "blob", "path": path, "mode": mode}
        for path, mode in entries
    ]


@respx.mock
def test_only_the_directories_that_matter_are_listed(documents: Documents, diary: Diary) -> None:
    """One request for each directory, recursive only where a pattern is; what is missing is empty."""
    tree = respx.get(f"{PROJECT}/repository/tree")

    def serve(request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        assert (PARENT, "keyset", "100") == (query["ref"], query["pagination"], query["per_page"])
        if query.get("page_token"):
            return answer(listing(("z.md", "100644")))
        if "path" not in query:
            following = f"{PROJECT}/repository/tree?ref={PARENT}&pagination=keyset&per_page=100&page_token=x"
            return answer(
                listing(("TODO.md", "100644"), ("l.md", "120000")), link=f'<{following}>; rel="next"'
            )
        if query["path"] == "docs":
            assert "true" == query["recursive"]
            return answer(listing(("docs/a/b.md", "100644"), ("docs/a", "040000"), ("docs/m.md", "160000")))
        return answer({"message": "404 Tree Not Found"}, 404)

    tree.mock(side_effect=serve)
    found = documents.entries(PARENT, ["*.md", "docs/**/*.md", "none/x.md"])

    assert {
        "TODO.md": EntryKind.FILE,
        "l.md": EntryKind.SYMLINK,
        "z.md": EntryKind.FILE,
        "docs/a/b.md": EntryKind.FILE,
        "docs/m.md": EntryKind.SUBMODULE,
    } == {entry.path: entry.kind for entry in found}
    assert 4 == len(diary.exchanges)


@respx.mock
def test_an_unknown_revision_is_missing(documents: Documents) -> None:
    """An absent root is no empty directory."""
    respx.get(f"{PROJECT}/repository/tree").mock(return_value=answer({"message": "404 Tree Not Found"}, 404))
    with pytest.raises(Missing):
        documents.entries(PARENT, ["TODO.md"])


@respx.mock
def test_files_are_read_byte_for_byte_and_proven(documents: Documents) -> None:
    """At the very revision; bytes that are not what was listed are refused."""
    data = b"\xef\xbb\xbf\xff\x00 \r\n"
    entry = Entry("docs/a b.md", EntryKind.FILE, blob_id(data, PARENT))
    route = respx.get(url=f"{PROJECT}/repository/files/docs%2Fa%20b.md/raw?ref={PARENT}").mock(
        side_effect=[httpx.Response(200, content=data), httpx.Response(200, content=data[:-1])]
    )

    assert {"docs/a b.md": data} == documents.read(PARENT, [entry, Entry("l", EntryKind.SYMLINK, "b" * 40)])
    with pytest.raises(Garbled, match="other bytes"):
        documents.read(PARENT, [entry])
    assert "json" not in route.calls[0].request.headers["accept"]


# --- committing --------------------------------------------------------------------------------

OLD = b"- [ ] a\r\n"
DRAFT = CommitDraft(
    branch="main",
    parent=PARENT,
    files={"TODO.md": b"- [x] a\r\n", "new.md": b"\xff"},
    expected={"TODO.md": blob_id(OLD, PARENT)},
    message="docs: tick a box",
)


def world(router: respx.MockRouter, head: str = PARENT, content: bytes = OLD) -> respx.Route:
    """A project whose branch points at ``head`` and whose roadmap reads ``content``; the commit's route."""
    router.get(f"{PROJECT}/repository/branches/main").mock(return_value=answer({"commit": {"id": head}}))
    router.get(url=f"{PROJECT}/repository/files/TODO.md/raw?ref={PARENT}").mock(
        return_value=httpx.Response(200, content=content, headers={"x-gitlab-last-commit-id": "1" * 40})
    )
    return router.post(f"{PROJECT}/repository/commits")


def test_a_commit_is_one_request_for_all_files(
    documents: Documents, diary: Diary, router: respx.MockRouter
) -> None:
    """Each file names the commit that touched it last; a new one is created."""
    route = world(router).mock(
        return_value=answer({"id": COMMITTED, "parent_ids": [PARENT], "web_url": "https://x/c"}, 201)
    )
    made = documents.commit(DRAFT)

    assert (COMMITTED, PARENT, "https://x/c") == (made.revision, made.parent, made.url)
    assert blob_id(b"\xff", PARENT) == made.blobs["new.md"]
    assert {
        "branch": "main",
        "commit_message": "docs: tick a box",
        "actions": [
            {
                "action": "update",
                "file_path": "TODO.md",
                "content": base64.b64encode(b"- [x] a\r\n").decode(),
                "encoding": "base64",
                "last_commit_id": "1" * 40,
            },
            {"action": "create", "file_path": "new.md", "content": "/w==", "encoding": "base64"},
        ],
    } == sent(route.calls[0])
    assert 1 == len(diary.writes)


def test_a_file_that_was_read_need_not_be_looked_at_again(
    documents: Documents, diary: Diary, router: respx.MockRouter
) -> None:
    """Reading remembers who touched it last: then a commit costs one read of the head and one write."""
    world(router).mock(return_value=answer({"id": COMMITTED, "parent_ids": [PARENT]}, 201))
    documents.read(PARENT, [Entry("TODO.md", EntryKind.FILE, blob_id(OLD, PARENT))])
    before = len(diary.exchanges)
    documents.commit(DRAFT)

    assert 2 == len(diary.exchanges) - before


def test_after_a_look_at_the_branch_a_commit_is_one_request(
    documents: Documents, diary: Diary, router: respx.MockRouter
) -> None:
    """The ids of the files protect them, and the head that was just seen proves that they are known."""
    world(router).mock(return_value=answer({"id": COMMITTED, "parent_ids": [PARENT]}, 201))
    documents.head("main", None)
    documents.read(PARENT, [Entry("TODO.md", EntryKind.FILE, blob_id(OLD, PARENT))])
    before = len(diary.exchanges)
    documents.commit(DRAFT)

    assert 1 == len(diary.exchanges) - before
    # What we have just written ourselves is known: the next one needs no look either.
    route = router.post(f"{PROJECT}/repository/commits")
    route.mock(return_value=answer({"id": "d" * 40, "parent_ids": [COMMITTED]}, 201))
    second = CommitDraft(
        branch="main",
        parent=COMMITTED,
        files={"TODO.md": b"- [x] b\r\n"},
        expected={"TODO.md": blob_id(DRAFT.files["TODO.md"], PARENT)},
        message="docs: another",
    )
    documents.commit(second)

    assert 2 == len(diary.exchanges) - before
    assert COMMITTED == sent(route.calls[-1])["actions"][0]["last_commit_id"]


def test_a_head_that_was_seen_long_ago_is_read_again(
    router: respx.MockRouter, clock: FakeClock, diary: Diary
) -> None:
    """By then the commits that the ids name may have been pruned, and unknown ids protect nothing."""
    known = KnownCommits(lambda: clock.now().timestamp())
    known.saw_head("main", PARENT)
    assert known.was_head("main", PARENT)
    clock.sleep(RECENT + 1)

    assert not known.was_head("main", PARENT)
    assert not known.was_head("other", PARENT)


@pytest.mark.parametrize(
    "response",
    [
        answer({"message": "You are attempting to update a file that has changed since"}, 400),
        answer({"message": "500 Internal Server Error"}, 500),
        answer({"id": COMMITTED, "parent_ids": ["d" * 40]}, 201),
    ],
)
def test_after_a_surprise_everything_is_looked_at_again(
    response: httpx.Response, documents: Documents, diary: Diary, router: respx.MockRouter
) -> None:
    route = world(router).mock(return_value=response)
    router.get(f"{PROJECT}/repository/tree").mock(return_value=answer([]))
    documents.head("main", None)
    documents.read(PARENT, [Entry("TODO.md", EntryKind.FILE, blob_id(OLD, PARENT))])
    with pytest.raises((Rejected, StaleHead, UnknownFate)):
        documents.commit(DRAFT)
    route.mock(return_value=answer({"id": COMMITTED, "parent_ids": [PARENT]}, 201))
    before = len(diary.exchanges)

    documents.commit(DRAFT)

    assert 3 == len(diary.exchanges) - before  # the head, the file, the commit


@pytest.mark.parametrize(("head", "content"), [("b" * 40, OLD), (PARENT, b"changed")])
def test_a_moved_branch_is_noticed_before_anything_is_sent(
    head: str, content: bytes, documents: Documents, router: respx.MockRouter
) -> None:
    """Another head, or another content than the edits were made for."""
    route = world(router, head, content)
    with pytest.raises(StaleHead):
        documents.commit(DRAFT)

    assert not route.called


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (
            400,
            "You are attempting to update a file that has changed since you started editing it.",
            StaleHead,
        ),
        (400, "A file with this name already exists", StaleHead),
        (400, "A file with this name doesn't exist", StaleHead),
        (400, "Could not update refs/heads/main. Please refresh and try again.", StaleHead),
        (400, "You are not allowed to push into this branch", Forbidden),
        (403, "403 Forbidden", Forbidden),
        (400, "commit_message is missing", Rejected),
        (500, "500 Internal Server Error", UnknownFate),
    ],
)
def test_a_refused_commit_is_told_apart(
    status: int, message: str, expected: type[Exception], documents: Documents, router: respx.MockRouter
) -> None:
    """By what GitLab says; none leads to a second attempt."""
    router.get(PROJECT).mock(return_value=answer(gitlab_project()))
    route = world(router).mock(return_value=answer({"message": message}, status))
    with pytest.raises(expected):
        documents.commit(DRAFT)

    assert 1 == route.call_count


@pytest.mark.parametrize(
    ("project", "words"),
    [({"archived": True}, "is archived"), ({"issues_enabled": False}, "the forge refuses: 403 Forbidden")],
)
def test_a_refusal_without_a_reason_is_explained_by_the_project(
    project: dict[str, Any], words: str, documents: Documents, router: respx.MockRouter
) -> None:
    """GitLab answers all of them with "403 Forbidden". A commit has nothing to do with issues."""
    world(router).mock(return_value=answer({"message": "403 Forbidden"}, 403))
    router.get(PROJECT).mock(return_value=answer(gitlab_project(**project)))
    with pytest.raises(Forbidden, match=words):
        documents.commit(DRAFT)


def test_a_commit_to_other_files_that_slipped_in_does_no_harm(
    documents: Documents, router: respx.MockRouter
) -> None:
    """The parent is another one, but holds our files as they were meant."""
    world(router).mock(return_value=answer({"id": COMMITTED, "parent_ids": ["d" * 40]}, 201))
    held = [{"id": blob_id(OLD, PARENT), "type": "blob", "path": "TODO.md", "mode": "100644"}]
    router.get(f"{PROJECT}/repository/tree", params={"ref": "d" * 40}).mock(return_value=answer(held))

    assert "d" * 40 == documents.commit(DRAFT).parent


@pytest.mark.parametrize(
    "response",
    [
        answer([{"id": "e" * 40, "type": "blob", "path": "TODO.md", "mode": "100644"}]),
        answer([]),
        answer({"message": "404 Tree Not Found"}, 404),
    ],
)
def test_a_change_that_was_replaced_is_said_aloud(
    response: httpx.Response, documents: Documents, router: respx.MockRouter
) -> None:
    """The hole in last_commit_id: a push to the same file in the same moment is found in the parent."""
    world(router).mock(return_value=answer({"id": COMMITTED, "parent_ids": ["d" * 40]}, 201))
    router.get(f"{PROJECT}/repository/tree").mock(return_value=response)
    with pytest.raises(UnknownFate, match=COMMITTED):
        documents.commit(DRAFT)


@respx.mock
@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (answer({"id": PARENT}), True),
        (answer({"id": "d" * 40}), False),
        (answer({"message": "404 Merge Base Not Found"}, 404), False),
        (answer({"message": "400 Bad request - Could not find ref: x"}, 400), False),
    ],
)
def test_descent(response: httpx.Response, expected: bool, documents: Documents) -> None:
    """The merge base of an ancestor and its descendant is the ancestor."""
    route = respx.get(f"{PROJECT}/repository/merge_base").mock(return_value=response)

    assert expected is documents.is_ancestor(PARENT, COMMITTED)
    assert f"refs%5B%5D={PARENT}&refs%5B%5D={COMMITTED}" in str(route.calls[0].request.url)


@respx.mock
def test_a_line_has_a_permanent_address(documents: Documents) -> None:
    """Percent-encoded, below the project's own web address."""
    respx.get(PROJECT).mock(return_value=answer(gitlab_project()))

    assert (
        f"https://gitlab.example.org/acme/rune/-/blob/{PARENT}/d%C3%B6cs/a%20b.md?plain=1#L12"
        == documents.line_url("döcs/a b.md", PARENT, 12)
    )
