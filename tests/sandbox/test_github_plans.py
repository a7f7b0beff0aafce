"""Milestones, labels and sub-issues on GitHub, with their traps."""

from __future__ import annotations

from itertools import pairwise

import httpx
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox

from .conftest import github_client


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-03-06T12:00:00Z", "2026-03-06T08:00:00Z"),
        ("2026-07-04T12:00:00Z", "2026-07-04T07:00:00Z"),
        ("2026-03-06T00:00:00Z", "2026-03-05T08:00:00Z"),
        ("2026-07-04T06:59:59Z", "2026-07-03T07:00:00Z"),
        ("2026-07-04T07:00:00Z", "2026-07-04T07:00:00Z"),
        ("2026-03-08T12:00:00Z", "2026-03-08T08:00:00Z"),
        ("2026-03-09T12:00:00Z", "2026-03-09T07:00:00Z"),
        ("2026-11-01T12:00:00Z", "2026-11-01T07:00:00Z"),
        ("2026-11-02T12:00:00+01:00", "2026-11-02T08:00:00Z"),
    ],
)
def test_due_dates_are_days_on_the_pacific_coast(hub: httpx.Client, sent: str, shown: str) -> None:
    """What is sent as midnight in UTC comes back as the day before, at seven or eight o'clock."""
    made = hub.post("/milestones", json={"title": "MVP", "due_on": sent})
    assert (201, shown) == (made.status_code, made.json()["due_on"])


def test_milestone_titles_are_unique_even_among_closed_ones(
    repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """The very same title is taken for ever; another case of letters is not."""
    repo.create_milestone("Beta").close()
    answer = hub.post("/milestones", json={"title": "Beta"})
    assert 422 == answer.status_code
    assert [{"resource": "Milestone", "code": "already_exists", "field": "title"}] == answer.json()["errors"]
    assert 201 == hub.post("/milestones", json={"title": "beta"}).status_code
    assert 422 == hub.patch("/milestones/2", json={"title": "Beta"}).status_code
    assert 200 == hub.patch("/milestones/2", json={"title": "beta"}).status_code


def test_a_milestone_is_changed_by_its_number(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """Renaming, describing, closing and reopening keep the number; closed ones still take issues."""
    hub.post("/milestones", json={"title": "MVP", "description": "goal", "due_on": "2026-03-06T12:00:00Z"})
    forge.clock.advance(5)
    changed = hub.patch("/milestones/1", json={"title": "Beta", "state": "closed"}).json()
    assert ("Beta", "closed", "goal") == (changed["title"], changed["state"], changed["description"])
    assert changed["closed_at"] == changed["updated_at"] > changed["created_at"]
    assert 201 == hub.post("/issues", json={"title": "x", "milestone": 1}).status_code
    assert 422 == hub.post("/issues", json={"title": "x", "milestone": "Beta"}).status_code
    reopened = hub.patch("/milestones/1", json={"state": "open", "due_on": None}).json()
    assert (None, None, 1) == (reopened["closed_at"], reopened["due_on"], reopened["open_issues"])


def test_deleting_a_milestone_leaves_its_issues(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """The issues belong to none then."""
    milestone = repo.create_milestone("MVP")
    repo.open_issue("a", milestone=milestone, labels=["bug"])
    assert ["bug"] == [label["name"] for label in hub.get("/milestones/1/labels").json()]
    assert 204 == hub.delete("/milestones/1").status_code
    assert 404 == hub.get("/milestones/1").status_code
    assert hub.get("/issues/1").json()["milestone"] is None


def test_milestones_are_listed_open_and_by_due_date(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """The default hides the closed ones; those without a date come last."""
    from datetime import date

    repo.create_milestone("undated")
    repo.create_milestone("late", due=date(2026, 5, 1))
    repo.create_milestone("soon", due=date(2026, 4, 1))
    repo.create_milestone("gone").close()

    def titles(**params: str) -> list[str]:
        return [entry["title"] for entry in hub.get("/milestones", params=params).json()]

    assert ["soon", "late", "undated"] == titles()
    assert ["gone"] == titles(state="closed")
    assert 4 == len(titles(state="all"))
    assert 4 == len(titles(state="all", sort="completeness"))


def test_planning_needs_push_rights(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Milestones and labels do not exist for whoever may only triage, as far as creating goes."""
    token = forge.github.token("tess", role="triage")
    with github_client(forge, token, "/repos/acme/rune") as client:
        assert 404 == client.post("/milestones", json={"title": "x"}).status_code
        assert 404 == client.post("/labels", json={"name": "x"}).status_code


def test_labels_ignore_case_and_have_limits(hub: httpx.Client) -> None:
    """A name is taken in any case; length and colour are checked."""
    made = hub.post("/labels", json={"name": "Roadmap", "color": "00FF00", "description": "managed"})
    assert (201, "00ff00", "managed") == (
        made.status_code,
        made.json()["color"],
        made.json()["description"],
    )

    def errors(**values: str) -> list[dict[str, str]]:
        answer = hub.post("/labels", json=values)
        assert 422 == answer.status_code
        found: list[dict[str, str]] = answer.json()["errors"]
        return found

    assert "already_exists" == errors(name="roadmap")[0]["code"]
    assert "name is too long (maximum is 50 characters)" == errors(name="x" * 51)[0]["message"]
    too_long = "description is too long (maximum is 100 characters)"
    assert too_long == errors(name="x", description="d" * 101)[0]["message"]
    assert {"resource": "Label", "code": "invalid", "field": "color"} == errors(name="x", color="red")[0]


def test_labels_are_renamed_and_deleted(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Issues follow a rename without being updated, and lose a label that is deleted."""
    repo.open_issue("a", labels=["bug"])
    before = hub.get("/issues/1").json()["updated_at"]
    assert "defect" == hub.patch("/labels/bug", json={"new_name": "defect", "color": "111111"}).json()["name"]
    assert ["defect"] == [label["name"] for label in hub.get("/issues/1").json()["labels"]]
    assert before == hub.get("/issues/1").json()["updated_at"]
    assert 422 == hub.patch("/labels/defect", json={"new_name": "Question"}).status_code
    assert 200 == hub.get("/labels/DEFECT").status_code
    assert 204 == hub.delete("/labels/defect").status_code
    assert frozenset() == repo.issue(1).labels


def test_sub_issues_are_added_by_id(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A number is no id; one parent at a time, unless it is to be replaced."""
    for title in ("parent", "child", "other"):
        repo.open_issue(title)
    child = repo.issue(2).id
    assert 404 == hub.post("/issues/1/sub_issues", json={"sub_issue_id": 2}).status_code
    added = hub.post("/issues/1/sub_issues", json={"sub_issue_id": child})
    assert 201 == added.status_code
    assert {"total": 1, "completed": 0, "percent_completed": 0} == added.json()["sub_issues_summary"]
    assert 1 == hub.get("/issues/2/parent").json()["number"]
    assert 404 == hub.get("/issues/1/parent").status_code
    again = hub.post("/issues/3/sub_issues", json={"sub_issue_id": child})
    assert (422, "Sub issue may only have one parent") == (again.status_code, again.json()["message"])
    moved = hub.post("/issues/3/sub_issues", json={"sub_issue_id": child, "replace_parent": True})
    assert 201 == moved.status_code
    assert [2] == [entry["number"] for entry in hub.get("/issues/3/sub_issues").json()]
    circle = hub.post("/issues/2/sub_issues", json={"sub_issue_id": repo.issue(3).id})
    assert 422 == circle.status_code
    removed = hub.request("DELETE", "/issues/3/sub_issue", json={"sub_issue_id": child})
    assert (200, []) == (removed.status_code, repo.issue(3).children)
    assert 400 == hub.request("DELETE", "/issues/3/sub_issue", json={"sub_issue_id": child}).status_code


def test_sub_issues_keep_an_order(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A child can be moved behind or before a sibling."""
    ids = {number: repo.open_issue(f"{number}").id for number in range(1, 5)}
    for number in (2, 3, 4):
        hub.post("/issues/1/sub_issues", json={"sub_issue_id": ids[number]})
    hub.patch("/issues/1/sub_issues/priority", json={"sub_issue_id": ids[4], "before_id": ids[2]})
    assert [4, 2, 3] == repo.issue(1).children
    hub.patch("/issues/1/sub_issues/priority", json={"sub_issue_id": ids[4], "after_id": ids[3]})
    assert [2, 3, 4] == repo.issue(1).children
    wrong = hub.patch("/issues/1/sub_issues/priority", json={"sub_issue_id": ids[4], "after_id": ids[1]})
    assert 422 == wrong.status_code


def test_sub_issues_are_limited_to_a_hundred_closed_ones_included(
    repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """The hundred and first child is refused, whatever the others' state."""
    parent = repo.open_issue("parent")
    for number in range(100):
        child = repo.open_issue(f"{number}")
        parent.add_child(child)
        child.close()
    one_more = repo.open_issue("one more")
    answer = hub.post("/issues/1/sub_issues", json={"sub_issue_id": one_more.id})
    assert (422, "Parent cannot have more than 100 sub-issues") == (
        answer.status_code,
        answer.json()["message"],
    )


def test_sub_issues_are_limited_to_eight_levels(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A ninth level is refused."""
    issues = [repo.open_issue(f"level {level}") for level in range(9)]
    for above, below in pairwise(issues[:8]):
        above.add_child(below)
    answer = hub.post("/issues/8/sub_issues", json={"sub_issue_id": issues[8].id})
    assert 422 == answer.status_code


def test_dependencies(repo: RepositoryHandle, hub: httpx.Client) -> None:
    """An issue can wait for another one, and says so."""
    repo.open_issue("first")
    repo.open_issue("second")
    blocker = repo.issue(1).id
    assert 201 == hub.post("/issues/2/dependencies/blocked_by", json={"issue_id": blocker}).status_code
    assert 422 == hub.post("/issues/2/dependencies/blocked_by", json={"issue_id": blocker}).status_code
    assert [1] == [entry["number"] for entry in hub.get("/issues/2/dependencies/blocked_by").json()]
    assert [2] == [entry["number"] for entry in hub.get("/issues/1/dependencies/blocking").json()]
    assert 1 == hub.get("/issues/2").json()["issue_dependencies_summary"]["blocked_by"]
    assert 200 == hub.delete(f"/issues/2/dependencies/blocked_by/{blocker}").status_code
    assert [] == hub.get("/issues/2/dependencies/blocked_by").json()


def test_an_older_host_has_no_sub_issues(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Where the feature is missing its addresses are 404 and the issue does not mention it."""
    repo.open_issue("a")
    forge.github.settings.missing_features |= {"sub_issues", "dependencies"}
    token = forge.github.token("bot")
    with github_client(forge, token, "/api/v3/repos/acme/rune") as client:
        answer = client.get("/issues/1")
        assert "3.19.0" == answer.headers["x-github-enterprise-version"]
        assert "sub_issues_summary" not in answer.json()
        assert answer.json()["url"].startswith(f"{forge.url}/api/v3/repos/")
        assert 404 == client.get("/issues/1/sub_issues").status_code
        assert 404 == client.get("/issues/1/dependencies/blocked_by").status_code
