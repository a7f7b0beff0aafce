"""Traces: a span for each sync, its phases and its requests, without secrets; nothing where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from syncer.cli.progress import Silent
from syncer.cli.runs import run_projects
from syncer.observability.traces import tracing
from syncer.sandbox import Sandbox
from syncer.service.cycle import Orders
from syncer.spans import span
from tests.daemon.served import TODO
from tests.e2e.world import World
from tests.traffic import RECORD_TO


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        made = World(sandbox, "github", tmp_path)
        monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", made.environment["SYNCER_FORGES__MAIN__TOKEN"])
        made.add("rune", {"TODO.md": TODO})
        yield made


def run(world: World) -> list[ReadableSpan]:
    """One run, and the spans of it."""
    import threading

    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with tracing(provider) as on:
        assert on
        run_projects(world.directory / "syncer.toml", [], Orders(), Silent(), threading.Event())
    return list(exporter.get_finished_spans())


def test_a_sync_has_its_phases_and_each_phase_its_requests(world: World) -> None:
    spans = run(world)
    (sync,) = [each for each in spans if each.name == "syncer.sync"]
    assert sync.attributes is not None
    assert {key: sync.attributes[f"syncer.{key}"] for key in ("project", "outcome", "planned", "done")} == {
        "project": "rune",
        "outcome": "complete",
        "planned": 4,
        "done": 4,
    }
    by_id = {each.context.span_id: each.name for each in spans if each.context is not None}
    phases = [each for each in spans if each.parent is not None and each.parent.span_id in by_id]
    below = {(by_id[each.parent.span_id], each.name) for each in phases if each.parent is not None}
    assert {("syncer.sync", f"syncer.{name}") for name in ("observe", "plan", "apply", "settle")} <= below
    assert {("syncer.observe", "GET main"), ("syncer.apply", "POST main")} <= below
    created = [each for each in spans if each.name == "POST main" and each.attributes is not None]
    assert {each.attributes["http.response.status_code"] for each in created if each.attributes} == {201}
    # Each of them ended, and a request lies within what it was sent for.
    assert all(each.end_time is not None and each.start_time is not None for each in spans)


def test_neither_secrets_nor_texts_of_people_are_in_any_span(world: World) -> None:
    token = world.environment["SYNCER_FORGES__MAIN__TOKEN"]
    text = "".join(each.to_json() for each in run(world))

    assert len(text) > 1000
    assert token not in text
    assert "Write it" not in text


def test_what_fails_is_marked_by_the_kind_of_its_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCER_FORGES__MAIN__TOKEN", "planted-wrong-token")
    spans = run(world)
    (sync,) = [each for each in spans if each.name == "syncer.sync"]

    assert sync.status.status_code is StatusCode.ERROR
    assert sync.attributes is not None
    assert sync.attributes["syncer.error"] == "Unauthorized"
    assert "planted" not in "".join(each.to_json() for each in spans)


def test_nothing_is_traced_unless_the_environment_names_a_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    with tracing() as on:
        assert not on
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    with tracing() as on:
        assert not on
    monkeypatch.setenv("OTEL_SDK_DISABLED", "false")
    with tracing() as on:
        assert on


def test_without_the_package_everything_runs_untraced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    for name in [name for name in sys.modules if name.startswith("opentelemetry.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with tracing() as on, span("sync", project="rune") as note:
        note({"outcome": "complete"})
        assert not on
