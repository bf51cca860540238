"""Texts whose class answers for itself: read by their characters, and none of their code is run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Status, StatusCode

from pazpaz_otel.otel.processors import RedactingSpanProcessor
from pazpaz_otel.otel.text_writers import prove_at_the_source
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.fields import prove_fields
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.span import SpanGuard
from pazpaz_otel.redact.text import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.redact.guards import Guard

NAME = "Dvora-Mizrahi-7731"
RAISED = [ValueError, SystemExit, KeyboardInterrupt]


def _text(value: str, failure: type[BaseException]) -> str:
    def fail(*_: object) -> NoReturn:
        raise failure(NAME)

    methods = ("__str__", "__repr__", "__eq__", "__hash__", "__len__", "__bool__", "__format__", "partition")
    return type("Hostile", (str,), dict.fromkeys(methods, fail))(value)


def _object(failure: type[BaseException]) -> Any:
    def fail(*_: object) -> NoReturn:
        raise failure(NAME)

    return type("Hostile", (), dict.fromkeys(("__str__", "__repr__", "__eq__", "__hash__", "__bool__"), fail))()


def _finished(guard: Guard, write: Callable[[Any], None]) -> Any:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(RedactingSpanProcessor(SimpleSpanProcessor(exporter), guard))
    prove_at_the_source(guard)
    write(provider.get_tracer(__name__))
    [span] = exporter.get_finished_spans()
    return span


@pytest.mark.parametrize("failure", RAISED)
@pytest.mark.parametrize("make", [lambda failure: _text(NAME, failure), _object], ids=["text", "object"])
def test_a_name_that_raises_costs_the_name_alone(
    guard: Guard, make: Callable[[type[BaseException]], Any], failure: type[BaseException]
):
    """A span or an event that is named by an object that raises leaves with the placeholder; the call goes on."""

    def write(tracer: Any) -> None:
        with tracer.start_as_current_span("note saved") as span:
            span.add_event(make(failure))
            span.add_event("after it")
            span.update_name(make(failure))

    before = drops.failures()
    span = _finished(guard, write)
    assert span.name == PLACEHOLDER
    assert [event.name for event in span.events] == [PLACEHOLDER, "after it"]
    assert drops.failures() == before


def test_a_name_is_judged_by_its_characters(guard: Guard):
    """What a subclass of `str` says of itself changes nothing: a literal's characters leave, others don't."""

    def write(tracer: Any) -> None:
        with tracer.start_as_current_span(_text("note saved", ValueError)) as span:
            span.add_event(_text("note saved", SystemExit))
            span.add_event(_text(NAME + "x", SystemExit))

    span = _finished(guard, write)
    assert span.name == "note saved"
    assert [event.name for event in span.events] == ["note saved", PLACEHOLDER]


@pytest.mark.parametrize("failure", RAISED)
def test_a_status_that_raises_loses_its_description_alone(guard: Guard, failure: type[BaseException]):
    """A description whose class raises, and one that calls itself empty, stay here; the span leaves with its code."""

    def write(tracer: Any) -> None:
        with tracer.start_as_current_span("note saved") as span:
            span.set_status(StatusCode.ERROR, _text(NAME, failure))

    span = _finished(guard, write)
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description is None


def test_a_description_that_calls_itself_empty_stays(guard: Guard):
    """A description is taken for none only if it has no characters."""

    class Empty(str):
        __slots__ = ()

        def __len__(self) -> int:
            return 0

    assert SpanGuard(guard).status(Status(StatusCode.ERROR, Empty(NAME))).description is None


@pytest.mark.parametrize("failure", RAISED)
def test_a_handled_exception_that_raises_its_text_breaks_no_writer(guard: Guard, failure: type[BaseException]):
    """A status or a field that is written while such an exception is handled leaves as it would without it."""

    class UnprintableError(Exception):
        def __str__(self) -> str:
            raise failure(NAME)

        __repr__ = __str__

    def write(tracer: Any) -> None:
        with tracer.start_as_current_span("note saved") as span:
            try:
                raise UnprintableError(NAME)
            except UnprintableError as error:
                span.set_status(StatusCode.ERROR, "the note was lost")
                fields.update(_fields_of(error=error, why="lost"))

    fields: dict[str, Any] = {}
    assert _finished(guard, write).status.description == "the note was lost"
    assert fields == {"why": "lost"}


def _fields_of(**fields: object) -> dict[str, Any]:
    """Stand for a logger's wrapper that turns the fields into texts before they are judged."""
    told = {key: value if isinstance(value, str) else NAME for key, value in fields.items()}
    return prove_fields(told, Running(sys._getframe(1)))
