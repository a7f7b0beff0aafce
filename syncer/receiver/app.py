"""The Starlette applications: one for forges, one for operators, or both in one."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from syncer.receiver.status import Status
from syncer.receiver.webhooks import Webhooks


def application(webhooks: Webhooks | None, status: Status | None) -> Starlette:
    """What a listener serves."""
    routes: list[Route] = []
    if webhooks is not None:
        routes.append(Route("/webhooks/{forge}", webhooks.receive, methods=["POST"]))
    if status is not None:
        routes += [
            Route("/healthz", status.healthz),
            Route("/readyz", status.readyz),
            Route("/metrics", status.metrics),
            Route("/status.json", status.status),
        ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _plain})


def _plain(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  (that is what it is registered for)
    return PlainTextResponse(f"{error.detail}\n", status_code=error.status_code, headers=error.headers)
