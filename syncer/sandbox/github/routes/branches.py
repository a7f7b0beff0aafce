"""Branches, classic protection and the rules of rulesets."""

from __future__ import annotations

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.pages import paged
from syncer.sandbox.github.render import repositories as render
from syncer.sandbox.people import Role
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()


@routes.get("/repos/{owner}/{repo}/branches", needs="contents=read")
def list_branches(call: GitHubCall) -> Answer:
    """All branches, by name."""
    repository = call.repository()
    found = sorted(repository.branches.heads.items())
    wanted = call.text("protected")
    if wanted:
        found = [
            (name, sha)
            for name, sha in found
            if render.short_branch(call.view, repository, name, sha)["protected"] == (wanted == "true")
        ]
    return paged(
        call, found, lambda pair: render.short_branch(call.view, repository, *pair), repository=repository
    )


@routes.get("/repos/{owner}/{repo}/branches/{branch:path}/protection", needs="administration=read")
def get_protection(call: GitHubCall) -> Answer:
    """Classic protection only; a branch that just a ruleset guards is "not protected"."""
    repository = call.repository(Role.ADMIN)
    name = call.values["branch"]
    if name not in repository.branches.heads:
        raise problems.problem(404, "Branch not found")
    rule = render.classic_protection(repository, name)
    if rule is None:
        raise problems.problem(404, "Branch not protected")
    return Answer(200, render.protection(call.view, repository, name, rule))


@routes.get("/repos/{owner}/{repo}/branches/{branch:path}", needs="contents=read")
def get_branch(call: GitHubCall) -> Answer:
    """One branch with its newest commit."""
    repository = call.repository()
    name = call.values["branch"]
    sha = repository.branches.as_of(name, call.circumstances.list_moment)
    if sha is None:
        raise problems.problem(404, "Branch not found")
    return Answer(200, render.branch(call.view, repository, name, sha))


@routes.get("/repos/{owner}/{repo}/rules/branches/{branch:path}", needs="metadata=read")
def list_branch_rules(call: GitHubCall) -> Answer:
    """The rules that hold for a branch, whether it exists or not."""
    call.need("rules")
    repository = call.repository()
    rules = render.branch_rules(repository, call.values["branch"])
    return paged(call, rules, lambda rule: rule, repository=repository)
