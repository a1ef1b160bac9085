"""Traces: what turns, requests and tool calls took, told to OpenTelemetry where an operator wants that. No words."""

import logging
from asyncio import CancelledError
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer

Attributes = Mapping[str, str | int | float | bool | None]
MISSING = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set, and OpenTelemetry is not installed: there are no traces. "
    "pip install -r requirements-telemetry.txt adds it."
)
log = logging.getLogger(__name__)
_tracer: "Tracer | None" = None


def trace_to(endpoint: str | None) -> None:
    """Send traces to an OTLP server, by its base address; once, however often it is called."""
    if not endpoint or _tracer is not None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        log.warning(MISSING)
        return
    export(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))


def export(exporter: "SpanExporter") -> "TracerProvider":
    """Give traces to an exporter, in batches, from now on; what is left at the end of the process, too."""
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create()
    if str(resource.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
        resource = resource.merge(Resource({SERVICE_NAME: "orchat"}))
    # Of our own, so that no library finds it: what others record is not known to be without words.
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    global _tracer  # noqa: PLW0603 - one for a process, as its log is
    _tracer = provider.get_tracer("orchat")
    return provider


class Span:
    """Something that takes time. Without a tracer it records nothing."""

    def __init__(self, name: str, attributes: Attributes, *, outgoing: bool = False) -> None:
        """Begin it, within the one that the context is in; `outgoing` is a request to another server."""
        self._span = None
        if _tracer is not None:
            from opentelemetry.trace import SpanKind

            self._span = _tracer.start_span(name, kind=SpanKind.CLIENT if outgoing else SpanKind.INTERNAL)
            self.tell(attributes)

    def tell(self, attributes: Attributes) -> None:
        """Add what is known; None is left out."""
        if self._span is not None:
            self._span.set_attributes({name: value for name, value in attributes.items() if value is not None})

    def fail(self, kind: str) -> None:
        """Say that it failed, by the kind of error alone: a message may hold somebody's words."""
        if self._span is not None:
            from opentelemetry.trace import StatusCode

            self._span.set_attribute("error.type", kind)
            self._span.set_status(StatusCode.ERROR)

    def end(self, error: BaseException | None = None) -> None:
        """End it, with what it ended by."""
        if self._span is None:
            return
        if isinstance(error, CancelledError | GeneratorExit):
            self._span.set_attribute("orchat.stopped", value=True)
        elif error is not None:
            self.fail(type(error).__name__)
        self._span.end()

    @contextmanager
    def around(self) -> Iterator[None]:
        """Make what begins meanwhile a part of it, and end it."""
        if self._span is None:
            yield
            return
        from opentelemetry.trace import use_span

        try:
            with use_span(self._span, record_exception=False, set_status_on_exception=False):
                yield
        except BaseException as error:
            self.end(error)
            raise
        self.end()
