"""Database ids, GraphQL node ids and random secrets.

Each kind of thing counts from its own high base, so that an id is never mistaken for a number (issue 3
has no id 3) and ids of two kinds are never equal by accident.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections import defaultdict
from itertools import count

_BASES = {
    "user": 58_310_000,
    "repository": 712_450_000,
    "group": 9_120_000,
    "issue": 2_381_770_000,
    "pull": 1_940_330_000,
    "comment": 2_711_040_000,
    "event": 15_220_900_000,
    "label": 6_630_100_000,
    "milestone": 11_250_000,
    "hook": 480_190_000,
    "delivery": 90_100_400_000,
    "token": 3_310_000,
    "app": 871_000,
    "installation": 49_880_000,
    "ruleset": 2_290_000,
    "edit": 7_740_000,
    "protection": 43_000,
}


class Ids:
    """Hands out ids; every kind of thing has its own sequence.

    Args:
        shift: keeps two forges on one host apart.
    """

    def __init__(self, shift: int = 0) -> None:
        self._sequences: defaultdict[str, count[int]] = defaultdict(lambda: count(1))
        for kind, base in _BASES.items():
            self._sequences[kind] = count(base + shift + 1)

    def next(self, kind: str) -> int:
        """A fresh id."""
        return next(self._sequences[kind])


def node_id(prefix: str, key: int | str) -> str:
    """An opaque GraphQL id such as ``I_kwDO…``: a prefix that names the type, and a key."""
    packed = base64.urlsafe_b64encode(f"kwDO{key}".encode()).decode().rstrip("=")
    return f"{prefix}_{packed}"


def read_node_id(value: str) -> tuple[str, str]:
    """The prefix and key of a node id; two empty strings if it is none."""
    prefix, _, packed = value.partition("_")
    try:
        text = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    return (prefix, text.removeprefix("kwDO")) if text.startswith("kwDO") else ("", "")


def secret(prefix: str, length: int = 36) -> str:
    """A random token that starts as the forge's tokens do."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return prefix + "".join(secrets.choice(alphabet) for _ in range(length))
