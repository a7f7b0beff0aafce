"""Listing on GitLab: filters, offset pages with totals, keyset pages, validators."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx

from syncer.sandbox import RepositoryHandle, Sandbox


def links(answer: httpx.Response) -> dict[str, str]:
    found = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers.get("link", ""))
    return {rel: url for url, rel in found}


def iids(answer: httpx.Response) -> list[int]:
    assert 200 == answer.status_code, answer.text
    return [entry["iid"] for entry in answer.json()]


def test_all_states_and_twenty_at_a_time_by_default(project: RepositoryHandle, lab: httpx.Client) -> None:
    """Merge requests are no issues and count for themselves."""
    for number in range(25):
        project.open_issue(f"{number}")
    project.issue(1).close()
    project.create_branch("side")
    project.commit({"x.md": b"1"}, branch="side")
    assert 1 == project.open_pull("side").number
    answer = lab.get("/issues")
    assert list(range(25, 5, -1)) == iids(answer)
    assert ("25", "2", "1", "20", "2", "") == tuple(
        answer.headers[name]
        for name in ("x-total", "x-total-pages", "x-page", "x-per-page", "x-next-page", "x-prev-page")
    )
    assert {"next", "first", "last"} == set(links(answer))
    assert [5, 4, 3, 2, 1] == iids(lab.get(links(answer)["next"]))


def test_filters(forge: Sandbox, project: RepositoryHandle, lab: httpx.Client) -> None:
    """State, labels, milestone, author, assignee, numbers, text and kind each narrow the list."""
    milestone = project.create_milestone("MVP")
    project.open_issue("plain", "needle", by="alice")
    project.open_issue("labelled", by="bob", labels=["a", "b"])
    project.open_issue("planned", by="alice", milestone=milestone)
    project.issue(1).assign("carol")
    project.issue(1).close()
    alice = forge.gitlab.user("alice").id

    def listed(**params: str) -> list[int]:
        return iids(lab.get("/issues", params=params))

    assert [3, 2] == listed(state="opened")
    assert [1] == listed(state="closed")
    assert [2] == listed(labels="a,b")
    assert [3, 1] == listed(labels="None")
    assert [2] == listed(labels="Any")
    assert [3] == listed(milestone="MVP")
    assert [2, 1] == listed(milestone="None")
    assert [3] == listed(milestone="Any")
    assert [3, 1] == listed(author_username="alice")
    assert [3, 1] == listed(author_id=str(alice))
    assert [1] == listed(assignee_username="carol")
    assert [1] == listed(search="needle")
    assert [] == listed(search="needle", **{"in": "title"})
    assert [3, 2, 1] == listed(issue_type="issue")
    assert [3, 1] == iids(lab.get("/issues?iids[]=1&iids[]=3"))
    assert [1, 2, 3] == listed(sort="asc")
    assert 400 == lab.get("/issues", params={"state": "open"}).status_code


def test_updated_after_is_inclusive_and_knows_milliseconds(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """The bound itself belongs to the result."""
    forge.clock.freeze()
    for title in "abc":
        project.open_issue(title)
        forge.clock.advance(0.5)
    moments = {entry["iid"]: entry["updated_at"] for entry in lab.get("/issues").json()}
    assert [3, 2] == iids(lab.get("/issues", params={"updated_after": moments[2]}))
    assert [2, 1] == iids(lab.get("/issues", params={"updated_before": moments[2]}))
    assert [1] == iids(lab.get("/issues", params={"created_before": moments[1]}))
    later = (forge.clock.now() + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    assert [] == iids(lab.get("/issues", params={"updated_after": later}))
    assert 400 == lab.get("/issues", params={"updated_after": "soon"}).status_code


def test_sorting(forge: Sandbox, project: RepositoryHandle, lab: httpx.Client) -> None:
    """By update, by title, and by id."""
    for title in ("b", "c", "a"):
        project.open_issue(title)
        forge.clock.advance(1)
    project.issue(1).comment("x")
    assert [1, 3, 2] == iids(lab.get("/issues", params={"order_by": "updated_at"}))
    assert [3, 1, 2] == iids(lab.get("/issues", params={"order_by": "title", "sort": "asc"}))


def test_keyset_pages_have_a_next_link_and_nothing_else(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """Following the links reaches every issue once; an order without a keyset falls back to offsets."""
    for number in range(7):
        project.open_issue(f"{number}")
        forge.clock.advance(1)
    params = {"pagination": "keyset", "order_by": "updated_at", "sort": "asc", "per_page": "3"}
    answer = lab.get("/issues", params=params)
    seen = iids(answer)
    assert "x-total" not in answer.headers
    project.issue(1).comment("moves to the end")
    while "next" in links(answer):
        answer = lab.get(links(answer)["next"])
        seen += iids(answer)
    assert [1, 2, 3, 4, 5, 6, 7, 1] == seen
    fallback = lab.get("/issues", params={**params, "order_by": "popularity"})
    assert "x-page" in fallback.headers
    assert 400 == lab.get("/issues", params={**params, "cursor": "x"}).status_code


def test_totals_are_left_out_beyond_ten_thousand_and_offsets_end(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """No total, no last page; and an offset beyond the cap is refused."""
    for number in range(10_001):
        project.open_issue(f"{number}")
    answer = lab.get("/issues", params={"per_page": 100})
    assert "x-total" not in answer.headers
    assert "x-total-pages" not in answer.headers
    assert {"next", "first"} == set(links(answer))
    forge.gitlab.settings.offset_cap = 1000
    refused = lab.get("/issues", params={"per_page": 100, "page": 11})
    assert 405 == refused.status_code
    assert refused.json()["error"].startswith("Offset pagination has a maximum allowed offset of 1000")


def test_an_unchanged_answer_is_304_and_still_counts(project: RepositoryHandle, lab: httpx.Client) -> None:
    """The ETag saves bytes, not requests."""
    first = lab.get("/issues")
    again = lab.get("/issues", headers={"If-None-Match": first.headers["etag"]})
    assert (304, b"") == (again.status_code, again.content)
    assert int(first.headers["ratelimit-observed"]) + 1 == int(again.headers["ratelimit-observed"])
    project.open_issue("a")
    assert 200 == lab.get("/issues", headers={"If-None-Match": first.headers["etag"]}).status_code


def test_per_page_is_capped_and_checked(project: RepositoryHandle, lab: httpx.Client) -> None:
    """A hundred at most, and none at all is an error."""
    for number in range(101):
        project.open_issue(f"{number}")
    assert 100 == len(lab.get("/issues", params={"per_page": 500}).json())
    assert 400 == lab.get("/issues", params={"per_page": 0}).status_code
