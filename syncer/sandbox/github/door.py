"""The GitHub half behind the server: credentials, limits, conditional requests, headers, dispatch."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from syncer.sandbox.app import PID_HEADER, Look
from syncer.sandbox.exchange import Answer, Circumstances, Incoming, Refusal
from syncer.sandbox.faults import Fault, Seen
from syncer.sandbox.forge import Forge
from syncer.sandbox.github import access, api_versions, limits, problems
from syncer.sandbox.github.access import Asker
from syncer.sandbox.github.call import READS, GitHubCall
from syncer.sandbox.github.courier import GitHubHooks
from syncer.sandbox.github.table import router
from syncer.sandbox.github.view import View
from syncer.sandbox.limits import Meter
from syncer.sandbox.recording import Kind
from syncer.sandbox.routing import Match

if TYPE_CHECKING:
    from syncer.sandbox.github.graphql.endpoint import Document

_BY_ID = re.compile(r"/repositories/(\d+)(/.*)?")


@dataclass(frozen=True, slots=True)
class _Recognised:
    """What :meth:`GitHubDoor.look` found out, kept for :meth:`GitHubDoor.answer`."""

    prefix: str
    path: str
    match: Match[GitHubCall] | None = None
    document: Document | None = None
    asker: Asker = field(default_factory=Asker)
    refusal: Refusal | None = None


class GitHubDoor:
    """Answers everything that is addressed to GitHub."""

    def __init__(self, forge: Forge, meter: Meter, hooks: GitHubHooks, *, open_door: bool) -> None:
        self._forge = forge
        self._meter = meter
        self._hooks = hooks
        self._open_door = open_door

    def look(self, incoming: Incoming) -> Look:
        """Recognise the operation and the asker."""
        prefix, path = _split(incoming.raw_path)
        asker, refusal = Asker(), None
        with self._forge.lock:
            try:
                asker = access.identify(
                    self._forge,
                    incoming.headers.get("authorization", ""),
                    self._forge.clock.now(),
                    open_door=self._open_door,
                )
            except Refusal as refused:
                refusal = refused
            path = self._named(path)
        match = document = None
        operations: tuple[str, ...] = ()
        if path == "/graphql":
            from syncer.sandbox.github.graphql import endpoint

            document = endpoint.read(incoming.body)
            kind = Kind.MUTATION if document.mutates else Kind.QUERY
            template, operations = "/graphql", document.operations
        else:
            match = router().find(incoming.method, path)
            template = match.route.template if match is not None else ""
            creates = match is not None and bool(match.route.creates)
            kind = Kind.READ if incoming.method in READS else Kind.CREATION if creates else Kind.WRITE
        pid = incoming.headers.get(PID_HEADER, "")
        seen = Seen(
            "github",
            incoming.method,
            incoming.target,
            kind,
            operations,
            asker.user.login if asker.user is not None else "",
            int(pid) if pid.isdecimal() else None,
        )
        return Look(seen, template, asker.who, _Recognised(prefix, path, match, document, asker, refusal))

    def enter(self, look: Look) -> bool:
        """Begin a request."""
        return self._meter.enter(look.who)

    def leave(self, look: Look) -> None:
        """End a request."""
        self._meter.leave(look.who)

    def answer(self, incoming: Incoming, look: Look, circumstances: Circumstances) -> Answer:
        """Carry a request out."""
        known: _Recognised = look.route
        with self._forge.lock:
            now = self._forge.clock.now()
            try:
                if known.refusal is not None:
                    raise known.refusal
                api_versions.check(incoming)
                answer = self._metered(incoming, look, circumstances, now)
            except Refusal as refused:
                answer = refused.answer
            return self._dressed(incoming, look, answer, now)

    def refuse(self, fault: Fault, incoming: Incoming, look: Look) -> Answer:
        """The answer that a fault puts in the place of the real one."""
        now = self._forge.clock.now()
        graphql = look.template == "/graphql"
        refusals: dict[str, Callable[[], Answer]] = {
            "primary_limit": lambda: limits.primary(look.who, now, graphql=graphql),
            "secondary_limit": lambda: limits.secondary(403, int(fault.seconds)),
            "secondary_limit_bare": lambda: limits.secondary(403, None),
            "too_many_requests": lambda: limits.secondary(429, int(fault.seconds)),
            "unauthorized": lambda: problems.bad_credentials().answer,
            "forbidden": lambda: (
                problems.forbidden("Resource not accessible by personal access token").answer
            ),
            "not_found": lambda: problems.not_found().answer,
        }
        return self._dressed(incoming, look, refusals[fault.do](), now)

    def _named(self, path: str) -> str:
        """The path with a repository's id replaced by its name."""
        found = _BY_ID.fullmatch(path)
        repository = self._forge.repositories.get(int(found[1])) if found is not None else None
        if found is None or repository is None:
            return path
        return f"/repos/{repository.full_name}{found[2] or ''}"

    def _metered(self, incoming: Incoming, look: Look, circumstances: Circumstances, now: datetime) -> Answer:
        known: _Recognised = look.route
        graphql = known.document is not None
        free = known.path == "/rate_limit"
        if not free and limits.exhausted(self._meter, known.asker, now, graphql=graphql):
            return limits.primary(look.who, now, graphql=graphql)
        cost = 5 if look.seen.kind in (Kind.WRITE, Kind.CREATION, Kind.MUTATION) else 1
        if not limits.within_points(self._meter, look.who, look.template, cost, now, graphql=graphql):
            return limits.secondary_of(self._meter)
        try:
            answer = self._dispatch(incoming, look, circumstances, now)
        except Refusal as refused:
            answer = refused.answer
        answer = self._conditional(incoming, answer)
        if not free and (answer.status != 304 or known.asker.user is None):
            points = int(answer.headers.pop("x-sandbox-cost", "1"))
            limits.spend(self._meter, known.asker, now, points, graphql=graphql)
        return answer

    def _dispatch(
        self, incoming: Incoming, look: Look, circumstances: Circumstances, now: datetime
    ) -> Answer:
        known: _Recognised = look.route
        view = View(incoming.base, known.prefix, known.asker.user, known.asker.token)
        if known.document is not None:
            if incoming.method != "POST" or not self._forge.has("graphql"):
                raise problems.not_found()
            from syncer.sandbox.github.graphql import endpoint

            session = endpoint.Session(self._forge, known.asker, view, circumstances, now, self._meter)
            return endpoint.execute(session, known.document)
        if known.match is None:
            raise problems.not_found()
        route = known.match.route
        if route.creates and not self._meter.create(look.who, now):
            return limits.creation_of(self._meter)
        call = GitHubCall(
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

    def _conditional(self, incoming: Incoming, answer: Answer) -> Answer:
        """Give the answer its ETag; 304 if the client holds the very same answer already."""
        if incoming.method not in READS or answer.status != 200:
            return answer
        body = answer.encoded()
        keys = "\n".join(incoming.headers.get(name, "") for name in ("accept", "authorization", "cookie"))
        digest = hashlib.sha256(f"{keys}\n{incoming.target}\n".encode() + body).hexdigest()
        answer.headers["etag"] = f'W/"{digest}"'
        wanted = incoming.headers.get("if-none-match", "")
        since = incoming.headers.get("if-modified-since", "")
        same = (
            answer.headers["etag"] in [part.strip() for part in wanted.split(",")]
            if wanted
            else bool(since and since == answer.headers.get("last-modified"))
        )
        if same:
            kept: dict[str, str] = {
                name: answer.headers[name]
                for name in ("etag", "last-modified", "link")
                if name in answer.headers
            }
            return Answer(304, None, kept)
        answer.body = body
        return answer

    def _dressed(self, incoming: Incoming, look: Look, answer: Answer, now: datetime) -> Answer:
        known: _Recognised = look.route
        headers: dict[str, str] = {
            "date": format_datetime(now, usegmt=True),
            "server": "github.com",
            "cache-control": "private, max-age=60, s-maxage=60" if incoming.method in READS else "no-cache",
            "vary": "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With",
            "x-github-media-type": "github.v3; format=json",
            "x-github-request-id": uuid.uuid4().hex[:20].upper(),
        }
        if known.prefix:
            headers["x-github-enterprise-version"] = self._forge.settings.enterprise_version
        else:
            headers["x-github-api-version-selected"] = api_versions.selected(incoming)
        headers.update(_rights(known))
        if limits.measured(self._meter, enterprise=bool(known.prefix)):
            graphql = known.document is not None
            headers.update(limits.headers(self._meter, known.asker, now, graphql=graphql))
        answer.headers = {**headers, **answer.headers}
        answer.headers.pop("x-sandbox-cost", None)
        return answer


def _split(raw_path: str) -> tuple[str, str]:
    if raw_path == "/api/graphql":
        return "/api/v3", "/graphql"
    if raw_path == "/api/v3" or raw_path.startswith("/api/v3/"):
        return "/api/v3", raw_path.removeprefix("/api/v3") or "/"
    return "", raw_path


def _rights(known: _Recognised) -> dict[str, Any]:
    """Headers that tell a credential what it is good for, and what this operation would need."""
    token = known.asker.token
    if token is None:
        return {}
    headers: dict[str, str] = {}
    if token.scopes is not None:
        headers["x-oauth-scopes"] = ", ".join(sorted(token.scopes))
        headers["x-accepted-oauth-scopes"] = ""
    elif known.match is not None and known.match.route.needs:
        needs = "; ".join(f"{area}={level}" for area, level in known.match.route.needs)
        headers["x-accepted-github-permissions"] = needs
    if token.expires_at is not None:
        headers["github-authentication-token-expiration"] = token.expires_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return headers
