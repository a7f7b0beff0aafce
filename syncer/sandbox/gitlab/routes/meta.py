"""Who am I, what is this token, what is this host."""

from __future__ import annotations

from syncer.sandbox.exchange import Answer
from syncer.sandbox.gitlab import problems
from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.gitlab.render import people as render
from syncer.sandbox.routing import Routes

routes: Routes[GitLabCall] = Routes()

VERSION = "18.6.0-ee"


@routes.get("/user")
def get_own_profile(call: GitLabCall) -> Answer:
    """The user behind the credential."""
    return Answer(200, render.own_profile(call.view, call.user))


@routes.get("/personal_access_tokens/self")
def get_own_token(call: GitLabCall) -> Answer:
    """The token itself: its scopes and when it expires."""
    if call.asker.token is None:
        raise problems.unauthorized()
    return Answer(200, render.token(call.asker.token))


@routes.get("/version")
def get_version(call: GitLabCall) -> Answer:
    """The version of this host; for those who are known only."""
    if call.asker.user is None:
        raise problems.unauthorized()
    return Answer(200, {"version": VERSION, "revision": "0000000"})


@routes.get("/metadata")
def get_metadata(call: GitLabCall) -> Answer:
    """The version of this host, and what else it is."""
    if call.asker.user is None:
        raise problems.unauthorized()
    kas = {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None, "version": None}
    answer = {"version": VERSION, "revision": "0000000", "kas": kas, "enterprise": True}
    return Answer(200, answer)
