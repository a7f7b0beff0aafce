"""Issues on GitHub: creating, changing, closing, and everything that is refused or dropped."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox

from .conftest import github_client


def test_an_issue_is_created_with_labels_milestone_and_assignees(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """One request carries everything, and labels that did not exist are made with the default colour."""
    forge.github.user("alice", role="write")
    milestone = repo.create_milestone("MVP")
    values = {
        "title": "Ship it",
        "body": "text",
        "labels": ["roadmap", "Bug"],
        "milestone": milestone.number,
        "assignees": ["alice", "nobody"],
    }
    answer = hub.post("/issues", json=values)

    made = answer.json()
    assert 201 == answer.status_code
    assert f"{forge.url}/repos/acme/rune/issues/1" == answer.headers["location"]
    assert ["roadmap", "bug"] == [label["name"] for label in made["labels"]]
    assert ["ededed", "d73a4a"] == [label["color"] for label in made["labels"]]
    assert "MVP" == made["milestone"]["title"]
    assert ["alice"] == [user["login"] for user in made["assignees"]]
    assert (None, "open", None) == (made["state_reason"], made["state"], made["closed_by"])
    assert made["id"] != made["number"]


def test_without_push_access_labels_assignees_and_milestone_are_dropped(
    forge: Sandbox, repo: RepositoryHandle
) -> None:
    """Somebody who may only read opens an issue, and the rest is left out without a word."""
    repo.create_milestone("MVP")
    token = forge.github.token("stranger", role="read")
    values = {"title": "Hello", "labels": ["bug"], "milestone": 1, "assignees": ["stranger"]}
    with github_client(forge, token) as client:
        answer = client.post("/repos/acme/rune/issues", json=values)

    made = answer.json()
    assert 201 == answer.status_code
    assert ([], None, []) == (made["labels"], made["milestone"], made["assignees"])


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"title": ""}, {"resource": "Issue", "code": "missing_field", "field": "title"}),
        (
            {"title": "x" * 257},
            {
                "resource": "Issue",
                "code": "custom",
                "field": "title",
                "message": "title is too long (maximum is 256 characters)",
            },
        ),
        (
            {"title": "x", "body": "é" * 65_537},
            {
                "resource": "Issue",
                "code": "custom",
                "field": "body",
                "message": "body is too long (maximum is 65536 characters)",
            },
        ),
        (
            {"title": "x", "milestone": 9},
            {"resource": "Issue", "code": "invalid", "field": "milestone", "value": 9},
        ),
        (
            {"title": "x", "labels": ["l" * 51]},
            {"resource": "Label", "code": "invalid", "field": "name", "value": "l" * 51},
        ),
    ],
)
def test_values_that_do_not_fit_are_refused(
    hub: httpx.Client, repo: RepositoryHandle, values: dict[str, Any], error: dict[str, Any]
) -> None:
    """Each refusal is a 422 in GitHub's shape, and nothing is created."""
    answer = hub.post("/issues", json=values)

    assert 422 == answer.status_code
    assert ("Validation Failed", [error]) == (answer.json()["message"], answer.json()["errors"])
    assert [] == repo.issues()


def test_bodies_that_are_no_json_or_no_objects_are_refused(hub: httpx.Client) -> None:
    """Broken JSON is a 400, a missing or mistyped field a 422 with the reason."""
    broken = hub.post("/issues", content=b'{"title": ')
    assert (400, "Problems parsing JSON") == (broken.status_code, broken.json()["message"])
    missing = hub.post("/issues", json={"body": "x"})
    assert (422, 'Invalid request.\n\n"title" wasn\'t supplied.') == (
        missing.status_code,
        missing.json()["message"],
    )
    assert 422 == hub.post("/issues", json={"title": "x", "labels": "bug"}).status_code


def test_closing_takes_a_reason_and_keeps_it(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A reason counts only together with a change of state; the default is completed."""
    repo.open_issue("a")
    closed = hub.patch("/issues/1", json={"state": "closed", "state_reason": "not_planned"}).json()
    assert ("closed", "not_planned", "syncer-bot") == (
        closed["state"],
        closed["state_reason"],
        closed["closed_by"]["login"],
    )
    again = hub.patch("/issues/1", json={"state": "closed", "state_reason": "completed"}).json()
    assert "not_planned" == again["state_reason"]
    alone = hub.patch("/issues/1", json={"state_reason": "completed"}).json()
    assert "not_planned" == alone["state_reason"]
    reopened = hub.patch("/issues/1", json={"state": "open"}).json()
    assert ("open", "reopened", None) == (
        reopened["state"],
        reopened["state_reason"],
        reopened["closed_at"],
    )
    assert "completed" == hub.patch("/issues/1", json={"state": "closed"}).json()["state_reason"]


def test_closing_as_duplicate_names_the_other_issue_by_id(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """``duplicate_issue_id`` is an id; a number finds nothing."""
    first, second = repo.open_issue("a"), repo.open_issue("b")
    values = {"state": "closed", "state_reason": "duplicate", "duplicate_issue_id": first.number}
    assert 422 == hub.patch(f"/issues/{second.number}", json=values).status_code
    values["duplicate_issue_id"] = first.id
    closed = hub.patch(f"/issues/{second.number}", json=values).json()
    assert "duplicate" == closed["state_reason"]


def test_everything_that_changes_moves_updated_at(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """Title, body, state, labels, milestone, comment and lock each move it; the same value does not."""
    repo.create_milestone("MVP")
    repo.open_issue("a", "b")
    changes: list[dict[str, Any]] = [
        {"title": "new"},
        {"body": "new"},
        {"state": "closed"},
        {"labels": ["bug"]},
        {"milestone": 1},
        {"milestone": None},
    ]
    last = hub.get("/issues/1").json()["updated_at"]
    for change in changes:
        forge.clock.advance(2)
        now = hub.patch("/issues/1", json=change).json()["updated_at"]
        assert now > last, change
        last = now
    forge.clock.advance(2)
    assert last == hub.patch("/issues/1", json={"title": "new", "labels": ["bug"]}).json()["updated_at"]
    hub.post("/issues/1/comments", json={"body": "hi"})
    assert last < hub.get("/issues/1").json()["updated_at"]


def test_a_refused_change_changes_nothing(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A request with one bad value leaves the good ones undone."""
    repo.open_issue("old")
    answer = hub.patch("/issues/1", json={"title": "new", "labels": ["x" * 51]})
    assert 422 == answer.status_code
    assert "old" == repo.issue(1).title


def test_who_may_change_an_issue(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Strangers may not, authors may change their own words, triagers may label and close."""
    repo.open_issue("a", by="alice")
    expected = {
        ("stranger", "read"): (403, 403, 403),
        ("alice", "read"): (200, 200, 200),
        ("tess", "triage"): (403, 200, 200),
        ("will", "write"): (200, 200, 200),
    }
    for (login, role), statuses in expected.items():
        token = forge.github.token(login, role=role)
        with github_client(forge, token, "/repos/acme/rune") as client:
            found = (
                client.patch("/issues/1", json={"title": f"by {login}"}).status_code,
                client.patch("/issues/1", json={"labels": [f"bug-{login}"]}).status_code,
                client.patch("/issues/1", json={"state": "closed"}).status_code,
            )
        assert statuses == found, login
    assert frozenset({"bug-will"}) == repo.issue(1).labels


def test_the_event_log_tells_who_did_what(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Renaming, labels, milestones, closing and reopening are logged with actor and moment."""
    repo.create_milestone("MVP")
    issue = repo.open_issue("old", by="alice")
    issue.retitle("new", by="bob")
    issue.label("bug", by="bob")
    issue.set_milestone(1, by="carol")
    issue.close(by="alice", reason="not_planned")
    issue.reopen(by="bob")

    events = hub.get("/issues/1/events").json()

    assert ["renamed", "labeled", "milestoned", "closed", "reopened"] == [e["event"] for e in events]
    assert ["bob", "bob", "carol", "alice", "bob"] == [e["actor"]["login"] for e in events]
    assert {"from": "old", "to": "new"} == events[0]["rename"]
    assert {"name": "bug", "color": "d73a4a"} == events[1]["label"]
    assert {"title": "MVP"} == events[2]["milestone"]
    assert "not_planned" == events[3]["state_reason"]
    assert {"reopened"} <= {e["event"] for e in hub.get("/issues/events").json()}


def test_the_timeline_has_comments_and_references_too(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A comment and a mention from another issue stand in the timeline beside the events."""
    repo.open_issue("target")
    repo.open_issue("other", "see #1")
    repo.issue(1).comment("hello", by="bob")
    repo.issue(1).assign("alice", by="bob")
    repo.issue(1).lock(by="bob", reason="resolved")

    timeline = hub.get("/issues/1/timeline").json()

    assert ["cross-referenced", "commented", "assigned", "locked"] == [e["event"] for e in timeline]
    assert 2 == timeline[0]["source"]["issue"]["number"]
    assert "hello" == timeline[1]["body"]


def test_comments_can_be_listed_changed_and_deleted(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A comment lives from creation to deletion, and counts on the issue."""
    repo.open_issue("a")
    made = hub.post("/issues/1/comments", json={"body": "first"})
    assert 201 == made.status_code
    place = f"/issues/comments/{made.json()['id']}"
    assert 1 == hub.get("/issues/1").json()["comments"]
    assert "second" == hub.patch(place, json={"body": "second"}).json()["body"]
    assert "second" == hub.get(place).json()["body"]
    assert ["second"] == [c["body"] for c in hub.get("/issues/1/comments").json()]
    assert ["second"] == [c["body"] for c in hub.get("/issues/comments").json()]
    assert 204 == hub.delete(place).status_code
    assert 404 == hub.get(place).status_code
    assert 0 == hub.get("/issues/1").json()["comments"]


def test_labels_and_assignees_of_an_issue_have_endpoints_of_their_own(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """Labels are added, replaced, removed and cleared; people are assigned and relieved."""
    forge.github.user("alice", role="write")
    repo.open_issue("a")

    def names(answer: httpx.Response) -> list[str]:
        return [label["name"] for label in answer.json()]

    assert ["bug"] == names(hub.post("/issues/1/labels", json={"labels": ["bug"]}))
    assert ["bug", "new"] == names(hub.post("/issues/1/labels", json=["new"]))
    assert ["new"] == names(hub.delete("/issues/1/labels/BUG"))
    assert 404 == hub.delete("/issues/1/labels/bug").status_code
    assert ["one"] == names(hub.put("/issues/1/labels", json={"labels": ["one"]}))
    assert ["one"] == names(hub.get("/issues/1/labels"))
    assert 204 == hub.delete("/issues/1/labels").status_code
    assert 204 == hub.get("/assignees/alice").status_code
    assert 404 == hub.get("/assignees/bob").status_code
    assert {"alice", "maintainer", "syncer-bot"} == {u["login"] for u in hub.get("/assignees").json()}
    added = hub.post("/issues/1/assignees", json={"assignees": ["alice"]})
    assert (201, ["alice"]) == (added.status_code, [u["login"] for u in added.json()["assignees"]])
    removed = hub.request("DELETE", "/issues/1/assignees", json={"assignees": ["alice"]})
    assert [] == removed.json()["assignees"]


def test_locking_needs_triage_rights(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A locked issue takes no comments from strangers and can be unlocked again."""
    repo.open_issue("a")
    assert 204 == hub.put("/issues/1/lock", json={"lock_reason": "resolved"}).status_code
    assert "resolved" == hub.get("/issues/1").json()["active_lock_reason"]
    token = forge.github.token("stranger", role="read")
    with github_client(forge, token, "/repos/acme/rune") as client:
        assert 403 == client.post("/issues/1/comments", json={"body": "x"}).status_code
        assert 403 == client.put("/issues/1/lock").status_code
    assert "closed" == hub.patch("/issues/1", json={"state": "closed"}).json()["state"]
    assert 204 == hub.delete("/issues/1/lock").status_code
    assert not hub.get("/issues/1").json()["locked"]


def test_disabled_issues_and_archived_repositories(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """Creating is 410 where issues are off, and every write is 403 where the repository is archived."""
    forge.github.enable_issues(repo, False)
    answer = hub.post("/issues", json={"title": "x"})
    assert (410, "Issues are disabled for this repo") == (answer.status_code, answer.json()["message"])
    forge.github.enable_issues(repo, True)
    repo.open_issue("a")
    forge.github.archive(repo)
    answer = hub.patch("/issues/1", json={"title": "x"})
    assert (403, "Repository was archived so is read-only.") == (
        answer.status_code,
        answer.json()["message"],
    )
    assert 200 == hub.get("/issues/1").status_code


def test_closing_keywords_in_a_commit_on_the_default_branch_close_issues(repo: RepositoryHandle) -> None:
    """``Fixes #1`` closes, elsewhere it does not, and code spans never do."""
    for title in "abc":
        repo.open_issue(title)
    repo.create_branch("side")
    repo.commit({"x.md": b"1"}, branch="side", message="Fixes #2")
    repo.commit({"y.md": b"1"}, message="Closes #1 and mentions `fixes #3`")

    assert ["closed", "open", "open"] == [issue.state for issue in repo.issues()]
    assert "referenced" in [event.kind for event in repo.issue(1).events]


def test_mentions_are_counted_where_a_text_makes_them(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Naming somebody notifies, except in code and in HTML comments."""
    repo.open_issue("for @alice", "and @bob, `@carol`, <!-- @dave -->\n```\n@erin\n```\nmail a@example.test")

    assert ["alice", "bob"] == [mention.login for mention in forge.github.mentions]
