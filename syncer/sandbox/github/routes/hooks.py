"""Webhooks of a repository and their deliveries."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.fields import Fields
from syncer.sandbox.github.pages import paged
from syncer.sandbox.github.render import hooks as render
from syncer.sandbox.hooks import Delivery, Hook
from syncer.sandbox.people import Role
from syncer.sandbox.repository import Repository
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

READ = "repository_hooks=read"
WRITE = "repository_hooks=write"
RETENTION = timedelta(days=3)
MOST_PER_EVENT = 20


@routes.get("/repos/{owner}/{repo}/hooks", needs=READ)
def list_hooks(call: GitHubCall) -> Answer:
    """All webhooks."""
    repository = call.repository(Role.ADMIN)
    hooks = list(repository.hooks.values())
    return paged(call, hooks, lambda hook: render.hook(call.view, repository, hook), repository=repository)


@routes.post("/repos/{owner}/{repo}/hooks", needs=WRITE)
def create_hook(call: GitHubCall) -> Answer:
    """A new webhook; it is pinged at once."""
    repository = call.repository(Role.ADMIN)
    body, config = call.body, call.body.nested("config")
    if body.text("name", "web") != "web":
        raise problems.custom("Hook", "name", 'The "name" must be "web".')
    url = _check_url(config.text("url"))
    events = frozenset(str(event) for event in body.entries("events")) or frozenset({"push"})
    for other in repository.hooks.values():
        if other.url == url and other.events == events:
            message = "Hook already exists on this repository"
            raise problems.validation_failed({"resource": "Hook", "code": "custom", "message": message})
    for event in events:
        if sum(event in other.events for other in repository.hooks.values()) >= MOST_PER_EVENT:
            message = f'The "{event}" event cannot have more than {MOST_PER_EVENT} hooks'
            raise problems.validation_failed({"resource": "Hook", "code": "custom", "message": message})
    hook = Hook(call.forge.ids.next("hook"), url, events, call.now, call.now, body.flag("active", True))
    _configure(hook, config)
    repository.hooks[hook.id] = hook
    rendered = render.hook(call.view, repository, hook)
    if hook.active:
        call.hooks.ping(hook, repository, rendered)
    return Answer(201, rendered, {"location": rendered["url"]})


@routes.get("/repos/{owner}/{repo}/hooks/{hook_id}", needs=READ)
def get_hook(call: GitHubCall) -> Answer:
    """One webhook."""
    repository = call.repository(Role.ADMIN)
    return Answer(200, render.hook(call.view, repository, _hook(call, repository)))


@routes.patch("/repos/{owner}/{repo}/hooks/{hook_id}", needs=WRITE)
def update_hook(call: GitHubCall) -> Answer:
    """Change a webhook."""
    repository = call.repository(Role.ADMIN)
    hook, body = _hook(call, repository), call.body
    if "config" in body:
        config = body.nested("config")
        hook.url = _check_url(config.text("url", hook.url))
        _configure(hook, config)
    if "events" in body:
        hook.events = frozenset(str(event) for event in body.entries("events"))
    hook.events |= {str(event) for event in body.entries("add_events")}
    hook.events -= {str(event) for event in body.entries("remove_events")}
    hook.active = body.flag("active", hook.active)
    hook.updated_at = call.now
    return Answer(200, render.hook(call.view, repository, hook))


@routes.delete("/repos/{owner}/{repo}/hooks/{hook_id}", needs=WRITE)
def delete_hook(call: GitHubCall) -> Answer:
    """Remove a webhook."""
    repository = call.repository(Role.ADMIN)
    del repository.hooks[_hook(call, repository).id]
    return Answer(204)


@routes.get("/repos/{owner}/{repo}/hooks/{hook_id}/config", needs=READ)
def get_hook_config(call: GitHubCall) -> Answer:
    """Where a webhook delivers to."""
    repository = call.repository(Role.ADMIN)
    return Answer(200, render.config(_hook(call, repository)))


@routes.patch("/repos/{owner}/{repo}/hooks/{hook_id}/config", needs=WRITE)
def update_hook_config(call: GitHubCall) -> Answer:
    """Change where a webhook delivers to."""
    repository = call.repository(Role.ADMIN)
    hook = _hook(call, repository)
    hook.url = _check_url(call.body.text("url", hook.url))
    _configure(hook, call.body)
    return Answer(200, render.config(hook))


@routes.post("/repos/{owner}/{repo}/hooks/{hook_id}/pings", needs=READ)
def ping_hook(call: GitHubCall) -> Answer:
    """Say hello."""
    repository = call.repository(Role.ADMIN)
    hook = _hook(call, repository)
    call.hooks.ping(hook, repository, render.hook(call.view, repository, hook))
    return Answer(204)


@routes.post("/repos/{owner}/{repo}/hooks/{hook_id}/tests", needs=READ)
def test_hook(call: GitHubCall) -> Answer:
    """Deliver the newest push."""
    repository = call.repository(Role.ADMIN)
    call.hooks.test(_hook(call, repository), repository)
    return Answer(204)


@routes.get("/repos/{owner}/{repo}/hooks/{hook_id}/deliveries", needs=READ)
def list_deliveries(call: GitHubCall) -> Answer:
    """The deliveries of the last three days, newest first, by cursor."""
    repository = call.repository(Role.ADMIN)
    hook = _hook(call, repository)
    status, cursor = call.text("status"), call.text("cursor")
    text = call.text("per_page")
    size = min(max(int(text), 1), 100) if text.isdecimal() else 30
    if cursor and not cursor.removeprefix("v1_").isdecimal():
        raise problems.problem(400, "Invalid cursor")
    found = [
        entry
        for entry in _kept(call, hook)
        if (not status or entry.ok == (status == "success"))
        and (not cursor or entry.id < int(cursor.removeprefix("v1_")))
    ]
    headers = {}
    if len(found) > size:
        extra = f"&status={status}" if status else ""
        url = f"{call.view.by_id(repository)}/hooks/{hook.id}/deliveries"
        headers["link"] = f'<{url}?per_page={size}{extra}&cursor=v1_{found[size - 1].id}>; rel="next"'
    return Answer(200, [render.delivery(entry) for entry in found[:size]], headers, listing=True)


@routes.get("/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}", needs=READ)
def get_delivery(call: GitHubCall) -> Answer:
    """One delivery with request and answer."""
    repository = call.repository(Role.ADMIN)
    return Answer(200, render.full_delivery(_delivery(call, _hook(call, repository))))


@routes.post("/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}/attempts", needs=WRITE)
def redeliver(call: GitHubCall) -> Answer:
    """Deliver once more, under the same delivery id."""
    repository = call.repository(Role.ADMIN)
    call.hooks.again(_delivery(call, _hook(call, repository)).parcel)
    return Answer(202, {})


def _hook(call: GitHubCall, repository: Repository) -> Hook:
    found = repository.hooks.get(call.number("hook_id"))
    if found is None:
        raise problems.not_found()
    return found


def _kept(call: GitHubCall, hook: Hook) -> list[Delivery]:
    return [entry for entry in reversed(hook.deliveries) if entry.at > call.now - RETENTION]


def _delivery(call: GitHubCall, hook: Hook) -> Delivery:
    key = call.number("delivery_id")
    found = next((entry for entry in _kept(call, hook) if entry.id == key), None)
    if found is None:
        raise problems.not_found()
    return found


def _configure(hook: Hook, config: Fields) -> None:
    if "content_type" in config:
        hook.content_type = config.one_of("content_type", ("json", "form")) or "form"
    if "secret" in config and config.text("secret") != render.MASK:
        hook.secret = config.text("secret")
    if "insecure_ssl" in config:
        hook.insecure_ssl = config.text("insecure_ssl") == "1"


def _check_url(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise problems.custom("Hook", "url", "url is missing a scheme or is not a valid address")
    return url
