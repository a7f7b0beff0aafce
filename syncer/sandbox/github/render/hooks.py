"""Webhooks and their deliveries as GitHub shows them."""

from __future__ import annotations

import json

from syncer.sandbox.github.times import shown
from syncer.sandbox.github.view import Json, View
from syncer.sandbox.hooks import Delivery, Hook
from syncer.sandbox.repository import Repository

MASK = "********"


def config(value: Hook) -> Json:
    """Where a hook delivers to and how; a secret is never shown."""
    shown_config: Json = {
        "url": value.url,
        "content_type": value.content_type,
        "insecure_ssl": "1" if value.insecure_ssl else "0",
    }
    return {**shown_config, "secret": MASK} if value.secret else shown_config


def hook(view: View, repository: Repository, value: Hook) -> Json:
    """A webhook."""
    url = f"{view.repo(repository)}/hooks/{value.id}"
    last = value.deliveries[-1] if value.deliveries else None
    return {
        "type": "Repository",
        "id": value.id,
        "name": "web",
        "active": value.active,
        "events": sorted(value.events),
        "config": config(value),
        "updated_at": shown(value.updated_at),
        "created_at": shown(value.created_at),
        "url": url,
        "test_url": f"{url}/test",
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
        "last_response": {
            "code": last.status if last else None,
            "status": "unused" if last is None else "active" if last.ok else "misconfigured",
            "message": None if last is None else _reason(last),
        },
    }


def delivery(value: Delivery) -> Json:
    """A delivery as lists contain it."""
    return {
        "id": value.id,
        "guid": value.parcel.guid,
        "delivered_at": shown(value.at),
        "redelivery": value.parcel.redelivery,
        "duration": value.duration,
        "status": _reason(value),
        "status_code": value.status,
        "event": value.parcel.event,
        "action": value.parcel.action or None,
        "installation_id": None,
        "repository_id": value.parcel.repository_id,
        "throttled_at": None,
    }


def full_delivery(value: Delivery) -> Json:
    """A delivery with what was sent and what came back."""
    return {
        **delivery(value),
        "url": value.parcel.hook.url,
        "request": {"headers": dict(value.parcel.headers), "payload": json.loads(value.parcel.body)},
        "response": {"headers": dict(value.response_headers), "payload": value.response_body},
    }


def _reason(value: Delivery) -> str:
    if value.ok:
        return "OK"
    return (
        "timed out" if "timed out" in value.error else value.error or f"Invalid HTTP Response: {value.status}"
    )
