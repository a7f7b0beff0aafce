"""A forge as people have one: its API and its git repositories behind one address and one token."""

from __future__ import annotations

import base64
import http.client
import os
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.sources.people import git

Struck = Callable[[str, str, bool], bool]
"""Asked before and after each request that changes something, with method and path; ends the connection."""


class Host:
    """Passes API requests on to a sandbox, and serves git repositories with git's own server program.

    Args:
        sandbox: the address of the sandbox.
        directory: of the repositories.
        token: that git has to bring along.
    """

    def __init__(self, sandbox: str, directory: Path, token: str) -> None:
        self._sandbox = urlsplit(sandbox)
        self.directory = directory
        self.token = token
        self.users: set[str] = set()
        self.struck: Struck = lambda _method, _path, _after: False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def repository(self, name: str) -> Path:
        """A bare repository that can be pushed to."""
        path = self.directory / f"{name}.git"
        path.mkdir(parents=True)
        git(path, "init", "-q", "--bare", "-b", "main")
        git(path, "config", "http.receivepack", "true")
        return path

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

            def _serve(self) -> None:
                body = self._body()
                writes = self.command not in ("GET", "HEAD") and "upload-pack" not in self.path
                if writes and host.struck(self.command, self.path, False):
                    self.close_connection = True
                    return
                answer = host.git if ".git/" in self.path else host.pass_on
                status, headers, content = answer(self, body)
                if writes and host.struck(self.command, self.path, True):
                    self.close_connection = True
                    return
                self.send_response(status)
                for key, value in headers:
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def _body(self) -> bytes:
                if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                    return self.rfile.read(int(self.headers.get("Content-Length", "0")))
                parts = []
                while size := int(self.rfile.readline(), 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815

        return Handler

    def pass_on(self, asked: Any, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """The sandbox's answer."""
        connection = http.client.HTTPConnection(self._sandbox.hostname or "", self._sandbox.port)
        try:
            headers = {key: value for key, value in asked.headers.items() if key.lower() != "accept-encoding"}
            connection.request(asked.command, asked.path, body or None, headers)
            response = connection.getresponse()
            content = response.read()
            dropped = {"content-length", "transfer-encoding", "connection"}
            kept = [(key, value) for key, value in response.getheaders() if key.lower() not in dropped]
            return response.status, kept, content
        finally:
            connection.close()

    def git(self, asked: Any, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """The answer of git's server program, if the token is the right one."""
        user, _, password = (
            base64.b64decode(asked.headers.get("Authorization", "")[6:]).decode().partition(":")
        )
        if password != self.token:
            return 401, [("WWW-Authenticate", 'Basic realm="git"')], b""
        self.users.add(user)
        path, _, query = asked.path.partition("?")
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            capture_output=True,
            check=True,
            env={
                **os.environ,
                "GIT_PROJECT_ROOT": str(self.directory),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": asked.command,
                "CONTENT_TYPE": asked.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": asked.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": asked.headers.get("Git-Protocol", ""),
                "REMOTE_USER": user,
            },
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode().split("\r\n")]
        fields = [(key, value) for key, _, value in lines]
        status = next((int(value.split()[0]) for key, value in fields if key == "Status"), 200)
        return status, [each for each in fields if each[0] != "Status"], content
