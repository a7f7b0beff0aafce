"""Webhooks as forges send them, made by hand, and a post office that a test can look into."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx

from syncer.observability.metrics import Metrics
from syncer.receiver.addressees import Addressees, Interest
from syncer.receiver.app import application
from syncer.receiver.intake import Intake, Letter
from syncer.receiver.listener import Listener
from syncer.receiver.signatures import keys_of
from syncer.receiver.webhooks import Directory, Sender, Webhooks

SECRET, NEXT_SECRET = "a secret of some length", "the next secret"
SIGNING = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
LIMIT = 64 * 1024


def github(
    payload: object,
    *,
    event: str = "issues",
    secret: str = SECRET,
    delivery: str = "d-1",
    form: bool = False,
    raw: bytes | None = None,
) -> tuple[dict[str, str], bytes]:
    """Headers and body of GitHub's webhook."""
    text = raw if raw is not None else json.dumps(payload).encode()
    body = urlencode({"payload": text.decode()}).encode() if form else text
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/x-www-form-urlencoded" if form else "application/json",
        "x-github-event": event,
        "x-github-delivery": delivery,
        "x-hub-signature-256": f"sha256={digest}",
    }, body


def gitlab(
    payload: object, *, token: str = "", signing: str = "", delivery: str = "d-1", age: float = 0.0
) -> tuple[dict[str, str], bytes]:
    """Headers and body of GitLab's webhook."""
    body = json.dumps(payload).encode()
    headers = {"content-type": "application/json", "idempotency-key": delivery}
    if token:
        headers["x-gitlab-token"] = token
    if signing:
        stamp = str(int(time.time() - age))
        key = base64.b64decode(signing.removeprefix("whsec_"))
        digest = hmac.new(key, f"{delivery}.{stamp}.".encode() + body, hashlib.sha256).digest()
        headers |= {
            "webhook-id": delivery,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }
    return headers, body


def hub_payload(repository: str = "acme/rune", **more: Any) -> dict[str, Any]:
    """The frame of GitHub's payloads."""
    return {"repository": {"full_name": repository, "default_branch": "main"}, **more}


def lab_payload(repository: str = "acme/rune", kind: str = "issue", **more: Any) -> dict[str, Any]:
    """The frame of GitLab's payloads."""
    home = {"path_with_namespace": repository, "default_branch": "main"}
    return {"object_kind": kind, "project": home, **more}


class Office:
    """A receiver over an intake that a test can look into.

    Args:
        keep: makes letters durable; by default they are only collected.
    """

    def __init__(self, *, keep: Callable[[Sequence[Letter]], list[bool]] | None = None) -> None:
        self.letters: list[Letter] = []
        self.metrics = Metrics(projects=10)
        senders = [
            Sender("hub", "github", keys_of("github", [SECRET, NEXT_SECRET], "")),
            Sender("lab", "gitlab", keys_of("gitlab", [SECRET, SIGNING], "")),
            Sender("bare", "github", keys_of("github", [], "")),
        ]
        interests = [
            Interest("rune", "hub", "acme/rune", source=True, tracker=True),
            Interest("mirror", "hub", "acme/rune", branch="release", source=True),
            Interest("boards", "hub", "acme/board", tracker=True),
            Interest("rune-lab", "lab", "acme/rune", source=True, tracker=True),
        ]
        directory = Directory({each.name: each for each in senders}, Addressees(interests))
        webhooks = Webhooks(lambda: directory, Intake(keep or self._keep), self.metrics, body_limit=LIMIT)
        self._listener = Listener("127.0.0.1:0", application(webhooks, None), setting="listen")
        self._listener.start()
        self.client = httpx.Client(base_url=self._listener.url, trust_env=False)

    def close(self) -> None:
        """Stop."""
        self.client.close()
        self._listener.stop()

    def post(self, forge: str, sent: tuple[dict[str, str], bytes]) -> tuple[int, str]:
        """Deliver, and say what was answered."""
        headers, body = sent
        answer = self.client.post(f"/webhooks/{forge}", content=body, headers=headers)
        return answer.status_code, answer.json()["status"]

    @property
    def woken(self) -> list[str]:
        """The projects of all letters."""
        return [project for letter in self.letters for project in letter.projects]

    def _keep(self, letters: Sequence[Letter]) -> list[bool]:
        self.letters.extend(letters)
        return [True] * len(letters)
