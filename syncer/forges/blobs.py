"""Git's name for content: how bytes that were read are proven to be the ones that were asked for."""

from __future__ import annotations

import hashlib


def blob_id(data: bytes, like: str) -> str:
    """The id git gives to these bytes, in the hash that another id of the repository uses.

    Args:
        data: the content.
        like: any object id of the same repository: 40 digits for SHA-1, 64 for SHA-256.
    """
    content = b"blob %d\0" % len(data) + data
    if len(like) == 64:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
