"""What GitHub's wire demands of its tracker, exchange by exchange."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import respx
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.errors import (
    Garbled,
    Missing,
    Moved,
    Rejected,
    UnknownFate,
)
from syncer.forges.github import wire
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
    GITHUB,
    KNOWN,
    Diary,
    FakeClock,
    answer,
    github_issue,
    github_milestone,
    github_repository,
    reach,
    sent,
)

REPO = f"{GITHUB}/repos/acme/rune"


@pytest.fixture
def tracker(clock: FakeClock, diary: Diary) -> Tracker:
    return reach("github", clock, diary).tracker("acme/rune")


# --- reading issues ----------------------------------------------------------------------------


@respx.mock
def test_an_idle_run_costs_two_requests_and_the_second_is_answered_304(
    tracker: Tracker, diary: Diary
) -> None:
    """First a full read, then a first idle run that learns the ETag, then 304 for both, for ever."""
    listing = [github_issue(2), github_issue(1)]
    issues = respx.get(f"{REPO}/issues")
    issues.mock(
        side_effect=[
            answer(listing, etag='W/"full"'),
            answer(listing, etag='W/"probe"'),
            httpx.Response(304, headers={"etag": 'W/"probe"'}),
            httpx.Response(304, headers={"etag": 'W/"probe"'}),
        ]
    )
    milestones = respx.get(f"{REPO}/milestones")
    milestones.mock(
        side_effect=[
            answer([github_milestone()], etag='"m"'),
            *[httpx.Response(304, headers={"etag": '"m"'})] * 3,
        ]
    )
    reading = tracker.read(Cursor())
    costs = []
    for _ in range(3):
        before = len(diary.exchanges)
        reading = tracker.read(reading.cursor)
        costs.append([exchange.status for exchange in diary.exchanges[before:]])

    assert [[200, 304], [304, 304], [304, 304]] == costs
    assert () == reading.issues
    assert reading.milestones is None
    assert 'W/"probe"' == issues.calls[2].request.headers["if-none-match"]
    assert '"m"' == milestones.calls[2].request.headers["if-none-match"]
    urls = [str(call.request.url) for call in issues.calls]
    assert 1 == len(set(urls[1:]))
    assert (
        f"{REPO}/issues?state=all&sort=updated&direction=desc&since=2026-03-02T09%3A50%3A00Z&per_page=100"
        == urls[1]
    )


@respx.mock
def test_another_credential_gets_no_etag_of_ours(tracker: Tracker) -> None:
    """GitHub's ETags hold for one credential; a cursor of another one asks unconditionally."""
    url = f"{REPO}/milestones?state=all&per_page=100"
    issues = respx.get(f"{REPO}/issues").mock(return_value=answer([]))
    milestones = respx.get(f"{REPO}/milestones").mock(return_value=answer([]))
    tracker.read(Cursor(etags={url: '"m"'}, credential="somebody else's", complete=True))

    assert "if-none-match" not in milestones.calls[0].request.headers
    assert "if-none-match" not in issues.calls[0].request.headers


@respx.mock
def test_pull_requests_are_not_issues(tracker: Tracker, diary: Diary) -> None:
    """They are told apart by their key, without a request for each, and move the watermark all the same."""
    later = "2026-03-05T10:00:00Z"
    pull = github_issue(2, pull_request={"url": "…"}, updated_at=later)
    respx.get(f"{REPO}/issues").mock(return_value=answer([github_issue(1), pull]))
    respx.get(f"{REPO}/milestones").mock(return_value=answer([]))
    reading = tracker.read(Cursor())

    assert [1] == [issue.ref.number for issue in reading.issues]
    assert datetime(2026, 3, 5, 10, tzinfo=UTC) == reading.cursor.watermark
    assert 2 == len(diary.exchanges)


@respx.mock
def test_the_next_page_is_asked_for_to_the_letter(tracker: Tracker) -> None:
    """Links are followed, cursors and empty parameters included; no page number is ever made up."""
    following = f"{GITHUB}/repositories/7/issues?per_page=100&after=Y3Vyc29y%3D%3D&labels=&state=all"
    first = respx.get(f"{REPO}/issues").mock(
        return_value=answer([github_issue(1)], link=f'<{following}>; rel="next", <{REPO}/x>; rel="first"')
    )
    second = respx.get(url__startswith=f"{GITHUB}/repositories/7/issues").mock(
        return_value=answer([github_issue(2)])
    )
    respx.get(f"{REPO}/milestones").mock(return_value=answer([]))
    reading = tracker.read(Cursor())

    assert [1, 2] == [issue.ref.number for issue in reading.issues]
    assert following == str(second.calls[0].request.url)
    assert "page=" not in str(first.calls[0].request.url).replace("per_page=", "")


@respx.mock
def test_milestones_on_several_pages_keep_no_etag(tracker: Tracker) -> None:
    """One page's ETag says nothing of the next."""
    respx.get(f"{REPO}/issues").mock(return_value=answer([]))
    respx.get(f"{REPO}/milestones", params={"page": "2"}).mock(return_value=answer([github_milestone(2)]))
    respx.get(f"{REPO}/milestones").mock(
        return_value=answer([github_milestone(1)], etag='"m"', link=f'<{REPO}/milestones?page=2>; rel="next"')
    )
    reading = tracker.read(Cursor())

    assert reading.milestones is not None
    assert [1, 2] == [milestone.key for milestone in reading.milestones]
    assert {} == reading.cursor.etags


@respx.mock
@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        ("open", None, TaskState.OPEN),
        ("open", "reopened", TaskState.OPEN),
        ("closed", None, TaskState.DONE),
        ("closed", "completed", TaskState.DONE),
        ("closed", "not_planned", TaskState.DROPPED),
        ("closed", "duplicate", TaskState.DROPPED),
    ],
)
def test_states_and_reasons(state: str, reason: str | None, expected: TaskState, tracker: Tracker) -> None:
    """Not planned and duplicate are dropped; an older host without reasons means done."""
    respx.get(f"{REPO}/issues/1").mock(return_value=answer(github_issue(1, state=state, state_reason=reason)))

    assert expected is tracker.issue(1).state


@respx.mock
def test_a_deleted_account_is_a_ghost(tracker: Tracker) -> None:
    """An issue without an author can be read."""
    respx.get(f"{REPO}/issues/1").mock(return_value=answer(github_issue(1, user=None)))

    assert "ghost" == tracker.issue(1).author


@respx.mock
def test_a_pull_request_read_by_number_is_no_issue(tracker: Tracker) -> None:
    """A link to a pull request leads nowhere."""
    respx.get(f"{REPO}/issues/1").mock(return_value=answer(github_issue(1, pull_request={})))
    with pytest.raises(Missing, match="pull request"):
        tracker.issue(1)


@respx.mock
def test_an_unexpected_shape_is_garbled(tracker: Tracker) -> None:
    """What the API promises and does not send is named."""
    respx.get(f"{REPO}/issues/1").mock(return_value=answer(github_issue(1, title=None)))
    with pytest.raises(Garbled, match="'title'"):
        tracker.issue(1)


@respx.mock
def test_recently_created_issues_end_at_the_moment(tracker: Tracker) -> None:
    """Newest first, pull requests left out, no further page once one entry is older."""
    entries = [
        github_issue(5, created_at="2026-03-06T12:00:05Z"),
        github_issue(4, created_at="2026-03-06T12:00:02Z", pull_request={}),
        github_issue(3, created_at="2026-03-06T12:00:01Z"),
        github_issue(2, created_at="2026-03-06T11:59:59Z"),
    ]
    route = respx.get(f"{REPO}/issues").mock(
        return_value=answer(entries, link=f'<{REPO}/issues?page=2>; rel="next"')
    )
    found = tracker.created_since(datetime(2026, 3, 6, 12, 0, 1, 700_000, tzinfo=UTC))

    assert [5, 3] == [issue.ref.number for issue in found]
    assert 1 == route.call_count


# --- renamed, transferred ----------------------------------------------------------------------


@respx.mock
def test_a_renamed_repository_is_found_and_no_query_is_lost(tracker: Tracker) -> None:
    """Old name, redirect, one look at where it is now; then everything goes to the new name, writes too."""
    respx.get(REPO).mock(return_value=httpx.Response(301, headers={"location": f"{GITHUB}/repositories/7"}))
    respx.get(f"{REPO}/issues").mock(
        return_value=httpx.Response(301, headers={"location": f"{GITHUB}/repositories/7/issues"})
    )
    respx.get(f"{GITHUB}/repositories/7").mock(return_value=answer(github_repository(full_name="acme/new")))
    issues = respx.get(f"{GITHUB}/repos/acme/new/issues").mock(return_value=answer([github_issue(1)]))
    respx.get(f"{GITHUB}/repos/acme/new/milestones").mock(return_value=answer([]))
    create = respx.post(f"{GITHUB}/repos/acme/new/issues").mock(return_value=answer(github_issue(2), 201))
    reading = tracker.read(Cursor())
    tracker.create_issue(IssueDraft("T", "", None, frozenset()))

    assert [1] == [issue.ref.number for issue in reading.issues]
    assert "state=all&sort=created" in str(issues.calls[0].request.url)
    assert "acme/new" == tracker.profile().canonical
    assert create.called


@respx.mock
def test_a_name_that_was_given_to_another_repository_is_not_followed(clock: FakeClock) -> None:
    """With a known number, a name that now leads to another repository is reported."""
    respx.get(f"{REPO}/issues").mock(
        return_value=httpx.Response(301, headers={"location": f"{GITHUB}/repositories/8/issues"})
    )
    respx.get(REPO).mock(return_value=answer(github_repository(id=8, full_name="evil/rune")))
    with pytest.raises(Moved):
        reach("github", clock).tracker("acme/rune", known=KNOWN).read(Cursor())


def test_a_transferred_issue_is_moved_although_its_repository_is_not(tracker: Tracker) -> None:
    """The redirect of an issue leads into another repository and is reported, not followed."""
    target = f"{GITHUB}/repositories/99/issues/9"
    with respx.mock(assert_all_called=False) as router:
        router.get(f"{REPO}/issues/5").mock(return_value=httpx.Response(301, headers={"location": target}))
        router.get(REPO).mock(return_value=answer(github_repository()))
        elsewhere = router.get(target).mock(return_value=answer(github_issue(9)))
        with pytest.raises(Moved) as caught:
            tracker.issue(5)
        assert not elsewhere.called

    assert target == caught.value.location


@respx.mock
def test_the_profile_is_asked_for_once(tracker: Tracker, diary: Diary) -> None:
    """However often it is needed."""
    respx.get(REPO).mock(return_value=answer(github_repository()))
    first, second = tracker.profile(), tracker.profile()

    assert first == second
    assert KNOWN.canonical == first.canonical
    assert (True, True) == (first.can_push, first.can_triage)
    assert 1 == len(diary.exchanges)


# --- writing issues ----------------------------------------------------------------------------


@respx.mock
def test_an_issue_is_created_in_one_request(tracker: Tracker, diary: Diary) -> None:
    """Milestone, labels and assignees travel with it; the answer shows what the forge kept."""
    route = respx.post(f"{REPO}/issues").mock(return_value=answer(github_issue(3), 201))
    made = tracker.create_issue(IssueDraft("T", "B", 4, frozenset({"b", "a"}), frozenset({"bob"})))

    assert {
        "title": "T",
        "body": "B",
        "milestone": 4,
        "labels": ["a", "b"],
        "assignees": ["bob"],
    } == sent(route.calls[0])
    assert (None, frozenset()) == (made.milestone, made.labels)  # dropped without a word, and seen
    assert 1 == len(diary.exchanges)


@respx.mock
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (IssueChange(title="T", body=""), {"title": "T", "body": ""}),
        (IssueChange(state=TaskState.DONE), {"state": "closed", "state_reason": "completed"}),
        (IssueChange(state=TaskState.DROPPED), {"state": "closed", "state_reason": "not_planned"}),
        (IssueChange(state=TaskState.OPEN), {"state": "open"}),
        (IssueChange(milestone=0), {"milestone": None}),
        (IssueChange(milestone=3), {"milestone": 3}),
    ],
)
def test_values_are_changed_in_one_patch(
    change: IssueChange, expected: dict[str, Any], tracker: Tracker, diary: Diary
) -> None:
    """Only what changes is sent."""
    route = respx.patch(f"{REPO}/issues/1").mock(return_value=answer(github_issue(1)))
    tracker.update_issue(1, change)

    assert expected == sent(route.calls[0])
    assert 1 == len(diary.exchanges)


@respx.mock
def test_labels_alone_are_added_without_touching_others(tracker: Tracker, diary: Diary) -> None:
    """The adding endpoint is used, and the issue is read for the answer."""
    route = respx.post(f"{REPO}/issues/1/labels").mock(return_value=answer([{"name": "a"}]))
    respx.get(f"{REPO}/issues/1").mock(return_value=answer(github_issue(1, labels=[{"name": "a"}])))
    issue = tracker.update_issue(1, IssueChange(add_labels=frozenset({"a", "b"})))

    assert {"labels": ["a", "b"]} == sent(route.calls[0])
    assert frozenset({"a"}) == issue.labels
    assert 1 == len(diary.writes)


@respx.mock
@pytest.mark.parametrize("status", [200, 404])
def test_one_label_alone_is_taken_away(status: int, tracker: Tracker, diary: Diary) -> None:
    """A label that is not there any more is as good as taken away; its name is escaped."""
    route = respx.delete(url=f"{REPO}/issues/1/labels/a%2Fb%20c%3F").mock(return_value=answer([], status))
    respx.get(f"{REPO}/issues/1").mock(return_value=answer(github_issue(1)))
    tracker.update_issue(1, IssueChange(remove_labels=frozenset({"a/b c?"})))

    assert route.called
    assert 1 == len(diary.writes)


@respx.mock
def test_labels_that_were_added_are_not_denied(tracker: Tracker) -> None:
    """If the issue cannot be read afterwards the change is of unknown fate, not undone."""
    respx.post(f"{REPO}/issues/1/labels").mock(return_value=answer([{"name": "a"}]))
    respx.delete(f"{REPO}/issues/1/labels/a").mock(return_value=answer([]))
    respx.get(f"{REPO}/issues/1").mock(return_value=httpx.Response(502))
    for change in (IssueChange(add_labels=frozenset({"a"})), IssueChange(remove_labels=frozenset({"a"}))):
        with pytest.raises(UnknownFate):
            tracker.update_issue(1, change)


@respx.mock
def test_labels_with_other_values_are_computed_from_a_fresh_read(tracker: Tracker, diary: Diary) -> None:
    """People's labels are kept, case does not matter, and one request writes."""
    labels = [{"name": "person's"}, {"name": "Stage: Alpha"}]
    respx.get(f"{REPO}/issues/1").mock(return_value=answer(github_issue(1, labels=labels)))
    route = respx.patch(f"{REPO}/issues/1").mock(return_value=answer(github_issue(1)))
    change = IssueChange(
        title="T", add_labels=frozenset({"stage: beta"}), remove_labels=frozenset({"stage: alpha"})
    )
    tracker.update_issue(1, change)

    assert {"title": "T", "labels": ["person's", "stage: beta"]} == sent(route.calls[0])
    assert 1 == len(diary.writes)


@respx.mock
def test_a_label_that_exists_is_no_error(tracker: Tracker) -> None:
    """422 already_exists says no; any other 422 is an error."""
    exists = {
        "message": "Validation Failed",
        "errors": [{"resource": "Label", "code": "already_exists", "field": "name"}],
    }
    invalid = {
        "message": "Validation Failed",
        "errors": [{"resource": "Label", "code": "invalid", "field": "color"}],
    }
    respx.post(f"{REPO}/labels").mock(
        side_effect=[answer({}, 201), answer(exists, 422), answer(invalid, 422)]
    )

    assert tracker.ensure_label(Label("roadmap", "ededed")) is True
    assert tracker.ensure_label(Label("Roadmap", "ededed")) is False
    with pytest.raises(Rejected):
        tracker.ensure_label(Label("x", "nonsense"))


# --- milestones --------------------------------------------------------------------------------


@respx.mock
def test_milestones_are_written_with_a_day_at_noon(tracker: Tracker) -> None:
    """So that Pacific time cannot make it another day."""
    create = respx.post(f"{REPO}/milestones").mock(
        return_value=answer(github_milestone(1, due_on="2026-03-06T08:00:00Z"), 201)
    )
    update = respx.patch(f"{REPO}/milestones/1").mock(
        return_value=answer(github_milestone(1, state="closed"))
    )
    made = tracker.create_milestone(MilestoneDraft("M", "D", date(2026, 3, 6)))
    tracker.update_milestone(1, MilestoneChange(clear_due=True, closed=True))
    tracker.update_milestone(
        1, MilestoneChange(due=date(2026, 3, 27), closed=False, title="N", description="")
    )

    assert date(2026, 3, 6) == made.due
    assert {"title": "M", "description": "D", "due_on": "2026-03-06T12:00:00Z"} == sent(create.calls[0])
    assert {"due_on": None, "state": "closed"} == sent(update.calls[0])
    assert {"title": "N", "description": "", "due_on": "2026-03-27T12:00:00Z", "state": "open"} == sent(
        update.calls[1]
    )


def pacific(sent: str) -> str:
    """GitHub's rule: the day in Pacific time, shown as that day's midnight."""
    zone = ZoneInfo("America/Los_Angeles")
    day = datetime.fromisoformat(sent).astimezone(zone).date()
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    return midnight.strftime("%Y-%m-%dT%H:%M:%SZ")


@settings(max_examples=300, deadline=None)
@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_a_due_date_comes_back_as_it_was_sent(due: date) -> None:
    """Every day, in summer and winter, by GitHub's rule and by a host that merely echoes."""
    for rule in (pacific, str):
        back = wire.milestone(github_milestone(1, due_on=rule(wire.due_on(due))))
        assert due == back.due


def test_due_dates_around_every_change_of_clocks() -> None:
    """No day of thirty years moves, those of the changes included."""
    day = date(2010, 1, 1)
    while day < date(2040, 1, 1):
        assert day == wire.milestone(github_milestone(1, due_on=pacific(wire.due_on(day)))).due
        day += timedelta(days=1)


@respx.mock
def test_the_open_issues_of_a_milestone(tracker: Tracker) -> None:
    """All pages, without pull requests."""
    respx.get(f"{REPO}/issues", params={"page": "2"}).mock(return_value=answer([github_issue(3)]))
    route = respx.get(f"{REPO}/issues").mock(
        return_value=answer(
            [github_issue(1), github_issue(2, pull_request={})], link=f'<{REPO}/issues?page=2>; rel="next"'
        )
    )

    assert frozenset({1, 3}) == tracker.open_issues_in(4)
    assert "milestone=4&state=open&per_page=100" in str(route.calls[0].request.url)


# --- events ------------------------------------------------------------------------------------


@respx.mock
def test_the_log_of_an_issue(tracker: Tracker) -> None:
    """States with their reasons and titles with both texts, oldest first, over all pages."""

    def event(key: int, kind: str, **values: Any) -> dict[str, Any]:
        at = f"2026-03-0{key}T10:00:00Z"
        return {"id": key, "event": kind, "actor": {"login": "bob"}, "created_at": at, **values}

    first = [
        event(5, "reopened"),
        event(2, "labeled"),
        event(3, "closed", state_reason="not_planned", actor=None),
    ]
    second = [event(4, "renamed", rename={"from": "A", "to": "B"}), event(1, "closed", state_reason=None)]
    respx.get(f"{REPO}/issues/1/events", params={"page": "2"}).mock(return_value=answer(second))
    respx.get(f"{REPO}/issues/1/events").mock(
        return_value=answer(first, link=f'<{REPO}/issues/1/events?page=2>; rel="next"')
    )
    states, titles = tracker.state_events(1), tracker.title_events(1)

    assert [TaskState.DONE, TaskState.DROPPED, TaskState.OPEN] == [event.state for event in states]
    assert ["bob", "ghost", "bob"] == [event.actor for event in states]
    assert [("A", "B")] == [(event.before, event.after) for event in titles]
