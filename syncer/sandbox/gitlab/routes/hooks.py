"""Webhooks of projects and their deliveries."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlsplit

from syncer.sandbox.exchange import Answer
from syncer.sandbox.gitlab import problems
from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.gitlab.pages import paged
from syncer.sandbox.gitlab.render import hooks as render
from syncer.sandbox.hooks import Hook
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitLabCall] = Routes()

MOST_HOOKS = 100
MOST_EVENTS = 20


@routes.get("/projects/{id}/hooks")
def list_hooks(call: GitLabCall) -> Answer:
    """All webhooks."""
    project = call.project(Role.MAINTAIN)
    return paged(call, list(project.hooks.values()), lambda hook: render.hook(project, hook))


@routes.post("/projects/{id}/hooks")
def create_hook(call: GitLabCall) -> Answer:
    """A new webhook; push events are on unless switched off."""
    project = call.project(Role.MAINTAIN)
    if len(project.hooks) >= MOST_HOOKS:
        raise problems.problem(422, f"Maximum number of project hooks ({MOST_HOOKS}) exceeded")
    hook = Hook(call.forge.ids.next("hook"), "", frozenset({"push"}), call.now, call.now)
    call.fields.required("url")
    _configure(call, hook)
    project.hooks[hook.id] = hook
    return Answer(201, render.hook(project, hook))


@routes.get("/projects/{id}/hooks/{hook_id}")
def get_hook(call: GitLabCall) -> Answer:
    """One webhook."""
    project = call.project(Role.MAINTAIN)
    return Answer(200, render.hook(project, _hook(call, project)))


@routes.put("/projects/{id}/hooks/{hook_id}")
def update_hook(call: GitLabCall) -> Answer:
    """Change a webhook."""
    project = call.project(Role.MAINTAIN)
    hook = _hook(call, project)
    _configure(call, hook)
    return Answer(200, render.hook(project, hook))


@routes.delete("/projects/{id}/hooks/{hook_id}")
def delete_hook(call: GitLabCall) -> Answer:
    """Remove a webhook."""
    project = call.project(Role.MAINTAIN)
    del project.hooks[_hook(call, project).id]
    return Answer(204)


@routes.post("/projects/{id}/hooks/{hook_id}/test/{trigger}")
def test_hook(call: GitLabCall) -> Answer:
    """Deliver an example."""
    project = call.project(Role.MAINTAIN)
    hook = _hook(call, project)
    example = call.hooks.example(project, call.values["trigger"].removesuffix("_events"))
    if example is None:
        raise problems.problem(422, "Ensure the project has an event of this kind.")
    call.hooks.send(hook, project, example[0], "", example[1])
    return Answer(201, {"message": "201 Created"})


@routes.get("/projects/{id}/hooks/{hook_id}/events")
def list_hook_events(call: GitLabCall) -> Answer:
    """The last deliveries, newest first."""
    project = call.project(Role.MAINTAIN)
    found = _hook(call, project).deliveries[::-1][:MOST_EVENTS]
    return paged(call, found, render.event)


@routes.post("/projects/{id}/hooks/{hook_id}/events/{event_id}/resend")
def resend(call: GitLabCall) -> Answer:
    """Deliver once more, under the same idempotency key."""
    project = call.project(Role.MAINTAIN)
    key = call.number("event_id")
    found = next((entry for entry in _hook(call, project).deliveries if entry.id == key), None)
    if found is None:
        raise problems.not_found()
    call.hooks.again(found.parcel)
    return Answer(201, {"response_status": 200})


def _hook(call: GitLabCall, project: Repository) -> Hook:
    found = project.hooks.get(call.number("hook_id"))
    if found is None:
        raise problems.not_found()
    return found


def _configure(call: GitLabCall, hook: Hook) -> None:
    fields = call.fields
    if "url" in fields:
        url = fields.text("url")
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise problems.problem(422, "Invalid url given")
        if url != hook.url:
            hook.failures, hook.disabled_until, hook.active = 0, None, True
        hook.url = url
    events = set(hook.events)
    for flag in render.FLAGS:
        if f"{flag}_events" in fields:
            (events.add if fields.flag(f"{flag}_events") else events.discard)(flag)
    hook.events = frozenset(events)
    if "token" in fields:
        hook.secret = fields.text("token")
    if "signing_token" in fields:
        hook.signing_token = _check_signing_token(fields.text("signing_token"))
    if "enable_ssl_verification" in fields:
        hook.insecure_ssl = not fields.flag("enable_ssl_verification")
    if "name" in fields:
        hook.name = fields.text("name")
    hook.updated_at = call.now


def _check_signing_token(token: str) -> str:
    if not token:
        return ""
    try:
        secret = base64.b64decode(token.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not token.startswith("whsec_") or len(secret) != 32:
        raise problems.problem(400, {"signing_token": ["must be whsec_ followed by 32 bytes in base64"]})
    return token
