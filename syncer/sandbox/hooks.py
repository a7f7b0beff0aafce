"""Webhooks that are really delivered: a queue, a background thread, and a record of every attempt.

The two forges build their own payloads and headers and hand finished :class:`Parcel` objects over. The
:class:`Courier` posts them one after the other in the order they came, as slow receivers deserve, and
tells the hook how it went.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from syncer.sandbox.clock import ServerClock
from syncer.sandbox.identifiers import Ids

SHOWN_RESPONSE = 8192


@dataclass(eq=False)
class Hook:
    """A webhook of one repository.

    Args:
        events: GitHub's event names, or GitLab's flags without ``_events``.
        secret: GitHub's secret, or GitLab's plain token.
        signing_token: GitLab's ``whsec_…`` key.
        failures: consecutive ones; GitLab switches the hook off after a few.
    """

    id: int
    url: str
    events: frozenset[str]
    created_at: datetime
    updated_at: datetime
    active: bool = True
    content_type: str = "json"
    secret: str = ""
    insecure_ssl: bool = False
    signing_token: str = ""
    name: str = ""
    failures: int = 0
    disabled_until: datetime | None = None
    deliveries: list[Delivery] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A request that is to be made on behalf of a hook.

    Args:
        guid: names the event; a redelivery has the same one.
    """

    hook: Hook
    guid: str
    event: str
    action: str
    headers: Mapping[str, str]
    body: bytes
    repository_id: int
    redelivery: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt, as the delivery list shows it; status 0 stands for no answer at all."""

    id: int
    parcel: Parcel
    at: datetime
    duration: float
    status: int
    response_headers: Mapping[str, str]
    response_body: str
    error: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class Courier:
    """Delivers parcels in a thread of its own; ``done`` hears of every attempt."""

    def __init__(self, clock: ServerClock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self.done: Callable[[Delivery], None] = _keep
        self._queue: queue.Queue[tuple[Parcel, float] | None] = queue.Queue()
        self._idle = threading.Condition()
        self._waiting = 0
        self._thread: threading.Thread | None = None

    def send(self, parcel: Parcel, timeout: float = 10.0) -> None:
        """Hand over a parcel; the thread starts with the first one."""
        with self._idle:
            self._waiting += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="sandbox-courier", daemon=True)
                self._thread.start()
        self._queue.put((parcel, timeout))

    def settle(self, timeout: float = 10.0) -> bool:
        """Wait until everything handed over so far was attempted. False if that took too long."""
        with self._idle:
            return self._idle.wait_for(lambda: self._waiting == 0, timeout)

    def stop(self) -> None:
        """End the thread; what is still waiting is dropped."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join(timeout=15)

    def _work(self) -> None:
        with httpx.Client(follow_redirects=False, trust_env=False) as client:
            while (item := self._queue.get()) is not None:
                delivery = self._attempt(client, *item)
                self.done(delivery)
                with self._idle:
                    self._waiting -= 1
                    self._idle.notify_all()

    def _attempt(self, client: httpx.Client, parcel: Parcel, timeout: float) -> Delivery:
        began, at = time.monotonic(), self._clock.now()
        status, headers, text, error = 0, {}, "", ""
        try:
            answer = client.post(
                parcel.hook.url, content=parcel.body, headers=dict(parcel.headers), timeout=timeout
            )
            status, headers, text = answer.status_code, dict(answer.headers), answer.text[:SHOWN_RESPONSE]
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            error = str(problem) or type(problem).__name__
        duration = round(time.monotonic() - began, 3)
        return Delivery(self._ids.next("delivery"), parcel, at, duration, status, headers, text, error)


def _keep(delivery: Delivery) -> None:
    delivery.parcel.hook.deliveries.append(delivery)
