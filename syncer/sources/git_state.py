"""Where a project's ledger is kept when it is kept on a ref: which remote, which ref, with whose token."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from syncer.forges.connection import Connection, Secret
from syncer.forges.observer import Observer
from syncer.ports import Clock
from syncer.sources.choice import USERS, Shelves, same_host
from syncer.sources.git_command import Git, Remote
from syncer.sources.git_ref import GitRef


def state_ref(
    project: str,
    ref: str,
    source: str,
    repository: str,
    author: str,
    connection: Connection,
    token: Callable[[], Secret],
    shelves: Shelves,
    clock: Clock,
    observer: Observer | None,
) -> GitRef:
    """The place of a project's ledger, in the repository that its roadmaps are in.

    Args:
        project: by name.
        ref: the full name.
        source: as the project names it; a git remote's address is used as it is.
        repository: on the forge, for everything else.
        author: of the commits.
        connection: to the forge.
        token: the one that the forge takes now, for a remote on its host.
        shelves: for what is fetched.
        clock: that no signal stops.
        observer: told about what goes over the network.
    """
    url = clone_address(connection, repository) if source in ("forge", "worktree") else source
    known = same_host(url, connection)
    remote = Remote(
        url,
        USERS.get(connection.kind, "git"),
        connection.token if known else Secret(),
        connection.ca_bundle,
        "state.url",
    )
    git = Git(
        shelves.passing(f"{url} {ref}"), remote, clock, observer=observer, token=token if known else None
    )
    branch = "" if ref.startswith("refs/heads/") else f"refs/heads/syncer-state/{project}"
    return GitRef(git, ref, branch, author=author, read_only=connection.read_only)


def clone_address(connection: Connection, repository: str) -> str:
    """What git clones a forge's repository from over HTTP(S).

    GitHub's API has a host of its own on github.com and on ghe.com (docs.github.com, "Network details for
    GHE.com"), a path of its own on GitHub Enterprise Server; GitLab's lies below the web site.
    """
    parts = urlsplit(connection.base_url)
    host, path = parts.netloc, parts.path
    if connection.kind == "github":
        path = path.removesuffix("/api/v3")
        if path == parts.path:
            host = host.removeprefix("api.")
    return f"{parts.scheme}://{host}{path.rstrip('/')}/{repository}.git"
