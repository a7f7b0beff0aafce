"""Webhooks of a GitHub repository (docs.github.com, "REST API endpoints for repository webhooks")."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from syncer.forges.github.client import GithubClient
from syncer.forges.github.repository import address
from syncer.forges.governor import CREATION, WRITE
from syncer.forges.hooks import RemoteHook
from syncer.forges.repository import Repository
from syncer.forges.shape import flag, moment, number, optional_text, part, record, text

EVENTS: Final = ("issues", "label", "milestone", "pull_request", "push", "repository", "sub_issues")


class GithubHooks:
    """Implements :class:`syncer.forges.hooks.Hooks`."""

    def __init__(self, client: GithubClient, repository: Repository) -> None:
        self._client = client
        self._repository = repository

    def all(self) -> tuple[RemoteHook, ...]:
        self._repository.profile()  # under its present name: a redirect would have to be followed
        return tuple(_hook(each) for each in self._client.pages(self._url("?per_page=100")))

    def create(self, url: str, secret: str) -> RemoteHook:
        body = {"name": "web", "active": True, "events": list(EVENTS), "config": _config(url, secret)}
        reply = self._client.send("POST", self._url(), body, CREATION)
        return _hook(record(reply.content, "webhook"))

    def mend(self, hook: RemoteHook, secret: str) -> RemoteHook:
        body = {"active": True, "add_events": list(hook.missing), "config": _config(hook.url, secret)}
        reply = self._client.send("PATCH", self._url(f"/{hook.id}"), body, WRITE)
        return _hook(record(reply.content, "webhook"))

    def remove(self, hook: RemoteHook) -> None:
        self._client.send("DELETE", self._url(f"/{hook.id}"), None, WRITE)

    def undelivered(self, hook: RemoteHook, since: datetime) -> frozenset[str]:
        """One request for a hundred attempts, newest first.

        All attempts to deliver one event have the same ``guid`` (docs.github.com, "REST API endpoints for
        repository webhooks", "List deliveries").
        """
        failed: set[str] = set()
        delivered: set[str] = set()
        for attempt in self._client.pages(self._url(f"/{hook.id}/deliveries?per_page=100")):
            if moment(attempt, "delivered_at") < since:
                break
            arrived = 200 <= number(attempt, "status_code") < 300
            (delivered if arrived else failed).add(text(attempt, "guid"))
        return frozenset(failed - delivered)

    def _url(self, path: str = "") -> str:
        return self._client.url(f"{address(self._repository.name)}/hooks{path}")


def _config(url: str, secret: str) -> Mapping[str, str]:
    return {"url": url, "content_type": "json", "secret": secret, "insecure_ssl": "0"}


def _hook(data: Mapping[str, Any]) -> RemoteHook:
    config = part(data, "config")
    events = {str(each) for each in data.get("events", [])}
    last = data.get("last_response")
    code = last.get("code") if isinstance(last, dict) else None
    failed = isinstance(code, int) and not 200 <= code < 300
    message = str(last.get("message") or f"status {code}") if failed and isinstance(last, dict) else ""
    return RemoteHook(
        id=number(data, "id"),
        url=text(config, "url"),
        missing=() if "*" in events else tuple(each for each in EVENTS if each not in events),
        problem=f"the latest delivery failed: {message}" if failed else "",
        active=flag(data, "active"),
        signed=bool(optional_text(config, "secret")),
    )
