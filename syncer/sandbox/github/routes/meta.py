"""Who am I, what is left, what is this host."""

from __future__ import annotations

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import api_versions, limits, problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.render import people as render
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()


_PLACES = {
    "authorizations_url": "/authorizations",
    "code_search_url": "/search/code?q={query}{&page,per_page,sort,order}",
    "commit_search_url": "/search/commits?q={query}{&page,per_page,sort,order}",
    "current_user_repositories_url": "/user/repos{?type,page,per_page,sort}",
    "current_user_url": "/user",
    "emails_url": "/user/emails",
    "emojis_url": "/emojis",
    "events_url": "/events",
    "feeds_url": "/feeds",
    "followers_url": "/user/followers",
    "following_url": "/user/following{/target}",
    "gists_url": "/gists{/gist_id}",
    "issue_search_url": "/search/issues?q={query}{&page,per_page,sort,order}",
    "issues_url": "/issues",
    "keys_url": "/user/keys",
    "label_search_url": "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications_url": "/notifications",
    "organization_repositories_url": "/orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams_url": "/orgs/{org}/teams",
    "organization_url": "/orgs/{org}",
    "public_gists_url": "/gists/public",
    "rate_limit_url": "/rate_limit",
    "repository_search_url": "/search/repositories?q={query}{&page,per_page,sort,order}",
    "repository_url": "/repos/{owner}/{repo}",
    "starred_gists_url": "/gists/starred",
    "starred_url": "/user/starred{/owner}{/repo}",
    "user_organizations_url": "/user/orgs",
    "user_repositories_url": "/users/{user}/repos{?type,page,per_page,sort}",
    "user_search_url": "/search/users?q={query}{&page,per_page,sort,order}",
    "user_url": "/users/{user}",
}


@routes.get("/")
def root(call: GitHubCall) -> Answer:
    """Where the real forge keeps things; the sandbox does not keep all of them."""
    answer = {name: call.view.api + place for name, place in _PLACES.items()}
    answer["current_user_authorizations_html_url"] = (
        f"{call.view.base}/settings/connections/applications{{/client_id}}"
    )
    return Answer(200, answer)


@routes.get("/user")
def get_own_profile(call: GitHubCall) -> Answer:
    """The user behind the credential; an installation has none."""
    user, token = call.user, call.asker.token
    if token is not None and token.kind == "installation":
        raise problems.forbidden("Resource not accessible by integration")
    return Answer(200, render.own_profile(call.view, user))


@routes.get("/users/{username}")
def get_profile(call: GitHubCall) -> Answer:
    """A user's or an organization's profile."""
    user = call.forge.people.find(call.values["username"])
    if user is None:
        raise problems.not_found()
    return Answer(200, render.profile(call.view, user))


@routes.get("/orgs/{org}")
def get_organization(call: GitHubCall) -> Answer:
    """An organization."""
    group = call.forge.people.groups.get(call.values["org"].lower())
    if group is None:
        raise problems.not_found()
    return Answer(200, render.organization(call.view, group))


@routes.get("/rate_limit")
def get_rate_limit(call: GitHubCall) -> Answer:
    """What is left; asking costs nothing."""
    if not limits.measured(call.meter, enterprise=bool(call.view.prefix)):
        raise problems.problem(404, "Rate limiting is not enabled.")
    resources = {
        name: _standing(call, name) for name in ("core", "search", "graphql", "integration_manifest")
    }
    answer: dict[str, object] = {"resources": resources}
    if api_versions.selected(call.incoming) == api_versions.VERSIONS[0]:
        answer["rate"] = resources["core"]
    return Answer(200, answer)


@routes.get("/versions")
def list_versions(call: GitHubCall) -> Answer:
    """The API versions that this host knows."""
    del call
    return Answer(200, list(api_versions.VERSIONS))


@routes.get("/meta")
def get_meta(call: GitHubCall) -> Answer:
    """What this host says about itself."""
    answer: dict[str, object] = {"verifiable_password_authentication": False}
    if call.view.prefix:
        answer["installed_version"] = call.forge.settings.enterprise_version
    return Answer(200, answer)


def _standing(call: GitHubCall, resource: str) -> dict[str, object]:
    value = limits.standing(call.meter, call.asker, call.now, resource)
    return {
        "limit": value.limit,
        "used": value.used,
        "remaining": value.remaining,
        "reset": int(value.reset.timestamp()),
        "resource": resource,
    }
