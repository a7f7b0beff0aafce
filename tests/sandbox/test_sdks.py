"""The official client libraries use the sandbox unmodified, and fall into the traps they fall into."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, date, datetime

import github
import gitlab
import pytest
from github import Auth, Github, GithubIntegration, InputGitTreeElement
from github.Repository import Repository
from github.Requester import Requester

from syncer.sandbox import Fault, RepositoryHandle, Sandbox

from .conftest import FILES


@pytest.fixture(autouse=True)
def _as_it_comes() -> Iterator[None]:
    """PyGithub with its own connections: which ones it uses is a setting of the whole process."""
    ours = (Requester._Requester__httpConnectionClass, Requester._Requester__httpsConnectionClass)  # type: ignore[attr-defined]
    Requester.resetConnectionClasses()
    yield
    Requester.injectConnectionClasses(*ours)


@pytest.fixture
def hub(forge: Sandbox, repo: RepositoryHandle) -> Iterator[Github]:
    token = forge.github.token("syncer-bot", role="admin")
    with Github(
        base_url=forge.url,
        auth=Auth.Token(token),
        seconds_between_requests=0,
        seconds_between_writes=0,
        retry=None,
    ) as client:
        yield client


@pytest.fixture
def rune(hub: Github, repo: RepositoryHandle) -> Repository:
    return hub.get_repo(repo.full_name)


@pytest.fixture
def lab(forge: Sandbox, project: RepositoryHandle) -> Iterator[gitlab.Gitlab]:
    token = forge.gitlab.token("syncer-bot", role="owner")
    with gitlab.Gitlab(forge.url, private_token=token, timeout=10) as client:
        yield client


def test_pygithub_plans(hub: Github, rune: Repository, repo: RepositoryHandle) -> None:
    """Milestones, labels and issues through PyGithub."""
    milestone = rune.create_milestone("MVP", due_on=datetime(2026, 3, 6, 12, tzinfo=UTC))
    rune.create_label("roadmap", "00ff00", "managed")
    issue = rune.create_issue("Ship", body="text", milestone=milestone, labels=["roadmap", "new"])
    assert ("MVP", {"roadmap", "new"}) == (issue.milestone.title, {label.name for label in issue.labels})
    assert datetime(2026, 3, 6, 8, tzinfo=UTC) == milestone.due_on
    issue.edit(state="closed", state_reason="not_planned")
    assert ("closed", "not_planned") == (issue.state, issue.state_reason)
    issue.edit(title="New", state="open", milestone=github.GithubObject.NotSet)
    issue.create_comment("hello")
    assert ["hello"] == [comment.body for comment in issue.get_comments()]
    assert ["closed", "renamed", "reopened"] == [
        event.event for event in issue.get_events() if event.event in ("closed", "renamed", "reopened")
    ]
    milestone.edit("MVP", state="closed")
    assert "closed" == repo.milestone(1).state
    assert "syncer-bot" == hub.get_user().login


def test_pygithub_follows_pages_of_issues(rune: Repository, repo: RepositoryHandle) -> None:
    """The cursors in the links are followed without a word."""
    for number in range(75):
        repo.open_issue(f"{number}")
    assert list(range(75, 0, -1)) == [issue.number for issue in rune.get_issues(state="all")]


def test_pygithub_sends_a_date_without_an_hour_and_gets_the_day_before(
    rune: Repository, repo: RepositoryHandle
) -> None:
    """The library's own trap, met by the forge's."""
    milestone = rune.create_milestone("MVP", due_on=date(2026, 3, 6))
    assert milestone.due_on
    assert "2026-03-05" == milestone.due_on.date().isoformat()
    assert date(2026, 3, 5) == repo.milestone(1).due


def test_pygithub_writes_files_and_commits(rune: Repository, repo: RepositoryHandle) -> None:
    """Contents, the git database, refs, comparison and pull requests."""
    content = rune.get_contents("TODO.md")
    assert not isinstance(content, list)
    assert FILES["TODO.md"] == content.decoded_content
    rune.update_file("TODO.md", "tick", b"new\n", content.sha)
    with pytest.raises(github.GithubException) as refused:
        rune.update_file("TODO.md", "tick", b"newer\n", content.sha)
    assert 409 == refused.value.status
    ref = rune.get_git_ref("heads/main")
    parent = rune.get_git_commit(ref.object.sha)
    tree = rune.create_git_tree([InputGitTreeElement("n.md", "100644", "blob", content="n")], parent.tree)
    rune.create_git_ref("refs/heads/bot", rune.create_git_commit("n", tree, [parent]).sha)
    pull = rune.create_pull(base="main", head="bot", title="PR", body="text")
    assert (True, "clean") == (pull.mergeable, pull.mergeable_state)
    assert pull.merge().merged
    assert b"n" == repo.file("n.md")
    assert "behind" == rune.compare("main", "bot").status


def test_pygithub_manages_sub_issues_and_hooks(
    forge: Sandbox, rune: Repository, repo: RepositoryHandle
) -> None:
    """Children by id, webhooks with deliveries, collaborators."""
    for title in ("parent", "child"):
        repo.open_issue(title)
    parent = rune.get_issue(1)
    parent.add_sub_issue(rune.get_issue(2))
    assert [2] == [child.number for child in parent.get_sub_issues()]
    hook = rune.create_hook("web", {"url": "http://127.0.0.1:9/", "content_type": "json"}, ["issues"])
    assert forge.settle()
    assert ["ping"] == [entry.event for entry in rune.get_hook_deliveries(hook.id)]
    assert "admin" == rune.get_collaborator_permission("syncer-bot")


def test_pygithub_speaks_graphql_also_on_an_enterprise_host(forge: Sandbox, repo: RepositoryHandle) -> None:
    """From a base address with ``/api/v3`` the library finds ``/api/graphql``."""
    token = forge.github.token("syncer-bot")
    with Github(base_url=f"{forge.url}/api/v3", auth=Auth.Token(token), seconds_between_requests=0) as client:
        assert "acme/rune" == client.get_repo("acme/rune").full_name
        _, found = client.requester.graphql_query("{ viewer { login } }", {})
    assert "syncer-bot" == found["data"]["viewer"]["login"]


def test_pygithub_acts_as_an_app(forge: Sandbox, repo: RepositoryHandle) -> None:
    """The web token finds the installation, the installation token opens an issue."""
    app = forge.github.app("syncer-app", permissions={"issues": "write"}, accounts=["acme"])
    auth = Auth.AppAuth(app.id, app.private_key)
    with GithubIntegration(auth=auth, base_url=forge.url) as integration:
        installation = integration.get_repo_installation("acme", "rune").id
    with Github(
        base_url=forge.url,
        auth=auth.get_installation_auth(installation),
        seconds_between_requests=0,
        seconds_between_writes=0,
    ) as client:
        issue = client.get_repo("acme/rune").create_issue("by the app")
    assert "syncer-app[bot]" == issue.user.login


def test_pygithub_follows_a_transferred_issue_into_another_repository(
    forge: Sandbox, rune: Repository, repo: RepositoryHandle
) -> None:
    """The library's trap that the sandbox must show: an edit lands elsewhere."""
    target = forge.github.repository("acme/target")
    repo.open_issue("moves")
    moved = repo.issue(1).transfer(target)
    found = rune.get_issue(1)
    assert f"{forge.url}/repos/acme/target" == found.raw_data["repository_url"]
    assert moved.id == found.id


def test_pygithub_repeats_a_create_by_default(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Its usual retries turn one lost answer into two issues."""
    token = forge.github.token("syncer-bot")
    forge.faults.add(Fault("bad_gateway_after", method="POST", path=r"/issues$"))
    with Github(
        base_url=forge.url, auth=Auth.Token(token), seconds_between_requests=0, seconds_between_writes=0
    ) as client:
        client.get_repo("acme/rune").create_issue("twice")
    assert 2 == len(repo.issues())


def test_python_gitlab_plans(lab: gitlab.Gitlab, project: RepositoryHandle) -> None:
    """Milestones, labels, issues, notes and events through python-gitlab."""
    rune = lab.projects.get("group/sub/rune")
    milestone = rune.milestones.create({"title": "MVP", "due_date": "2026-03-06"})
    rune.labels.create({"name": "roadmap", "color": "#00ff00"})
    values = {"title": "Ship", "description": "x", "labels": "roadmap,new", "milestone_id": milestone.id}
    issue = rune.issues.create(values)
    assert (["new", "roadmap"], "2026-03-06") == (issue.labels, issue.milestone["due_date"])
    issue.title, issue.state_event = "New", "close"
    issue.save()
    assert "closed" == project.issue(1).state
    issue.notes.create({"body": "hello"})
    bodies = {note.body for note in issue.notes.list(get_all=True)}
    assert {"hello", "changed title from **{-Ship-}** to **{+New+}**"} == bodies
    assert ["closed"] == [event.state for event in issue.resourcestateevents.list(get_all=True)]
    rune.issues.update(1, {"add_labels": "more", "state_event": "reopen"})
    assert frozenset({"roadmap", "new", "more"}) == project.issue(1).labels
    milestone.state_event = "close"
    milestone.save()
    assert "closed" == project.milestone(1).state


def test_python_gitlab_reads_pages_by_number_and_by_keyset(
    lab: gitlab.Gitlab, project: RepositoryHandle
) -> None:
    """Both ways reach every issue."""
    for number in range(45):
        project.open_issue(f"{number}")
    rune = lab.projects.get(project.id, lazy=True)
    everything = [issue.iid for issue in rune.issues.list(get_all=True, per_page=20)]
    keyset = rune.issues.list(iterator=True, pagination="keyset", order_by="created_at", per_page=20)
    assert list(range(45, 0, -1)) == everything == [issue.iid for issue in keyset]


def test_python_gitlab_commits_and_merges(lab: gitlab.Gitlab, project: RepositoryHandle) -> None:
    """Files with their locks, commits on new branches, merge requests."""
    rune = lab.projects.get(project.id, lazy=True)
    file = rune.files.get("TODO.md", ref="main")
    assert FILES["TODO.md"] == file.decode()
    action = {
        "action": "update",
        "file_path": "TODO.md",
        "content": "new\n",
        "last_commit_id": file.last_commit_id,
    }
    values = {"branch": "bot", "start_branch": "main", "commit_message": "Tick", "actions": [action]}
    made = rune.commits.create(values)
    assert [project.head()] == made.parent_ids
    request = rune.mergerequests.create({"source_branch": "bot", "target_branch": "main", "title": "MR"})
    request.merge()
    assert b"new\n" == project.file("TODO.md")
    with pytest.raises(gitlab.GitlabCreateError, match="has changed since you started editing it"):
        rune.commits.create({**values, "branch": "main", "start_branch": None})
    paths = [entry["path"] for entry in rune.repository_tree(recursive=True, get_all=True)]
    assert ["docs", "TODO.md", "docs/notes.md"] == paths


def test_python_gitlab_manages_hooks_members_and_tokens(
    forge: Sandbox, lab: gitlab.Gitlab, project: RepositoryHandle
) -> None:
    """Everything else that syncer asks of it."""
    lab.auth()
    assert lab.user is not None
    assert "syncer-bot" == lab.user.username
    rune = lab.projects.get(project.id)
    token = "whsec_" + base64.b64encode(b"k" * 32).decode()
    hook = rune.hooks.create({"url": "http://127.0.0.1:9/", "issues_events": True, "signing_token": token})
    assert hook.signing_token_present
    hook.delete()
    assert ["api"] == lab.personal_access_tokens.get("self").scopes
    assert 50 == rune.members_all.get(lab.user.id).access_level
    assert "main" == rune.protectedbranches.list(get_all=True)[0].name
    assert rune.branches.get("main").protected
    forge.gitlab.rename(project, "group/new")
    with pytest.raises(gitlab.exceptions.GitlabError):
        lab.projects.get("group/sub/rune", lazy=True).issues.create({"title": "x"})
