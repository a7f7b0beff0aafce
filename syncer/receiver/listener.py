"""An address that is listened on: uvicorn, in a thread of its own."""

from __future__ import annotations

import socket
import threading
import time

import structlog
import uvicorn
from starlette.applications import Starlette

from syncer.errors import ConfigError

_LOG = structlog.get_logger("syncer.receiver")
_BACKLOG = 2048
_FAREWELL = 5
"""Seconds that requests under way have when we stop."""


class Listener:
    """Serves an application on an address until it is stopped.

    The address is bound at once, so that an occupied port is known before anything else begins.

    Args:
        address: ``HOST:PORT``; port 0 takes a free one.
        setting: that names it, for errors.

    Raises:
        ConfigError: nobody can listen there.
    """

    def __init__(self, address: str, app: Starlette, *, setting: str) -> None:
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # With any other protocol number asyncio leaves Nagle's algorithm on, and each answer takes 40 ms.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, int(port)))
            self._socket.listen(_BACKLOG)  # until then somebody else could bind the same port
        except OSError as error:
            self._socket.close()
            raise ConfigError(
                f"nobody can listen there: {error.strerror or error}",
                where=f"{setting}: {address}",
                next_step="choose another port, or stop whoever has this one",
            ) from None
        self.host, self.port = host, int(self._socket.getsockname()[1])
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=_FAREWELL,
                backlog=_BACKLOG,
            )
        )
        self._thread = threading.Thread(target=self._run, name=f"syncer-http-{self.port}", daemon=True)

    @property
    def url(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{shown}:{self.port}"

    def start(self, *, patience: float = 10.0) -> None:
        """Begin to serve; returns when requests are answered."""
        self._thread.start()
        deadline = time.monotonic() + patience
        while not self._server.started and self._thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.005)
        _LOG.info("listening", address=self.url)

    def stop(self) -> None:
        """Take no more requests, and finish those under way."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_FAREWELL + 2)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])
