"""Deliveries on the wire: shapes, signature, retries, no redirect, no secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from syncer.errors import ConfigError
from syncer.forges.notes import InMemoryNotes
from syncer.logs import Redactor
from syncer.notify.news import Detail, News, Stand, Topic
from syncer.notify.outbox import Interest, Outbox
from syncer.notify.postbox import Postbox
from syncer.notify.sending import Receiver, Sender
from syncer.receiver.signatures import Seal, keys_of, seal

URL = "https://hooks.example.test/services/T0/planted-url"
AT = datetime(2026, 11, 21, tzinfo=UTC)
CONFLICT = Detail(
    "a", Topic.CONFLICT, "TODO.md:3 #7", "Write <!channel> & go", "both sides changed", "choose"
)
NEWS = News("r1.conflict", Topic.CONFLICT, "rune", "r1", AT, "rune: 1 new conflict", "look", (CONFLICT,))


def sender(**more: Any) -> Sender:
    return Sender(Receiver("ops", URL, **more), Redactor(["planted-url", "planted-title"]).clean)


class Desk:
    """A postbox with one receiver and a clock that is set by hand."""

    def __init__(self, patience: float = 3600.0) -> None:
        self.now = 1000.0
        self.counted: list[str] = []
        self.outbox = Outbox(InMemoryNotes())
        self.postbox = Postbox(
            self.outbox,
            [sender()],
            [Interest("ops", frozenset(Topic))],
            patience=patience,
            counted=lambda _hook, result: self.counted.append(result),
            clock=lambda: self.now,
        )
        assert self.postbox.tell(Stand("rune", "r1", AT, details=(CONFLICT,)))

    def deliver(self) -> float | None:
        return self.postbox.deliver(["rune"])


@respx.mock
def test_the_generic_message_says_what_where_and_what_to_do() -> None:
    route = respx.post(URL).respond(204)
    assert sender().send(NEWS, 1000.0).problem == ""

    assert json.loads(route.calls.last.request.content) == {
        "id": "r1.conflict",
        "type": "syncer.conflict",
        "timestamp": "2026-11-21T00:00:00+00:00",
        "project": "rune",
        "run": "r1",
        "summary": "rune: 1 new conflict",
        "remedy": "look",
        "items": [
            {
                "place": "TODO.md:3 #7",
                "title": "Write <!channel> & go",
                "reason": "both sides changed",
                "remedy": "choose",
            }
        ],
        "more": 0,
    }


@respx.mock
def test_a_title_can_trigger_nothing_in_slack() -> None:
    route = respx.post(URL).respond(200, text="ok")
    sender(slack=True).send(NEWS, 1000.0)

    (text,) = json.loads(route.calls.last.request.content).values()
    assert "Write &lt;!channel&gt; &amp; go" in text
    assert "<" not in text.replace("&lt;", "")


@respx.mock
def test_a_signed_message_is_what_standard_webhooks_verify() -> None:
    route = respx.post(URL).respond(200)
    secret = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
    sender(secret=secret).send(NEWS, 1000.0)

    request = route.calls.last.request
    headers = {name.lower(): value for name, value in request.headers.items()}
    # GitLab signs like that as well, so our own receiver can judge it.
    assert seal("gitlab", headers, request.content, keys_of("gitlab", [secret], "here"), 1000.0) is Seal.GOOD
    assert seal("gitlab", headers, request.content, keys_of("gitlab", [secret], "here"), 9999.0) is Seal.STALE


@respx.mock
def test_a_plain_text_is_a_secret_as_well_and_none_means_no_signature() -> None:
    route = respx.post(URL).respond(200)
    sender(secret="s3cret-s3cret").send(NEWS, 1000.0)
    request = route.calls.last.request
    signed = b"r1.conflict.1000." + request.content
    wanted = base64.b64encode(hmac.new(b"s3cret-s3cret", signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{wanted}"

    sender().send(NEWS, 1000.0)
    assert "webhook-signature" not in route.calls.last.request.headers


@respx.mock
def test_a_redirect_is_not_followed() -> None:
    respx.post(URL).respond(307, headers={"location": "https://evil.example.test/"})
    evil = respx.post("https://evil.example.test/").respond(200)

    assert "redirects are not followed" in sender(secret="s3cret-s3cret").send(NEWS, 1000.0).problem
    assert not evil.called


@respx.mock
def test_known_secrets_leave_neither_in_a_message_nor_in_a_problem() -> None:
    route = respx.post(URL).mock(side_effect=httpx.ConnectError("no route to planted-url"))
    told = News("r", Topic.PARKED, "rune", "r", AT, "the token planted-title is wrong")
    answer = sender().send(told, 1000.0)

    assert b"planted" not in route.calls.last.request.content
    assert "planted" not in answer.problem
    assert "planted" not in repr(Receiver("ops", URL, secret="planted-secret"))


@respx.mock
def test_what_fails_is_sent_again_later_and_told_once() -> None:
    desk = Desk()
    route = respx.post(URL).mock(
        side_effect=[httpx.ConnectError("away"), httpx.Response(503), httpx.Response(200)]
    )
    assert desk.deliver() == 1010.0
    assert desk.deliver() == 1010.0  # not before its time
    assert route.call_count == 1
    desk.now = 1010.0
    assert desk.deliver() == 1030.0
    desk.now = 1030.0
    assert desk.deliver() is None
    assert desk.counted == ["failed", "failed", "delivered"]
    assert {call.request.headers["webhook-id"] for call in route.calls} == {"r1.conflict"}
    assert desk.deliver() is None
    assert route.call_count == 3


@respx.mock
def test_a_receiver_may_say_when_to_come_back() -> None:
    desk = Desk()
    respx.post(URL).respond(429, headers={"retry-after": "120"})

    assert desk.deliver() == 1120.0


@respx.mock
def test_a_message_that_never_arrives_is_given_up() -> None:
    desk = Desk(patience=60.0)
    respx.post(URL).respond(404)
    desk.deliver()
    desk.now = 1060.0

    assert desk.deliver() is None
    assert desk.counted == ["failed", "given-up"]


def test_what_cannot_be_a_receiver_is_refused_by_name(tmp_path: Path) -> None:
    for more in (
        {"secret": "whsec_!"},
        {"ca_bundle": str(tmp_path / "none.pem")},
        {"proxy": "gopher://proxy.example.test"},
    ):
        with pytest.raises(ConfigError) as caught:
            sender(**more)
        assert "notifications.webhooks.ops" in str(caught.value)
        assert "whsec_!" not in str(caught.value)
