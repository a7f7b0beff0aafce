"""The effective configuration can be shown to anybody, and the shipped schema is the one in force."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from syncer.settings import Settings, schema_text, secrets_in
from tests.settings.conftest import Read

ROOT = Path(__file__).resolve().parents[2]
FULL = """
[state]
url = "postgresql://syncer:planted%2D1@db/syncer?sslpassword=planted-2"

[forges.main]
kind = "github"
token = "planted-3"
proxy = "http://planted-4:planted-5@proxy.example.test"
webhook_secrets = ["planted-6", "planted-7"]

[forges.main.app]
id = 12
private_key = "planted-8"

[serve]
status_token = "planted-9"
"""


def test_every_secret_is_masked_when_the_configuration_is_shown(read: Read) -> None:
    shown = json.dumps(read(FULL).model_dump(mode="json"))

    assert "planted" not in shown
    assert "postgresql://syncer:**********@db/syncer?sslpassword=**********" in shown


def test_every_secret_is_known_to_whoever_hides_them(read: Read) -> None:
    """Also one that is added to the settings later: all texts of that type are found."""
    secrets = set(secrets_in(read(FULL)))

    assert {"planted%2D1", "planted-1", "planted-2", "planted-3", "planted-6", "planted-7"} <= secrets
    assert {"http://planted-4:planted-5@proxy.example.test", "planted-8", "planted-9"} <= secrets


def test_the_shipped_schema_is_what_the_settings_generate() -> None:
    shipped = ROOT / "config" / "schema.json"

    assert shipped.read_text(encoding="utf-8") == schema_text(), (
        "write it anew: syncer config schema > config/schema.json"
    )


@pytest.mark.parametrize(
    ("data", "valid"),
    [
        ({}, True),
        ({"forges": {"main": {"kind": "github"}}}, True),
        ({"forges": {"main": {"kind": "gitea"}}}, False),
        ({"forges": {"main": {"kind": "github", "tokn": "x"}}}, False),
        ({"stat": {}}, False),
    ],
)
def test_editors_that_know_the_schema_find_the_same_mistakes(data: dict[str, object], valid: bool) -> None:
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)

    assert jsonschema.Draft202012Validator(schema).is_valid(data) == valid


def test_a_printed_configuration_hides_its_secrets(read: Read) -> None:
    """As an assertion or a traceback would print it."""
    settings = read(FULL)

    for text in (repr(settings.forges), str(settings.serve), repr(settings)):
        assert "planted" not in text
    assert isinstance(settings, Settings)
