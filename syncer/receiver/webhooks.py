"""``POST /webhooks/FORGE``: signature first, then durable, then the answer.

A forge that is told 4xx or 5xx counts that against the hook (GitLab switches it off after four), so an
event that is merely uninteresting is answered with 200, and says why in the answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from syncer.errors import SyncerError
from syncer.observability.metrics import Metrics
from syncer.receiver.addressees import Addressees
from syncer.receiver.events import Event, Kind, read_event
from syncer.receiver.intake import Intake, Letter
from syncer.receiver.signatures import Keys, Seal, seal

_LOG = structlog.get_logger("syncer.receiver")
_PATIENCE = 10.0
"""Seconds for a body to arrive in. Forges give up after ten themselves."""
_LARGE = 256 * 1024
"""Bytes from which on a body is looked at in a thread, so that others are served meanwhile."""
_TOGETHER = 8
"""Bodies of the largest size that may be in memory at the same time."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A forge whose webhooks are taken."""

    name: str
    kind: str
    keys: Keys


@dataclass(frozen=True, slots=True)
class Directory:
    """Who may send, and whom it concerns. Replaced as a whole with the configuration."""

    senders: Mapping[str, Sender]
    addressees: Addressees


class Webhooks:
    """The endpoint.

    Args:
        directory: the one of the configuration in use.
        body_limit: bytes.
    """

    def __init__(
        self, directory: Callable[[], Directory], intake: Intake, metrics: Metrics, *, body_limit: int
    ) -> None:
        self._directory, self._intake, self._metrics = directory, intake, metrics
        self._limit = body_limit
        self._held = 0

    async def receive(self, request: Request) -> Response:
        """Answer one request."""
        directory = self._directory()
        sender = directory.senders.get(request.path_params["forge"])
        if sender is None:
            self._metrics.received("unknown", "unknown-forge")
            return _answer(404, "there is no such forge")
        if not sender.keys:
            self._metrics.received(sender.name, "no-secret")
            return _answer(403, "no webhook secret is configured for this forge")
        body = await self._body(request)
        if isinstance(body, Response):
            self._metrics.received(sender.name, f"refused-{body.status_code}")
            return body
        try:
            return await self._take(directory, sender, dict(request.headers), body)
        finally:
            self._held -= len(body)

    async def _take(
        self, directory: Directory, sender: Sender, headers: Mapping[str, str], body: bytes
    ) -> Response:
        def open_letter() -> tuple[Seal, Event | None]:
            found = seal(sender.kind, headers, body, sender.keys, time.time())
            return found, read_event(sender.kind, headers, body) if found is Seal.GOOD else None

        judged, event = await asyncio.to_thread(open_letter) if len(body) > _LARGE else open_letter()
        if event is None:
            self._metrics.received(sender.name, f"signature-{judged.value}")
            _LOG.warning("webhook refused", forge=sender.name, signature=judged.value)
            return _answer(401, f"the signature is {judged.value}")
        if event.kind is Kind.PING:
            self._metrics.received(sender.name, "ping")
            return _answer(200, "pong")
        projects, why = directory.addressees.of(sender.name, event) if event.kind is Kind.LOOK else ((), "")
        if not projects:
            self._metrics.received(sender.name, "ignored")
            why = event.why or why
            _LOG.debug("webhook ignored", forge=sender.name, event_kind=event.name, why=why)
            return _answer(200, f"ignored: {why}")
        try:
            new = await self._intake.accept(Letter(event.delivery, projects, event.issue))
        except SyncerError as error:
            # The forge may deliver it again; if not, the next scheduled look finds it.
            self._metrics.received(sender.name, "not-kept")
            _LOG.error("webhook not kept", forge=sender.name, reason=str(error))
            return _answer(503, "cannot be kept now")
        if not new:
            self._metrics.received(sender.name, "duplicate")
            return _answer(200, "was handled before")
        self._metrics.received(sender.name, "accepted")
        _LOG.debug("webhook", forge=sender.name, event_kind=event.name, projects=list(projects))
        return _answer(202, "accepted")

    async def _body(self, request: Request) -> bytes | Response:
        """The raw body, within its limits. What is held of it counts until the request is answered."""
        announced = request.headers.get("content-length", "")
        known = announced.isascii() and announced.isdigit() and len(announced) < 20
        if known and int(announced) > self._limit:
            return _answer(413, f"the body is larger than {self._limit} bytes")
        if self._held > _TOGETHER * self._limit:
            return _answer(503, "too many large bodies at once")
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(_PATIENCE):
                async for part in request.stream():
                    size += len(part)
                    self._held += len(part)
                    if size > self._limit:
                        self._held -= size
                        return _answer(413, f"the body is larger than {self._limit} bytes")
                    parts.append(part)
        except (TimeoutError, ClientDisconnect):
            self._held -= size
            return _answer(408, "the body did not arrive")
        return b"".join(parts)


def _answer(status: int, what: str) -> JSONResponse:
    return JSONResponse({"status": what}, status_code=status)
