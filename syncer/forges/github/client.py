"""PyGithub, wired so that it only signs and carries: one request per call, nothing of its own accord.

PyGithub repeats POSTs on 502 and timeouts by default (PyGithub#803), sleeps until a quota refills,
fetches attributes behind one's back and mixes up threads that share an object (PyGithub#1257).
Here it has no retries and no waiting, each thread has its own object, only ``requestJson`` is used,
and every request leaves through :mod:`syncer.forges.transport`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester

from syncer.errors import Unauthorized
from syncer.forges.connection import Connection
from syncer.forges.credential import Credential
from syncer.forges.governor import QUERY, READ, Cost
from syncer.forges.patience import Patience
from syncer.forges.reply import Reply, decoded
from syncer.forges.shape import part, records
from syncer.forges.transport import USER_AGENT, Transport, carrier

API_VERSION: Final = "2022-11-28"
"""The default version, supported until 2028-03-10 (docs.github.com, "API Versions")."""

_HEADERS: Final = {"Accept": "application/vnd.github+json"}


class _Http(HTTPRequestsConnectionClass):
    """PyGithub's idea of a connection, over the transport of the call under way."""

    def __init__(self, host: str, port: int | None = None, *_: object, **__: object) -> None:
        self.host = host
        self.port = port or 80
        self.protocol = "http"
        self.timeout = None  # the transport has its own
        self.verify = True
        self.session = carrier().session

    def close(self) -> None:
        """Nothing: the transport outlives every connection object."""


class _Https(HTTPSRequestsConnectionClass):
    """The same for https."""

    def __init__(self, host: str, port: int | None = None, *_: object, **__: object) -> None:
        self.host = host
        self.port = port or 443
        self.protocol = "https"
        self.timeout = None
        self.verify = True
        self.session = carrier().session

    def close(self) -> None:
        """Nothing: the transport outlives every connection object."""


class GithubClient:
    """Sends requests to one GitHub. Safe to share between threads."""

    def __init__(
        self, connection: Connection, credential: Credential, transport: Transport, patience: Patience
    ) -> None:
        # Process-wide in PyGithub, and looked up when a Github object is made. Setting them again
        # changes nothing for others: each request finds its own transport through its call.
        Requester.injectConnectionClasses(_Http, _Https)
        self.base = connection.base_url
        self._connection = connection
        self._credential = credential
        self._transport = transport
        self._patience = patience
        self._objects = threading.local()

    @property
    def fingerprint(self) -> str:
        """Whose validators these are, see :class:`~syncer.forges.credential.Credential`."""
        return self._credential.fingerprint

    @property
    def app(self) -> str:
        """The App's id, if we are one; else ""."""
        return self._connection.app.id if self._connection.app is not None else ""

    def url(self, path: str, /, **query: str | int) -> str:
        """The full address of an API path; the same arguments give the same address, to the letter."""
        return f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")

    def get(self, url: str, *, etag: str = "") -> Reply:
        """Read, only if it is not what the ETag stands for."""
        headers = {"If-None-Match": etag} if etag else {}
        return self._patience.read(lambda: self._carry("GET", url, headers, None), READ)

    def pages(self, url: str) -> Iterator[Mapping[str, Any]]:
        """The entries of a paged list, following the forge's own links."""
        page = self.get(url)
        while True:
            yield from records(page.content, "a page")
            if not page.next:
                return
            page = self.get(page.next)

    def send(self, method: str, url: str, body: Mapping[str, Any] | None, cost: Cost) -> Reply:
        """Write, once."""
        return self._patience.write(lambda: self._carry(method, url, {}, body), cost)

    def mutate(self, document: str, variables: Mapping[str, Any], cost: Cost) -> Mapping[str, Any]:
        """Change something by GraphQL, once; the ``data`` of the answer."""
        body = {"query": document, "variables": variables}
        reply = self._patience.write(lambda: self._carry("POST", self._graphql, {}, body), cost)
        return part(reply.content, "data")

    def query(self, document: str, variables: Mapping[str, Any], cost: Cost = QUERY) -> Mapping[str, Any]:
        """Read by GraphQL; the ``data`` of the answer."""
        body = {"query": document, "variables": variables}
        reply = self._patience.read(lambda: self._carry("POST", self._graphql, {}, body), cost)
        return part(reply.content, "data")

    def ask_in_vain(self, method: str, url: str, body: Mapping[str, Any]) -> None:
        """Ask for a change that nobody could make, to learn whether it would be allowed.

        It counts as harmless: a read-only connection sends it.

        Raises:
            SyncerError: always, if the forge is right; which one is the answer.
        """

        def ask() -> None:
            token = self._credential.token()
            headers = {**_HEADERS, "Authorization": f"token {token}", "X-GitHub-Api-Version": API_VERSION}
            content = json.dumps(body).encode()
            self._transport.exchange(
                method, url, {**headers, "Content-Type": "application/json"}, content, harmless=True
            )

        self._patience.read(ask, READ)

    @property
    def _graphql(self) -> str:
        """Where GraphQL is asked: beside ``/api/v3`` on a GitHub Enterprise Server, below the root else."""
        root = self.base.removesuffix("/v3") if self.base.endswith("/api/v3") else self.base
        return f"{root}/graphql"

    def _carry(
        self, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> Reply:
        """One request; one more with another token, if the forge refused this one and there is another.

        A refused credential is the one refusal after which a write may be sent again: nobody who was
        not let in has changed anything.
        """
        token = self._credential.token()
        try:
            return self._carry_as(token, method, url, headers, body)
        except Unauthorized:
            if not self._credential.refused(token):
                raise
        return self._carry_as(self._credential.token(), method, url, headers, body)

    def _carry_as(
        self, token: str, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> Reply:
        with self._transport.carrying(method, url):
            status, received, text = self._github(token).requester.requestJson(
                method, url, headers={**_HEADERS, **headers}, input=body
            )
        return decoded(
            url,
            status,
            received,
            text,
            base=self.base,
            where=f"{self._connection.name}: {method} {url.removeprefix(self.base).split('?')[0]}",
            write=method != "GET",
        )

    def _github(self, token: str) -> Github:
        """The current thread's own object, for the present token."""
        known: Github | None = getattr(self._objects, "github", None)
        if known is None or self._objects.token != token:
            self._objects.token = token
            known = self._objects.github = Github(
                auth=Auth.Token(token) if token else None,
                base_url=self.base,
                user_agent=USER_AGENT,
                per_page=100,
                retry=None,
                seconds_between_requests=0,
                seconds_between_writes=0,
                lazy=True,
                api_version=API_VERSION,
            )
        return known
