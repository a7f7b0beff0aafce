"""The ASGI application: one request from its arrival to the last byte of its answer.

    arrive -> recognise -> record -> faults before -> carry out -> faults after -> answer -> record

The two forges and the control API are :class:`Door` s; this module knows nothing of what is behind them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from syncer.sandbox.clock import ServerClock
from syncer.sandbox.exchange import Answer, Circumstances, Incoming
from syncer.sandbox.faults import Fault, Faults, Seen
from syncer.sandbox.recording import Kind, Recorder, Request

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

GATEWAY_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>"
    b"<body><center><h1>502 Bad Gateway</h1></center></body></html>\n"
)
LOGIN_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head>"
    b"<body><h1>Please sign in to continue</h1></body></html>\n"
)
HTML = "text/html; charset=utf-8"
PID_HEADER = "x-client-pid"


@dataclass(frozen=True, slots=True)
class Look:
    """What a door sees in a request before it is carried out."""

    seen: Seen
    template: str
    who: str
    route: Any = None
    counted: bool = True


class Door(Protocol):
    """One API behind the server."""

    def look(self, incoming: Incoming) -> Look:
        """Recognise a request without carrying it out."""

    def answer(self, incoming: Incoming, look: Look, circumstances: Circumstances) -> Answer:
        """Carry a request out."""

    def refuse(self, fault: Fault, incoming: Incoming, look: Look) -> Answer:
        """The answer that a fault puts in the place of the real one."""

    def enter(self, look: Look) -> bool:
        """Begin a request; False where too many of this credential are under way."""

    def leave(self, look: Look) -> None:
        """End a request that was begun."""


class Transports(Protocol):
    """Access to the connections beneath ASGI, to break them."""

    def abort(self, client: tuple[str, int]) -> None:
        """Reset a connection at once."""

    def close(self, client: tuple[str, int]) -> None:
        """Close a connection after what was written so far."""


class Application:
    """The whole sandbox as an ASGI application."""

    def __init__(
        self,
        choose: Callable[[Incoming], Door],
        clock: ServerClock,
        faults: Faults,
        recorder: Recorder,
        transports: Transports,
    ) -> None:
        self._choose = choose
        self._clock = clock
        self._faults = faults
        self._recorder = recorder
        self._transports = transports
        self.crashes: list[str] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "http":
            with contextlib.suppress(asyncio.CancelledError):  # the server stops while somebody still waits
                await self._serve(scope, receive, send)

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        incoming = await _read(scope, receive)
        door = self._choose(incoming)
        look = door.look(incoming)
        wire = _Wire(scope, receive, send, self._transports)
        if not look.counted:
            told = await asyncio.to_thread(self._answer, door, incoming, look, Circumstances())
            await wire.deliver(incoming, told)
            return
        record = self._recorder.begin(_record(incoming, look, self._clock))
        struck = self._faults.striking(look.seen)
        record = replace(record, faults=tuple(fault.do for fault in struck))
        if not door.enter(look):
            limited = door.refuse(Fault("secondary_limit"), incoming, look)
            await self._finish(wire, incoming, record, limited, [])
            return
        try:
            answer = await self._carry_out(door, incoming, look, struck)
        finally:
            door.leave(look)
        await self._finish(wire, incoming, record, answer, struck)

    async def _carry_out(
        self, door: Door, incoming: Incoming, look: Look, struck: list[Fault]
    ) -> Answer | None:
        early: Answer | None = None
        circumstances = Circumstances()
        for fault in struck:
            if fault.do == "reset":
                return None
            if fault.do == "delay_before":
                await asyncio.sleep(fault.seconds)
            elif fault.do == "before" and fault.call is not None:
                if await asyncio.to_thread(fault.call, look.seen) is False:
                    return None
            elif fault.do == "stale_list":
                moment = self._clock.now() - timedelta(seconds=fault.seconds)
                circumstances = replace(circumstances, list_moment=moment)
            elif fault.do in ("empty_list", "partial_list"):
                circumstances = replace(circumstances, cut="empty" if fault.do == "empty_list" else "partial")
            elif fault.do not in _LATE and early is None:
                early = _early(fault) or door.refuse(fault, incoming, look)
        return early if early is not None else self._answer(door, incoming, look, circumstances)

    def _answer(self, door: Door, incoming: Incoming, look: Look, circumstances: Circumstances) -> Answer:
        try:
            return door.answer(incoming, look, circumstances)
        except Exception:  # noqa: BLE001 - a bug of the sandbox must be seen by the test, not hang its client
            self.crashes.append(f"{incoming.method} {incoming.target}\n{traceback.format_exc()}")
            return Answer(500, {"message": "the sandbox itself failed", "detail": self.crashes[-1]})

    async def _finish(
        self, wire: _Wire, incoming: Incoming, record: Request, answer: Answer | None, struck: list[Fault]
    ) -> None:
        if answer is None:
            self._recorder.end(record)
            await wire.abort()
            return
        record = replace(record, kind=_final_kind(record.kind, answer), created=answer.created)
        self._recorder.end(record)
        truncated = False
        for fault in struck:
            if fault.do == "after" and fault.call is not None:
                await asyncio.to_thread(fault.call, _seen(record))
            elif fault.do == "delay_after":
                await asyncio.sleep(fault.seconds)
            elif fault.do == "lose_answer":
                await wire.abort()
                return
            elif fault.do == "bad_gateway_after":
                answer = Answer(502, GATEWAY_PAGE, content_type=HTML)
            truncated = truncated or fault.do == "truncate"
        body = answer.encoded()
        self._recorder.end(replace(record, status=answer.status, size=len(body)))
        if self._recorder.writing and not struck:
            self._recorder.write(_exchange(record, incoming, answer, body))
        if truncated:
            await wire.truncate(answer, body)
        else:
            await wire.deliver(incoming, answer, body)


_LATE = frozenset({"after", "delay_after", "lose_answer", "bad_gateway_after", "truncate"})


class _Wire:
    """The way back to one client."""

    def __init__(self, scope: Message, receive: Receive, send: Send, transports: Transports) -> None:
        self._client = (scope["client"][0], scope["client"][1])
        self._receive = receive
        self._send = send
        self._transports = transports

    async def deliver(self, incoming: Incoming, answer: Answer, body: bytes | None = None) -> None:
        """Send the whole answer."""
        data = answer.encoded() if body is None else body
        await self._start(answer, len(data))
        await self._send({"type": "http.response.body", "body": b"" if incoming.method == "HEAD" else data})

    async def truncate(self, answer: Answer, body: bytes) -> None:
        """Promise the whole body and send half of it."""
        await self._start(answer, max(len(body), 2))
        await self._send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        self._transports.close(self._client)
        await self._gone()

    async def abort(self) -> None:
        """Reset the connection without a byte."""
        self._transports.abort(self._client)
        await self._gone()

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _start(self, answer: Answer, length: int) -> None:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if answer.status not in (204, 304):
            headers["content-length"] = str(length)
            if length:
                headers.setdefault("content-type", answer.content_type)
        await self._send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [
                    (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
                ],
            }
        )


async def _read(scope: Message, receive: Receive) -> Incoming:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    host = headers.get("host") or ":".join(str(part) for part in scope["server"])
    raw_path = scope["raw_path"].partition(b"?")[0].decode("latin-1")
    return Incoming(
        scope["method"],
        raw_path,
        scope["query_string"].decode("latin-1"),
        headers,
        b"".join(chunks),
        f"{scope['scheme']}://{host}",
    )


def _record(incoming: Incoming, look: Look, clock: ServerClock) -> Request:
    return Request(
        0,
        clock.now(),
        look.seen.forge,
        incoming.method,
        incoming.target,
        look.template,
        look.seen.kind,
        operations=look.seen.operations,
        login=look.seen.login,
        pid=look.seen.pid,
        sent=incoming.body,
    )


def _seen(record: Request) -> Seen:
    return Seen(
        record.forge, record.method, record.target, record.kind, record.operations, record.login, record.pid
    )


def _final_kind(kind: Kind, answer: Answer) -> Kind:
    return Kind.NOT_MODIFIED if kind is Kind.READ and answer.status == 304 else kind


def _early(fault: Fault) -> Answer | None:
    if fault.do == "bad_gateway_before":
        return Answer(502, GATEWAY_PAGE, content_type=HTML)
    if fault.do == "html":
        return Answer(200, LOGIN_PAGE, content_type=HTML)
    if fault.do == "redirect":
        return Answer(302, b"", {"location": fault.location}, HTML)
    if fault.do == "accepted":
        return Answer(202, {})
    if fault.do == "respond":
        return Answer(fault.status, fault.text.encode(), content_type=fault.content_type)
    if fault.do == "unavailable":
        page = b"<html><body>The service is down for maintenance.</body></html>\n"
        return Answer(503, page, {"retry-after": str(int(fault.seconds))}, HTML)
    return None


def _exchange(record: Request, incoming: Incoming, answer: Answer, body: bytes) -> dict[str, Any]:
    return {
        "forge": record.forge,
        "method": record.method,
        "path": incoming.raw_path,
        "template": record.template,
        "query": incoming.pairs,
        "accept": incoming.headers.get("accept", ""),
        "version": incoming.headers.get("x-github-api-version", ""),
        "body": _decoded(incoming.body),
        "status": answer.status,
        "content_type": answer.content_type,
        "response": _decoded(body) if answer.content_type.startswith("application/json") else None,
    }


def _decoded(data: bytes) -> Any:
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        return None
