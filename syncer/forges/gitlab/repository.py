"""Where a GitLab project is, and what it is."""

from __future__ import annotations

from urllib.parse import quote

from syncer.errors import Moved
from syncer.forges.gitlab import wire
from syncer.forges.gitlab.client import GitlabClient
from syncer.forges.reply import same_host
from syncer.forges.repository import Repository
from syncer.forges.shape import record
from syncer.model.tracker import TrackerProfile


def locate(client: GitlabClient, name: str, known: TrackerProfile | None = None) -> Repository:
    """A project by its configured path. No request is sent yet.

    A GET under an old path is answered with a redirect to the project's number, everything else
    with 405 (gitlab-org/gitlab!128642, !259297).
    """

    def look(name: str) -> TrackerProfile:
        url = client.url(address(name))
        try:
            reply = client.get(url)
        except Moved as moved:
            target = same_host(moved.location, client.base)
            if not target:
                raise
            reply = client.get(target)
        return wire.profile(record(reply.content, "project"))

    return Repository(name, known, look)


def address(name: str) -> str:
    """The path of a project in the API."""
    return "/projects/" + quote(name, safe="")
