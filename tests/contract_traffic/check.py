"""Checks recorded traffic against GitHub's official OpenAPI description.

Usage::

    python tests/contract_traffic/check.py DESCRIPTION TRAFFIC [TRAFFIC ...]

DESCRIPTION is ``api.github.com.json`` out of the npm package ``@octokit/openapi`` (folder
``generated``). TRAFFIC is what ``Sandbox(record_to=...)`` writes: one exchange per line, as JSON. The
sandbox's own tests write it when ``SANDBOX_TRAFFIC`` names a file (each test process appends to it).

Checked are, for every REST exchange with api.github.com: that the operation exists; names and values of
the query parameters; the request's body; the answer's body for its status. Exchanges with GitLab, with an
enterprise host, with GraphQL and in another version of the API than the description's are skipped. Where
the forge refused a request as malformed (an answer of 400 or 422), only the answer is checked. Everything
left out is counted.

The description has slips of its own. Those of a kind are read as they are meant (`_as_meant`); single ones
are listed with the reason (`SLIPS`).

It prints one line per distinct violation (side, operation, JSON pointer, message) and ends with status 1
if there is any.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4

BASE = "urn:description"
ERROR = f"{BASE}#/components/schemas/basic-error"
VERSION = "2022-11-28"
"""The version of the API that the description describes."""
ISSUE, JSON = "/repos/{owner}/{repo}/issues/{issue_number}", ("content", "application/json", "schema")
LABELS = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["name"]}]}}
SLIPS: tuple[tuple[tuple[str, ...], dict[str, Any], str], ...] = (
    (
        ("paths", "/app/installations", "get", "responses", "200", *JSON, "items", "properties", "account"),
        {"$ref": "#/components/schemas/simple-user"},
        "a user or an enterprise, written as both at once",
    ),
    (
        ("components", "schemas", "issue-search-result-item", "properties", "body"),
        {"enum": [None]},
        "an issue without text has null, as in every other answer",
    ),
    (
        (
            "paths",
            "/repos/{owner}/{repo}/milestones/{milestone_number}",
            "patch",
            "requestBody",
            *JSON,
            "properties",
            "due_on",
        ),
        {"enum": [None]},
        "null removes the date",
    ),
    (("paths", f"{ISSUE}/labels", "post", "requestBody", *JSON), LABELS, "the text says so"),
    (("paths", f"{ISSUE}/labels", "put", "requestBody", *JSON), LABELS, "the text says so"),
)
"""What the description forgets: a place in it, what is allowed there too, and why."""
LEGACY = re.compile(r"GET /repos/[^/]+/[^/]+/git/refs(/.*)?")
"""What the forge still serves and no longer describes."""
CURSORS = frozenset({"after", "before"})
"""Undocumented parameters that the forge itself hands out in its page links."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path of the description."""

    method: str
    path: str
    definition: Json
    shared: list[Json]

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def pointer(self, *parts: str) -> str:
        """A reference to something in the operation's definition."""
        steps = ["paths", self.path, self.method, *parts]
        return BASE + "#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)


@dataclass
class Report:
    """What was found."""

    checked: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    undocumented: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)


class Description:
    """An OpenAPI description, ready to look operations up and to validate against."""

    def __init__(self, path: Path) -> None:
        self.document: Json = _corrected(json.loads(path.read_text(encoding="utf-8")))
        resource: Any = DRAFT4.create_resource(self.document)
        self._registry: Any = Registry().with_resource(BASE, resource)
        self._validators: dict[str, OAS30Validator] = {}
        self._paths = sorted(
            ((_pattern(template), template) for template in self.document["paths"]),
            key=lambda pair: (pair[1].count("{"), -len(pair[1])),
        )

    def operation(self, method: str, path: str, template: str) -> Operation | None:
        """The operation that a request is addressed to; the recorder's template helps where it is known."""
        known = [template] if template in self.document["paths"] else []
        matching = [found for pattern, found in self._paths if pattern.fullmatch(path)]
        for candidate in [*known, *matching]:
            methods = self.document["paths"][candidate]
            if method.lower() in methods:
                shared = methods.get("parameters", [])
                return Operation(method.lower(), candidate, methods[method.lower()], shared)
        return None

    def resolved(self, value: Json) -> Json:
        """A definition with its reference followed."""
        while "$ref" in value:
            found: Any = self.document
            for step in value["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            value = found
        return value

    def errors(self, reference: str, value: Any) -> Iterator[tuple[str, str]]:
        """What a value violates of the schema behind a reference: JSON pointer and message."""
        if reference not in self._validators:
            self._validators[reference] = OAS30Validator(
                {"$ref": reference}, registry=self._registry, format_checker=oas30_format_checker
            )
        for error in self._validators[reference].iter_errors(value):
            deepest = error
            while deepest.context:
                deepest = max(deepest.context, key=lambda inner: len(inner.absolute_path))
            yield "/" + "/".join(str(step) for step in deepest.absolute_path), deepest.message[:160]


class Checker:
    """Goes through recorded exchanges."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.report = Report()

    def check(self, exchange: Json) -> None:
        """Check one exchange."""
        reason = _not_ours(exchange)
        if reason:
            self.report.skipped[reason] += 1
            return
        path = exchange["template"] or exchange["path"]
        operation = self.description.operation(exchange["method"], exchange["path"], exchange["template"])
        if operation is None:
            if exchange["status"] == 404:
                self.report.skipped["unknown to both sides"] += 1
            elif LEGACY.fullmatch(f"{exchange['method']} {exchange['path']}"):
                self.report.skipped["no longer described"] += 1
            else:
                self._violation("request", f"{exchange['method']} {path}", "", "no such operation")
            return
        self.report.checked += 1
        self.report.operations.add(operation.name)
        if exchange["status"] not in (400, 422):
            self._request(operation, exchange)
        self._answer(operation, exchange)

    def _request(self, operation: Operation, exchange: Json) -> None:
        parameters = [
            self.description.resolved(entry)
            for entry in [*operation.shared, *operation.definition.get("parameters", [])]
        ]
        known = {entry["name"]: entry for entry in parameters if entry["in"] == "query"}
        given = dict(exchange["query"])
        for name, value in given.items():
            if name in known:
                self._parameter(operation, known[name], value)
            elif name not in CURSORS:
                self._violation("request", operation.name, f"?{name}", "undocumented parameter")
        for name, entry in known.items():
            if entry.get("required") and name not in given:
                self._violation("request", operation.name, f"?{name}", "required parameter is missing")
        content = self.description.resolved(operation.definition.get("requestBody", {})).get("content", {})
        if exchange["body"] is None or "application/json" not in content:
            return
        reference = operation.pointer("requestBody", "content", "application/json", "schema")
        for pointer, message in self.description.errors(reference, exchange["body"]):
            self._violation("request", operation.name, pointer, message)

    def _parameter(self, operation: Operation, entry: Json, value: str) -> None:
        schema = self.description.resolved(entry["schema"])
        allowed = schema.get("enum")
        if allowed is not None and value not in [str(word) for word in allowed]:
            self._violation("request", operation.name, f"?{entry['name']}", f"{value!r} is none of {allowed}")
        if schema.get("type") == "integer" and not value.lstrip("-").isdecimal():
            self._violation("request", operation.name, f"?{entry['name']}", f"{value!r} is no integer")

    def _answer(self, operation: Operation, exchange: Json) -> None:
        status, body = str(exchange["status"]), exchange["response"]
        if not exchange["content_type"].startswith("application/json") or body is None:
            return
        responses = operation.definition["responses"]
        if status not in responses:
            self.report.undocumented[f"{operation.name} {status}"] += 1
            reference = ERROR
            if exchange["status"] < 300:
                self._violation("answer", operation.name, "", f"undocumented status {status}")
                return
        else:
            content = self.description.resolved(responses[status]).get("content", {})
            if "application/json" not in content:
                return
            if "$ref" in responses[status]:
                reference = BASE + responses[status]["$ref"] + "/content/application~1json/schema"
            else:
                reference = operation.pointer("responses", status, "content", "application/json", "schema")
        for pointer, message in self.description.errors(reference, body):
            self._violation("answer", f"{operation.name} {status}", pointer, message)

    def _violation(self, side: str, operation: str, pointer: str, message: str) -> None:
        general = re.sub(r"/\d+(?=/|$)", "/*", pointer)
        self.report.violations[f"{side}: {operation} {general} {message}"] += 1


def _corrected(document: Json) -> Json:
    meant: Json = _as_meant(document)
    for place, allowed, _reason in SLIPS:
        *way, last = place
        holder: Any = meant
        for step in way:
            holder = holder.get(step, {})
        if last in holder:
            holder[last] = {"anyOf": [holder[last], allowed]}
    return meant


def _as_meant(value: Any) -> Any:
    """The description with its systematic slips read as they are meant.

    Alternatives overlap, so one of them is any of them; a discriminator is put where a list is possible;
    "nullable" stands beside alternatives or words that do not have null among them.
    """
    if isinstance(value, list):
        return [_as_meant(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    meant = {key: _as_meant(entry) for key, entry in value.items()}
    if isinstance(meant.get("oneOf"), list):
        meant["anyOf"] = meant.pop("oneOf")
        meant.pop("discriminator", None)
    if meant.get("nullable") is True:
        if "enum" in meant:
            meant["enum"] = [*meant["enum"], None]
        elif "type" not in meant:
            return {"anyOf": [{**meant, "nullable": False}, {"enum": [None]}]}
    return meant


def _pattern(template: str) -> re.Pattern[str]:
    escaped = re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
    greedy = re.sub(r"/\{path\}", "(/.*)?", escaped)
    greedy = re.sub(r"\{(ref|basehead)\}", ".+", greedy)
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", greedy))


def _not_ours(exchange: Json) -> str:
    if exchange["forge"] != "github":
        return str(exchange["forge"])
    if exchange["path"].startswith("/api/v3") or exchange["path"].startswith("/api/graphql"):
        return "enterprise"
    if exchange["path"] == "/graphql":
        return "graphql"
    return "in another version" if exchange.get("version", "") not in ("", VERSION) else ""


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main(arguments: list[str]) -> int:
    """Check the files named on the command line."""
    parser = argparse.ArgumentParser(description="Check recorded traffic against GitHub's API description.")
    parser.add_argument("description", type=Path)
    parser.add_argument("traffic", type=Path, nargs="+")
    parser.add_argument("--verbose", action="store_true", help="list operations and undocumented statuses")
    chosen = parser.parse_args(arguments)
    checker = Checker(Description(chosen.description))
    for path in chosen.traffic:
        with path.open(encoding="utf-8", newline="\n") as traffic:
            for line in traffic:
                checker.check(json.loads(line))
    report = checker.report
    for text, count in sorted(report.violations.items()):
        _say(f"{count:5d} x {text}")
    if chosen.verbose:
        for name in sorted(report.operations):
            _say(f"checked: {name}")
        for text, count in sorted(report.undocumented.items()):
            _say(f"undocumented status: {text} ({count})")
    skipped = ", ".join(f"{count} {reason}" for reason, count in sorted(report.skipped.items())) or "none"
    _say(
        f"{report.checked} exchanges checked over {len(report.operations)} operations, skipped: {skipped}; "
        f"{sum(report.violations.values())} violations"
    )
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
