"""Commits by ref, their list, and comparisons."""

from __future__ import annotations

from syncer.sandbox import history
from syncer.sandbox.exchange import Answer
from syncer.sandbox.git import Commit
from syncer.sandbox.github import problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.pages import paged
from syncer.sandbox.github.render import commits as render
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

READ = "contents=read"


@routes.get("/repos/{owner}/{repo}/commits", needs=READ)
def list_commits(call: GitHubCall) -> Answer:
    """Commits from a ref backwards, of one path if asked."""
    repository = call.repository()
    if not repository.branches.heads:
        raise problems.conflict("Git Repository is empty.")
    start = call.text("sha") or repository.default_branch
    commit = repository.resolve(start)
    if commit is None:
        raise problems.not_found()
    since, until = call.since("since"), call.since("until")
    author = call.text("author").lower()
    found = [
        entry
        for entry in history.log(repository.store, commit.sha, call.text("path").strip("/"))
        if (since is None or entry.committer.when >= since)
        and (until is None or entry.committer.when <= until)
        and (not author or author in (entry.author.email.lower(), _login(repository, entry)))
    ]
    return paged(
        call, found, lambda entry: render.commit(call.view, repository, entry), repository=repository
    )


@routes.get("/repos/{owner}/{repo}/commits/{ref:path}", needs=READ)
def get_commit(call: GitHubCall) -> Answer:
    """One commit by branch, tag or id; with the sha media type just its id."""
    repository = call.repository()
    if not repository.branches.heads:
        raise problems.conflict("Git Repository is empty.")
    ref = call.values["ref"]
    moment = call.circumstances.list_moment
    stale = repository.branches.as_of(ref.removeprefix("heads/"), moment) if moment is not None else None
    commit = repository.store.commits.get(stale) if stale else repository.resolve(ref)
    if commit is None:
        raise problems.unprocessable(f"No commit found for SHA: {ref}")
    if "application/vnd.github.sha" in call.incoming.headers.get("accept", ""):
        kind = "application/vnd.github.sha; charset=utf-8"
        return Answer(200, commit.sha.encode(), content_type=kind)
    return Answer(200, render.full_commit(call.view, repository, commit))


@routes.get("/repos/{owner}/{repo}/compare/{basehead:path}", needs=READ)
def compare(call: GitHubCall) -> Answer:
    """What lies between two commits."""
    repository = call.repository()
    name = call.values["basehead"]
    left, dots, right = name.partition("...")
    base, head = repository.resolve(_plain(left)), repository.resolve(_plain(right))
    if not dots or base is None or head is None:
        raise problems.not_found()
    if history.merge_base(repository.store, base.sha, head.sha) is None:
        raise problems.problem(404, f"No common ancestor between {left} and {right}.")
    return Answer(200, render.comparison(call.view, repository, base, head, name))


def _plain(name: str) -> str:
    return name.rpartition(":")[2]


def _login(repository: Repository, entry: Commit) -> str:
    users = repository.forge.people.users.values()
    return next((user.login.lower() for user in users if user.email == entry.author.email), "")
