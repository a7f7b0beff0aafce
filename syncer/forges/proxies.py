"""Which proxy a connection goes through: none, the configured one, or the environment's on request."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit
from urllib.request import (  # type: ignore[attr-defined]  # the stubs leave one of them out
    getproxies_environment,
    proxy_bypass_environment,
)

ENVIRONMENT: Final = "environment"
"""Configured instead of an address: follow the usual environment variables."""


def proxy_of(configured: str, target: str) -> str:
    """A proxy's address, or "".

    Args:
        configured: an address, ``environment``, or "".
        target: the forge's address.
    """
    if configured != ENVIRONMENT:
        return configured
    known = getproxies_environment()
    parts = urlsplit(target)
    if proxy_bypass_environment(parts.netloc.rpartition("@")[2], known):
        return ""
    return known.get(parts.scheme) or known.get("all") or ""
