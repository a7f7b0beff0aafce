"""What the receiver answers, and whom it wakes."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncer.errors import ConfigError, Unavailable
from syncer.receiver.events import Kind, read_event
from syncer.receiver.intake import Intake, Letter
from syncer.receiver.signatures import Seal, keys_of, seal
from tests.receiver.post import (
    LIMIT,
    NEXT_SECRET,
    SECRET,
    SIGNING,
    Office,
    github,
    gitlab,
    hub_payload,
    lab_payload,
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Office]:
    made = Office()
    yield made
    made.close()


@pytest.fixture
def open_office() -> Iterator[Callable[..., Office]]:
    made: list[Office] = []

    def open_one(keep: Callable[[Sequence[Letter]], list[bool]] | None = None) -> Office:
        made.append(Office(keep=keep))
        return made[-1]

    yield open_one
    for office in made:
        office.close()


@pytest.fixture
def office(shared: Office) -> Office:
    shared.letters.clear()
    return shared


@pytest.mark.parametrize("form", [False, True])
def test_an_event_of_github_wakes_the_projects_of_its_repository(office: Office, form: bool) -> None:
    assert office.post("hub", github(hub_payload(), form=form)) == (202, "accepted")

    assert office.letters == [Letter("d-1", ("rune", "mirror"))]


def test_names_of_repositories_ignore_case(office: Office) -> None:
    assert office.post("hub", github(hub_payload("ACME/Rune"))) == (202, "accepted")


@pytest.mark.parametrize("secret", [SECRET, NEXT_SECRET])
def test_any_of_several_secrets_will_do(office: Office, secret: str) -> None:
    assert office.post("hub", github(hub_payload(), secret=secret))[0] == 202


@pytest.mark.parametrize(
    "sent",
    [
        github(hub_payload(), secret="another secret"),
        ({"x-github-event": "issues"}, b"{}"),
        ({"x-hub-signature-256": "sha256=", "x-github-event": "issues"}, b"{}"),
        ({"x-hub-signature-256": "sha1=00", "x-github-event": "issues"}, b"{}"),
        ({"x-gitlab-token": SECRET}, b"{}"),
        (github(hub_payload())[0], json.dumps(hub_payload("acme/board")).encode()),
    ],
    ids=["other secret", "unsigned", "empty", "sha1", "gitlab's", "other body"],
)
def test_what_is_not_rightly_signed_is_refused(office: Office, sent: tuple[dict[str, str], bytes]) -> None:
    assert office.post("hub", sent)[0] == 401
    assert office.letters == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"token": SECRET}, 202),
        ({"signing": SIGNING}, 202),
        ({"signing": SIGNING, "token": "wrong"}, 202),
        ({"token": "wrong"}, 401),
        ({"signing": "whsec_" + "A" * 43 + "="}, 401),
        ({"signing": SIGNING, "age": 200}, 202),
        ({"signing": SIGNING, "age": 400}, 401),
        ({"signing": SIGNING, "age": -400}, 401),
        ({}, 401),
    ],
)
def test_gitlab_signs_with_a_timestamp_or_shows_a_token(
    office: Office, sent: dict[str, Any], status: int
) -> None:
    assert office.post("lab", gitlab(lab_payload(), **sent))[0] == status
    assert office.woken == (["rune-lab"] if status == 202 else [])


def test_a_ping_is_answered(office: Office) -> None:
    assert office.post("hub", github({"zen": "Design for failure."}, event="ping")) == (200, "pong")


@pytest.mark.parametrize(
    ("forge", "sent"),
    [
        ("hub", github(hub_payload(), event="star")),
        ("hub", github(hub_payload("acme/other"))),
        ("hub", github(hub_payload(ref="refs/heads/feature"), event="push")),
        ("hub", github(hub_payload(ref="refs/tags/v1"), event="push")),
        ("hub", github(hub_payload("acme/board", ref="refs/heads/main"), event="push")),
        ("hub", github([1, 2])),
        ("hub", github({"repository": "rune"})),
        ("hub", github(None, raw=b"\xff not json")),
        ("hub", github(None, raw=b"[" * 50_000)),
        ("lab", gitlab(lab_payload(kind="note"), token=SECRET)),
        ("lab", gitlab(lab_payload("acme/other"), token=SECRET)),
        ("lab", gitlab("text", token=SECRET)),
    ],
)
def test_what_is_merely_uninteresting_is_thanked_for_and_ignored(
    office: Office, forge: str, sent: tuple[dict[str, str], bytes]
) -> None:
    status, said = office.post(forge, sent)

    assert (status, said.partition(":")[0]) == (200, "ignored")
    assert office.letters == []


@pytest.mark.parametrize(("branch", "woken"), [("main", ["rune"]), ("release", ["mirror"])])
def test_a_push_wakes_the_projects_whose_roadmaps_are_on_that_branch(
    office: Office, branch: str, woken: list[str]
) -> None:
    office.post("hub", github(hub_payload(ref=f"refs/heads/{branch}"), event="push"))

    assert office.woken == woken


@pytest.mark.parametrize(
    ("forge", "sent", "letter"),
    [
        ("hub", github(hub_payload(issue={"number": 12})), Letter("d-1", ("rune",), 12)),
        ("hub", github(hub_payload("acme/board", issue={"number": 12})), Letter("d-1", ("boards",), 12)),
        (
            "lab",
            gitlab(lab_payload(object_attributes={"iid": 12}), token=SECRET),
            Letter("d-1", ("rune-lab",), 12),
        ),
    ],
)
def test_an_event_about_an_issue_says_which_to_the_projects_that_have_their_issues_there(
    office: Office, forge: str, sent: tuple[dict[str, str], bytes], letter: Letter
) -> None:
    assert office.post(forge, sent)[0] == 202

    assert office.letters == [letter]


@pytest.mark.parametrize(
    ("forge", "sent"),
    [
        ("hub", github(hub_payload(issue={"number": 12}), event="milestone")),
        ("hub", github(hub_payload(issue={"number": 12}), event="sub_issues")),
        ("hub", github(hub_payload(issue={"number": "12"}))),
        ("hub", github(hub_payload(issue={"number": True}))),
        ("hub", github(hub_payload(issue={"number": -12}))),
        ("hub", github(hub_payload(issue={"number": 10**30}))),
        ("hub", github(hub_payload(issue=[12]))),
        ("lab", gitlab(lab_payload(kind="work_item", object_attributes={"iid": 12}), token=SECRET)),
        ("lab", gitlab(lab_payload(object_attributes={"iid": 1.5}), token=SECRET)),
    ],
)
def test_an_event_that_names_no_issue_is_about_everything(
    office: Office, forge: str, sent: tuple[dict[str, str], bytes]
) -> None:
    assert office.post(forge, sent)[0] == 202

    assert [each.issue for each in office.letters] == [0]


def test_bodies_have_a_limit(office: Office) -> None:
    large = github(hub_payload(padding="x" * LIMIT))

    assert office.post("hub", large)[0] == 413
    assert office.letters == []

    def parts() -> Sequence[bytes]:
        return [large[1][at : at + 4096] for at in range(0, len(large[1]), 4096)]

    streamed = office.client.post("/webhooks/hub", content=iter(parts()), headers=large[0])
    assert streamed.status_code == 413


def test_a_forge_without_secrets_accepts_nothing(office: Office) -> None:
    assert office.post("bare", github(hub_payload()))[0] == 403
    assert office.post("nowhere", github(hub_payload()))[0] == 404


def test_other_methods_and_paths_are_refused(office: Office) -> None:
    assert office.client.get("/webhooks/hub").status_code == 405
    assert office.client.post("/webhooks/hub/more").status_code == 404
    assert office.client.get("/metrics").status_code == 404  # not on this listener


def test_what_cannot_be_kept_is_not_acknowledged(open_office: Callable[..., Office]) -> None:
    def full(_letters: Sequence[Letter]) -> list[bool]:
        raise Unavailable("the disk is full")

    office = open_office(full)

    assert office.post("hub", github(hub_payload()))[0] == 503


def test_a_delivery_that_was_handled_is_said_to_be_so(open_office: Callable[..., Office]) -> None:
    office = open_office(lambda letters: [each.delivery != "old" for each in letters])

    assert office.post("hub", github(hub_payload(), delivery="old")) == (200, "was handled before")
    assert office.post("hub", github(hub_payload(), delivery="new")) == (202, "accepted")


def test_results_are_counted_in_closed_sets(open_office: Callable[..., Office]) -> None:
    office = open_office()
    office.post("hub", github(hub_payload()))
    office.post("hub", github(hub_payload(), secret="another secret"))
    office.post("no-such-forge", github(hub_payload()))

    rendered = office.metrics.render().decode()

    assert 'syncer_webhooks_total{forge="hub",result="accepted"} 1.0' in rendered
    assert 'syncer_webhooks_total{forge="hub",result="signature-wrong"} 1.0' in rendered
    assert 'syncer_webhooks_total{forge="unknown",result="unknown-forge"} 1.0' in rendered


def test_many_letters_are_kept_together() -> None:
    batches: list[int] = []
    first = threading.Event()

    def keep(letters: Sequence[Letter]) -> list[bool]:
        first.wait(0.05)
        batches.append(len(letters))
        return [True] * len(letters)

    async def send() -> list[bool]:
        intake = Intake(keep)
        return await asyncio.gather(*(intake.accept(Letter(str(n), ("rune",))) for n in range(100)))

    assert asyncio.run(send()) == [True] * 100
    assert sum(batches) == 100
    assert len(batches) <= 2


def test_letters_of_a_batch_that_fails_fail_and_later_ones_do_not() -> None:
    outcomes: list[Exception | None] = [Unavailable("the disk is full"), None]

    def keep(letters: Sequence[Letter]) -> list[bool]:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome
        return [True] * len(letters)

    async def send() -> tuple[object, bool]:
        intake = Intake(keep)
        failed = (await asyncio.gather(intake.accept(Letter("a", ())), return_exceptions=True))[0]
        return failed, await intake.accept(Letter("b", ()))

    failed, kept = asyncio.run(send())
    assert isinstance(failed, Unavailable)
    assert kept


@pytest.mark.parametrize("secret", ["short", "whsec_not base64!"])
def test_secrets_that_cannot_be_right_are_configuration_errors(secret: str) -> None:
    with pytest.raises(ConfigError, match=r"forges\.lab"):
        keys_of("gitlab", [secret], "forges.lab.webhook_secrets")


def test_keys_do_not_show_themselves() -> None:
    assert SECRET not in repr(keys_of("github", [SECRET], ""))


_HEADER = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60).map(str.strip)
_NAMES = st.sampled_from(
    [
        "content-type",
        "x-github-event",
        "x-github-delivery",
        "x-hub-signature-256",
        "x-gitlab-token",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        "idempotency-key",
        "x-gitlab-event",
    ]
)
_LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.floats()
_KEYS = st.sampled_from(
    ["repository", "project", "ref", "object_kind", "full_name", "path_with_namespace", "default_branch"]
)
_PAYLOAD = st.recursive(
    _LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4)
)


@given(
    kind=st.sampled_from(["github", "gitlab", "other"]),
    headers=st.dictionaries(_NAMES, _HEADER),
    body=st.binary(max_size=200),
)
def test_no_bytes_make_the_signature_check_raise_or_pass(
    kind: str, headers: dict[str, str], body: bytes
) -> None:
    keys = keys_of("gitlab", [SECRET, SIGNING], "")

    assert seal(kind, headers, body, keys, 0.0) is not Seal.GOOD


@given(
    kind=st.sampled_from(["github", "gitlab"]),
    event=st.sampled_from(["issues", "push", "ping", "milestone", "nonsense", ""]),
    content_type=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", ""]),
    payload=_PAYLOAD.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=100),
)
def test_any_payload_can_be_read(kind: str, event: str, content_type: str, payload: bytes) -> None:
    headers = {"x-github-event": event, "content-type": content_type}

    found = read_event(kind, headers, payload)

    assert (found.kind is Kind.LOOK) <= bool(found.repository)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    event=st.sampled_from(["issues", "push", "ping", "milestone", "sub_issues", "nonsense"]),
    form=st.booleans(),
    payload=_PAYLOAD,
)
def test_no_signed_event_is_answered_with_an_error(
    office: Office, event: str, form: bool, payload: object
) -> None:
    status, _said = office.post("hub", github(payload, event=event, form=form))

    assert status in (200, 202)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(headers=st.dictionaries(_NAMES, _HEADER), body=st.binary(max_size=300))
def test_no_request_of_a_stranger_ends_in_a_defect(
    office: Office, headers: dict[str, str], body: bytes
) -> None:
    for forge in ("hub", "lab"):
        raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
        answer = office.client.post(f"/webhooks/{forge}", content=body, headers=raw)
        assert answer.status_code == 401
