"""Somebody who receives notifications, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Inbox:
    """What has arrived.

    Args:
        status: what is answered.
    """

    status: int = 204
    messages: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0
    url: str = ""

    @property
    def types(self) -> list[str]:
        return [each["type"].removeprefix("syncer.") for each in self.messages]


@contextmanager
def receiving() -> Iterator[Inbox]:
    """Listen until the block ends."""
    inbox = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if inbox.status < 300:
                inbox.messages.append(json.loads(body))
            else:
                inbox.refused += 1
            self.send_response(inbox.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    inbox.url = f"http://127.0.0.1:{server.server_address[1]}/planted-address"
    try:
        yield inbox
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
