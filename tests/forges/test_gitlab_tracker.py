"""What GitLab's wire demands of its tracker, exchange by exchange."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
import respx

from syncer.errors import Missing, Moved, Rejected
from syncer.forges import TrackerOptions
from syncer.model.fields import TaskState
from syncer.model.tracker import (
    Cursor,
    IssueChange,
    IssueDraft,
    Label,
    MilestoneChange,
    MilestoneDraft,
)
from syncer.ports import Tracker

from .fakes import (
    GITLAB,
    Diary,
    FakeClock,
    answer,
    gitlab_issue,
    gitlab_milestone,
    gitlab_project,
    reach,
    sent,
)

API = f"{GITLAB}/api/v4"
PROJECT = f"{API}/projects/acme%2Frune"


@pytest.fixture
def tracker(clock: FakeClock, diary: Diary) -> Tracker:
    return reach("gitlab", clock, diary).tracker("acme/rune")


# --- reading issues ----------------------------------------------------------------------------


@respx.mock
def test_an_idle_run_costs_two_requests_with_the_same_addresses(tracker: Tracker, diary: Diary) -> None:
    """python-gitlab takes 304 for an error; here it means that nothing changed."""
    issues = respx.get(f"{PROJECT}/issues")
    issues.mock(
        side_effect=[
            answer([gitlab_issue(1)], etag='W/"full"'),
            answer([gitlab_issue(1)], etag='W/"probe"'),
            httpx.Response(304),
            httpx.Response(304),
        ]
    )
    respx.get(f"{PROJECT}/milestones").mock(
        side_effect=[answer([gitlab_milestone()], etag='"m"'), *[httpx.Response(304)] * 3]
    )
    reading = tracker.read(Cursor())
    costs = []
    for _ in range(3):
        before = len(diary.exchanges)
        reading = tracker.read(reading.cursor)
        costs.append([exchange.status for exchange in diary.exchanges[before:]])

    assert [[200, 304], [304, 304], [304, 304]] == costs
    assert reading.milestones is None
    urls = [str(call.request.url) for call in issues.calls]
    assert 1 == len(set(urls[1:]))
    order = "scope=all&state=all&order_by=updated_at&sort=desc"
    assert f"{PROJECT}/issues?{order}&updated_after=2026-03-02T09%3A50%3A00Z&per_page=100" == urls[1]


@respx.mock
def test_a_full_read_asks_for_keyset_pages_and_follows_links(tracker: Tracker) -> None:
    """The project's path stays encoded, and the next page's address is taken as it is."""
    following = f"{API}/projects/7/issues?cursor=eyJpZCI6IjEifQ%3D%3D&labels=&per_page=100&pagination=keyset"
    first = respx.get(f"{PROJECT}/issues")
    first.mock(return_value=answer([gitlab_issue(1)], link=f'<{following}>; rel="next"'))
    second = respx.get(f"{API}/projects/7/issues").mock(return_value=answer([gitlab_issue(2)]))
    respx.get(f"{PROJECT}/milestones").mock(return_value=answer([]))
    reading = tracker.read(Cursor())

    assert [1, 2] == [issue.ref.number for issue in reading.issues]
    assert "pagination=keyset" in str(first.calls[0].request.url)
    assert following == str(second.calls[0].request.url)


@respx.mock
def test_a_forge_with_another_name_for_itself_is_still_followed_here(tracker: Tracker) -> None:
    """The next page is asked of the configured host, and the token goes nowhere else."""
    link = '<https://external.example/api/v4/projects/7/issues?page=2&per_page=100>; rel="next"'
    respx.get(f"{PROJECT}/issues").mock(return_value=answer([gitlab_issue(1)], link=link))
    second = respx.get(f"{API}/projects/7/issues").mock(return_value=answer([gitlab_issue(2)]))
    respx.get(f"{PROJECT}/milestones").mock(return_value=answer([]))
    tracker.read(Cursor())

    assert f"{API}/projects/7/issues?page=2&per_page=100" == str(second.calls[0].request.url)


@respx.mock
@pytest.mark.parametrize(("tasks", "expected"), [(False, [1]), (True, [1, 3])])
def test_only_issues_count_and_tasks_if_asked_for(tasks: bool, expected: list[int], clock: FakeClock) -> None:
    """Incidents, test cases and unwanted tasks are listed among issues and are none."""
    kinds = {1: "issue", 2: "incident", 3: "task", 4: "test_case"}
    respx.get(f"{PROJECT}/issues").mock(
        return_value=answer([gitlab_issue(number, issue_type=kind) for number, kind in kinds.items()])
    )
    respx.get(f"{PROJECT}/milestones").mock(return_value=answer([]))
    tracker = reach("gitlab", clock).tracker("acme/rune", options=TrackerOptions(tasks=tasks))

    assert expected == [issue.ref.number for issue in tracker.read(Cursor()).issues]


@respx.mock
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"state": "opened"}, TaskState.OPEN),
        ({"state": "opened", "labels": ["dropped"]}, TaskState.OPEN),
        ({"state": "closed"}, TaskState.DONE),
        ({"state": "closed", "labels": ["dropped"]}, TaskState.DROPPED),
        ({"state": "closed", "labels": [{"name": "dropped"}]}, TaskState.DROPPED),
        ({"state": "closed", "moved_to_id": 99}, TaskState.DROPPED),
        (
            {"state": "closed", "_links": {"closed_as_duplicate_of": f"{API}/projects/1/issues/2"}},
            TaskState.DROPPED,
        ),
        ({"state": "closed", "_links": None, "issue_type": None}, TaskState.DONE),
    ],
)
def test_dropped_is_a_label_a_move_or_a_duplicate(
    values: dict[str, Any], expected: TaskState, tracker: Tracker
) -> None:
    """GitLab has no reasons for closing."""
    respx.get(f"{PROJECT}/issues/1").mock(return_value=answer(gitlab_issue(1, **values)))

    assert expected is tracker.issue(1).state


@respx.mock
def test_recently_created_issues_end_at_the_moment(tracker: Tracker) -> None:
    """To the millisecond, without other kinds of work."""
    entries = [
        gitlab_issue(4, created_at="2026-03-06T12:00:01.800Z"),
        gitlab_issue(3, created_at="2026-03-06T12:00:01.750Z", issue_type="incident"),
        gitlab_issue(2, created_at="2026-03-06T12:00:01.700Z"),
        gitlab_issue(1, created_at="2026-03-06T12:00:01.699Z"),
    ]
    respx.get(f"{PROJECT}/issues").mock(return_value=answer(entries))
    found = tracker.created_since(datetime(2026, 3, 6, 12, 0, 1, 700_000, tzinfo=UTC))

    assert [4, 2] == [issue.ref.number for issue in found]


@respx.mock
def test_a_moved_project_is_found_by_its_number(tracker: Tracker) -> None:
    """A read under the old path is answered 301 with the project's number; writes go to the new path."""
    respx.get(PROJECT).mock(return_value=httpx.Response(301, headers={"location": f"{API}/projects/7"}))
    respx.get(f"{PROJECT}/issues/1").mock(
        return_value=httpx.Response(301, headers={"location": f"{API}/projects/7/issues/1"})
    )
    respx.get(f"{API}/projects/7").mock(return_value=answer(gitlab_project(path_with_namespace="new/place")))
    respx.get(f"{API}/projects/new%2Fplace/issues/1").mock(return_value=answer(gitlab_issue(1)))
    create = respx.post(f"{API}/projects/new%2Fplace/issues").mock(return_value=answer(gitlab_issue(2), 201))

    assert 1 == tracker.issue(1).ref.number
    tracker.create_issue(IssueDraft("T", "", None, frozenset()))
    assert create.called


@respx.mock
def test_a_write_under_an_old_path_is_reported_as_moved(tracker: Tracker) -> None:
    """GitLab refuses it with 405; nothing was changed."""
    refusal = {"message": "405 Method Not Allowed - Non GET methods are not allowed for moved projects"}
    respx.post(f"{PROJECT}/issues").mock(return_value=answer(refusal, 405))
    with pytest.raises(Moved):
        tracker.create_issue(IssueDraft("T", "", None, frozenset()))


@respx.mock
@pytest.mark.parametrize(
    ("permissions", "push", "triage"),
    [
        ({"project_access": {"access_level": 40}, "group_access": None}, True, True),
        ({"project_access": None, "group_access": {"access_level": 30}}, True, True),
        ({"project_access": {"access_level": 10}, "group_access": {"access_level": 20}}, False, True),
        ({"project_access": {"access_level": 10}, "group_access": None}, False, False),
        ({"project_access": None, "group_access": None}, None, None),
        (None, None, None),
    ],
)
def test_rights_are_levels(
    permissions: Any, push: bool | None, triage: bool | None, tracker: Tracker
) -> None:
    """Developers may push, reporters may triage; where nothing is said nothing is known."""
    respx.get(PROJECT).mock(return_value=answer(gitlab_project(permissions=permissions)))
    profile = tracker.profile()

    assert (push, triage) == (profile.can_push, profile.can_triage)
    assert ("acme/rune", "gitlab.example.org", 7) == (profile.canonical, profile.host, profile.repository_id)


# --- writing issues ----------------------------------------------------------------------------


@respx.mock
def test_an_issue_is_created_in_one_write(tracker: Tracker, diary: Diary) -> None:
    """Assignees are numbers there: each name is looked up once, unknown ones are left out."""
    users = respx.get(f"{API}/users")
    users.mock(side_effect=lambda request: answer([{"id": 5}] if "bob" in str(request.url) else []))
    route = respx.post(f"{PROJECT}/issues").mock(return_value=answer(gitlab_issue(3), 201))
    draft = IssueDraft("T", "B", 501, frozenset({"b", "a"}), frozenset({"bob", "nobody"}), confidential=True)
    tracker.create_issue(draft)
    tracker.create_issue(draft)

    assert {
        "title": "T",
        "description": "B",
        "milestone_id": 501,
        "labels": "a,b",
        "assignee_ids": [5],
        "confidential": True,
    } == sent(route.calls[0])
    assert 2 == users.call_count
    assert 2 == len(diary.writes)


@respx.mock
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (IssueChange(title="T", body=""), {"title": "T", "description": ""}),
        (IssueChange(state=TaskState.DONE), {"state_event": "close", "remove_labels": "dropped"}),
        (IssueChange(state=TaskState.DROPPED), {"state_event": "close", "add_labels": "dropped"}),
        (IssueChange(state=TaskState.OPEN), {"state_event": "reopen", "remove_labels": "dropped"}),
        (IssueChange(milestone=0), {"milestone_id": 0}),
        (
            IssueChange(add_labels=frozenset({"b", "a"}), remove_labels=frozenset({"c"})),
            {"add_labels": "a,b", "remove_labels": "c"},
        ),
        (
            IssueChange(
                state=TaskState.DROPPED, add_labels=frozenset({"a"}), remove_labels=frozenset({"dropped"})
            ),
            {"state_event": "close", "add_labels": "a,dropped"},
        ),
        (
            IssueChange(state=TaskState.DONE, add_labels=frozenset({"dropped"})),
            {"state_event": "close", "remove_labels": "dropped"},
        ),
    ],
)
def test_values_are_changed_in_one_request(
    change: IssueChange, expected: dict[str, Any], tracker: Tracker, diary: Diary
) -> None:
    """Labels are added and taken away by name; ``labels``, which replaces them, is never sent."""
    route = respx.put(f"{PROJECT}/issues/1").mock(return_value=answer(gitlab_issue(1)))
    tracker.update_issue(1, change)

    assert expected == sent(route.calls[0])
    assert 1 == len(diary.exchanges)


@respx.mock
def test_a_comma_in_a_label_is_refused_before_anything_is_sent(tracker: Tracker, diary: Diary) -> None:
    """It would be taken for two labels."""
    calls: list[Callable[[], object]] = [
        lambda: tracker.create_issue(IssueDraft("T", "", None, frozenset({"a,b"}))),
        lambda: tracker.update_issue(1, IssueChange(add_labels=frozenset({"a,b"}))),
        lambda: tracker.ensure_label(Label("a,b", "ffffff")),
    ]
    for call in calls:
        with pytest.raises(Rejected, match="comma"):
            call()

    assert [] == diary.exchanges


def test_a_comma_in_the_dropped_label_is_refused_at_once(clock: FakeClock) -> None:
    """Not when the first issue is dropped."""
    with pytest.raises(Rejected, match="comma"):
        reach("gitlab", clock).tracker("acme/rune", options=TrackerOptions(dropped_label="not, planned"))


@respx.mock
def test_a_label_costs_one_request(tracker: Tracker, diary: Diary) -> None:
    """One that exists is answered with 409."""
    create = respx.post(f"{PROJECT}/labels").mock(
        side_effect=[answer({}, 201), answer({"message": "Label already exists"}, 409)]
    )
    made = [tracker.ensure_label(Label("new", "ededed")) for _ in range(2)]

    assert [True, False] == made
    assert {"name": "new", "color": "#ededed", "description": ""} == sent(create.calls[0])
    assert 2 == len(diary.exchanges)


@respx.mock
def test_spam_is_reported_in_the_forge_s_words(tracker: Tracker) -> None:
    """A refusal to create is final and says why."""
    respx.post(f"{PROJECT}/issues").mock(
        return_value=answer({"message": {"error": "Your issue has been recognized as spam."}}, 400)
    )
    with pytest.raises(Rejected, match="recognized as spam"):
        tracker.create_issue(IssueDraft("T", "", None, frozenset()))


# --- milestones --------------------------------------------------------------------------------


@respx.mock
def test_milestones_of_groups_are_read_and_not_writable(tracker: Tracker) -> None:
    """They come with the project's; their key is the global id, people see the number."""
    group = gitlab_milestone(900, iid=4, project_id=None, group_id=3, due_date="2026-03-27", state="closed")
    respx.get(f"{PROJECT}/issues").mock(return_value=answer([]))
    route = respx.get(f"{PROJECT}/milestones").mock(return_value=answer([gitlab_milestone(501), group]))
    milestones = tracker.read(Cursor()).milestones

    assert milestones is not None
    assert [(501, "%1", True), (900, "%4", False)] == [(m.key, m.shown, m.writable) for m in milestones]
    assert (date(2026, 3, 27), True) == (milestones[1].due, milestones[1].closed)
    assert f"{PROJECT}/milestones?include_ancestors=true&per_page=100" == str(route.calls[0].request.url)


@respx.mock
def test_an_older_gitlab_is_asked_by_its_own_word(tracker: Tracker) -> None:
    """An issue whose milestone is not listed gives it away; it is remembered."""
    issue = gitlab_issue(1, milestone={"id": 900})
    respx.get(f"{PROJECT}/issues").mock(return_value=answer([issue]))
    new = respx.get(f"{PROJECT}/milestones", params={"include_ancestors": "true"})
    new.mock(return_value=answer([]))
    old = respx.get(f"{PROJECT}/milestones", params={"include_parent_milestones": "true"})
    old.mock(return_value=answer([gitlab_milestone(900, project_id=None)]))
    for _ in range(2):
        milestones = tracker.read(Cursor()).milestones
        assert milestones is not None
        assert [900] == [milestone.key for milestone in milestones]

    assert (1, 2) == (new.call_count, old.call_count)


@respx.mock
def test_milestones_are_written(tracker: Tracker) -> None:
    """Dates are dates; states are events."""
    create = respx.post(f"{PROJECT}/milestones").mock(return_value=answer(gitlab_milestone(), 201))
    update = respx.put(f"{PROJECT}/milestones/501").mock(return_value=answer(gitlab_milestone()))
    tracker.create_milestone(MilestoneDraft("M", "D", date(2026, 3, 6)))
    tracker.update_milestone(501, MilestoneChange(title="N", clear_due=True, closed=True))
    tracker.update_milestone(501, MilestoneChange(due=date(2026, 3, 7), closed=False))

    assert {"title": "M", "description": "D", "due_date": "2026-03-06"} == sent(create.calls[0])
    assert {"title": "N", "due_date": "", "state_event": "close"} == sent(update.calls[0])
    assert {"due_date": "2026-03-07", "state_event": "activate"} == sent(update.calls[1])


@respx.mock
def test_a_group_s_milestone_is_found_in_the_list(tracker: Tracker) -> None:
    """Its own address is not the project's; its open issues are found by its title."""
    group = gitlab_milestone(900, project_id=None, title="Q1 & more")
    respx.get(f"{PROJECT}/milestones/900").mock(return_value=answer({"message": "404 Not found"}, 404))
    respx.get(f"{PROJECT}/milestones/900/issues").mock(return_value=answer({"message": "404 Not found"}, 404))
    respx.get(f"{PROJECT}/milestones").mock(return_value=answer([group]))
    issues = respx.get(f"{PROJECT}/issues").mock(return_value=answer([gitlab_issue(7)]))

    assert "Q1 & more" == tracker.milestone(900).title
    assert frozenset({7}) == tracker.open_issues_in(900)
    assert "milestone=Q1+%26+more" in str(issues.calls[0].request.url)
    respx.get(f"{PROJECT}/milestones/901").mock(return_value=answer({"message": "404 Not found"}, 404))
    with pytest.raises(Missing):
        tracker.milestone(901)


@respx.mock
def test_the_open_issues_of_a_milestone(tracker: Tracker) -> None:
    """Its list holds closed ones and other kinds of work as well."""
    entries = [gitlab_issue(1), gitlab_issue(2, state="closed"), gitlab_issue(3, issue_type="incident")]
    respx.get(f"{PROJECT}/milestones/501/issues").mock(return_value=answer(entries))

    assert frozenset({1}) == tracker.open_issues_in(501)


# --- events ------------------------------------------------------------------------------------


@respx.mock
def test_the_log_of_states_knows_what_was_dropped(tracker: Tracker) -> None:
    """The log of labels says whether a closing meant dropped; both were written by the same request."""

    def at(second: int, **values: Any) -> dict[str, Any]:
        return {"user": {"username": "bob"}, "created_at": f"2026-03-06T12:00:{second:02}.000Z", **values}

    label = {"name": "dropped"}
    states = [at(40, state="closed"), at(10, state="closed"), at(20, state="reopened"), at(5, state="locked")]
    labels = [
        at(11, action="add", label=label),
        at(20, action="remove", label=label),
        at(38, action="add", label={"name": "other"}),
        at(39, action="add", label=None),
    ]
    respx.get(f"{PROJECT}/issues/1/resource_state_events").mock(return_value=answer(states))
    respx.get(f"{PROJECT}/issues/1/resource_label_events").mock(return_value=answer(labels))

    assert [TaskState.DROPPED, TaskState.OPEN, TaskState.DONE] == [
        event.state for event in tracker.state_events(1)
    ]


@respx.mock
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("changed title from **Old** to **New**", [("Old", "New")]),
        (
            "changed title from **Write {-old-} docs** to **Write {+new+} docs**",
            [("Write old docs", "Write new docs")],
        ),
        ("changed title from **{-A-}b** to **b{+C+}**", [("Ab", "bC")]),
        ("changed title from **a ** b** to **c**", [("a ** b", "c")]),
        ("changed the description", []),
    ],
)
def test_the_log_of_titles_is_in_the_notes(
    body: str, expected: list[tuple[str, str]], tracker: Tracker
) -> None:
    """With the marks of what changed taken out; the same words by a person mean nothing."""
    note = {"system": True, "body": body, "author": {"username": "bob"}, "created_at": "2026-03-06T12:00:00Z"}
    respx.get(f"{PROJECT}/issues/1/notes").mock(return_value=answer([note, {**note, "system": False}]))

    assert expected == [(event.before, event.after) for event in tracker.title_events(1)]
