"""OpenTelemetry traces of runs, their phases and their requests, where ``syncer[otel]`` is installed.

Configured as OpenTelemetry is everywhere, by its environment variables: nothing is traced unless
``OTEL_EXPORTER_OTLP_ENDPOINT``, or the one for traces, names a collector, and ``OTEL_SDK_DISABLED`` and
``OTEL_TRACES_EXPORTER=none`` switch it off (opentelemetry.io, "Environment Variable Specification").
Attributes are names, numbers and outcomes. An error is named by its kind: its words may quote people.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from syncer import __version__
from syncer.forges.observer import Exchange
from syncer.spans import Attribute, Note, looking_in

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_LOG = structlog.get_logger("syncer.traces")


class Traces:
    """Implements :class:`syncer.spans.Tracer`.

    Args:
        provider: of the SDK; whoever made it shuts it down.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("syncer", __version__)

    @contextmanager
    def span(self, name: str, attributes: Mapping[str, Attribute]) -> Iterator[Note]:
        from opentelemetry.trace import Status, StatusCode

        named = {f"syncer.{key}": value for key, value in attributes.items()}
        with self._tracer.start_as_current_span(
            f"syncer.{name}", attributes=named, record_exception=False, set_status_on_exception=False
        ) as made:

            def note(more: Mapping[str, Attribute]) -> None:
                made.set_attributes({f"syncer.{key}": value for key, value in more.items()})
                if more.get("error"):
                    made.set_status(Status(StatusCode.ERROR))

            try:
                yield note
            except BaseException as error:
                note({"error": type(error).__name__})
                raise

    def exchanged(self, exchange: Exchange) -> None:
        """A request was sent and answered; it becomes a span of what is under way in this thread.

        The address is left at its path, which names the repository and no secret.
        """
        from opentelemetry.trace import SpanKind, Status, StatusCode

        ended = time.time_ns()
        made = self._tracer.start_span(
            f"{exchange.method} {exchange.forge}",
            kind=SpanKind.CLIENT,
            start_time=ended - int(exchange.seconds * 1e9),
            attributes={
                "http.request.method": exchange.method,
                "http.request.body.size": exchange.sent,
                "http.response.body.size": exchange.received,
                "http.response.status_code": exchange.status,
                "url.path": exchange.path,
                "syncer.forge": exchange.forge,
                "syncer.write": exchange.write,
                "syncer.conditional": exchange.conditional,
            },
        )
        if exchange.error:
            made.set_attribute("error.type", exchange.error)
            made.set_status(Status(StatusCode.ERROR))
        made.end(ended)


_present: list[Traces] = []


def requested(exchange: Exchange) -> None:
    """Show a request to whoever traces, if anybody does."""
    if _present:
        _present[-1].exchanged(exchange)


@contextmanager
def tracing(provider: TracerProvider | None = None) -> Iterator[bool]:
    """Trace what happens until the block ends, if that is wanted.

    Args:
        provider: by default one as the environment says, which is flushed and shut down in the end.

    Returns:
        Whether anything is traced.
    """
    made = provider or (_from_environment() if _wanted() else None)
    if made is None:
        yield False
        return
    traces = Traces(made)
    _present.append(traces)
    try:
        with looking_in(traces):
            yield True
    finally:
        _present.remove(traces)
        if provider is None:
            made.shutdown()


def _wanted() -> bool:
    environment = os.environ
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    if environment.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower() != "otlp":
        return False
    names = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    return any(environment.get(name, "").strip() for name in names)


def _from_environment() -> TracerProvider | None:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        _LOG.warning("nothing is traced: install syncer[otel]", missing=error.name)
        return None
    resource = Resource.create({"service.version": __version__})
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": "syncer"}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
