"""Whether a webhook comes from who it says, decided on the raw bytes, in constant time. Pure.

* GitHub: ``X-Hub-Signature-256: sha256=`` and the HMAC of the body (docs.github.com, "Validating
  webhook deliveries").
* GitLab: ``webhook-signature: v1,`` and the HMAC of ``id.timestamp.body`` with a signing token
  (Standard Webhooks; gitlab-org/gitlab!230944), or the plain secret in ``X-Gitlab-Token``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from syncer.errors import ConfigError

WINDOW: Final = 300.0
"""Seconds by which a signed timestamp may differ from our clock. Standard Webhooks asks for five minutes."""

_SIGNING: Final = "whsec_"
# Comparing digests under a key of this process takes the same time whatever the texts have in common,
# their length included.
_BLIND: Final = secrets.token_bytes(32)


class Seal(Enum):
    """What a look at the signature yields."""

    GOOD = "good"
    MISSING = "missing"
    WRONG = "wrong"
    STALE = "stale"
    """Rightly signed, but not now: replayed, or a clock is wrong."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The secrets of one forge's webhooks. Any of them will do, so that they can be changed in peace."""

    plain: tuple[bytes, ...]
    signing: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.plain or self.signing)


def keys_of(kind: str, configured: Sequence[str], where: str) -> Keys:
    """Secrets as they are configured.

    Args:
        configured: any number of them.
        kind: ``github`` or ``gitlab``; only there ``whsec_`` means a signing token.
        where: the setting, for errors.

    Raises:
        ConfigError: a signing token is none, or a secret is too short to be one.
    """
    plain, signing = [], []
    for text in configured:
        if len(text) < 8:
            raise ConfigError(
                "a secret is shorter than 8 characters", where=where, next_step="`openssl rand -hex 32`"
            )
        if kind != "gitlab" or not text.startswith(_SIGNING):
            plain.append(text.encode())
            continue
        try:
            signing.append(base64.b64decode(text.removeprefix(_SIGNING), validate=True))
        except (binascii.Error, ValueError):
            raise ConfigError(
                "a signing token is not whsec_ followed by base64",
                where=where,
                next_step="make one: whsec_ and `openssl rand -base64 32`",
            ) from None
    return Keys(tuple(plain), tuple(signing))


def seal(kind: str, headers: Mapping[str, str], body: bytes, keys: Keys, now: float) -> Seal:
    """Judge a webhook's signature.

    Args:
        kind: ``github`` or ``gitlab``.
        headers: names in lower case.
        body: as it came over the wire.
        keys: of the forge that the address names.
        now: seconds since the epoch.
    """
    if kind == "github":
        return _github(headers, body, keys)
    if kind == "gitlab":
        return _gitlab(headers, body, keys, now)
    return Seal.WRONG


def _github(headers: Mapping[str, str], body: bytes, keys: Keys) -> Seal:
    given = headers.get("x-hub-signature-256", "")
    if not given:
        return Seal.MISSING
    wanted = [b"sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest().encode() for key in keys.plain]
    return Seal.GOOD if _any_equal([_bytes(given)], wanted) else Seal.WRONG


def _gitlab(headers: Mapping[str, str], body: bytes, keys: Keys, now: float) -> Seal:
    token, signature = headers.get("x-gitlab-token", ""), headers.get("webhook-signature", "")
    if signature and keys.signing:
        key, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        signed = _bytes(key) + b"." + _bytes(stamp) + b"." + body
        wanted = [
            b"v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest())
            for secret in keys.signing
        ]
        if _any_equal([_bytes(each) for each in signature.split()[:16]], wanted):
            # int() is bounded: longer texts of digits would take long to convert.
            right = stamp.isascii() and stamp.isdigit() and len(stamp) < 16
            return Seal.GOOD if right and abs(now - int(stamp)) <= WINDOW else Seal.STALE
        return Seal.WRONG
    if token and keys.plain:
        return Seal.GOOD if _any_equal([_bytes(token)], list(keys.plain)) else Seal.WRONG
    return Seal.WRONG if token or signature else Seal.MISSING


def _any_equal(given: Sequence[bytes], wanted: Sequence[bytes]) -> bool:
    """Whether any two are equal; all are compared, whatever the first ones say."""
    found = False
    for one in given:
        left = hmac.new(_BLIND, one, hashlib.sha256).digest()
        for other in wanted:
            found |= hmac.compare_digest(left, hmac.new(_BLIND, other, hashlib.sha256).digest())
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
