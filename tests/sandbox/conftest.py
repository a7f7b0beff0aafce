"""A running sandbox, a repository on each forge, and clients that speak plain HTTP to them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox
from tests.traffic import RECORD_TO

FILES = {
    "TODO.md": b"# Plan\n\n- [ ] first\n- [ ] second\n",
    "docs/notes.md": b"Notes\n",
}


@pytest.fixture
def forge() -> Iterator[Sandbox]:
    """A sandbox; its traffic is recorded where ``SANDBOX_TRAFFIC`` names a file."""
    with Sandbox(record_to=RECORD_TO) as sandbox:
        yield sandbox


@pytest.fixture
def open_forge() -> Iterator[Sandbox]:
    """A sandbox that lets every token in, recorded like the other."""
    with Sandbox(open_door=True, record_to=RECORD_TO) as sandbox:
        yield sandbox


@pytest.fixture
def repo(forge: Sandbox) -> RepositoryHandle:
    """A GitHub repository with two files."""
    return forge.github.repository("acme/rune", files=dict(FILES))


@pytest.fixture
def project(forge: Sandbox) -> RepositoryHandle:
    """A GitLab project in a subgroup, with two files."""
    return forge.gitlab.repository("group/sub/rune", files=dict(FILES))


def github_client(forge: Sandbox, token: str = "", prefix: str = "") -> httpx.Client:
    """A client of the GitHub half."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=forge.url + prefix, headers=headers)


def gitlab_client(forge: Sandbox, token: str = "") -> httpx.Client:
    """A client of the GitLab half."""
    headers = {"PRIVATE-TOKEN": token} if token else {}
    return httpx.Client(base_url=f"{forge.url}/api/v4", headers=headers)


@pytest.fixture
def hub(forge: Sandbox, repo: RepositoryHandle) -> Iterator[httpx.Client]:
    """A GitHub client with a bot's administrator token, rooted in ``repo``."""
    token = forge.github.token("syncer-bot", role="admin")
    with github_client(forge, token, f"/repos/{repo.full_name}") as client:
        yield client


@pytest.fixture
def lab(forge: Sandbox, project: RepositoryHandle) -> Iterator[httpx.Client]:
    """A GitLab client with a bot's owner token, rooted in ``project``."""
    token = forge.gitlab.token("syncer-bot", role="owner")
    client = httpx.Client(
        base_url=f"{forge.url}/api/v4/projects/{project.id}", headers={"PRIVATE-TOKEN": token}
    )
    with client:
        yield client


@pytest.fixture
def bot(forge: Sandbox, repo: RepositoryHandle) -> Iterator[httpx.Client]:
    """The same bot, rooted in the forge; for GraphQL."""
    with github_client(forge, forge.github.token("syncer-bot", role="admin")) as client:
        yield client
