"""The one HTTP client of a forge connection, beneath both client libraries. Only here is httpx imported.

PyGithub and python-gitlab are built on requests. A small requests adapter hands their requests to
one :class:`httpx.Client`, so that everything they send obeys the same rules:

* nothing is repeated, no redirect is followed, no cookie is kept, nothing is read from the
  environment, no other host is spoken to;
* an answer that would make a library repeat, follow or sleep never reaches it:
  :mod:`syncer.forges.classify` turns it into one of syncer's errors first, none of which derives
  from requests' own, so that no library catches it;
* a read-only connection refuses every request that could change something;
* a library call sends exactly the one request that it was made for: a second or a different one
  is a :class:`~syncer.errors.Bug`. This catches hidden requests and retries alike.

A call is announced with :meth:`Transport.carrying`; PyGithub's connection classes, which are
process-wide, find their transport by it.
"""

from __future__ import annotations

import io
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

import httpx
import requests
import requests.adapters

from syncer import __version__
from syncer.errors import (
    Bug,
    ConfigError,
    Garbled,
    ReadOnly,
    SyncerError,
    Unauthorized,
    Unavailable,
    UnknownFate,
)
from syncer.forges.answer import Answer
from syncer.forges.classify import classify, clock_skew, is_write
from syncer.forges.connection import Connection
from syncer.forges.observer import Exchange
from syncer.forges.proxies import proxy_of
from syncer.ports import Clock

USER_AGENT: Final = f"syncer/{__version__}"

_LARGEST_ANSWER: Final = 128 * 1024 * 1024
"""Bytes. A recursive tree of GitHub's largest size is below a quarter of this."""

_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""httpx's errors of which the request certainly did not leave us."""


@dataclass(slots=True)
class _Call:
    """A library call under way: the one request that it may send."""

    transport: Transport
    method: str
    url: str
    sent: bool = False


_CALL: ContextVar[_Call | None] = ContextVar("syncer_forge_call", default=None)


def carrier() -> Transport:
    """The transport of the library call under way. For PyGithub's connection classes."""
    call = _CALL.get()
    if call is None:
        raise Bug("a client library sent a request that nobody announced with Transport.carrying")
    return call.transport


class Transport:
    """Sends requests and judges answers. Safe to share between threads.

    Args:
        learn: told the headers of each answer and the error made of it, before it is raised.
        on_exchange: told about each request.
        on_secret: told every text that must not be seen and was not known from the configuration.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        *,
        learn: Callable[[Mapping[str, str], SyncerError | None], None],
        on_exchange: Callable[[Exchange], None] | None = None,
        on_secret: Callable[[str], None] | None = None,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._learn = learn
        self._on_exchange = on_exchange
        self._on_secret = on_secret
        self._origin = _origin(urlsplit(connection.base_url))
        self._sessions = threading.local()
        proxy = proxy_of(connection.proxy.reveal(), connection.base_url)
        self._client = _client(connection, proxy)
        self._hidden: frozenset[str] = frozenset()
        for known in filter(None, (connection.token.reveal(), proxy, _password(proxy))):
            self.hide(known)
        self._skew: timedelta | None = None

    @property
    def skew(self) -> timedelta | None:
        """How far our clock is ahead of the forge's, by its latest answer; ``None`` before the first."""
        return self._skew

    def hide(self, secret: str) -> None:
        """Keep one more text out of every error from now on."""
        self._hidden |= {secret}
        if self._on_secret is not None:
            self._on_secret(secret)

    @property
    def session(self) -> requests.Session:
        """A requests session of the current thread. Its only way out is this transport."""
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.headers.clear()
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.adapters.clear()
            session.mount("http://", _Adapter(self))
            session.mount("https://", _Adapter(self))
            self._sessions.session = session
        return session

    @contextmanager
    def carrying(self, method: str, url: str) -> Iterator[None]:
        """Announce a library call that sends this one request, and send it to exactly this address.

        Both libraries take addresses apart and put them together again, sorted or without empty
        parameters; a ``Link`` is to be followed, and an ETag to be asked for, to the letter.
        """
        mark = _CALL.set(_Call(self, method.upper(), url))
        try:
            yield
        finally:
            _CALL.reset(mark)

    def close(self) -> None:
        self._client.close()

    def deliver(self, request: requests.PreparedRequest) -> requests.Response:
        """What the adapter does with a library's request."""
        call = _CALL.get()
        if call is None or call.transport is not self:
            raise Bug("a client library sent a request that nobody announced with Transport.carrying")
        method, url = (request.method or "").upper(), request.url or ""
        if method != call.method or not _same_place(url, call.url):
            raise Bug(f"a client library sent {method} {urlsplit(url).path} inside another call")
        if call.sent:
            raise Bug(f"a client library sent {method} {urlsplit(url).path} twice")
        call.sent = True
        body = request.body or b""
        if not isinstance(body, str | bytes):
            raise Bug("a client library wants to stream a request")
        headers = {name: _text(value) for name, value in request.headers.items()}
        answer = self.exchange(method, call.url, headers, body.encode() if isinstance(body, str) else body)
        return _response(request, call.url, answer)

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, harmless: bool = False
    ) -> Answer:
        """Send one request, once, and return its answer if nothing is wrong with it.

        Args:
            method: in capitals.
            url: in full; only of this connection's own host.
            headers: by name, in any case.
            body: empty for none.
            harmless: it changes nothing that anybody could see, whatever its method says: a request
                for a token. It may be sent on a read-only connection, and again.

        Raises:
            SyncerError: see :mod:`syncer.forges.classify`.
        """
        parts = urlsplit(url)
        sent = {name.lower(): value for name, value in headers.items()}
        sent.pop("content-length", None)  # httpx counts for itself
        write = not harmless and is_write(method, parts.path, body)
        question = Answer(
            forge=self._connection.name,
            method=method,
            path=parts.path,
            write=write,
            status=0,
            json_promised="json" in sent.get("accept", ""),
            conditional="if-none-match" in sent,
            token_hint=self._connection.token_hint,
        )
        if _origin(parts) != self._origin:
            raise Bug(f"a request to {parts.netloc} was about to carry our credential", where=question.where)
        if write and self._connection.read_only:
            raise ReadOnly(
                "a read-only run tried to write", where=question.where, next_step="please report this"
            )
        started = time.monotonic()
        answer, error = question, None
        try:
            answer = self._send(question, url, sent, body)
            skew = clock_skew(answer.headers, self._clock.now())
            self._skew = self._skew if skew is None else skew
            error = classify(answer, self._clock.now())
        except SyncerError as problem:
            error = problem
        finally:
            self._learn(answer.headers, error)
            self._report(answer, time.monotonic() - started, len(body), error)
        if error is not None:
            raise self._scrubbed(error) from None
        return answer

    def _send(self, question: Answer, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        content = bytearray()
        deadline = time.monotonic() + self._connection.deadline
        status, received = 0, httpx.Headers()
        try:
            request = self._client.build_request(question.method, url, headers=headers, content=body or None)
            response = self._client.send(request, stream=True)
            try:
                status, received = response.status_code, response.headers
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > _LARGEST_ANSWER:
                        raise _cut(question, f"the answer is longer than {_LARGEST_ANSWER} bytes")
                    if time.monotonic() > deadline:
                        raise _cut(question, f"the answer took more than {self._connection.deadline:g} s")
            finally:
                response.close()
        except _NOT_SENT as error:
            raise _unreachable(question, error) from None
        except httpx.DecodingError as error:
            raise _cut(question, f"the answer cannot be decoded: {_reason(error)}") from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            if not 400 <= status < 500:  # a refusal is a refusal, even if its reasons were cut off
                raise _lost(question, _reason(error)) from None
        except (httpx.InvalidURL, ValueError) as error:
            raise Bug(f"a request could not be built: {_reason(error)}", where=question.where) from None
        except RuntimeError as error:  # "Cannot send a request, as the client has been closed."
            raise Bug(f"a request was made of a closed forge: {_reason(error)}") from None
        return replace(question, status=status, headers=dict(received.items()), body=bytes(content))

    def _report(self, answer: Answer, seconds: float, sent: int, error: SyncerError | None) -> None:
        if self._on_exchange is not None:
            self._on_exchange(
                Exchange(
                    forge=answer.forge,
                    method=answer.method,
                    path=answer.path,
                    write=answer.write,
                    status=answer.status,
                    conditional=answer.conditional,
                    seconds=seconds,
                    sent=sent,
                    received=len(answer.body),
                    error="" if error is None else type(error).__name__,
                )
            )

    def _scrubbed(self, error: SyncerError) -> SyncerError:
        """The same error without our secrets, should the forge or a proxy have echoed one."""
        for secret in self._hidden:
            for name, value in vars(error).items():
                if isinstance(value, str) and secret in value:
                    setattr(error, name, value.replace(secret, "…"))
            error.args = tuple(
                part.replace(secret, "…") if isinstance(part, str) else part for part in error.args
            )
        return error


class _Adapter(requests.adapters.BaseAdapter):
    """What requests takes for a network: it hands everything to the transport."""

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport = transport

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        return self._transport.deliver(request)

    def close(self) -> None:
        """Nothing: the transport outlives every session."""


def _client(connection: Connection, proxy: str) -> httpx.Client:
    token = connection.token.reveal()
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise ConfigError(
            "contains characters that no token has, such as blanks or line ends",
            where=f"forges.{connection.name}.token",
            next_step=f"check {connection.token_hint}",
        )
    verify: ssl.SSLContext | bool = True
    if connection.ca_bundle:
        try:
            verify = ssl.create_default_context(cafile=connection.ca_bundle)
        except (OSError, ssl.SSLError):
            raise ConfigError(
                "is not a readable file of certificates",
                where=f"forges.{connection.name}.ca_bundle",
                next_step="a PEM file is wanted",
            ) from None
    try:
        return httpx.Client(
            verify=verify,
            proxy=proxy or None,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(connection.read_timeout, connect=connection.connect_timeout),
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            headers={"user-agent": USER_AGENT},
        )
    except (httpx.InvalidURL, ValueError):
        raise ConfigError(
            "is not a proxy's address",
            where=f"forges.{connection.name}.proxy",
            next_step="for example http://proxy.example.org:3128",
        ) from None


def _unreachable(question: Answer, error: httpx.TransportError) -> SyncerError:
    """The request certainly did not leave."""
    reason = _reason(error)
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return ConfigError(
            f"the forge's certificate is not trusted: {reason}",
            where=f"forges.{question.forge}.ca_bundle",
            next_step="name a file with the certificate of the authority that signed it",
        )
    if isinstance(error, httpx.ProxyError) and str(error).startswith("407"):
        return Unauthorized(
            "the proxy wants credentials",
            where=question.where,
            next_step=f"check forges.{question.forge}.proxy",
        )
    return Unavailable(
        f"the forge cannot be reached: {reason}",
        where=question.where,
        next_step=f"check forges.{question.forge}.url, the network and its proxy",
    )


def _lost(question: Answer, reason: str) -> SyncerError:
    """The connection failed after the request may have left."""
    if question.write:
        return UnknownFate(
            f"the answer never arrived: {reason}",
            where=question.where,
            next_step="syncer looks for the effect before it does anything else",
        )
    return Unavailable(
        f"the answer never arrived: {reason}", where=question.where, next_step="try again later"
    )


def _cut(question: Answer, reason: str) -> SyncerError:
    """An answer arrived and is of no use."""
    if question.write:
        return _lost(question, reason)
    return Garbled(reason, where=question.where, next_step="try again later")


def _reason(error: Exception) -> str:
    words = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _password(proxy: str) -> str:
    """The password in a proxy's address: it may be echoed without the rest."""
    try:
        return unquote(urlsplit(proxy).password or "")
    except ValueError:
        return ""


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", parts.port or usual


def _same_place(one: str, other: str) -> bool:
    """Whether two addresses differ in nothing but how their query and escapes are written."""
    left, right = urlsplit(one), urlsplit(other)
    return _origin(left) == _origin(right) and unquote(left.path) == unquote(right.path)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _response(request: requests.PreparedRequest, url: str, answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers.update(answer.headers)
    response.url = url
    response.request = request
    response.encoding = "utf-8"  # else requests guesses where a JSON answer names no charset
    response.raw = io.BytesIO(answer.body)
    return response
