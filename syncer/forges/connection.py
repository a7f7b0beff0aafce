"""What it takes to reach a forge, and what a reached forge offers.

Nothing here performs I/O. A :class:`Connection` is configuration; :func:`syncer.forges.connect`
turns it into a :class:`Forge`. All trackers and documents of one forge share its connection: one
HTTP client, one credential, one rate budget.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlsplit

from syncer.errors import ConfigError
from syncer.forges.authority import Authority
from syncer.forges.governor import GITHUB_PUBLIC, GITLAB_PUBLIC, SELF_HOSTED, Governor, Limits
from syncer.forges.hooks import Hooks
from syncer.forges.passport import Audience, Passport, Rights
from syncer.model.identity import TrackerId
from syncer.model.tracker import TrackerProfile
from syncer.ports import Documents, Proposals, Tracker

PUBLIC_URLS: Final = {"github": "https://api.github.com", "gitlab": "https://gitlab.com"}
"""The public forge of each kind, as its client library wants the address."""

_PUBLIC_LIMITS: Final = {"api.github.com": GITHUB_PUBLIC, "gitlab.com": GITLAB_PUBLIC}


class Secret:
    """A text that must not be seen. Printing, formatting and comparing it never show it.

    Tokens have any length and any shape: GitHub's installation tokens grew from 40 characters to
    several hundred, so nothing here recognises a token by its looks.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Only for the place that puts it on the wire, or that hides it."""
        return self._text

    @property
    def fingerprint(self) -> str:
        """Tells two secrets apart without giving either away; empty for an empty one."""
        if not self._text:
            return ""
        return hashlib.sha256(b"syncer credential\0" + self._text.encode()).hexdigest()[:16]

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Secret('…')" if self._text else "Secret('')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class AppKey:
    """A GitHub App: it signs for itself, and gets a token for each account that has it installed.

    Args:
        id: the App's id, or its client id.
        private_key: in PEM.
        installation: its number; by default it is looked up for each repository's account.
    """

    id: str
    private_key: Secret
    installation: int | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one forge.

    Args:
        name: as configured, ``main`` in ``[forges.main]``; errors name it.
        kind: ``github``, ``gitlab`` or ``memory``.
        url: the API's root as the client library wants it; empty for the public forge.
        token: empty for anonymous reading.
        app: a GitHub App, instead of a token.
        ca_bundle: path of a file with certificates to trust instead of the usual ones.
        proxy: address of an HTTP proxy; ``environment`` takes ``HTTPS_PROXY``, ``HTTP_PROXY``,
            ``ALL_PROXY`` and ``NO_PROXY`` into account. Without it nothing is taken from there.
        connect_timeout: seconds until a connection must stand.
        read_timeout: seconds of silence that end a request.
        deadline: seconds until an answer must have arrived completely.
        read_only: refuse every request that could change something.
        limits: how fast to go; ``None`` chooses by host.
    """

    name: str
    kind: str
    url: str = ""
    token: Secret = field(default_factory=Secret)
    app: AppKey | None = None
    ca_bundle: str = ""
    proxy: Secret = field(default_factory=Secret)
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    deadline: float = 120.0
    read_only: bool = False
    limits: Limits | None = None

    @property
    def base_url(self) -> str:
        """The API's root, without a slash at its end.

        Raises:
            ConfigError: the address cannot be one.
        """
        text = (self.url or PUBLIC_URLS.get(self.kind, "")).strip()
        where = f"forges.{self.name}.url"
        try:
            parts = urlsplit(text)
            parts.port  # noqa: B018  (reading it is what checks it)
        except ValueError:
            raise ConfigError("is not an address", where=where, next_step=_example(self.kind)) from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError("is not an http(s) address", where=where, next_step=_example(self.kind))
        if parts.username or parts.password:
            raise ConfigError(
                "contains a user name or password",
                where=where,
                next_step="give the token by environment or file",
            )
        if parts.query or parts.fragment:
            raise ConfigError("has a query or fragment", where=where, next_step=_example(self.kind))
        if self.kind == "github" and parts.hostname in ("github.com", "www.github.com"):
            raise ConfigError("is the web site, not the API", where=where, next_step="https://api.github.com")
        path = parts.path.rstrip("/")
        if self.kind == "gitlab":
            path = path.removesuffix("/api/v4")  # python-gitlab appends it; people paste it
        return f"{parts.scheme}://{parts.netloc.lower()}{path}"

    @property
    def host(self) -> str:
        """The host, with its port where that is not the usual one."""
        parts = urlsplit(self.base_url)
        usual = {"http": 80, "https": 443}[parts.scheme]
        if parts.port in (None, usual):
            return parts.hostname or ""
        return f"{parts.hostname}:{parts.port}"

    @property
    def pace(self) -> Limits:
        """The limits to keep: as configured, else the public forge's own, else none of ours."""
        if self.limits is not None:
            return self.limits
        return _PUBLIC_LIMITS.get(self.host, SELF_HOSTED)

    @property
    def token_hint(self) -> str:
        """Where the token comes from, for error messages."""
        if self.app is not None:
            return f"forges.{self.name}.app"
        variable = "".join(char if char.isalnum() else "_" for char in self.name).upper()
        return f"SYNCER_FORGES__{variable}__TOKEN"


def _example(kind: str) -> str:
    if kind == "gitlab":
        return "for example https://gitlab.example.org"
    return "for example https://github.example.org/api/v3"


@dataclass(frozen=True, slots=True)
class TrackerOptions:
    """What a project may choose about a tracker.

    Args:
        dropped_label: says "not planned" on a forge without close reasons.
        tasks: whether GitLab's tasks count as issues.
        batch_creates: whether several issues are created in one request, where the forge can do that.
        confidential: whether new issues are shown to members only. GitLab alone knows that.
    """

    dropped_label: str = "dropped"
    tasks: bool = False
    batch_creates: bool = False
    confidential: bool = False


class Forge(Protocol):
    """A reached forge. Safe to share between threads."""

    @property
    def connection(self) -> Connection: ...

    @property
    def governor(self) -> Governor:
        """The rate budget that everything of this forge spends from.

        A GitHub App has one for each account, see :meth:`governor_of`; this is then the one that
        was used first.
        """

    def governor_of(self, repository: str) -> Governor:
        """The rate budget that requests about a repository spend from."""

    def tracker(
        self,
        repository: str,
        id: TrackerId | None = None,  # noqa: A002  (the port calls it so)
        *,
        known: TrackerProfile | None = None,
        options: TrackerOptions | None = None,
    ) -> Tracker:
        """The issues of a repository.

        Args:
            repository: ``owner/name``, or a GitLab project's full path.
            id: by default ``FORGE:REPOSITORY`` as configured.
            known: a profile kept from an earlier run saves the request for it, and its canonical
                name is used instead of ``repository`` from the first request on.
            options: the project's choices; the usual ones by default.
        """

    def documents(self, repository: str, *, known: TrackerProfile | None = None) -> Documents:
        """The files of a repository. It shares the profile with a tracker of the same name."""

    def proposals(self, repository: str, *, known: TrackerProfile | None = None) -> Proposals | None:
        """The repository's pull or merge requests; ``None`` where the forge knows no such thing."""

    def hooks(self, repository: str) -> Hooks | None:
        """The repository's webhooks; ``None`` where the forge knows no such thing."""

    def secret(self, repository: str) -> Secret:
        """The token that requests about a repository carry now. May send a request to get one."""

    def passport(self, repository: str) -> Passport:
        """Whose the credential is that requests about a repository carry. One or two requests."""

    def rights(self, repository: str) -> Rights:
        """What that credential may write there. Sends nothing that could change anything."""

    def audience(self, repository: str) -> Audience | None:
        """Who is told of a new issue there; ``None`` where the forge does not say."""

    def authority(self, repository: str) -> Authority | None:
        """Who may decide there; ``None`` where the forge knows no such thing."""

    def close(self) -> None:
        """Give the connections back. The forge cannot be used afterwards."""
