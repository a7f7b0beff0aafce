"""A GitHub App as a credential: it signs for itself, and gets a token for an account that installed it.

* The signature is a JSON web token, RS256, good for ten minutes at most (docs.github.com, "Generating
  a JSON Web Token for a GitHub App"). Ours begins a minute ago and ends in eight, and where the
  forge's clock and ours differ by more than that leaves room for, it is made by the forge's clock.
* The installation is looked up by repository ("Get a repository installation for the authenticated
  app").
* Its token lives for an hour and may have any length and shape (since April 2026 GitHub gives out
  ``ghs_APPID_JWT``). It is renewed five minutes before its end, and when the forge refuses it.

A token outlives the process that asked for it: it is kept in the notes, sealed with a key that only
the holder of the App's private key can make, who could ask for a token anyway. So a run every few
minutes neither asks for a new token each time nor loses its validators: GitHub mixes the token into
them (eclipse-csi/otterdog#201), so that they are good for as long as the token is, an hour.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from syncer.errors import ConfigError, Forbidden, Missing, Moved, SyncerError, Unauthorized
from syncer.forges.answer import Answer
from syncer.forges.connection import AppKey, Connection
from syncer.forges.reply import same_host
from syncer.forges.shape import moment, number, record, text
from syncer.forges.transport import Transport
from syncer.ports import Clock, Notes

_MARGIN: Final = timedelta(minutes=5)
"""A token is renewed so long before its end: no request of ours takes longer."""

_LIFE: Final = timedelta(minutes=8)
_BACKDATED: Final = timedelta(minutes=1)
_TOLERABLE: Final = timedelta(seconds=30)
"""A difference of clocks that the signature's times leave room for."""


@dataclass(frozen=True, slots=True)
class _Minted:
    """A token and, by our own clock, when it is to be renewed."""

    token: str
    until: datetime


class AppSigner:
    """Asks a GitHub as an App, not as one of its installations.

    Raises:
        ConfigError: the private key is none.
    """

    def __init__(self, connection: Connection, app: AppKey, transport: Transport, clock: Clock) -> None:
        self._connection = connection
        self._app = app
        self._transport = transport
        self._clock = clock
        self._corrected = timedelta()
        self._pem = app.private_key.reveal().replace("\\n", "\n").strip() + "\n"
        transport.hide(self._pem.strip())
        self._key = self._load()

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Send one request, signed; once more if only the difference of our clocks spoiled the signature."""
        try:
            return self._ask(method, path, body)
        except Unauthorized as refusal:
            skew = self._transport.skew
            if skew is None or abs(skew - self._corrected) <= _TOLERABLE:
                raise self._unknown(refusal) from None
            self._corrected = skew
        try:
            return self._ask(method, path, body)
        except Unauthorized as refusal:
            raise self._unknown(refusal) from None

    def seal(self, text: str) -> str:
        """A text that only the holder of the private key can read."""
        sealed: bytes = self._box().encrypt(text.encode())
        return sealed.decode()

    def unseal(self, sealed: str) -> str | None:
        """The text, or ``None`` if it was sealed with another key or changed since."""
        from cryptography.fernet import InvalidToken

        try:
            opened: bytes = self._box().decrypt(sealed.encode())
            return opened.decode()
        except (InvalidToken, ValueError):
            return None

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        from syncer.forges.github.client import API_VERSION

        signature = self._sign()
        self._transport.hide(signature)
        headers = {
            "accept": "application/vnd.github+json",
            "authorization": f"Bearer {signature}",
            "x-github-api-version": API_VERSION,
        }
        content = b"" if body is None else json.dumps(body).encode()
        if content:
            headers["content-type"] = "application/json"
        address = path if "://" in path else self._connection.base_url + path
        return self._transport.exchange(method, address, headers, content, harmless=True)

    def _sign(self) -> str:
        import jwt

        now = self._clock.now() - self._corrected
        claims = {"iat": int((now - _BACKDATED).timestamp()), "exp": int((now + _LIFE).timestamp())}
        return jwt.encode({**claims, "iss": self._app.id}, self._key, algorithm="RS256")

    def _load(self) -> Any:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(self._pem.encode(), password=None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, RSAPrivateKey):
            raise ConfigError(
                "is no RSA private key in PEM",
                where=f"forges.{self._connection.name}.app.private_key",
                next_step="take the .pem file that GitHub gave out for the App, unencrypted",
            )
        return key

    def _box(self) -> Any:
        from cryptography.fernet import Fernet

        digest = hashlib.sha256(b"syncer installation token\0" + self._pem.encode()).digest()
        return Fernet(base64.urlsafe_b64encode(digest))

    def _unknown(self, refusal: Unauthorized) -> Unauthorized:
        return Unauthorized(
            refusal.what.replace("the token", "the App's signature"),
            where=refusal.where,
            next_step=f"check forges.{self._connection.name}.app: the id, and that the private key is this "
            "App's and was not revoked; a clock that is wrong by minutes does it too",
        )


class InstallationToken:
    """Implements :class:`syncer.forges.credential.Credential` for one account that installed an App.

    Args:
        repository: any repository of the account; the installation is looked up by it.
        notes: where the token is kept, sealed, for the next process.
    """

    def __init__(
        self,
        connection: Connection,
        app: AppKey,
        transport: Transport,
        clock: Clock,
        notes: Notes,
        repository: str,
    ) -> None:
        self._signer = AppSigner(connection, app, transport, clock)
        self._connection = connection
        self._app = app
        self._transport = transport
        self._clock = clock
        self._notes = notes
        self._repository = repository
        self._lock = threading.Lock()
        self._minted: _Minted | None = None
        account = str(app.installation or repository.partition("/")[0].lower())
        identity = f"syncer app\0{connection.host}\0{app.id}\0{account}"
        self._fingerprint = hashlib.sha256(identity.encode()).hexdigest()[:16]

    @property
    def fingerprint(self) -> str:
        """The App and the account: quota and rights belong to them, whatever the token is."""
        return self._fingerprint

    def token(self) -> str:
        with self._lock:
            if not self._good(self._minted):
                self._minted = self._kept()
            if not self._good(self._minted):
                self._minted = self._mint()
            assert self._minted is not None  # noqa: S101  (just made)
            return self._minted.token

    def refused(self, token: str) -> bool:
        """Forget this token, unless another thread has done so already."""
        with self._lock:
            if self._minted is not None and self._minted.token == token:
                self._minted = None
                self._notes.change(self._name, lambda text: (_without(text), None))
        return True

    @property
    def _name(self) -> str:
        return f"token {self._connection.host} {self._fingerprint}"

    def _good(self, minted: _Minted | None) -> bool:
        return minted is not None and self._clock.now() < minted.until

    def _kept(self) -> _Minted | None:
        opened = self._signer.unseal(self._notes.read(self._name) or "")
        if opened is None:
            return None
        try:
            kept = json.loads(opened)
            minted = _Minted(str(kept["token"]), datetime.fromtimestamp(float(kept["until"]), UTC))
        except (ValueError, KeyError, TypeError, OverflowError):
            return None
        self._transport.hide(minted.token)
        return minted

    def _mint(self) -> _Minted:
        installation = self._app.installation or self._find()
        try:
            answer = self._signer.ask("POST", f"/app/installations/{installation}/access_tokens")
        except Missing:
            raise Forbidden(
                f"the App has no installation {installation} any more",
                where=f"forges.{self._connection.name}.app",
                next_step=f"install the App again, or check forges.{self._connection.name}.app.installation",
            ) from None
        made = record(_content(answer), "token")
        token, ends = text(made, "token"), moment(made, "expires_at")
        self._transport.hide(token)
        # The end is by the forge's clock.
        skew = self._transport.skew or timedelta()
        minted = _Minted(token, ends + skew - _MARGIN)
        sealed = self._signer.seal(json.dumps({"token": token, "until": minted.until.timestamp()}))
        self._notes.change(self._name, lambda _: (sealed, None))
        return minted

    def _find(self) -> int:
        path = f"/repos/{quote(self._repository, safe='/')}/installation"
        try:
            answer = self._signer.ask("GET", path)
        except Moved as moved:
            target = same_host(moved.location, self._connection.base_url)
            if not target:
                raise
            answer = self._signer.ask("GET", target)
        except Missing:
            raise self._not_installed() from None
        return number(record(_content(answer), "installation"), "id")

    def _not_installed(self) -> Forbidden:
        account, _, name = self._repository.partition("/")
        return Forbidden(
            f"the App is not installed on {account}, or not for {name}",
            where=f"forges.{self._connection.name}: {self._repository}",
            next_step=f"install it there: {self._page()}",
        )

    def _page(self) -> str:
        """Where people install the App, as far as it can be found out."""
        try:
            app = record(_content(self._signer.ask("GET", "/app")), "App")
            return f"{text(app, 'html_url')}/installations/new"
        except SyncerError:
            return "the App's page, Install App"


def _content(answer: Answer) -> Any:
    return json.loads(answer.body)


def _without(text: str | None) -> str:
    """What is kept instead of a token that was refused: nothing that could be unsealed."""
    del text
    return "-"
