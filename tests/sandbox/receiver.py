"""A webhook receiver on a loopback port."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One request that came in."""

    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What came in so far, and how to answer."""

    url: str = ""
    status: int = 200
    received: list[Received] = field(default_factory=list)

    def events(self, header: str = "x-github-event") -> list[str]:
        """The events that came in, with their actions."""
        return [
            f"{entry.headers[header]}.{entry.json['action']}"
            if "action" in entry.json
            else entry.headers[header]
            for entry in self.received
        ]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Receive webhooks while the block runs."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.received.append(
                Received({name.lower(): value for name, value in self.headers.items()}, body)
            )
            self.send_response(state.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
