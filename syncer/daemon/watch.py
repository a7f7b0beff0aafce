"""The watch on the tower: every flight becomes a line in the log, some numbers, and a row of the board."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from syncer.daemon.board import Board
from syncer.daemon.flights import Flight
from syncer.daemon.landing import Landing, Next
from syncer.forges.observer import Exchange
from syncer.observability.metrics import Metrics
from syncer.queue.inbox import Reason
from syncer.service.report import RunReport

_LOG = structlog.get_logger("syncer.daemon")


class Watch:
    """Implements :class:`syncer.daemon.flights.Tower`, and watches the wire.

    Args:
        on_wire: told the forge's name, and whether a request failed to reach a forge that works.
    """

    def __init__(self, board: Board, metrics: Metrics, on_wire: Callable[[str, bool], None]) -> None:
        self._board, self._metrics, self._on_wire = board, metrics, on_wire

    def departed(self, flight: Flight) -> None:
        waiting = flight.waiting
        _LOG.info("sync begins", reasons=list(waiting.reasons), full=waiting.full)

    def landed(self, flight: Flight, report: RunReport, landing: Landing, seconds: float) -> None:
        now = datetime.now(UTC)
        woken = Reason.WEBHOOK.value in flight.waiting.reasons
        lag = max(0.0, time.time() - flight.waiting.first_at) if woken else None
        self._metrics.synced(report.outcome.value, seconds, lag=lag)
        self._metrics.committed(len(report.committed))
        for receipt in report.receipts:
            kind = kind_of(receipt.action)
            self._metrics.acted(kind, receipt.outcome.value)
            subject = receipt.action.subject
            _LOG.info(
                "action",
                action=kind,
                outcome=receipt.outcome.value,
                place=f"{subject.path}:{subject.line}" if subject.line else subject.path,
                title=subject.title,
                issue=receipt.number,
                detail=receipt.detail,
            )
        self._board.landed(flight, report, now)
        say = _LOG.info if landing.next in (Next.REST, Next.STOP) else _LOG.warning
        stand = self._board.stand(flight.project)
        say(
            "sync ended",
            outcome=report.outcome.value,
            next=landing.next.value,
            reason=landing.reason,
            remedy=landing.remedy,
            seconds=round(seconds, 3),
            commits=[made.revision for made in report.committed],
            drift=stand.drift,
        )

    def exchanged(self, exchange: Exchange) -> None:
        """A request was sent to a forge."""
        self._metrics.exchanged(
            exchange.forge, write=exchange.write, status=exchange.status, seconds=exchange.seconds
        )
        failed = exchange.status == 0 or exchange.status >= 500
        self._on_wire(exchange.forge, failed)
        if failed:
            _LOG.warning(
                "a forge did not answer",
                forge=exchange.forge,
                method=exchange.method,
                path=exchange.path,
                status=exchange.status,
                error=exchange.error,
            )
        else:
            _LOG.debug(
                "request",
                forge=exchange.forge,
                method=exchange.method,
                path=exchange.path,
                status=exchange.status,
                seconds=round(exchange.seconds, 3),
            )

    def waiting(self, seconds: float, why: str) -> None:
        """A rate limit is waited for."""
        self._metrics.waited(seconds)
        _LOG.info("waiting", seconds=round(seconds, 1), why=why)


def kind_of(action: object) -> str:
    """An action's kind as metrics and logs call it: ``create-issue``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", type(action).__name__).lower()
