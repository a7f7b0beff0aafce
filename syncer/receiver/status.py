"""``/healthz``, ``/readyz``, ``/metrics`` and ``/status.json``."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from syncer import __version__
from syncer.daemon.board import Row
from syncer.daemon.daemon import Reload
from syncer.model.plan import Severity
from syncer.observability.metrics import CONTENT_TYPE, Metrics


class Watched(Protocol):
    """The daemon, as it is looked at from outside."""

    reload_state: Reload

    @property
    def alive(self) -> bool: ...

    @property
    def broken(self) -> Mapping[str, str]: ...

    def ready(self) -> str: ...

    def rows(self) -> list[Row]: ...


class Status:
    """The endpoints that say how things are.

    Args:
        token: what metrics and status want as a bearer token; empty for none.
        clean: masks secrets in values of any shape.
    """

    def __init__(self, daemon: Watched, metrics: Metrics, *, token: str, clean: Callable[[Any], Any]) -> None:
        self._daemon, self._metrics, self._clean = daemon, metrics, clean
        self._token = _digest(token.encode()) if token else b""

    def healthz(self, _request: Request) -> Response:
        """Whether the process is worth keeping. Says nothing else, and asks nobody for a token."""
        return _say(self._daemon.alive, "alive", "a thread has died")

    def readyz(self, _request: Request) -> Response:
        """Whether work can be taken now."""
        why = self._daemon.ready()
        return _say(not why, "ready", "not ready")

    def metrics(self, request: Request) -> Response:
        """Metrics, as Prometheus reads them."""
        if not self._may(request):
            return _refused()
        return Response(self._metrics.render(), media_type=CONTENT_TYPE)

    def status(self, request: Request) -> Response:
        """Every project: where it stands, when it is looked at next, and what to do."""
        if not self._may(request):
            return _refused()
        return JSONResponse(self._clean(status_of(self._daemon)), headers={"cache-control": "no-store"})

    def _may(self, request: Request) -> bool:
        if not self._token:
            return True
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(_digest(given.strip().encode("utf-8", "surrogateescape")), self._token)
        return right and scheme.lower() == "bearer"


def status_of(daemon: Watched) -> dict[str, Any]:
    """What ``/status.json`` says, documented in ``docs/json.md``."""
    reload = daemon.reload_state
    return {
        "version": __version__,
        "now": _moment(datetime.now(UTC)),
        "ready": not (why := daemon.ready()),
        "not_ready_because": why,
        "configuration": {
            "looked_at": _moment(datetime.fromtimestamp(reload.at, UTC)),
            "problem": reload.problem,
            "left_out": dict(daemon.broken),
        },
        "projects": [_project(row) for row in daemon.rows()],
    }


def _project(row: Row) -> dict[str, Any]:
    stand, lane = row.stand, row.lane
    return {
        "project": row.project,
        "phase": lane.phase.value,
        "reason": lane.reason,
        "remedy": lane.remedy,
        "failures": lane.failures,
        "due": _moment(lane.due),
        "next_look": _moment(row.next_look),
        "last_run": stand.run,
        "last_outcome": stand.outcome,
        "last_run_at": _moment(stand.at),
        "last_success_at": _moment(stand.last_success),
        "held": list(stand.held),
        "conflicts": stand.count(Severity.CONFLICT),
        "questions": stand.count(Severity.QUESTION),
        "outstanding": stand.outstanding,
        "drift": stand.drift,
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at is not None else None


def _say(good: bool, yes: str, no: str) -> Response:
    return PlainTextResponse(f"{yes if good else no}\n", status_code=200 if good else 503)


def _refused() -> Response:
    return PlainTextResponse(
        "a token is needed\n", status_code=401, headers={"www-authenticate": 'Bearer realm="syncer"'}
    )


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
