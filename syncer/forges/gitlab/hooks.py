"""Webhooks of a GitLab project (docs.gitlab.com, "Project webhooks API")."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from syncer.forges.gitlab.client import GitlabClient
from syncer.forges.gitlab.repository import address
from syncer.forges.governor import CREATION, WRITE
from syncer.forges.hooks import RemoteHook
from syncer.forges.repository import Repository
from syncer.forges.shape import flag, number, optional_text, record, text

EVENTS: Final = ("issues", "confidential_issues", "merge_requests", "milestone", "push")


class GitlabHooks:
    """Implements :class:`syncer.forges.hooks.Hooks`."""

    def __init__(self, client: GitlabClient, repository: Repository) -> None:
        self._client = client
        self._repository = repository

    def all(self) -> tuple[RemoteHook, ...]:
        self._repository.profile()  # under its present name: only GET is redirected from an old one
        return tuple(_hook(each) for each in self._client.pages(self._url("?per_page=100")))

    def create(self, url: str, secret: str) -> RemoteHook:
        reply = self._client.send("POST", self._url(), _body(url, secret), CREATION)
        return _hook(record(reply.content, "webhook"))

    def mend(self, hook: RemoteHook, secret: str) -> RemoteHook:
        if not hook.active:
            # Only a successful test would switch it on again, and there may be nothing to test with.
            self.remove(hook)
            return self.create(hook.url, secret)
        reply = self._client.send("PUT", self._url(f"/{hook.id}"), _body(hook.url, secret), WRITE)
        return _hook(record(reply.content, "webhook"))

    def remove(self, hook: RemoteHook) -> None:
        self._client.send("DELETE", self._url(f"/{hook.id}"), None, WRITE)

    def undelivered(self, hook: RemoteHook, since: datetime) -> frozenset[str]:
        """Not asked: GitLab switches off what fails, and the audit finds what was missed."""
        del hook, since
        return frozenset()

    def _url(self, path: str = "") -> str:
        return self._client.url(f"{address(self._repository.name)}/hooks{path}")


def _body(url: str, secret: str) -> Mapping[str, Any]:
    """GitLab's two kinds of secrets are told apart by the prefix of signing tokens."""
    key = "signing_token" if secret.startswith("whsec_") else "token"
    events = {f"{each}_events": True for each in EVENTS}
    return {"url": url, "enable_ssl_verification": True, key: secret, **events}


def _hook(data: Mapping[str, Any]) -> RemoteHook:
    alert = optional_text(data, "alert_status") or "executable"
    return RemoteHook(
        id=number(data, "id"),
        url=text(data, "url"),
        missing=tuple(each for each in EVENTS if not flag(data, f"{each}_events")),
        problem="" if alert == "executable" else f"GitLab has switched it off ({alert})",
        active=alert != "disabled",
        signed=flag(data, "token_present") or flag(data, "signing_token_present"),
    )
