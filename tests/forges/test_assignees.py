"""Assignees on the wire of both forges: what one request carries, and what a refusal leaves."""

from __future__ import annotations

from typing import Any

import pytest
import respx

from syncer.errors import Rejected
from syncer.model.tracker import IssueChange, IssueDraft

from .fakes import GITHUB, GITLAB, Diary, FakeClock, answer, github_issue, gitlab_issue, reach, sent

REPO = f"{GITHUB}/repos/acme/rune"
PROJECT = f"{GITLAB}/api/v4/projects/acme%2Frune"
REFUSAL = {
    "message": "Validation Failed",
    "errors": [{"value": "zoe", "resource": "Issue", "field": "assignees", "code": "invalid"}],
}
DRAFT = IssueDraft("Write it", "", None, frozenset({"roadmap"}), frozenset({"ada", "zoe"}))


def _assigned(*logins: str) -> dict[str, Any]:
    users = [{"login": login, "username": login, "id": at} for at, login in enumerate(logins, start=1)]
    return {"assignees": users}


@respx.mock
def test_an_account_that_github_refuses_does_not_keep_the_issue_from_being_made(
    clock: FakeClock, diary: Diary
) -> None:
    tracker = reach("github", clock, diary).tracker("acme/rune")
    route = respx.post(f"{REPO}/issues")
    route.mock(side_effect=[answer(REFUSAL, 422), answer(github_issue(7), 201)])
    assert tracker.create_issue(DRAFT).assignees == frozenset()
    first, second = (sent(call) for call in route.calls)
    assert first.pop("assignees") == ["ada", "zoe"]
    assert first == second


@respx.mock
def test_another_refusal_is_one(clock: FakeClock, diary: Diary) -> None:
    tracker = reach("github", clock, diary).tracker("acme/rune")
    problem = {"message": "Validation Failed", "errors": [{"field": "title", "code": "too_long"}]}
    route = respx.post(f"{REPO}/issues").mock(return_value=answer(problem, 422))
    with pytest.raises(Rejected):
        tracker.create_issue(DRAFT)
    assert route.call_count == 1


@respx.mock
def test_assignees_alone_are_added_and_taken_off_beside_those_of_people(
    clock: FakeClock, diary: Diary
) -> None:
    tracker = reach("github", clock, diary).tracker("acme/rune")
    added = respx.post(f"{REPO}/issues/7/assignees").mock(return_value=answer(github_issue(7), 201))
    taken = respx.delete(f"{REPO}/issues/7/assignees").mock(return_value=answer(github_issue(7)))
    tracker.update_issue(7, IssueChange(add_assignees=frozenset({"ada"})))
    tracker.update_issue(7, IssueChange(remove_assignees=frozenset({"ada"})))
    assert [sent(added.calls.last), sent(taken.calls.last)] == [{"assignees": ["ada"]}] * 2


@respx.mock
def test_together_with_other_values_github_gets_the_whole_list_in_one_request(
    clock: FakeClock, diary: Diary
) -> None:
    tracker = reach("github", clock, diary).tracker("acme/rune")
    respx.get(f"{REPO}/issues/7").mock(return_value=answer(github_issue(7, **_assigned("Bob", "carol"))))
    route = respx.patch(f"{REPO}/issues/7")
    route.mock(side_effect=[answer(github_issue(7)), answer(REFUSAL, 422), answer(github_issue(7))])
    change = IssueChange(title="Write", add_assignees=frozenset({"ada"}), remove_assignees=frozenset({"bob"}))
    tracker.update_issue(7, change)
    assert sent(route.calls.last) == {"title": "Write", "assignees": ["ada", "carol"]}
    tracker.update_issue(7, change)
    assert sent(route.calls.last) == {"title": "Write"}


@respx.mock
def test_gitlab_gets_the_whole_list_by_id_with_those_of_people_first(clock: FakeClock, diary: Diary) -> None:
    """The free edition keeps the first one only; it must not be ours where a person assigned somebody."""
    tracker = reach("gitlab", clock, diary).tracker("acme/rune")
    for at, login in enumerate(("ada", "carol"), start=41):
        respx.get(f"{GITLAB}/api/v4/users", params={"username": login}).mock(
            return_value=answer([{"id": at, "username": login}])
        )
    respx.get(f"{PROJECT}/issues/7").mock(return_value=answer(gitlab_issue(7, **_assigned("carol"))))
    route = respx.put(f"{PROJECT}/issues/7").mock(return_value=answer(gitlab_issue(7, **_assigned("carol"))))
    found = tracker.update_issue(7, IssueChange(add_assignees=frozenset({"ada"})))
    assert sent(route.calls.last) == {"assignee_ids": [42, 41]}
    assert found.assignees == {"carol"}
    tracker.update_issue(7, IssueChange(remove_assignees=frozenset({"carol"})))
    assert sent(route.calls.last) == {"assignee_ids": []}
