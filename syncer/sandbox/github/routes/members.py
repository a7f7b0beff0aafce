"""Collaborators, their roles, and who can be assigned."""

from __future__ import annotations

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import drafts, problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.pages import paged
from syncer.sandbox.github.render import people as render
from syncer.sandbox.people import Role, User
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

_OLD_WORDS = {Role.MAINTAIN: "write", Role.TRIAGE: "read"}


@routes.get("/repos/{owner}/{repo}/collaborators", needs="metadata=read")
def list_collaborators(call: GitHubCall) -> Answer:
    """Everybody with a role of their own."""
    repository = call.repository(Role.WRITE, hide=False)
    found = [user for user in call.forge.people.users.values() if _collaborates(repository, user)]
    return paged(
        call,
        found,
        lambda user: render.collaborator(call.view, user, repository.role_of(user)),
        repository=repository,
    )


@routes.get("/repos/{owner}/{repo}/collaborators/{username}/permission", needs="metadata=read")
def get_permission(call: GitHubCall) -> Answer:
    """What somebody may do; the old words know neither triage nor maintain."""
    repository = call.repository(Role.WRITE, hide=False)
    user = call.forge.people.find(call.values["username"])
    if user is None:
        raise problems.problem(404, f"{call.values['username']} is not a user")
    role = repository.role_of(user)
    answer = {
        "permission": _OLD_WORDS.get(role, role.github_name),
        "role_name": role.github_name,
        "user": render.collaborator(call.view, user, role),
    }
    return Answer(200, answer)


@routes.get("/repos/{owner}/{repo}/collaborators/{username}", needs="metadata=read")
def check_collaborator(call: GitHubCall) -> Answer:
    """204 for a collaborator, 404 for anybody else."""
    repository = call.repository(Role.WRITE, hide=False)
    user = call.forge.people.find(call.values["username"])
    if user is None or not _collaborates(repository, user):
        raise problems.not_found()
    return Answer(204)


@routes.put("/repos/{owner}/{repo}/collaborators/{username}", needs="administration=write")
def add_collaborator(call: GitHubCall) -> Answer:
    """Give somebody a role; nobody has to accept an invitation here."""
    repository = call.repository(Role.ADMIN)
    user = call.forge.people.find(call.values["username"])
    if user is None:
        raise problems.not_found()
    words = {"pull": "read", "push": "write"}
    word = call.body.text("permission", "push")
    try:
        role = Role.named(words.get(word, word))
    except KeyError:
        raise problems.custom("Collaborator", "permission", f"{word} is not a permission") from None
    repository.members[user.login.lower()] = role
    return Answer(204)


@routes.delete("/repos/{owner}/{repo}/collaborators/{username}", needs="administration=write")
def remove_collaborator(call: GitHubCall) -> Answer:
    """Take somebody's role away."""
    repository = call.repository(Role.ADMIN)
    repository.members.pop(call.values["username"].lower(), None)
    return Answer(204)


@routes.get("/repos/{owner}/{repo}/assignees", needs="issues=read; pull_requests=read")
def list_assignees(call: GitHubCall) -> Answer:
    """Everybody an issue can be assigned to."""
    repository = call.repository()
    found = [user for user in call.forge.people.users.values() if drafts.assignable(repository, user)]
    return paged(call, found, lambda user: render.account(call.view, user), repository=repository)


@routes.get("/repos/{owner}/{repo}/assignees/{assignee}", needs="issues=read; pull_requests=read")
def check_assignee(call: GitHubCall) -> Answer:
    """204 if issues can be assigned to somebody, else 404."""
    repository = call.repository()
    user = call.forge.people.find(call.values["assignee"])
    if user is None or not drafts.assignable(repository, user):
        raise problems.not_found()
    return Answer(204)


def _collaborates(repository: Repository, user: User) -> bool:
    floor = Role.NONE if repository.private else Role.READ
    return repository.role_of(user) > floor
