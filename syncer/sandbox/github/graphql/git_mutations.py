"""Mutations of branches, commits and pull requests."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from syncer.sandbox import history, merging
from syncer.sandbox.exchange import Refusal
from syncer.sandbox.github import drafts, pushing
from syncer.sandbox.github.graphql import git_nodes, lookup, nodes
from syncer.sandbox.github.graphql.session import Failure, Json, Session, not_found, unprocessable
from syncer.sandbox.github.routes.pulls import check_new
from syncer.sandbox.issues import Issue
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository

Input = dict[str, Any]


def create_commit(session: Session, values: Input) -> Json:
    """A commit on a branch, only if the branch still points at the expected commit; signed."""
    home, branch = _branch(session, values["branch"])
    session.need(home, Role.WRITE, "contents", "CreateCommitOnBranch")
    head = home.branches.heads.get(branch)
    if head is None:
        raise not_found(f"Could not resolve to a Ref with the name 'refs/heads/{branch}'.")
    expected = values["expectedHeadOid"]
    if head != expected:
        raise Failure(
            "STALE_DATA", f'Expected branch to point to "{expected}" but it did not.  Pull and try again.'
        )
    files = _files(home, head, values.get("fileChanges") or {})
    _refuse_rules(session, home, branch, creating=False)
    message = values["message"]["headline"]
    if values["message"].get("body"):
        message += f"\n\n{values['message']['body']}"
    session.create()
    commit = home.commit_files(session.user, branch, files, message, verified=True)
    return {
        "commit": git_nodes.commit(session, home, commit),
        "ref": git_nodes.ref(session, home, f"refs/heads/{branch}", commit.sha),
    }


def create_ref(session: Session, values: Input) -> Json:
    """A new branch or tag."""
    home = lookup.repository(session, values["repositoryId"])
    session.need(home, Role.WRITE, "contents", "CreateRef")
    name, oid = values["name"], values["oid"]
    if not name.startswith(("refs/heads/", "refs/tags/")):
        raise unprocessable(f"{name} is not a valid ref name")
    if oid not in home.store.commits:
        raise unprocessable(f"The oid {oid} does not exist in the repository")
    branch = name.removeprefix("refs/heads/")
    if name.startswith("refs/tags/"):
        home.tags[name.removeprefix("refs/tags/")] = oid
    elif branch in home.branches.heads:
        raise unprocessable(f'A ref named "{name}" already exists in the repository.')
    else:
        _refuse_rules(session, home, branch, creating=True, sha=oid)
        home.move_branch(session.user, branch, oid)
    return {"ref": git_nodes.ref(session, home, name, oid)}


def update_ref(session: Session, values: Input) -> Json:
    """Move a branch; without force only forward."""
    home, name = lookup.ref(session, values["refId"])
    session.need(home, Role.WRITE, "contents", "UpdateRef")
    branch, oid = name.removeprefix("refs/heads/"), values["oid"]
    head = home.branches.heads.get(branch)
    if head is None or oid not in home.store.commits:
        raise unprocessable("Reference or object does not exist")
    if not values.get("force") and not history.is_ancestor(home.store, head, oid):
        raise unprocessable("Update is not a fast forward")
    _refuse_rules(session, home, branch, creating=False, sha=oid)
    home.move_branch(session.user, branch, oid)
    return {"ref": git_nodes.ref(session, home, name, oid)}


def delete_ref(session: Session, values: Input) -> Json:
    """Remove a branch."""
    home, name = lookup.ref(session, values["refId"])
    session.need(home, Role.WRITE, "contents", "DeleteRef")
    branch = name.removeprefix("refs/heads/")
    texts = pushing.rule_objections(home, session.asker.role(home), branch, None)
    if texts or branch == home.default_branch:
        raise unprocessable("\n\n".join(["Repository rule violations found", *texts]))
    home.move_branch(session.user, branch, None)
    return {}


def create_pull(session: Session, values: Input) -> Json:
    """A new pull request."""
    home = lookup.repository(session, values["repositoryId"])
    session.need(home, Role.READ, "pull_requests", "CreatePullRequest")
    head = values["headRefName"].rpartition(":")[2].removeprefix("refs/heads/")
    base = values["baseRefName"].removeprefix("refs/heads/")
    try:
        check_new(home, head, base)
        title = drafts.check_title(values["title"], "PullRequest")
        body = drafts.check_body(values.get("body"), "PullRequest")
    except Refusal as refused:
        errors = refused.answer.body.get("errors") or [{}]
        raise unprocessable(errors[0].get("message") or f"{errors[0].get('field')} is invalid") from None
    session.create()
    made = merging.open_pull(
        home, session.user, title=title, head=head, base=base, body=body, draft=bool(values.get("draft"))
    )
    return {"pullRequest": nodes.pull(session, made)}


def update_pull(session: Session, values: Input) -> Json:
    """Change a pull request."""
    found = _pull(session, values["pullRequestId"], "UpdatePullRequest")
    if values.get("title") is not None:
        found.retitle(session.user, values["title"])
    if values.get("body") is not None:
        found.rewrite(session.user, values["body"])
    if values.get("state") == "CLOSED":
        found.close(session.user, None)
    elif values.get("state") == "OPEN":
        found.reopen(session.user)
    return {"pullRequest": nodes.pull(session, found), "actor": nodes.actor(session, session.user)}


def close_pull(session: Session, values: Input) -> Json:
    """Close a pull request unmerged."""
    found = _pull(session, values["pullRequestId"], "ClosePullRequest")
    found.close(session.user, None)
    return {"pullRequest": nodes.pull(session, found)}


def merge_pull(session: Session, values: Input) -> Json:
    """Merge a pull request."""
    found = _pull(session, values["pullRequestId"], "MergePullRequest")
    if values.get("expectedHeadOid") not in (None, merging.parts(found).head_sha):
        raise Failure("STALE_DATA", "Head branch was modified. Review and try the merge again.")
    reason = merging.blocked(found)
    if reason:
        raise unprocessable(reason)
    merging.merge(
        found,
        session.user,
        method=values["mergeMethod"].lower(),
        title=values.get("commitHeadline") or "",
        message=values.get("commitBody") or "",
    )
    return {"pullRequest": nodes.pull(session, found), "actor": nodes.actor(session, session.user)}


def enable_auto_merge(session: Session, values: Input) -> Json:
    """Let a pull request merge itself once nothing stands in its way; refused if nothing does."""
    found = _pull(session, values["pullRequestId"], "EnablePullRequestAutoMerge")
    if not found.repository.auto_merge_allowed:
        raise unprocessable("Auto merge is not allowed for this repository")
    if not merging.blocked(found):
        raise unprocessable("Pull request is in clean status")
    merging.enable_auto_merge(found, session.user, values["mergeMethod"].lower())
    return {"pullRequest": nodes.pull(session, found), "actor": nodes.actor(session, session.user)}


def _pull(session: Session, key: str, doing: str) -> Issue:
    found = lookup.pull(session, key)
    session.need(found.repository, Role.WRITE, "pull_requests", doing)
    return found


def _branch(session: Session, values: Input) -> tuple[Repository, str]:
    if values.get("id"):
        home, name = lookup.ref(session, values["id"])
        return home, name.removeprefix("refs/heads/")
    owner, _, name = (values.get("repositoryNameWithOwner") or "").partition("/")
    home = lookup.repository_named(session, owner, name)
    return home, (values.get("branchName") or "").removeprefix("refs/heads/")


def _files(home: Repository, head: str, changes: Input) -> dict[str, bytes | Any | None]:
    files: dict[str, bytes | Any | None] = {}
    for addition in changes.get("additions") or []:
        try:
            files[addition["path"]] = base64.b64decode(addition["contents"], validate=True)
        except (binascii.Error, ValueError):
            raise unprocessable(f"The contents of {addition['path']} are not valid Base64") from None
    for deletion in changes.get("deletions") or []:
        if home.store.find(home.store.commits[head].tree, deletion["path"]) is None:
            raise unprocessable(
                f"A path was requested for deletion which does not exist as of commit oid `{head}`"
            )
        files[deletion["path"]] = None
    return files


def _refuse_rules(
    session: Session, home: Repository, branch: str, *, creating: bool, sha: str | None = None
) -> None:
    role = session.asker.role(home)
    target = sha or home.branches.heads.get(branch)
    texts = pushing.rule_objections(home, role, branch, target)
    if texts:
        raise unprocessable("Repository rule violations found\n\n" + "".join(f"{text}\n\n" for text in texts))
    objection = "" if creating else pushing.classic_objection(home, role, branch)
    if objection:
        raise Failure("BRANCH_PROTECTION_RULE_VIOLATION", f"Branch protection rule violation: {objection}")
