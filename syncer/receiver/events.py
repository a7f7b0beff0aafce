"""What a webhook says, as far as it matters: where something happened. Pure.

An event is never trusted as data: it says "look there", and the sync reads the world. So all that is
taken from a payload is the repository's name, for a push the branch, and for an issue its number: where
to look, never what is to be seen there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final
from urllib.parse import parse_qs

_LONGEST_NAME: Final = 400
_LONGEST_ID: Final = 200
_LARGEST_NUMBER: Final = 2**31

_GITHUB: Final = frozenset(
    {"issues", "label", "milestone", "pull_request", "push", "repository", "sub_issues"}
)
_GITLAB: Final = frozenset({"issue", "merge_request", "milestone", "push", "work_item"})


class Kind(Enum):
    """What is to be done about an event."""

    LOOK = "look"
    PING = "ping"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Event:
    """One webhook, read.

    Args:
        name: the forge's own name of the event; "" where it has none that we know.
        delivery: the same for every attempt to deliver it; "" where there is none.
        repository: full name.
        branch: that was pushed; "" for all other events.
        default_branch: of the repository.
        why: nothing is to be done.
        issue: the number of the only issue that it is about; 0 for all other events.
    """

    kind: Kind
    name: str = ""
    delivery: str = ""
    repository: str = ""
    branch: str = ""
    default_branch: str = ""
    why: str = ""
    issue: int = 0


def read_event(kind: str, headers: Mapping[str, str], body: bytes) -> Event:
    """Read a webhook whose signature is good. Any bytes yield an event; nothing raises.

    Args:
        kind: ``github`` or ``gitlab``.
        headers: names in lower case.
        body: as it came over the wire.
    """
    payload = _payload(headers.get("content-type", ""), body)
    if kind == "github":
        return _github(headers, payload)
    return _gitlab(headers, payload)


def _github(headers: Mapping[str, str], payload: Mapping[str, Any] | None) -> Event:
    name = headers.get("x-github-event", "")
    delivery = headers.get("x-github-delivery", "")[:_LONGEST_ID]
    if name == "ping":
        return Event(Kind.PING, name, delivery)
    if name not in _GITHUB:
        return Event(Kind.NOTHING, delivery=delivery, why="this kind of event changes nothing for us")
    if payload is None:
        return Event(Kind.NOTHING, name, delivery, why="the body is no JSON object")
    home = _object(payload, "repository")
    issue = _number(_object(payload, "issue"), "number") if name == "issues" else 0
    branch = _text(home, "default_branch")
    return _event(name, delivery, _text(home, "full_name"), _text(payload, "ref"), branch, issue)


def _gitlab(headers: Mapping[str, str], payload: Mapping[str, Any] | None) -> Event:
    delivery = (headers.get("idempotency-key") or headers.get("webhook-id") or "")[:_LONGEST_ID]
    if payload is None:
        return Event(Kind.NOTHING, delivery=delivery, why="the body is no JSON object")
    name = _text(payload, "object_kind")
    if name not in _GITLAB:
        return Event(Kind.NOTHING, delivery=delivery, why="this kind of event changes nothing for us")
    home = _object(payload, "project")
    place = _text(home, "path_with_namespace")
    # A task comes as a work item, and may concern the issue that it belongs to as well.
    issue = _number(_object(payload, "object_attributes"), "iid") if name == "issue" else 0
    return _event(name, delivery, place, _text(payload, "ref"), _text(home, "default_branch"), issue)


def _event(name: str, delivery: str, repository: str, ref: str, default_branch: str, issue: int) -> Event:
    if not repository:
        return Event(Kind.NOTHING, name, delivery, why="it names no repository")
    branch = ""
    if name == "push":
        branch = ref.removeprefix("refs/heads/")
        if branch == ref:
            return Event(Kind.NOTHING, name, delivery, repository, why="the push was to no branch")
    return Event(Kind.LOOK, name, delivery, repository, branch, default_branch, issue=issue)


def _payload(content_type: str, body: bytes) -> Mapping[str, Any] | None:
    try:
        data = body
        if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
            fields = parse_qs(body.decode("utf-8"), max_num_fields=20)
            data = fields.get("payload", [""])[0].encode()
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _object(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = payload.get(key)
    return found if isinstance(found, dict) else {}


def _text(payload: Mapping[str, Any], key: str) -> str:
    found = payload.get(key)
    return found if isinstance(found, str) and len(found) <= _LONGEST_NAME else ""


def _number(payload: Mapping[str, Any], key: str) -> int:
    found = payload.get(key)
    return found if type(found) is int and 0 < found < _LARGEST_NUMBER else 0
