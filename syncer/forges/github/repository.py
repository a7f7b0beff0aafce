"""Where a GitHub repository is, and what it is."""

from __future__ import annotations

from urllib.parse import quote

from syncer.errors import Moved
from syncer.forges.github import wire
from syncer.forges.github.client import GithubClient
from syncer.forges.reply import same_host
from syncer.forges.repository import Repository
from syncer.forges.shape import record
from syncer.model.tracker import TrackerProfile


def locate(client: GithubClient, name: str, known: TrackerProfile | None = None) -> Repository:
    """A repository by its configured name. No request is sent yet."""

    def look(name: str) -> TrackerProfile:
        url = client.url(address(name))
        try:
            reply = client.get(url)
        except Moved as moved:
            target = same_host(moved.location, client.base)
            if not target:
                raise
            reply = client.get(target)
        return wire.profile(record(reply.content, "repository"))

    return Repository(name, known, look)


def address(name: str) -> str:
    """The path of a repository in the API."""
    return "/repos/" + quote(name, safe="/")
