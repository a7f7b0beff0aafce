"""Members of projects, users, groups."""

from __future__ import annotations

from syncer.sandbox.exchange import Answer
from syncer.sandbox.gitlab import problems
from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.gitlab.pages import paged
from syncer.sandbox.gitlab.render import people as render
from syncer.sandbox.people import Role, User
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitLabCall] = Routes()


@routes.get("/projects/{id}/members/all")
def list_all_members(call: GitLabCall) -> Answer:
    """Everybody with a role, through groups too."""
    project = call.project()
    wanted, keys = call.fields.text("query").lower(), set(call.fields.numbers("user_ids"))
    found = [
        (user, project.role_of(user))
        for user in call.forge.people.users.values()
        if _belongs(project, user)
        and (not keys or user.id in keys)
        and wanted in f"{user.login} {user.name}".lower()
    ]
    return paged(call, found, lambda pair: render.member(call.view, *pair))


@routes.get("/projects/{id}/members/all/{user_id}")
def get_member(call: GitLabCall) -> Answer:
    """One member, direct or through groups."""
    project = call.project()
    user = call.forge.people.by_id(call.number("user_id"))
    if user is None or not _belongs(project, user):
        raise problems.not_found()
    return Answer(200, render.member(call.view, user, project.role_of(user)))


@routes.get("/projects/{id}/members")
def list_members(call: GitLabCall) -> Answer:
    """The direct members."""
    project = call.project()
    people = call.forge.people
    found = [(people.find(login), role) for login, role in project.members.items()]
    members = [(user, role) for user, role in found if user is not None]
    return paged(call, members, lambda pair: render.member(call.view, *pair))


@routes.post("/projects/{id}/members")
def add_member(call: GitLabCall) -> Answer:
    """Give somebody a role."""
    project = call.project(Role.MAINTAIN)
    level = call.fields.number("access_level")
    user = call.forge.people.by_id(call.fields.number("user_id") or 0)
    if level not in {int(role) for role in Role if role} or level is None:
        raise problems.invalid("access_level does not have a valid value")
    if user is None:
        raise problems.not_found("User")
    if user.login.lower() in project.members:
        raise problems.conflict("Member already exists")
    project.members[user.login.lower()] = Role(level)
    return Answer(201, render.member(call.view, user, Role(level)))


@routes.delete("/projects/{id}/members/{user_id}")
def remove_member(call: GitLabCall) -> Answer:
    """Take somebody's role away."""
    project = call.project(Role.MAINTAIN)
    user = call.forge.people.by_id(call.number("user_id"))
    if user is None or project.members.pop(user.login.lower(), None) is None:
        raise problems.not_found()
    return Answer(204)


@routes.get("/users")
def list_users(call: GitLabCall) -> Answer:
    """Users by login."""
    wanted = call.fields.text("username").lower()
    users = call.forge.people.users.values()
    found = [user for user in users if not wanted or user.login.lower() == wanted]
    return paged(call, found, lambda user: render.user(call.view, user))


@routes.get("/users/{user_id}")
def get_user(call: GitLabCall) -> Answer:
    """One user."""
    user = call.forge.people.by_id(call.number("user_id"))
    if user is None:
        raise problems.not_found("User")
    return Answer(200, {**render.user(call.view, user), "bot": user.kind == "Bot"})


@routes.get("/groups/{id}")
def get_group(call: GitLabCall) -> Answer:
    """One group."""
    return Answer(200, render.group(call.view, call.group()))


@routes.post("/groups")
def create_group(call: GitLabCall) -> Answer:
    """A new group, below another if asked."""
    path = call.fields.required("path")
    call.fields.required("name")
    key = call.fields.number("parent_id")
    if key is not None:
        parent = next((group for group in call.forge.people.groups.values() if group.id == key), None)
        if parent is None:
            raise problems.not_found("Group")
        path = f"{parent.path}/{path}"
    if path.lower() in call.forge.people.groups:
        raise problems.bad_request('Failed to save group {:path=>["has already been taken"]}')
    group = call.forge.people.group(path, call.now)
    group.members[call.user.login.lower()] = Role.ADMIN
    return Answer(201, render.group(call.view, group))


def _belongs(project: Repository, user: User) -> bool:
    floor = Role.NONE if project.private else Role.READ
    return user.login.lower() in project.members or project.role_of(user) > floor
