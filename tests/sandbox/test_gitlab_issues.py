"""Issues on GitLab: creating, changing, quick actions, notes, events, and what is refused or dropped."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox

from .conftest import gitlab_client


def test_an_issue_is_created_with_labels_and_milestone(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """Labels are names with commas between them, the milestone is a global id, unknown labels are made."""
    milestone = project.create_milestone("MVP")
    values = {"title": "Ship", "description": "text", "labels": "roadmap, b", "milestone_id": milestone.id}
    answer = lab.post("/issues", json=values)
    made = answer.json()
    assert (201, 1, "opened", ["b", "roadmap"], "MVP") == (
        answer.status_code,
        made["iid"],
        made["state"],
        made["labels"],
        made["milestone"]["title"],
    )
    assert made["id"] != made["iid"]
    assert f"{forge.url}/group/sub/rune/-/issues/1" == made["web_url"]
    assert "group/sub/rune#1" == made["references"]["full"]
    assert made["created_at"].endswith("Z")
    assert "." in made["created_at"]


def test_parameters_come_as_json_as_a_form_or_in_the_query(
    project: RepositoryHandle, lab: httpx.Client
) -> None:
    """All three create the same issue."""
    values = {"title": "x", "labels": "a,b"}
    for answer in (
        lab.post("/issues", json=values),
        lab.post("/issues", data=values),
        lab.post("/issues", params=values),
    ):
        assert ("x", ["a", "b"]) == (answer.json()["title"], answer.json()["labels"])


@pytest.mark.parametrize(
    ("values", "status", "body"),
    [
        ({}, 400, {"error": "title is missing"}),
        ({"title": " "}, 400, {"message": {"title": ["can't be blank"]}}),
        (
            {"title": "x" * 256},
            400,
            {"message": {"title": ["is too long (maximum is 255 characters)"]}},
        ),
        (
            {"title": "x", "description": "x" * 1_048_577},
            400,
            {"message": {"description": ["is too long (maximum is 1048576 characters)"]}},
        ),
        ({"title": "x", "milestone_id": "soon"}, 400, {"error": "milestone_id is invalid"}),
        ({"title": "x", "issue_type": "epic"}, 400, {"error": "issue_type does not have a valid value"}),
    ],
)
def test_values_that_do_not_fit_are_refused(
    project: RepositoryHandle, lab: httpx.Client, values: dict[str, Any], status: int, body: dict[str, Any]
) -> None:
    """Each refusal is a 400 in GitLab's two shapes."""
    answer = lab.post("/issues", json=values)
    assert (status, body) == (answer.status_code, answer.json())
    assert [] == project.issues()


def test_quick_actions_in_a_description_are_carried_out(project: RepositoryHandle, lab: httpx.Client) -> None:
    """A line that begins with a command runs it and is gone; code and quotes are spared."""
    project.label("bug")
    project.create_milestone("MVP")
    text = (
        "Do it\n/close\n/label ~bug\n/milestone %MVP\n/unknown thing\n```\n/reopen\n```\n>>>\n/lock\n>>>\nend"
    )
    made = lab.post("/issues", json={"title": "x", "description": text}).json()
    assert ("closed", ["bug"], "MVP") == (made["state"], made["labels"], made["milestone"]["title"])
    assert "Do it\n/unknown thing\n```\n/reopen\n```\n>>>\n/lock\n>>>\nend" == made["description"]
    assert made["discussion_locked"] is None
    comment = {"title": "y", "description": "<!-- hidden\n/close\n-->"}
    assert "closed" == lab.post("/issues", json=comment).json()["state"]


def test_quick_actions_need_rights(forge: Sandbox, project: RepositoryHandle) -> None:
    """A guest's label command is taken out of the text and does nothing; closing one's own works."""
    project.label("bug")
    token = forge.gitlab.token("guest", role="guest")
    with gitlab_client(forge, token) as client:
        values = {"title": "x", "description": "/label ~bug\n/close", "labels": "bug"}
        made = client.post(f"/projects/{project.id}/issues", json=values).json()
    assert ([], "closed") == (made["labels"], made["state"])


def test_an_issue_is_changed_closed_and_reopened(project: RepositoryHandle, lab: httpx.Client) -> None:
    """State is an event; labels are replaced, added and removed; nothing given is an error."""
    lab.post("/issues", json={"title": "old", "labels": "a,b"})
    changed = lab.put("/issues/1", json={"title": "new", "add_labels": "c", "remove_labels": "a"}).json()
    assert ("new", ["b", "c"]) == (changed["title"], changed["labels"])
    closed = lab.put("/issues/1", json={"state_event": "close"}).json()
    assert ("closed", "syncer-bot") == (closed["state"], closed["closed_by"]["username"])
    assert closed["closed_at"] is not None
    assert "closed" == lab.put("/issues/1", json={"state_event": "close"}).json()["state"]
    assert "opened" == lab.put("/issues/1", json={"state_event": "reopen"}).json()["state"]
    assert ["z"] == lab.put("/issues/1", json={"labels": "z"}).json()["labels"]
    assert 400 == lab.put("/issues/1", json={"state_event": "closed"}).status_code
    assert 400 == lab.put("/issues/1", json={}).status_code
    assert 404 == lab.put("/issues/9", json={"title": "x"}).status_code


def test_milestones_that_cannot_be_used_are_dropped_and_zero_takes_away(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """Another project's milestone counts as none; a group's can be used."""
    other = forge.gitlab.repository("group/other").create_milestone("Elsewhere")
    above = forge.gitlab.group_milestone("group", "Everywhere")
    mine = project.create_milestone("Here")
    made = lab.post("/issues", json={"title": "x", "milestone_id": other.id}).json()
    assert made["milestone"] is None
    for milestone in (above, mine):
        changed = lab.put("/issues/1", json={"milestone_id": milestone.id}).json()
        assert milestone.id == changed["milestone"]["id"]
    assert lab.put("/issues/1", json={"milestone_id": 0}).json()["milestone"] is None
    lab.put("/issues/1", json={"milestone_id": mine.id})
    assert lab.put("/issues/1", json={"milestone_id": ""}).json()["milestone"] is None


def test_who_may_do_what(forge: Sandbox, project: RepositoryHandle) -> None:
    """Strangers nothing but opening, authors their own words, reporters labels, owners deletion."""
    project.open_issue("a", by="alice")
    expected = {
        ("stranger", ""): (403, 201, 403),
        ("alice", "guest"): (200, 201, 403),
        ("rita", "reporter"): (200, 201, 403),
        ("olga", "owner"): (200, 201, 204),
    }
    for (login, role), statuses in expected.items():
        token = forge.gitlab.token(login, role=role)
        with gitlab_client(forge, token) as client:
            place = f"/projects/{project.id}/issues"
            changed = client.put(f"{place}/1", json={"title": f"by {login}", "labels": f"l-{login}"})
            created = client.post(place, json={"title": "new", "labels": "x"})
            deleted = client.delete(f"{place}/{created.json()['iid']}")
            assert statuses == (changed.status_code, created.status_code, deleted.status_code), login
    assert frozenset({"l-olga"}) == project.issue(1).labels


def test_owners_may_choose_the_number_once(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """A chosen iid makes creating idempotent for owners and is ignored for everybody else."""
    assert 7 == lab.post("/issues", json={"title": "x", "iid": 7}).json()["iid"]
    again = lab.post("/issues", json={"title": "x", "iid": 7})
    assert (409, "Duplicated issue") == (again.status_code, again.json()["message"])
    assert 8 == lab.post("/issues", json={"title": "x"}).json()["iid"]
    with gitlab_client(forge, forge.gitlab.token("dev", role="developer")) as client:
        made = client.post(f"/projects/{project.id}/issues", json={"title": "x", "iid": 70})
        assert 9 == made.json()["iid"]


def test_confidential_issues_are_for_members(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """A guest neither sees them in a list nor finds them."""
    lab.post("/issues", json={"title": "secret", "confidential": True})
    with gitlab_client(forge, forge.gitlab.token("guest", role="guest")) as client:
        assert [] == client.get(f"/projects/{project.id}/issues").json()
        assert 404 == client.get(f"/projects/{project.id}/issues/1").status_code
    assert 1 == len(lab.get("/issues", params={"confidential": "true"}).json())
    assert lab.get("/issues/1").json()["confidential"]
    assert not lab.put("/issues/1", json={"confidential": False}).json()["confidential"]


def test_a_moved_issue_is_closed_and_copied(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """The original stays with ``moved_to_id``; a deleted one is 404."""
    target = forge.gitlab.repository("group/target")
    lab.post("/issues", json={"title": "moves", "labels": "a"})
    moved = lab.post("/issues/1/move", json={"to_project_id": target.id})
    assert (201, target.id, ["a"]) == (
        moved.status_code,
        moved.json()["project_id"],
        moved.json()["labels"],
    )
    here = lab.get("/issues/1").json()
    assert ("closed", moved.json()["id"]) == (here["state"], here["moved_to_id"])
    assert 400 == lab.post("/issues/1/move", json={"to_project_id": target.id}).status_code
    assert [1] == [entry["iid"] for entry in lab.get("/issues").json()]
    assert 204 == lab.delete("/issues/1").status_code
    assert (404, {"message": "404 Issue Not Found"}) == (
        lab.get("/issues/1").status_code,
        lab.get("/issues/1").json(),
    )


def test_gitlab_writes_notes_of_its_own(project: RepositoryHandle, lab: httpx.Client) -> None:
    """Titles, descriptions and cross-references leave system notes; states and labels have event logs."""
    project.open_issue("first title", "x")
    project.open_issue("other")
    milestone = project.create_milestone("MVP")
    lab.put("/issues/1", json={"title": "second title", "description": "y"})
    lab.put("/issues/1", json={"labels": "bug", "milestone_id": milestone.id, "state_event": "close"})
    lab.put("/issues/1", json={"labels": "", "milestone_id": 0, "state_event": "reopen"})
    lab.post("/issues/2/notes", json={"body": "see #1"})
    lab.post("/issues/1/notes", json={"body": "by a person"})

    notes = lab.get("/issues/1/notes", params={"sort": "asc"}).json()
    assert [
        "changed title from **{-first-} title** to **{+second+} title**",
        "changed the description",
        "mentioned in issue #2",
        "by a person",
    ] == [note["body"] for note in notes]
    assert [True, True, True, False] == [note["system"] for note in notes]
    assert 1 == lab.get("/issues/1").json()["user_notes_count"]
    only = lab.get("/issues/1/notes", params={"activity_filter": "only_comments"}).json()
    assert ["by a person"] == [note["body"] for note in only]

    states = lab.get("/issues/1/resource_state_events").json()
    assert ["closed", "reopened"] == [event["state"] for event in states]
    labels = lab.get("/issues/1/resource_label_events").json()
    assert [("add", "bug"), ("remove", "bug")] == [
        (event["action"], event["label"]["name"]) for event in labels
    ]
    milestones = lab.get("/issues/1/resource_milestone_events").json()
    assert [("add", "MVP"), ("remove", "MVP")] == [
        (event["action"], event["milestone"]["title"]) for event in milestones
    ]
    assert "syncer-bot" == states[0]["user"]["username"]


def test_notes_can_be_changed_and_deleted_and_may_be_commands(
    project: RepositoryHandle, lab: httpx.Client
) -> None:
    """A note of nothing but commands is carried out and leaves no note."""
    project.open_issue("a")
    made = lab.post("/issues/1/notes", json={"body": "first"})
    place = f"/issues/1/notes/{made.json()['id']}"
    assert "second" == lab.put(place, json={"body": "second"}).json()["body"]
    assert "second" == lab.get(place).json()["body"]
    commands = lab.post("/issues/1/notes", json={"body": "/close"})
    assert (202, {"close": True}) == (commands.status_code, commands.json()["commands_changes"])
    assert "closed" == project.issue(1).state
    assert 400 == lab.post("/issues/1/notes", json={}).status_code
    assert 204 == lab.delete(place).status_code
    assert 404 == lab.get(place).status_code


def test_issues_can_be_linked(project: RepositoryHandle, lab: httpx.Client) -> None:
    """Relating is free, blocking needs a paid plan."""
    project.open_issue("a")
    project.open_issue("b")
    values = {"target_project_id": project.id, "target_issue_iid": 2}
    made = lab.post("/issues/1/links", json=values)
    assert (201, "relates_to") == (made.status_code, made.json()["link_type"])
    assert 409 == lab.post("/issues/1/links", json=values).status_code
    assert [1] == [entry["iid"] for entry in lab.get("/issues/2/links").json()]
    assert 403 == lab.post("/issues/2/links", json={**values, "link_type": "blocks"}).status_code
    assert 200 == lab.delete(f"/issues/1/links/{made.json()['id']}").status_code
    assert [] == lab.get("/issues/1/links").json()


def test_scoped_labels_exclude_each_other_on_paid_plans_and_the_old_one_may_survive(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """On the free plan they are plain labels."""
    lab.post("/issues", json={"title": "x", "labels": "prio::low"})
    both = lab.put("/issues/1", json={"add_labels": "prio::high"}).json()
    assert ["prio::high", "prio::low"] == both["labels"]
    forge.gitlab.settings.premium = True
    lab.put("/issues/1", json={"labels": "prio::low"})
    assert ["prio::high"] == lab.put("/issues/1", json={"add_labels": "prio::high"}).json()["labels"]


def test_assignees_are_ids_and_one_on_the_free_plan(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """More than one needs a paid plan."""
    people = [forge.gitlab.user(login).id for login in ("alice", "bob")]
    made = lab.post("/issues", json={"title": "x", "assignee_ids": people}).json()
    assert ["alice"] == [user["username"] for user in made["assignees"]]
    forge.gitlab.settings.premium = True
    changed = lab.put("/issues/1", json={"assignee_ids": people, "weight": 3}).json()
    assert (["alice", "bob"], 3) == (
        [user["username"] for user in changed["assignees"]],
        changed["weight"],
    )


def test_further_fields(project: RepositoryHandle, lab: httpx.Client) -> None:
    """Due dates are dates, locking is a flag, boxes in the description are counted."""
    text = "- [x] a\n- [ ] b\n"
    made = lab.post("/issues", json={"title": "x", "description": text, "due_date": "2026-03-06"}).json()
    assert ("2026-03-06", {"count": 2, "completed_count": 1}) == (
        made["due_date"],
        made["task_completion_status"],
    )
    changed = lab.put("/issues/1", json={"due_date": "", "discussion_locked": True}).json()
    assert (None, True) == (changed["due_date"], changed["discussion_locked"])
    assert not lab.put("/issues/1", json={"discussion_locked": False}).json()["discussion_locked"]


def test_projects_without_issues_and_archived_ones(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """Both refuse with 403."""
    forge.gitlab.enable_issues(project, False)
    assert 403 == lab.get("/issues").status_code
    assert 403 == lab.post("/issues", json={"title": "x"}).status_code
    forge.gitlab.enable_issues(project, True)
    forge.gitlab.archive(project)
    assert 403 == lab.post("/issues", json={"title": "x"}).status_code
    assert 200 == lab.get("/issues").status_code


def test_texts_have_consequences_on_gitlab_too(forge: Sandbox, project: RepositoryHandle) -> None:
    """A closing keyword in a commit closes, a mention notifies."""
    project.open_issue("a", "for @alice")
    project.commit({"x.md": b"1"}, message="Closes #1", by="bob")
    assert ("closed", ["alice"]) == (
        project.issue(1).state,
        [mention.login for mention in forge.gitlab.mentions],
    )
    assert any("mentioned in commit" in event.body for event in project.issue(1).model.comments)
