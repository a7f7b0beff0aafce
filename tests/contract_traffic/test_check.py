"""The traffic checker finds what is wrong with either side of an exchange, and counts what it skips."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .check import main

DESCRIPTION = {
    "openapi": "3.0.3",
    "paths": {
        "/things": {
            "get": {
                "parameters": [
                    {"name": "state", "in": "query", "schema": {"type": "string", "enum": ["open", "all"]}},
                    {"name": "page", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/thing"}}
                            }
                        }
                    }
                },
            },
            "post": {
                "parameters": [],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["title"],
                                "properties": {"title": {"type": "string"}},
                            }
                        }
                    }
                },
                "responses": {
                    "201": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/thing"}}}
                    }
                },
            },
        },
        "/things/{key}": {"get": {"responses": {"200": {"content": {}}}}},
    },
    "components": {
        "schemas": {
            "basic-error": {"type": "object", "properties": {"message": {"type": "string"}}},
            "thing": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "integer"},
                    "reason": {"type": "string", "nullable": True, "enum": ["a", "b"]},
                },
            },
        }
    },
}


def exchange(**changes: Any) -> dict[str, Any]:
    return {
        "forge": "github",
        "method": "GET",
        "path": "/things",
        "template": "/things",
        "query": [],
        "body": None,
        "status": 200,
        "content_type": "application/json; charset=utf-8",
        "response": [{"id": 1, "reason": None}],
        **changes,
    }


def run(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *exchanges: dict[str, Any],
    document: dict[str, Any] = DESCRIPTION,
) -> tuple[int, str]:
    description, traffic = tmp_path / "description.json", tmp_path / "traffic.jsonl"
    description.write_text(json.dumps(document), encoding="utf-8")
    traffic.write_text("".join(json.dumps(entry) + "\n" for entry in exchanges), encoding="utf-8")
    return main([str(description), str(traffic)]), capsys.readouterr().out


def test_traffic_that_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Good exchanges are counted; other forges, GraphQL and enterprise hosts are skipped and counted."""
    status, text = run(
        tmp_path,
        capsys,
        exchange(query=[["state", "all"], ["page", "2"], ["after", "x"]]),
        exchange(method="POST", body={"title": "x"}, status=201, response={"id": 1, "reason": "a"}),
        exchange(path="/things/7", template="", response=None),
        exchange(status=404, response={"message": "Not Found"}),
        exchange(forge="gitlab"),
        exchange(path="/graphql"),
        exchange(path="/api/v3/things"),
        exchange(version="2026-03-10"),
        exchange(path="/repos/acme/rune/git/refs", template=""),
    )
    assert 0 == status
    assert (
        "4 exchanges checked over 3 operations, skipped: 1 enterprise, 1 gitlab, 1 graphql, "
        "1 in another version, 1 no longer described; 0 violations"
    ) in text


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"query": [["state", "closed"]]}, "request: GET /things ?state 'closed' is none of"),
        ({"query": [["page", "x"]]}, "request: GET /things ?page 'x' is no integer"),
        ({"query": [["sate", "all"]]}, "request: GET /things ?sate undocumented parameter"),
        ({"response": [{"id": "1"}]}, "answer: GET /things 200 /*/id '1' is not of type 'integer'"),
        ({"response": [{}]}, "answer: GET /things 200 /* 'id' is a required property"),
        ({"path": "/none", "template": ""}, "request: GET /none  no such operation"),
        (
            {"method": "POST", "body": {}, "status": 201, "response": {"id": 1}},
            "request: POST /things / 'title' is a required property",
        ),
        ({"status": 202, "response": {}}, "answer: GET /things  undocumented status 202"),
    ],
)
def test_traffic_that_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], line: str
) -> None:
    """Each violation names the side, the operation, the place and what is wrong there."""
    status, text = run(tmp_path, capsys, exchange(**changes))
    assert 1 == status
    assert line in text


def test_slips_of_the_description_are_read_as_they_are_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Overlapping alternatives, a discriminator before a list, and null beside alternatives."""
    thing = {"oneOf": [{"type": "object"}, {"type": "object", "required": ["id"]}]}
    schema = {
        "oneOf": [{"type": "array", "items": thing}, {"type": "string"}],
        "discriminator": {"propertyName": "type"},
        "nullable": True,
    }
    get = {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}
    document = {**DESCRIPTION, "paths": {"/things": {"get": get}}}
    right = exchange(response=[{"id": 1}])
    assert 0 == run(tmp_path, capsys, right, document=document)[0]
    assert 1 == run(tmp_path, capsys, exchange(response=7), document=document)[0]


def test_a_request_that_was_refused_on_purpose_is_not_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its answer still is."""
    refused = exchange(method="POST", body={}, status=422, response={"message": 7})
    status, text = run(tmp_path, capsys, refused)
    assert (1, 1) == (status, text.count(" x "))
    assert "answer: POST /things 422 /message" in text
