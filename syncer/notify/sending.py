"""One attempt to deliver one message.

The rules are those of the transport to the forges: no redirect is followed, since it could carry a message
and its signature to another host; no cookie, nothing from the environment, an answer is read up to a limit.
An address may itself be a secret, so no error names it.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final

import httpx

from syncer import __version__
from syncer.errors import ConfigError
from syncer.notify.message import as_json, as_slack, encoded, key_of, signature
from syncer.notify.news import News

_LONGEST_ANSWER: Final = 64 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Receiver:
    """Where messages go.

    Args:
        name: as configured.
        url: may be a secret.
        slack: whether it understands Slack's messages, and not ours.
        secret: messages are signed with it; empty for no signature.
        ca_bundle: path of a file with certificates to trust instead of the usual ones.
        proxy: address of an HTTP proxy; empty for none.
        timeout: seconds for each step of an attempt.
    """

    name: str
    url: str
    slack: bool = False
    secret: str = ""
    ca_bundle: str = ""
    proxy: str = ""
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt.

    Args:
        problem: why it was not delivered; empty if it was.
        pause: seconds after which the receiver wants to be asked again; 0 if it did not say.
    """

    problem: str = ""
    pause: float = 0.0


@dataclass(slots=True)
class Sender:
    """Delivers to one receiver. Safe to share between threads.

    Args:
        clean: takes secrets out of what is said.

    Raises:
        ConfigError: the receiver cannot be used.
    """

    receiver: Receiver
    clean: Callable[[Any], Any]
    _client: httpx.Client = field(init=False)
    _key: bytes = field(init=False, default=b"")

    def __post_init__(self) -> None:
        self._client = _client(self.receiver)
        try:
            self._key = key_of(self.receiver.secret) if self.receiver.secret else b""
        except ValueError as error:
            raise ConfigError(
                str(error),
                where=f"notifications.webhooks.{self.receiver.name}.secret",
                next_step="make one: whsec_ and `openssl rand -base64 32`",
            ) from None

    def send(self, news: News, now: float) -> Answer:
        """One attempt.

        Args:
            news: the message.
            now: seconds since the epoch.
        """
        body = encoded(self.clean(as_slack(news) if self.receiver.slack else as_json(news)))
        headers = {
            "content-type": "application/json",
            "webhook-id": news.id,
            "webhook-timestamp": str(int(now)),
        }
        if self._key:
            headers["webhook-signature"] = signature(self._key, news.id, int(now), body)
        try:
            with self._client.stream("POST", self.receiver.url, content=body, headers=headers) as response:
                read, until = 0, time.monotonic() + self.receiver.timeout
                for chunk in response.iter_raw():
                    read += len(chunk)
                    if read > _LONGEST_ANSWER or time.monotonic() > until:
                        break  # the status is known; the rest is nobody's
                return _judged(response)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            return Answer(f"it could not be reached: {type(error).__name__}")

    def close(self) -> None:
        self._client.close()


def _judged(response: httpx.Response) -> Answer:
    status = response.status_code
    if 200 <= status < 300:
        return Answer()
    if 300 <= status < 400:
        return Answer(f"it answers {status}, and redirects are not followed: configure its present address")
    wanted = response.headers.get("retry-after", "")
    pause = float(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 0.0
    return Answer(f"it answers {status}", pause)


def _client(receiver: Receiver) -> httpx.Client:
    where = f"notifications.webhooks.{receiver.name}"
    verify: ssl.SSLContext | bool = True
    if receiver.ca_bundle:
        try:
            verify = ssl.create_default_context(cafile=receiver.ca_bundle)
        except (OSError, ssl.SSLError):
            raise ConfigError(
                "is not a readable file of certificates",
                where=f"{where}.ca_bundle",
                next_step="a PEM file is wanted",
            ) from None
    try:
        return httpx.Client(
            verify=verify,
            proxy=receiver.proxy or None,
            trust_env=False,
            follow_redirects=False,
            timeout=receiver.timeout,
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            headers={"user-agent": f"syncer/{__version__}"},
        )
    except (httpx.InvalidURL, ValueError):
        raise ConfigError("is not a proxy's address", where=f"{where}.proxy") from None
