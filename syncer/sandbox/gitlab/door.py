"""The GitLab half behind the server: credentials, scopes, limits, headers, dispatch."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from syncer.sandbox.app import PID_HEADER, Look
from syncer.sandbox.exchange import Answer, Circumstances, Incoming, Refusal
from syncer.sandbox.faults import Fault, Seen
from syncer.sandbox.forge import Forge
from syncer.sandbox.gitlab import access, limits, problems
from syncer.sandbox.gitlab.access import Asker
from syncer.sandbox.gitlab.call import READS, GitLabCall
from syncer.sandbox.gitlab.courier import GitLabHooks
from syncer.sandbox.gitlab.table import router
from syncer.sandbox.gitlab.view import View
from syncer.sandbox.limits import Meter
from syncer.sandbox.recording import Kind
from syncer.sandbox.routing import Match

if TYPE_CHECKING:
    from syncer.sandbox.gitlab.graphql.endpoint import Document

GRAPHQL = "/api/graphql"


@dataclass(frozen=True, slots=True)
class _Recognised:
    """What :meth:`GitLabDoor.look` found out, kept for :meth:`GitLabDoor.answer`."""

    match: Match[GitLabCall] | None = None
    document: Document | None = None
    asker: Asker = field(default_factory=Asker)
    refusal: Refusal | None = None


class GitLabDoor:
    """Answers everything that is addressed to GitLab."""

    def __init__(self, forge: Forge, meter: Meter, hooks: GitLabHooks, *, open_door: bool) -> None:
        self._forge = forge
        self._meter = meter
        self._hooks = hooks
        self._open_door = open_door

    def recognises(self, incoming: Incoming) -> bool:
        """Whether a GraphQL request is meant for GitLab, judged by its credential."""
        value = access.credential(incoming.headers, {})
        own = "private-token" in incoming.headers or value.startswith("glpat-")
        return own or value in self._forge.people.tokens

    def look(self, incoming: Incoming) -> Look:
        """Recognise the operation and the asker."""
        asker, refusal = Asker(), None
        with self._forge.lock:
            try:
                value = access.credential(incoming.headers, incoming.query)
                asker = access.identify(
                    self._forge, value, self._forge.clock.now(), open_door=self._open_door
                )
            except Refusal as refused:
                refusal = refused
        match = document = None
        operations: tuple[str, ...] = ()
        if incoming.raw_path == GRAPHQL:
            from syncer.sandbox.gitlab.graphql import endpoint

            document = endpoint.read(incoming.body)
            kind = Kind.MUTATION if document.mutates else Kind.QUERY
            template, operations = GRAPHQL, document.operations
        else:
            match = router().find(incoming.method, incoming.raw_path.removeprefix("/api/v4"))
            template = f"/api/v4{match.route.template}" if match is not None else ""
            creates = match is not None and bool(match.route.creates)
            kind = Kind.READ if incoming.method in READS else Kind.CREATION if creates else Kind.WRITE
        pid = incoming.headers.get(PID_HEADER, "")
        seen = Seen(
            "gitlab",
            incoming.method,
            incoming.target,
            kind,
            operations,
            asker.user.login if asker.user is not None else "",
            int(pid) if pid.isdecimal() else None,
        )
        return Look(seen, template, asker.who, _Recognised(match, document, asker, refusal))

    def enter(self, look: Look) -> bool:
        """Begin a request."""
        return self._meter.enter(look.who)

    def leave(self, look: Look) -> None:
        """End a request."""
        self._meter.leave(look.who)

    def answer(self, incoming: Incoming, look: Look, circumstances: Circumstances) -> Answer:
        """Carry a request out."""
        with self._forge.lock:
            now = self._forge.clock.now()
            allowed, headers = limits.use(self._meter, look.who, now)
            if not allowed:
                answer = limits.later(int(headers["retry-after"]))
            else:
                try:
                    answer = self._dispatch(incoming, look, circumstances, now)
                except Refusal as refused:
                    answer = refused.answer
            return self._dressed(incoming, answer, headers, now)

    def refuse(self, fault: Fault, incoming: Incoming, look: Look) -> Answer:
        """The answer that a fault puts in the place of the real one."""
        now, wait = self._forge.clock.now(), int(fault.seconds)
        refusals: dict[str, Callable[[], Answer]] = {
            "primary_limit": lambda: limits.later(wait),
            "secondary_limit": lambda: limits.later(wait),
            "secondary_limit_bare": limits.too_often,
            "too_many_requests": lambda: limits.later(wait),
            "unauthorized": lambda: problems.unauthorized().answer,
            "forbidden": lambda: problems.forbidden().answer,
            "not_found": lambda: problems.not_found().answer,
        }
        del look
        return self._dressed(incoming, refusals[fault.do](), {}, now)

    def _dispatch(
        self, incoming: Incoming, look: Look, circumstances: Circumstances, now: datetime
    ) -> Answer:
        known: _Recognised = look.route
        if known.refusal is not None:
            raise known.refusal
        view = View(incoming.base, known.asker.user, known.asker.token)
        if known.document is not None:
            from syncer.sandbox.gitlab.graphql import endpoint

            session = endpoint.Session(self._forge, known.asker, view, circumstances, now)
            return endpoint.execute(session, known.document)
        if known.match is None:
            raise problems.not_found()
        route = known.match.route
        known.asker.check_scope(reading=incoming.method in READS, path=incoming.raw_path)
        if route.creates and not limits.within(self._meter, route.creates, look.who, now):
            return limits.too_often()
        call = GitLabCall(
            self._forge,
            incoming,
            known.match.values,
            route,
            known.asker,
            view,
            circumstances,
            now,
            self._hooks,
            self._meter,
        )
        answer = route.handler(call)
        if route.creates and answer.status < 300:
            answer.created = max(answer.created, 1)
        return answer

    def _dressed(self, incoming: Incoming, answer: Answer, headers: dict[str, str], now: datetime) -> Answer:
        if incoming.method in READS and answer.status == 200:
            body = answer.encoded()
            etag = f'W/"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
            if etag in [part.strip() for part in incoming.headers.get("if-none-match", "").split(",")]:
                answer = Answer(304, None, answer.headers)
            else:
                answer.body = body
            headers = {**headers, "etag": etag}
        answer.headers = {
            "date": format_datetime(now, usegmt=True),
            "server": "nginx",
            "cache-control": "max-age=0, private, must-revalidate",
            "vary": "Origin",
            "x-content-type-options": "nosniff",
            "x-frame-options": "SAMEORIGIN",
            "x-gitlab-meta": '{"correlation_id":"' + uuid.uuid4().hex + '","version":"1"}',
            "x-request-id": uuid.uuid4().hex,
            "x-runtime": "0.01",
            **headers,
            **answer.headers,
        }
        return answer
