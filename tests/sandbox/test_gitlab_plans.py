"""Milestones, labels and work items on GitLab."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox

from .conftest import gitlab_client


def test_milestones_have_calendar_dates_and_global_ids(project: RepositoryHandle, lab: httpx.Client) -> None:
    """What is sent as a date comes back as that date."""
    values = {"title": " MVP ", "description": "goal", "due_date": "2026-03-06", "start_date": "2026-03-01"}
    made = lab.post("/milestones", json=values).json()
    assert ("MVP", 1, "active", "2026-03-06", "2026-03-01", project.id) == (
        made["title"],
        made["iid"],
        made["state"],
        made["due_date"],
        made["start_date"],
        made["project_id"],
    )
    assert 404 == lab.get("/milestones/1").status_code
    place = f"/milestones/{made['id']}"
    assert "MVP" == lab.get(place).json()["title"]
    closed = lab.put(place, json={"state_event": "close"}).json()
    assert ("closed", "2026-03-06", "goal") == (closed["state"], closed["due_date"], closed["description"])
    assert "active" == lab.put(place, json={"state_event": "activate"}).json()["state"]
    assert lab.put(place, json={"due_date": ""}).json()["due_date"] is None
    assert 400 == lab.put(place, json={"state_event": "reopen"}).status_code
    assert 400 == lab.put(place, json={"due_date": "2026-02-01"}).status_code
    assert [] == lab.get(f"{place}/issues").json()
    assert 204 == lab.delete(place).status_code
    assert 404 == lab.get(place).status_code


def test_titles_are_unique_in_the_project_and_the_groups_above(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """Closed ones count; another project's do not; a group's new one collides with those below."""
    project.create_milestone("Taken").close()
    forge.gitlab.group_milestone("group", "Above")
    forge.gitlab.repository("group/other").create_milestone("Free")
    taken = {"message": {"title": ["already being used for another group or project milestone."]}}
    for title in ("Taken", "Above"):
        answer = lab.post("/milestones", json={"title": title})
        assert (400, taken) == (answer.status_code, answer.json())
    assert 201 == lab.post("/milestones", json={"title": "Free"}).status_code
    assert {"error": "title is missing"} == lab.post("/milestones", json={}).json()
    with gitlab_client(forge, forge.gitlab.token("olga", role="owner")) as client:
        assert 400 == client.post("/groups/group/milestones", json={"title": "Taken"}).status_code
        made = client.post("/groups/group%2Fsub/milestones", json={"title": "Sub"})
        assert (201, "Sub") == (made.status_code, made.json()["title"])
        assert "group_id" in made.json()


def test_milestones_are_listed(forge: Sandbox, project: RepositoryHandle, lab: httpx.Client) -> None:
    """All states by default, newest first; groups' only if asked."""
    forge.clock.freeze()
    project.create_milestone("one", due=date(2026, 3, 6))
    forge.clock.advance(10)
    moment = forge.clock.now().isoformat().replace("+00:00", "Z")
    project.create_milestone("two").close()
    forge.gitlab.group_milestone("group", "above")

    def titles(**params: str) -> list[str]:
        return [entry["title"] for entry in lab.get("/milestones", params=params).json()]

    assert ["two", "one"] == titles()
    assert ["one"] == titles(state="active")
    assert ["two"] == titles(state="closed")
    assert ["one"] == titles(title="one")
    assert ["two"] == titles(search="tw")
    assert ["two"] == titles(updated_after=moment)
    assert ["above", "two", "one"] == titles(include_ancestors="true")
    assert [2] == [entry["iid"] for entry in lab.get("/milestones?iids[]=2").json()]
    with gitlab_client(forge, forge.gitlab.token("dev", role="developer")) as client:
        [group] = client.get("/groups/group/milestones").json()
        place = f"/groups/group/milestones/{group['id']}"
        assert "above" == client.get(place).json()["title"]
        assert "closed" == client.put(place, json={"state_event": "close"}).json()["state"]
        assert 404 == client.get("/groups/none/milestones").status_code


def test_labels_tell_upper_from_lower_case_and_have_no_commas(
    project: RepositoryHandle, lab: httpx.Client
) -> None:
    """The other forge's rules do not hold here."""
    made = lab.post("/labels", json={"name": "Bug", "color": "#ff0000", "description": "d"})
    assert (201, "#FF0000") == (made.status_code, made.json()["color"])
    again = lab.post("/labels", json={"name": "Bug", "color": "#ff0000"})
    assert (409, {"message": "Label already exists"}) == (again.status_code, again.json())
    assert 201 == lab.post("/labels", json={"name": "bug", "color": "red"}).status_code
    assert {"error": "color is missing"} == lab.post("/labels", json={"name": "x"}).json()
    assert {"message": {"title": ["is invalid"]}} == (
        lab.post("/labels", json={"name": "a,b", "color": "#123456"}).json()
    )
    assert 400 == lab.post("/labels", json={"name": "x", "color": "#12"}).status_code
    assert ["Bug", "bug"] == sorted(label["name"] for label in lab.get("/labels").json())
    assert "Defect" == lab.put("/labels/Bug", json={"new_name": "Defect", "color": "#00ff00"}).json()["name"]
    assert 400 == lab.put("/labels/Defect", json={"new_name": "bug"}).status_code
    project.open_issue("a", labels=["Defect"])
    counted = lab.get("/labels", params={"with_counts": "true", "search": "defect"}).json()
    assert 1 == counted[0]["open_issues_count"]
    assert "Defect" == lab.get(f"/labels/{counted[0]['id']}").json()["name"]
    assert 204 == lab.delete("/labels/Defect").status_code
    assert 404 == lab.get("/labels/Defect").status_code
    assert frozenset() == project.issue(1).labels


CREATE = """mutation($input: WorkItemCreateInput!) { workItemCreate(input: $input) { errors workItem {
    id iid title state workItemType { name } widgets { type
      ... on WorkItemWidgetHierarchy { hasParent parent { iid title } } } } } }"""
UPDATE = """mutation($input: WorkItemUpdateInput!) { workItemUpdate(input: $input) { errors workItem {
    title state widgets { ... on WorkItemWidgetHierarchy { parent { iid } children { nodes { iid } } }
      ... on WorkItemWidgetLabels { labels { nodes { title } } } } } } }"""
TASK = "gid://gitlab/WorkItems::Type/5"


@pytest.fixture
def ask(forge: Sandbox, project: RepositoryHandle) -> Iterator[Any]:
    with gitlab_client(forge, forge.gitlab.token("bot", role="developer")) as client:

        def send(query: str, **variables: Any) -> Any:
            values = {"query": query, "variables": variables}
            answer = client.post(f"{forge.url}/api/graphql", json=values)
            assert 200 == answer.status_code
            return answer.json()

        yield send


def work_item(number: int) -> str:
    return f"gid://gitlab/WorkItem/{number}"


def test_a_task_is_created_below_an_issue(project: RepositoryHandle, ask: Any) -> None:
    """One mutation makes a child; REST shows it as an issue of type task."""
    parent = project.open_issue("parent")
    values = {
        "namespacePath": project.full_name,
        "title": "child",
        "workItemTypeId": TASK,
        "descriptionWidget": {"description": "text"},
        "hierarchyWidget": {"parentId": work_item(parent.id)},
    }
    made = ask(CREATE, input=values)["data"]["workItemCreate"]
    hierarchy = next(w for w in made["workItem"]["widgets"] if w["type"] == "HIERARCHY")
    assert ([], "2", "Task", {"iid": "1", "title": "parent"}) == (
        made["errors"],
        made["workItem"]["iid"],
        made["workItem"]["workItemType"]["name"],
        hierarchy["parent"],
    )
    assert ("task", [2]) == (project.issue(2).model.type, project.issue(1).children)


def test_tasks_are_one_level_below_issues_and_nowhere_else(project: RepositoryHandle, ask: Any) -> None:
    """A task below a task, and an issue below an issue, are refused with a reason and not created."""
    parent = project.open_issue("parent")
    values: dict[str, Any] = {"namespacePath": project.full_name, "title": "x", "workItemTypeId": TASK}
    values["hierarchyWidget"] = {"parentId": work_item(parent.id)}
    child = ask(CREATE, input=values)["data"]["workItemCreate"]["workItem"]["id"]
    nested = ask(CREATE, input={**values, "hierarchyWidget": {"parentId": child}})
    assert "not allowed to add this type" in nested["data"]["workItemCreate"]["errors"][0]
    issue = ask(CREATE, input={**values, "workItemTypeId": "gid://gitlab/WorkItems::Type/1"})
    assert issue["data"]["workItemCreate"]["errors"]
    too_long = ask(CREATE, input={**values, "title": "x" * 256})["data"]["workItemCreate"]
    assert ["Title is too long (maximum is 255 characters)"] == too_long["errors"]
    assert 2 == len(project.issues())


def test_work_items_are_changed(project: RepositoryHandle, ask: Any) -> None:
    """Title, state, labels, parent and children; deleting is for owners."""
    for title in ("one", "two"):
        project.open_issue(title)
    values = {"namespacePath": project.full_name, "title": "task", "workItemTypeId": TASK}
    task = ask(CREATE, input=values)["data"]["workItemCreate"]["workItem"]["id"]
    project.label("bug")
    label = next(iter(project.model.labels.values())).id
    one, two = work_item(project.issue(1).id), work_item(project.issue(2).id)
    changed = ask(
        UPDATE,
        input={
            "id": task,
            "title": "new",
            "stateEvent": "CLOSE",
            "hierarchyWidget": {"parentId": one},
            "labelsWidget": {"addLabelIds": [f"gid://gitlab/ProjectLabel/{label}"]},
        },
    )["data"]["workItemUpdate"]
    assert ([], "new", "CLOSED") == (
        changed["errors"],
        changed["workItem"]["title"],
        changed["workItem"]["state"],
    )
    assert (1, frozenset({"bug"})) == (project.issue(3).parent, project.issue(3).labels)
    ask(UPDATE, input={"id": two, "hierarchyWidget": {"childrenIds": [task]}})
    assert ([], [3]) == (project.issue(1).children, project.issue(2).children)
    ask(UPDATE, input={"id": task, "hierarchyWidget": {"parentId": None}})
    assert project.issue(3).parent is None
    delete = "mutation($id: WorkItemID!) { workItemDelete(input: {id: $id}) { errors } }"
    refused = ask(delete, id=task)
    assert "don't have permission" in refused["errors"][0]["message"]


def test_reading_work_items(forge: Sandbox, project: RepositoryHandle, ask: Any) -> None:
    """By project, by namespace, by id; types by name; several documents at once."""
    issue = project.open_issue("a")
    query = """query($path: ID!, $id: WorkItemID!) {
        currentUser { username }
        metadata { version }
        workItem(id: $id) { title reference(full: true) }
        namespace(fullPath: $path) { workItem(iid: "1") { title }
          workItemTypes(name: "TASK") { nodes { id } } }
        project(fullPath: $path) { issues(state: opened, first: 5) { count nodes { iid state } }
          issue(iid: "1") { title milestone { title } labels { nodes { title } } }
          workItems(iids: ["1"]) { nodes { iid } } } }"""
    found = ask(query, path=project.full_name, id=work_item(issue.id))["data"]
    assert ("bot", "group/sub/rune#1") == (
        found["currentUser"]["username"],
        found["workItem"]["reference"],
    )
    assert [{"id": TASK}] == found["namespace"]["workItemTypes"]["nodes"]
    assert (1, "opened") == (
        found["project"]["issues"]["count"],
        found["project"]["issues"]["nodes"][0]["state"],
    )
    assert {"data": {"project": None}} == ask('{ project(fullPath: "no/such") { id } }')
    assert "errors" in ask("{ shoe }")
    assert "Query too large" == ask("{ currentUser { username } }" + " " * 10_000)["errors"][0]["message"]
    with gitlab_client(forge, forge.gitlab.token("bot")) as client:
        both = client.post(
            f"{forge.url}/api/graphql",
            json=[{"query": "{ currentUser { username } }"}, {"query": "{ metadata { version } }"}],
        ).json()
    assert 2 == len(both)
    assert {"currentUser": {"username": "bot"}} == both[0]["data"]
