"""Webhooks and their deliveries as GitLab shows them."""

from __future__ import annotations

import json

from syncer.sandbox.gitlab.times import shown, shown_or_none
from syncer.sandbox.gitlab.view import Json
from syncer.sandbox.hooks import Delivery, Hook
from syncer.sandbox.repository import Repository

FLAGS = (
    "push",
    "tag_push",
    "merge_requests",
    "repository_update",
    "issues",
    "confidential_issues",
    "note",
    "confidential_note",
    "pipeline",
    "wiki_page",
    "deployment",
    "feature_flag",
    "job",
    "releases",
    "milestone",
    "emoji",
    "resource_access_token",
)


def hook(project: Repository, value: Hook) -> Json:
    """A webhook; its secrets are never shown, only that they are there."""
    return {
        "id": value.id,
        "url": value.url,
        "name": value.name or None,
        "description": None,
        "created_at": shown(value.created_at),
        **{f"{flag}_events": flag in value.events for flag in FLAGS},
        "enable_ssl_verification": not value.insecure_ssl,
        "alert_status": _alert(value),
        "disabled_until": shown_or_none(value.disabled_until),
        "url_variables": [],
        "push_events_branch_filter": "",
        "branch_filter_strategy": "wildcard",
        "custom_webhook_template": "",
        "custom_headers": [],
        "token_present": bool(value.secret),
        "signing_token_present": bool(value.signing_token),
        "project_id": project.id,
    }


def event(value: Delivery) -> Json:
    """A delivery."""
    return {
        "id": value.id,
        "url": value.parcel.hook.url,
        "trigger": f"{value.parcel.event.removesuffix(' Hook').lower().replace(' ', '_')}_hooks",
        "request_headers": dict(value.parcel.headers),
        "request_data": json.loads(value.parcel.body),
        "response_headers": dict(value.response_headers),
        "response_body": value.response_body,
        "execution_duration": value.duration,
        "response_status": str(value.status) if value.status else "internal error",
    }


def _alert(value: Hook) -> str:
    if not value.active:
        return "disabled"
    return "temporarily_disabled" if value.disabled_until is not None else "executable"
