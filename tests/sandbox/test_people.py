"""What people do, by the same methods on both forges."""

from __future__ import annotations

from datetime import date

import pytest

from syncer.sandbox import RepositoryHandle, Sandbox


@pytest.fixture(params=["github", "gitlab"])
def home(request: pytest.FixtureRequest, forge: Sandbox) -> RepositoryHandle:
    """The same repository on either forge."""
    side = forge.github if request.param == "github" else forge.gitlab
    return side.repository("acme/rune", files={"TODO.md": b"- [ ] a\n"})


def test_a_life_of_an_issue(home: RepositoryHandle) -> None:
    """Everything that a person can do to an issue shows on its handle."""
    milestone = home.create_milestone("MVP", due=date(2026, 3, 6))
    issue = home.open_issue(by="alice", title="old", body="text", labels=["bug"])
    issue.retitle("new", by="bob")
    issue.edit_body("words")
    issue.label("more")
    issue.unlabel("bug")
    issue.assign("carol")
    issue.set_milestone(milestone)
    issue.comment("hi", by="dave")
    issue.close(by="alice", reason="not_planned")
    assert ("new", "words", "closed", "alice", "MVP", ["hi"]) == (
        issue.title,
        issue.body,
        issue.state,
        issue.author,
        issue.milestone_title,
        issue.comments,
    )
    assert (frozenset({"more"}), frozenset({"carol"}), milestone.number) == (
        issue.labels,
        issue.assignees,
        issue.milestone,
    )
    issue.reopen()
    issue.lock()
    issue.unlock()
    assert "open" == home.issue(1).state
    assert ["text", "words"] == [edit.body for edit in issue.edits]
    assert "renamed" in [event.kind for event in issue.events]
    issue.set_milestone(None)
    assert issue.milestone is None
    child = home.open_issue("child")
    issue.add_child(child)
    assert ([child.number], issue.number) == (issue.children, child.parent)
    issue.delete()
    assert issue.gone
    assert [child.number] == [entry.number for entry in home.issues()]


def test_only_github_knows_why_an_issue_was_closed(forge: Sandbox, home: RepositoryHandle) -> None:
    """GitLab forgets the reason."""
    issue = home.open_issue("a")
    issue.close(reason="not_planned")
    assert ("not_planned" if home.model.forge.kind == "github" else None) == issue.reason


def test_a_life_of_a_milestone(home: RepositoryHandle) -> None:
    """Renamed, dated, described, closed, opened, deleted."""
    milestone = home.create_milestone("MVP")
    milestone.rename("Beta")
    milestone.set_due(date(2026, 4, 1))
    milestone.describe("goal")
    milestone.close(by="alice")
    assert ("Beta", date(2026, 4, 1), "goal", "closed") == (
        milestone.title,
        milestone.due,
        milestone.description,
        milestone.state,
    )
    milestone.reopen()
    assert "open" == home.milestone(1).state
    milestone.delete()
    assert [] == home.milestones()


def test_pushing_and_force_pushing(home: RepositoryHandle) -> None:
    """People commit, branch, rewrite history and merge, protected or not."""
    first = home.head()
    second = home.commit({"TODO.md": b"- [x] a\n", "new.md": b"n"}, by="alice", message="tick")
    assert (b"- [ ] a\n", b"- [x] a\n") == (home.file("TODO.md", ref=first), home.file("TODO.md"))
    assert ["tick", "Initial commit"] == home.log()
    home.force_push("main", first, by="bob")
    assert (first, ["Initial commit"]) == (home.head("main"), home.log("main"))
    home.create_branch("side", second)
    pull = home.open_pull("side", title="request", by="alice")
    assert [pull.number] == [entry.number for entry in home.pulls()]
    assert second == home.model.branches.heads["side"]
    merged = home.pull(pull.number).merge(by="bob", method="squash")
    assert (merged, True) == (home.head(), pull.merged)
    home.commit({"new.md": None})
    with pytest.raises(KeyError):
        home.file("new.md")
    home.delete_branch("side")
    assert {"main"} == set(home.branches())


def test_transferring(forge: Sandbox, home: RepositoryHandle) -> None:
    """On GitHub the issue leaves, on GitLab it stays behind closed."""
    side = forge.github if home.model.forge.kind == "github" else forge.gitlab
    target = side.repository("acme/target")
    issue = home.open_issue("moves", labels=["bug"])
    issue.comment("said")
    moved = issue.transfer(target, by="alice")
    assert ("moves", ["said"], [moved.number]) == (
        moved.title,
        moved.comments,
        [e.number for e in target.issues()],
    )
    if side is forge.github:
        assert [] == home.issues()
    else:
        assert ["closed"] == [entry.state for entry in home.issues()]


def test_labels_of_a_repository(home: RepositoryHandle) -> None:
    """Made and deleted by people, and taken off the issues with it."""
    home.label("mine", "112233")
    issue = home.open_issue("a", labels=["mine"])
    home.delete_label("mine")
    assert "mine" not in home.labels
    assert frozenset() == issue.labels


def test_finding_repositories(forge: Sandbox, home: RepositoryHandle) -> None:
    """By path in any case, under a former name too; otherwise there is none."""
    side = forge.github if home.model.forge.kind == "github" else forge.gitlab
    assert home.id == side.find("ACME/Rune").id
    side.rename(home, "acme/new")
    assert (home.id, "acme/new") == (side.find("acme/rune").id, side.find("acme/new").full_name)
    assert ["acme/new"] == [entry.full_name for entry in side.repositories()]
    with pytest.raises(KeyError):
        side.find("acme/none")


def test_ids_of_the_two_forges_never_meet(forge: Sandbox) -> None:
    """One host serves both, so a repository's number must tell them apart."""
    hub, lab = forge.github.repository("a/b"), forge.gitlab.repository("a/b")
    assert hub.id != lab.id
    assert hub.open_issue("x").id != lab.open_issue("x").id
