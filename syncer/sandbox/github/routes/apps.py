"""GitHub Apps: who am I, where am I installed, a token for an hour."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta

from syncer.sandbox.exchange import Answer
from syncer.sandbox.forge import Forge
from syncer.sandbox.github import problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.render import people as render
from syncer.sandbox.github.render.repositories import repository as render_repository
from syncer.sandbox.github.times import shown
from syncer.sandbox.identifiers import secret
from syncer.sandbox.people import App, Installation, Token
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

LIFETIME = timedelta(hours=1)


@routes.get("/app")
def get_app(call: GitHubCall) -> Answer:
    """The App behind a JSON web token."""
    return Answer(200, render.app(call.view, _app(call)))


@routes.get("/app/installations")
def list_installations(call: GitHubCall) -> Answer:
    """Where the App is installed."""
    app = _app(call)
    return Answer(200, [_rendered(call, app, where) for where in app.installations.values()])


@routes.get("/app/installations/{installation_id}")
def get_installation(call: GitHubCall) -> Answer:
    """One installation of the App."""
    app = _app(call)
    return Answer(200, _rendered(call, app, _installation(call, app)))


@routes.get("/repos/{owner}/{repo}/installation")
def get_repository_installation(call: GitHubCall) -> Answer:
    """The App's installation on a repository."""
    app = _app(call)
    repository = call.forge.find(f"{call.values['owner']}/{call.values['repo']}")
    for where in app.installations.values():
        if repository is not None and _reaches(where, repository.namespace, repository.id):
            return Answer(200, _rendered(call, app, where))
    raise problems.not_found()


@routes.post("/app/installations/{installation_id}/access_tokens")
def create_token(call: GitHubCall) -> Answer:
    """A token that lives for an hour, narrowed to repositories and permissions if asked."""
    app = _app(call)
    where = _installation(call, app)
    body = call.body
    permissions = dict(app.permissions)
    for area, level in body.nested("permissions").values.items():
        if area not in permissions or (level == "write" and permissions[area] == "read"):
            raise problems.unprocessable("The permissions requested are not granted to this installation.")
    permissions = {**body.nested("permissions").values} or permissions
    names = {str(name).lower() for name in body.entries("repositories")}
    keys = {key for key in body.entries("repository_ids") if isinstance(key, int)}
    reached = [
        repository
        for repository in call.forge.repositories.values()
        if _reaches(where, repository.namespace, repository.id)
    ]
    chosen = [entry for entry in reached if entry.name.lower() in names or entry.id in keys]
    if (names or keys) and not chosen:
        raise problems.unprocessable(
            "There is at least one repository that does not exist or is not accessible to the parent "
            "installation."
        )
    narrowed = bool(names or keys) or where.repositories is not None
    token = mint(
        call.forge, app, where, permissions, frozenset(entry.id for entry in chosen or reached), call.now
    )
    answer: dict[str, object] = {
        "token": token.value,
        "expires_at": shown(call.now + LIFETIME),
        "permissions": {"metadata": "read", **permissions},
        "repository_selection": "selected" if narrowed else "all",
    }
    if names or keys:
        answer["repositories"] = [render_repository(call.view, entry) for entry in chosen]
    return Answer(201, answer)


@routes.delete("/installation/token")
def revoke_token(call: GitHubCall) -> Answer:
    """Give an installation token back."""
    if call.asker.token is None or call.asker.token.kind != "installation":
        raise problems.forbidden("Resource not accessible by personal access token")
    call.asker.token.revoked = True
    return Answer(204)


@routes.get("/installation/repositories")
def list_installation_repositories(call: GitHubCall) -> Answer:
    """The repositories that an installation token reaches."""
    token = call.asker.token
    if token is None or token.kind != "installation":
        raise problems.forbidden(
            "You must authenticate with an installation access token in order to list "
            "repositories for an installation."
        )
    found = [entry for entry in call.forge.repositories.values() if entry.id in (token.repositories or ())]
    answer = {
        "total_count": len(found),
        "repository_selection": "selected",
        "repositories": [render_repository(call.view, entry) for entry in found],
    }
    return Answer(200, answer)


def mint(
    forge: Forge,
    app: App,
    where: Installation,
    permissions: dict[str, str],
    repositories: frozenset[int],
    now: datetime,
) -> Token:
    """A fresh installation token; of the newer, much longer form if the App says so."""
    value = secret("ghs_")
    if app.stateless_tokens:
        claims = {"iss": app.id, "ins": where.id, "exp": int((now + LIFETIME).timestamp())}
        packed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        value = f"ghs_{app.id}_eyJhbGciOiJFUzI1NiJ9.{packed}.{secret('', 340)}"
    token = Token(
        forge.ids.next("token"),
        value,
        app.bot,
        "installation",
        now,
        permissions=permissions,
        repositories=repositories,
        expires_at=now + LIFETIME,
        app_id=app.id,
    )
    return forge.add_token(token)


def _app(call: GitHubCall) -> App:
    if call.asker.app is None:
        raise problems.problem(401, "A JSON web token could not be decoded")
    return call.asker.app


def _installation(call: GitHubCall, app: App) -> Installation:
    found = app.installations.get(call.number("installation_id"))
    if found is None:
        raise problems.not_found()
    return found


def _reaches(where: Installation, namespace: str, key: int) -> bool:
    if where.account.lower() != namespace.lower():
        return False
    return where.repositories is None or key in where.repositories


def _rendered(call: GitHubCall, app: App, where: Installation) -> dict[str, object]:
    return render.installation(call.view, app, where, call.forge.owner_kind(where.account))
