from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from syncer.errors import (
    ConfigError,
    Missing,
    SyncerError,
)
from syncer.forges import Connection, Forge, Secret, connect
from syncer.model.tracker import (
    IssueDraft,
)

from .fakes import (
    GITHUB,
    GITLAB,
    TOKEN,
    Diary,
    FakeClock,
)

KINDS = ("github", "gitlab")
ISSUES = {
    "github": f"{GITHUB}/repos/acme/rune/issues",
    "gitlab": f"{GITLAB}/api/v4/projects/acme%2Frune/issues",
}
DRAFT = IssueDraft("Title", "Body", None, frozenset())


def create(forge: Forge) -> object:
    return forge.tracker("acme/rune").create_issue(DRAFT)


def look(forge: Forge) -> object:
    return forge.tracker("acme/rune").issue(1)


# --- secrets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("token", [TOKEN, "x7-q", "glpat-?&=+/%"])
@respx.mock
def test_secrets_are_in_no_error_and_no_repr(kind: str, token: str, clock: FakeClock, diary: Diary) -> None:
    """A forge or a network that echoes the token does not get it into an error."""
    connection = Connection("main", kind, url=GITHUB if kind == "github" else GITLAB, token=Secret(token))
    respx.post(ISSUES[kind]).mock(
        side_effect=[
            httpx.Response(401, json={"message": f"Bad token {token}"}),
            httpx.Response(301, headers={"location": f"https://x/?private_token={token}"}),
            httpx.Response(422, text=f"<html>{token}"),
            httpx.ConnectError(f"cannot connect with {token}"),
            httpx.ReadError(f"cannot read with {token}"),
        ]
    )
    forge = connect(connection, clock, observer=diary)
    texts = [repr(connection), str(connection.token), f"{connection.token!s}", repr(forge)]
    for _ in range(5):
        with pytest.raises(SyncerError) as caught:
            create(forge)
        texts += [
            str(caught.value),
            repr(caught.value),
            repr(vars(caught.value)),
            repr(caught.value.__cause__),
        ]

    assert [] == [text for text in [*texts, repr(diary.exchanges)] if token in text]


def test_a_proxy_password_is_hidden() -> None:
    """A proxy's address is a secret as a whole."""
    connection = Connection("main", "github", proxy=Secret("http://user:hunter2@proxy.example:3128"))

    assert "hunter2" not in repr(connection)


# --- configuration -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "url", "host"),
    [
        ("github", "", "api.github.com"),
        ("github", "https://GitHub.example.org/api/v3/", "github.example.org"),
        ("gitlab", "", "gitlab.com"),
        ("gitlab", "https://gitlab.example.org/api/v4", "gitlab.example.org"),
        ("gitlab", "http://127.0.0.1:4000", "127.0.0.1:4000"),
        ("gitlab", "https://example.org:443/gitlab", "example.org"),
    ],
)
def test_addresses_are_understood(kind: str, url: str, host: str) -> None:
    """The public forge by default; a trailing slash, capitals and a pasted API path do no harm."""
    assert host == Connection("main", kind, url=url).host


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("github", {"url": "github.example.org"}),
        ("github", {"url": "ftp://github.example.org"}),
        ("github", {"url": "https://github.com"}),
        ("github", {"url": "https://user:pw@github.example.org"}),
        ("gitlab", {"url": "https://gitlab.example.org?x=1"}),
        ("gitlab", {"url": "https://gitlab.example.org:port"}),
        ("gitlab", {"ca_bundle": "/nonexistent.pem"}),
        ("gitlab", {"proxy": Secret("nonsense")}),
        ("github", {"token": Secret("ghp_x\n")}),
        ("gitlab", {"token": Secret("glpat-ä")}),
        ("gitea", {}),
    ],
)
def test_a_wrong_configuration_is_named(kind: str, values: dict[str, Any], clock: FakeClock) -> None:
    """Addresses, proxies, certificates and kinds that cannot be are refused with their key's path."""
    with pytest.raises(ConfigError) as caught:
        connect(Connection("main", kind, **values), clock)

    assert caught.value.where.startswith("forges.main.")


def test_a_certificate_is_trusted_only_by_its_own_authority(clock: FakeClock, tmp_path: Path) -> None:
    """Over real TLS: the usual authorities do not know it, and the error names the key; a bundle does."""
    certificate = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with _serving(context) as port:
        values: dict[str, Any] = {"url": f"https://localhost:{port}", "token": Secret("t")}
        with pytest.raises(ConfigError) as caught:
            look(connect(Connection("main", "github", **values), clock))
        trusting = connect(Connection("main", "github", ca_bundle=str(certificate), **values), clock)
        with pytest.raises(Missing):
            look(trusting)
        trusting.close()

    assert "forges.main.ca_bundle" == caught.value.where
    assert [] == clock.waits


def _certificate(folder: Path) -> Path:
    """A key and a certificate for localhost, signed by itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "localhost.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    return path


@contextlib.contextmanager
def _serving(context: ssl.SSLContext) -> Iterator[int]:
    """A server that knows nothing, behind TLS; its port."""

    class Nothing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            """Quietly."""

    class Server(HTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that do not trust it hang up."""

    with Server(("localhost", 0), Nothing) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
