"""python-gitlab, wired so that it only signs and carries: one request per call, nothing of its own accord.

python-gitlab waits for ever by default, sends a request up to eleven times on 429, follows
redirects with the token in hand, and keeps response headers to itself except in ``http_request``.
Here that is the only method used, without retries, each thread has its own object, and every
request leaves through :mod:`syncer.forges.transport`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabHttpError

from syncer.errors import Bug
from syncer.forges.connection import Connection
from syncer.forges.credential import Credential
from syncer.forges.governor import QUERY, READ, Cost
from syncer.forges.patience import Patience
from syncer.forges.reply import Reply, decoded
from syncer.forges.shape import part, records
from syncer.forges.transport import USER_AGENT, Transport

_JSON: Final = {"Accept": "application/json"}
_BYTES: Final = {"Accept": "*/*"}


class GitlabClient:
    """Sends requests to one GitLab. Safe to share between threads."""

    def __init__(
        self, connection: Connection, credential: Credential, transport: Transport, patience: Patience
    ) -> None:
        self.base = f"{connection.base_url}/api/v4"
        self.fingerprint = credential.fingerprint
        self._connection = connection
        self._credential = credential
        self._transport = transport
        self._patience = patience
        self._objects = threading.local()

    def url(self, path: str, /, **query: str | int) -> str:
        """The full address of an API path; the same arguments give the same address, to the letter."""
        return f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")

    def get(self, url: str, *, etag: str = "") -> Reply:
        """Read, only if it is not what the ETag stands for."""
        headers = {**_JSON, "If-None-Match": etag} if etag else _JSON
        return self._patience.read(lambda: self._decoded("GET", url, headers, None), READ)

    def raw(self, url: str) -> tuple[bytes, Mapping[str, str]]:
        """Read bytes, exactly, with the headers in lower case."""

        def ask() -> tuple[bytes, Mapping[str, str]]:
            response = self._carry("GET", url, _BYTES, None)
            assert response is not None  # noqa: S101  (304 without an ETag was refused above)
            return response.content, {name.lower(): value for name, value in response.headers.items()}

        return self._patience.read(ask, READ)

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
        return self._patience.write(lambda: self._decoded(method, url, _JSON, body), cost)

    def mutate(self, document: str, variables: Mapping[str, Any], cost: Cost) -> Mapping[str, Any]:
        """Change something by GraphQL, once; the ``data`` of the answer."""
        body = {"query": document, "variables": variables}
        reply = self._patience.write(lambda: self._decoded("POST", self._graphql, _JSON, body), cost)
        return part(reply.content, "data")

    def query(self, document: str, variables: Mapping[str, Any], cost: Cost = QUERY) -> Mapping[str, Any]:
        """Read by GraphQL; the ``data`` of the answer."""
        body = {"query": document, "variables": variables}
        reply = self._patience.read(lambda: self._decoded("POST", self._graphql, _JSON, body), cost)
        return part(reply.content, "data")

    @property
    def _graphql(self) -> str:
        return f"{self._connection.base_url}/api/graphql"

    def _decoded(
        self, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> Reply:
        response = self._carry(method, url, headers, body)
        return decoded(
            url,
            304 if response is None else response.status_code,
            {} if response is None else response.headers,
            "" if response is None else response.text,
            base=self.base,
            where=f"{self._connection.name}: {method} {url.removeprefix(self.base).split('?')[0]}",
            write=method != "GET",
        )

    def _carry(
        self, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> requests.Response | None:
        """One request; ``None`` stands for 304, which python-gitlab takes for an error."""
        with self._transport.carrying(method, url):
            try:
                return self._gitlab().http_request(
                    method.lower(),
                    url,
                    post_data=None if body is None else dict(body),
                    obey_rate_limit=False,
                    retry_transient_errors=False,
                    max_retries=0,
                    extra_headers=dict(headers),
                )
            except GitlabHttpError as error:
                if error.response_code == 304 and "If-None-Match" in headers:
                    return None
                raise Bug(
                    f"python-gitlab saw {error.response_code}, which the transport should have kept from it",
                    where=f"{self._connection.name}: {method}",
                ) from None

    def _gitlab(self) -> Gitlab:
        """The current thread's own object."""
        known: Gitlab | None = getattr(self._objects, "gitlab", None)
        if known is None:
            known = self._objects.gitlab = Gitlab(
                self._connection.base_url,
                private_token=self._credential.token() or None,
                session=self._transport.session,
                timeout=self._connection.deadline,
                user_agent=USER_AGENT,
                retry_transient_errors=False,
                keep_base_url=True,
            )
        return known
