"""What goes over the wire: generic JSON, or what Slack and its likes understand. Pure.

Titles come from roadmaps and issues, which anybody may have written. In Slack's format ``&``, ``<`` and
``>`` are the only characters that begin anything (docs.slack.dev, "Formatting message text"), so that a
title cannot mention a channel or hide a link.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any, Final

from syncer.notify.news import News

_SIGNING: Final = "whsec_"
_LONGEST: Final = 300
"""Characters of one text in a message for people."""


def as_json(news: News) -> dict[str, Any]:
    """A message for programs; documented in docs/operations.md."""
    return {
        "id": news.id,
        "type": f"syncer.{news.topic.value}",
        "timestamp": news.at.isoformat(),
        "project": news.project,
        "run": news.run,
        "summary": news.summary,
        "remedy": news.remedy,
        "items": [
            {"place": each.place, "title": each.title, "reason": each.reason, "remedy": each.remedy}
            for each in news.details
        ],
        "more": news.more,
    }


def as_slack(news: News) -> dict[str, Any]:
    """A message for an incoming webhook of Slack, Mattermost, Rocket.Chat or Discord's ``/slack``."""
    lines = [_safe(news.summary)]
    lines += [f"• {_safe(each.place)} “{_safe(each.title)}”: {_safe(each.reason)}" for each in news.details]
    if news.more:
        lines.append(f"• and {news.more} more")
    if news.remedy:
        lines.append(f"→ {_safe(news.remedy)}")
    return {"text": "\n".join(lines)}


def encoded(data: dict[str, Any]) -> bytes:
    """The bytes that are sent, and signed."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def key_of(secret: str) -> bytes:
    """The key that a secret stands for: ``whsec_`` and base64, or any text.

    Raises:
        ValueError: it begins like a signing secret and is none.
    """
    if not secret.startswith(_SIGNING):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_SIGNING), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not whsec_ followed by base64") from None


def signature(key: bytes, id: str, timestamp: int, body: bytes) -> str:  # noqa: A002  (the standard's name)
    """The value of ``webhook-signature`` (standardwebhooks.com, "Signature scheme").

    Args:
        key: see :func:`key_of`.
        id: of the message.
        timestamp: of this attempt, seconds since the epoch.
        body: as it is sent.
    """
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _safe(text: str) -> str:
    flat = " ".join(text.split())
    cut = flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"
    return cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
