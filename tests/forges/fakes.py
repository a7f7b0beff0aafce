"""Stand-ins for these tests: a clock that only moves when told, an observer that remembers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from syncer.errors import Interrupted
from syncer.forges import Connection, Exchange, Forge, Secret, connect
from syncer.model.tracker import TrackerProfile

TOKEN = "ghs_" + "s3cr3t" * 60
GITHUB = "https://github.example.org/api/v3"
GITLAB = "https://gitlab.example.org"


class FakeClock:
    """Waiting takes no time, and is written down."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
        self.waits: list[float] = []
        self.stopped = False

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        if self.stopped:
            raise Interrupted("a stop was asked for")
        if seconds:
            self.waits.append(seconds)
            self.time += timedelta(seconds=seconds)


class Diary:
    """An observer."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.waits: list[tuple[float, str]] = []

    def exchanged(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)

    def waiting(self, seconds: float, why: str) -> None:
        self.waits.append((seconds, why))

    @property
    def writes(self) -> list[Exchange]:
        return [exchange for exchange in self.exchanges if exchange.write]


def reach(kind: str, clock: FakeClock, diary: Diary | None = None, **values: Any) -> Forge:
    """A forge of a kind at a made-up host."""
    given: dict[str, Any] = {"url": GITHUB if kind == "github" else GITLAB, "token": Secret(TOKEN), **values}
    return connect(Connection("main", kind, **given), clock, observer=diary)


KNOWN = TrackerProfile(
    canonical="acme/rune",
    host="github.example.org",
    repository_id=7,
    default_branch="main",
    private=False,
    archived=False,
    issues_enabled=True,
    web_url="https://github.example.org/acme/rune",
)
"""A profile from an earlier run, on GitHub."""


def answer(content: Any, status: int = 200, **headers: str) -> httpx.Response:
    """An answer with JSON; underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=content, headers=named)


def sent(call: Any) -> Any:
    """The JSON that a request carried."""
    return json.loads(call.request.content)


def github_issue(number: int = 1, **values: Any) -> dict[str, Any]:
    """An issue as GitHub sends it, as far as it is read."""
    return {
        "id": 1000 + number,
        "number": number,
        "title": f"Issue {number}",
        "body": None,
        "state": "open",
        "state_reason": None,
        "milestone": None,
        "labels": [],
        "assignees": [],
        "user": {"login": "alice"},
        "html_url": f"https://github.example.org/acme/rune/issues/{number}",
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-02T10:00:00Z",
        "locked": False,
        **values,
    }


def gitlab_issue(number: int = 1, **values: Any) -> dict[str, Any]:
    """An issue as GitLab sends it, as far as it is read."""
    return {
        "id": 1000 + number,
        "iid": number,
        "title": f"Issue {number}",
        "description": None,
        "state": "opened",
        "issue_type": "issue",
        "milestone": None,
        "labels": [],
        "assignees": [],
        "author": {"username": "alice"},
        "web_url": f"https://gitlab.example.org/acme/rune/-/issues/{number}",
        "created_at": "2026-03-01T10:00:00.123Z",
        "updated_at": "2026-03-02T10:00:00.456Z",
        "discussion_locked": None,
        "confidential": False,
        "moved_to_id": None,
        "_links": {"closed_as_duplicate_of": None},
        **values,
    }


def github_milestone(number: int = 1, **values: Any) -> dict[str, Any]:
    """A milestone as GitHub sends it."""
    return {
        "id": 500 + number,
        "number": number,
        "title": f"Milestone {number}",
        "description": None,
        "state": "open",
        "due_on": None,
        "html_url": f"https://github.example.org/acme/rune/milestone/{number}",
        "updated_at": "2026-03-02T10:00:00Z",
        **values,
    }


def gitlab_milestone(key: int = 501, **values: Any) -> dict[str, Any]:
    """A milestone as GitLab sends it."""
    return {
        "id": key,
        "iid": key - 500,
        "project_id": 7,
        "title": f"Milestone {key}",
        "description": None,
        "state": "active",
        "due_date": None,
        "web_url": f"https://gitlab.example.org/acme/rune/-/milestones/{key - 500}",
        "updated_at": "2026-03-02T10:00:00.000Z",
        **values,
    }


def github_repository(**values: Any) -> dict[str, Any]:
    """A repository as GitHub sends it."""
    return {
        "id": 7,
        "full_name": "acme/rune",
        "private": False,
        "archived": False,
        "has_issues": True,
        "default_branch": "main",
        "html_url": "https://github.example.org/acme/rune",
        "permissions": {"admin": False, "push": True, "triage": True, "pull": True},
        **values,
    }


def gitlab_project(**values: Any) -> dict[str, Any]:
    """A project as GitLab sends it."""
    return {
        "id": 7,
        "path_with_namespace": "acme/rune",
        "visibility": "private",
        "archived": False,
        "issues_enabled": True,
        "default_branch": "main",
        "web_url": "https://gitlab.example.org/acme/rune",
        "permissions": {"project_access": {"access_level": 40}, "group_access": None},
        **values,
    }
