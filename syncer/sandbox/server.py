"""The loopback server: uvicorn with an event loop in a thread of its own.

The socket is bound before the thread starts, so the port is known and clients that come early wait in
its backlog. Starting and stopping take milliseconds: uvicorn's ticking main loop is replaced by an event.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from syncer.sandbox.app import Application


class Connections:
    """The open connections by the client's address, so that a fault can break one."""

    def __init__(self) -> None:
        self._transports: dict[tuple[str, int], asyncio.Transport] = {}

    def add(self, transport: asyncio.Transport) -> None:
        """Remember a connection."""
        self._transports[_peer(transport)] = transport

    def remove(self, transport: asyncio.Transport) -> None:
        """Forget a connection."""
        self._transports.pop(_peer(transport), None)

    def abort(self, client: tuple[str, int]) -> None:
        """Reset a connection: the client sees it die, without a closing handshake."""
        transport = self._transports.get(client)
        if transport is not None:
            sock = transport.get_extra_info("socket")
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()

    def close(self, client: tuple[str, int]) -> None:
        """Close a connection once its buffer is written."""
        transport = self._transports.get(client)
        if transport is not None:
            transport.close()

    def abort_all(self) -> None:
        """Drop everybody."""
        for transport in list(self._transports.values()):
            transport.abort()


class Server:
    """Serves an application on a loopback port until it is stopped."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self.host, self.port = host, int(self._socket.getsockname()[1])
        self.connections = Connections()
        self._thread: threading.Thread | None = None
        self._runner: _Runner | None = None

    @property
    def url(self) -> str:
        shown = "127.0.0.1" if self.host in ("", "0.0.0.0") else self.host  # noqa: S104 - only compared
        return f"http://{shown}:{self.port}"

    def start(self, application: Application) -> None:
        """Begin to serve; returns once connections are accepted."""
        config = uvicorn.Config(
            cast("Any", application),
            http=_protocol(self.connections),
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=120,
        )
        self._runner = _Runner(config, self.connections)
        self._thread = threading.Thread(
            target=self._runner.run, args=([self._socket],), name="sandbox-server", daemon=True
        )
        self._thread.start()
        self._runner.ready.wait(timeout=10)

    def stop(self) -> None:
        """Stop serving and drop all connections."""
        runner, self._runner = self._runner, None
        if runner is None:
            self._socket.close()
            return
        runner.stop()
        if self._thread is not None:
            self._thread.join(timeout=10)


_LAST_ROUNDS = 5
"""Of the loop, before it ends: enough for a connection that was just accepted to be closed as well."""


class _Runner(uvicorn.Server):
    """uvicorn's server, woken by an event instead of by ticks."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self._connections = connections
        self.ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._done: asyncio.Event | None = None

    async def main_loop(self) -> None:
        """Wait until told to stop."""
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        self.ready.set()
        await self._done.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything at once; nobody waits for a sandbox to say goodbye."""
        for listener in sockets or []:
            asyncio.get_running_loop().remove_reader(listener)
        # A connection that was just accepted cannot join a server that is closed: asyncio would forget it.
        await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _ in range(_LAST_ROUNDS):
            self._connections.abort_all()
            await asyncio.sleep(0)

    def stop(self) -> None:
        """Ask the loop to end, from another thread."""
        if self._loop is None or self._done is None:
            return

        def finish() -> None:
            self._connections.abort_all()
            if self._done is not None:
                self._done.set()

        self._loop.call_soon_threadsafe(finish)


def _protocol(connections: Connections) -> type[H11Protocol]:
    class WatchedProtocol(H11Protocol):
        """uvicorn's protocol, with its connection kept where faults find it."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            """Enter the connection."""
            connections.add(transport)
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            """Remove the connection."""
            connections.remove(self.transport)
            super().connection_lost(exc)

    return WatchedProtocol


def _peer(transport: asyncio.Transport) -> tuple[str, int]:
    name = transport.get_extra_info("peername") or ("", 0)
    return (name[0], name[1])
