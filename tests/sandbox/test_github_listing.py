"""Listing on GitHub: filters, order, pages, cursors, conditional requests."""

from __future__ import annotations

import re

import httpx
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox

from .conftest import github_client


def links(answer: httpx.Response) -> dict[str, str]:
    found = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers.get("link", ""))
    return {rel: url for url, rel in found}


def numbers(answer: httpx.Response) -> list[int]:
    return [entry["number"] for entry in answer.json()]


def test_only_open_issues_and_thirty_at_a_time_by_default(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Without parameters a list is short, open, and newest first."""
    for number in range(40):
        repo.open_issue(f"item {number}")
    repo.issue(40).close()

    answer = hub.get("/issues")

    assert list(range(39, 9, -1)) == numbers(answer)
    assert {"next"} == set(links(answer))


def test_pull_requests_are_in_the_list_and_share_the_numbers(
    repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """A pull request is an issue with one more key."""
    repo.open_issue("issue")
    repo.create_branch("side")
    repo.commit({"x.md": b"1"}, branch="side")
    repo.open_pull("side", title="request")

    found = hub.get("/issues").json()

    assert [(2, True), (1, False)] == [(entry["number"], "pull_request" in entry) for entry in found]
    assert [2] == numbers(hub.get("/pulls"))
    assert "request" == hub.get("/issues/2").json()["title"]


def test_filters(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """State, labels, milestone, creator and assignee each narrow the list."""
    milestone = repo.create_milestone("MVP")
    repo.open_issue("plain", by="alice")
    repo.open_issue("labelled", by="bob", labels=["Bug", "new"])
    repo.open_issue("planned", by="alice", milestone=milestone)
    repo.issue(1).assign("carol")
    repo.issue(1).close()

    def listed(**params: str) -> list[int]:
        return numbers(hub.get("/issues", params=params))

    assert [3, 2] == listed()
    assert [1] == listed(state="closed")
    assert [3, 2, 1] == listed(state="all")
    assert [2] == listed(labels="bug,NEW")
    assert [3] == listed(milestone="1")
    assert [2] == listed(milestone="none")
    assert [3] == listed(milestone="*")
    assert [2] == listed(creator="bob")
    assert [1] == listed(assignee="carol", state="all")
    assert [3, 2] == listed(assignee="none", state="all")
    assert [1, 2, 3] == listed(state="all", direction="asc")
    assert 422 == hub.get("/issues", params={"milestone": "7"}).status_code
    assert 422 == hub.get("/issues", params={"state": "closd"}).status_code


def test_since_compares_whole_seconds_and_leaves_out_the_second_itself(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """Whoever asks for changes since the last one seen has to overlap."""
    forge.clock.freeze()
    for title in "abc":
        repo.open_issue(title)
        forge.clock.advance(2)
    moments = {entry["number"]: entry["updated_at"] for entry in hub.get("/issues").json()}

    assert [3, 2] == numbers(hub.get("/issues", params={"since": moments[1]}))
    assert [] == numbers(hub.get("/issues", params={"since": moments[3]}))
    assert 422 == hub.get("/issues", params={"since": "yesterday"}).status_code


def test_sorting_by_update(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A comment moves an issue to the top of the list that is sorted by update."""
    for title in "abc":
        repo.open_issue(title)
        forge.clock.advance(2)
    repo.issue(1).comment("again")

    assert [1, 3, 2] == numbers(hub.get("/issues", params={"sort": "updated"}))
    assert [2, 3, 1] == numbers(hub.get("/issues", params={"sort": "updated", "direction": "asc"}))
    assert [1, 3, 2] == numbers(hub.get("/issues", params={"sort": "comments"}))


def test_following_the_links_reaches_every_issue_exactly_once(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """The links carry cursors, so issues created meanwhile neither shift nor repeat anything."""
    for number in range(25):
        repo.open_issue(f"item {number}")
        forge.clock.advance(1)
    answer = hub.get("/issues", params={"per_page": 10})
    seen = numbers(answer)
    repo.open_issue("late")
    while "next" in links(answer):
        assert f"{forge.url}/repositories/{repo.id}/issues?" in links(answer)["next"]
        answer = hub.get(links(answer)["next"])
        seen += numbers(answer)

    assert list(range(25, 0, -1)) == seen


def test_page_numbers_end_at_ten_thousand_entries(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """Deep pages are refused with the words that clients know, sooner for strangers; cursors go on."""
    repo.open_issue("a")
    answer = hub.get("/issues", params={"per_page": 100, "page": 100})
    assert 422 == answer.status_code
    assert "please use cursor based pagination (after/before)" in answer.json()["message"]
    assert 200 == hub.get("/issues", params={"per_page": 100, "page": 99}).status_code
    with github_client(forge) as stranger:
        deep = stranger.get("/repos/acme/rune/issues", params={"per_page": 100, "page": 11})
        assert 422 == deep.status_code


def test_a_list_of_more_than_ten_thousand_issues_can_be_read_by_its_links(
    repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """Every page but the last has a next one, to any depth."""
    for number in range(10_150):
        repo.open_issue(f"item {number}")
    params: dict[str, str | int] = {"per_page": 100, "state": "all", "direction": "asc"}
    answer = hub.get("/issues", params=params)
    pages, seen = 1, numbers(answer)
    while "next" in links(answer):
        answer = hub.get(links(answer)["next"])
        pages, seen = pages + 1, seen + numbers(answer)

    assert (102, list(range(1, 10_151))) == (pages, seen)


def test_other_lists_have_numbered_pages(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Labels have first, previous, next and last pages; more than a hundred at a time are not given."""
    for number in range(120):
        repo.label(f"label {number:03}")
    assert 100 == len(hub.get("/labels", params={"per_page": 500}).json())
    answer = hub.get("/labels", params={"per_page": 50, "page": 2})
    assert {"first", "prev", "next", "last"} == set(links(answer))
    assert 29 == len(hub.get(links(answer)["last"]).json())
    assert [] == hub.get("/labels", params={"per_page": 50, "page": 9}).json()


def test_an_unchanged_answer_is_304_and_free(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """The same request with the ETag verbatim costs nothing; any change makes it a 200 again."""
    repo.open_issue("a")
    first = hub.get("/issues", params={"state": "all"})
    etag = first.headers["etag"]
    assert etag.startswith('W/"')

    second = hub.get("/issues", params={"state": "all"}, headers={"If-None-Match": etag})
    assert (304, b"") == (second.status_code, second.content)
    assert first.headers["x-ratelimit-used"] == second.headers["x-ratelimit-used"]

    stripped = hub.get("/issues", params={"state": "all"}, headers={"If-None-Match": etag.removeprefix("W/")})
    assert 200 == stripped.status_code
    repo.issue(1).comment("new")
    assert 200 == hub.get("/issues", params={"state": "all"}, headers={"If-None-Match": etag}).status_code


@pytest.mark.parametrize(
    "other",
    [
        {"headers": {"Accept": "application/vnd.github+json"}},
        {"params": {"state": "all", "per_page": "100"}},
        {"scheme": "token"},
    ],
)
def test_an_etag_belongs_to_one_credential_one_address_and_one_accept_header(
    forge: Sandbox, hub: httpx.Client, repo: RepositoryHandle, other: dict[str, dict[str, str]]
) -> None:
    """What differs in any of them has another ETag."""
    etag = hub.get("/issues", params={"state": "all"}).headers["etag"]
    headers = {"If-None-Match": etag, **other.get("headers", {})}
    if "scheme" in other:
        headers["Authorization"] = hub.headers["Authorization"].replace("Bearer", "token")
    params = other.get("params", {"state": "all"})

    assert 200 == hub.get("/issues", params=params, headers=headers).status_code


def test_a_304_without_a_credential_is_not_free(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Only authorised requests get their unchanged answers for nothing."""
    with github_client(forge) as stranger:
        first = stranger.get("/repos/acme/rune")
        again = stranger.get("/repos/acme/rune", headers={"If-None-Match": first.headers["etag"]})
    assert 304 == again.status_code
    assert int(first.headers["x-ratelimit-used"]) + 1 == int(again.headers["x-ratelimit-used"])


def test_a_single_issue_knows_when_it_was_last_modified(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """``If-Modified-Since`` works where there is a ``Last-Modified``."""
    repo.open_issue("a")
    first = hub.get("/issues/1")
    again = hub.get("/issues/1", headers={"If-Modified-Since": first.headers["last-modified"]})
    assert 304 == again.status_code


def test_searching_sees_the_world_as_it_was_a_minute_ago(forge: Sandbox, repo: RepositoryHandle) -> None:
    """The index lags, so whoever searches for what was just created finds nothing."""
    repo.open_issue("needle")
    token = forge.github.token("bot")
    query = {"q": 'repo:acme/rune is:issue "needle"'}
    with github_client(forge, token) as client:
        assert 0 == client.get("/search/issues", params=query).json()["total_count"]
        forge.clock.advance(61)
        assert 1 == client.get("/search/issues", params=query).json()["total_count"]
        assert 422 == client.get("/search/issues").status_code
