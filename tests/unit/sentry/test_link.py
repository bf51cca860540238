"""Spans and events find each other, and an error is one event however often it is seen."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import logging
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sentry_sdk
from opentelemetry.instrumentation.threading import ThreadingInstrumentor
from opentelemetry.trace import StatusCode

from pazpaz_otel.sentry import hooks
from tests.unit.sentry.conftest import Kept, Spans, ids, linked

logger = logging.getLogger(__name__)


@pytest.fixture(autouse=True)
def _threads() -> object:
    ThreadingInstrumentor().instrument()
    yield
    ThreadingInstrumentor().uninstrument()


def _boom() -> None:
    raise ValueError("boom")


def test_a_captured_error_belongs_to_the_active_span(kept: Kept, spans: Spans) -> None:
    """A handled error's event has the active span's ids, and the span an event with the error's id."""
    with spans.tracer.start_as_current_span("outer"), contextlib.suppress(ValueError):
        try:
            _boom()
        except ValueError as error:
            event_id = sentry_sdk.capture_exception(error)
    span = spans.named("outer")
    assert linked(kept.events[0]) == ids(span)
    assert [event.attributes["sentry.event_id"] for event in span.events] == [event_id]
    assert span.status.status_code is StatusCode.UNSET


def test_an_error_belongs_to_the_span_it_was_raised_in(kept: Kept, spans: Spans) -> None:
    """An error that leaves an inner span is linked to that one, which carries the event's id."""
    with spans.tracer.start_as_current_span("outer"):
        try:
            with spans.tracer.start_as_current_span("inner"):
                _boom()
        except ValueError as error:
            event_id = sentry_sdk.capture_exception(error)
    inner = spans.named("inner")
    assert linked(kept.events[0]) == ids(inner)
    assert inner.attributes["sentry.event_id"] == event_id == kept.events[0]["event_id"]
    assert inner.status.status_code is StatusCode.ERROR


def test_an_events_own_trace_context_is_not_believed(kept: Kept, spans: Spans) -> None:
    """An event that brings a trace context of its own gets the active span's."""
    with spans.tracer.start_as_current_span("outer"):
        sentry_sdk.capture_event({"message": "x", "contexts": {"trace": {"trace_id": "1" * 32, "span_id": "2" * 16}}})
    assert linked(kept.events[0]) == ids(spans.named("outer"))


class ConflictError(Exception):
    """An error of the application."""


@pytest.mark.parametrize("kind", [ValueError, ConflictError])
def test_nothing_is_written_on_a_captured_error(kept: Kept, spans: Spans, kind: type[Exception]) -> None:
    """An application may answer with what an error holds."""
    error = kind("taken")
    error.add_note("by another booking")
    with contextlib.suppress(kind), spans.tracer.start_as_current_span("outer"):
        raise error
    sentry_sdk.capture_exception(error)
    assert linked(kept.events[0]) == ids(spans.named("outer"))
    assert vars(error) == {"__notes__": ["by another booking"]}


def test_a_captured_error_is_copied_and_pickled_as_it_was(kept: Kept, spans: Spans) -> None:
    """A process pool, a task queue or the application can pickle and deep-copy an error that was captured."""
    with spans.tracer.start_as_current_span("outer"), contextlib.suppress(ValueError):
        try:
            _boom()
        except ValueError as error:
            logger.exception("failed")
            pickled = pickle.dumps(error)
            copies = [pickle.loads(pickled), copy.deepcopy(error), copy.copy(error)]
    assert [(type(made), made.args) for made in copies] == [(ValueError, ("boom",))] * 3
    # Whoever reads it need not have this package.
    assert b"pazpaz_otel." not in pickled
    assert len(kept.events) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_threads_error_belongs_to_the_span_that_started_it(kept: Kept, spans: Spans) -> None:
    """What nobody catches in a thread is linked to the span that was active where the thread was started."""
    with spans.tracer.start_as_current_span("outer"):
        thread = threading.Thread(target=_boom)
        thread.start()
        thread.join()
    event = kept.events[0]
    assert linked(event) == ids(spans.named("outer"))
    assert event["exception"]["values"][-1]["mechanism"]["handled"] is False
    assert spans.named("outer").status.status_code is StatusCode.ERROR


def test_an_executors_error_belongs_to_the_span_that_submitted_it(kept: Kept, spans: Spans) -> None:
    """An error that is captured in an executor's thread is linked to the span that submitted the work."""

    def work() -> None:
        try:
            _boom()
        except ValueError as error:
            sentry_sdk.capture_exception(error)

    with ThreadPoolExecutor(1) as pool, spans.tracer.start_as_current_span("outer"):
        pool.submit(work).result()
    assert linked(kept.events[0]) == ids(spans.named("outer"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_forgotten_tasks_error_belongs_to_its_span(kept: Kept, spans: Spans) -> None:
    """What nobody awaits in an asyncio task is linked to the span in whose context the task was made."""

    async def fail() -> None:
        await asyncio.sleep(0)
        _boom()

    async def main() -> None:
        hooks.watch_loop()
        with spans.tracer.start_as_current_span("outer"):
            task = asyncio.get_running_loop().create_task(fail())
        await asyncio.wait([task])
        del task
        await asyncio.sleep(0)

    asyncio.run(main())
    assert [linked(event) for event in kept.events] == [ids(spans.named("outer"))]


def test_an_error_is_one_event(kept: Kept, spans: Spans) -> None:
    """Logged, captured and unhandled, an exception is one event, and every capture returns its id."""
    with spans.tracer.start_as_current_span("outer"):
        try:
            _boom()
        except ValueError as error:
            logger.exception("failed")
            first = sentry_sdk.capture_exception(error)
            second = sentry_sdk.capture_exception(error)
    assert first == second == kept.events[0]["event_id"]
    assert len(kept.events) == 1
    assert kept.events[0]["logentry"] == {"message": "failed"}


def test_an_instance_that_is_raised_again_in_another_trace_is_another_event(kept: Kept, spans: Spans) -> None:
    """An exception object that the application keeps and raises again isn't taken for one that was captured."""
    error = ValueError("boom")
    for _ in range(2):
        with spans.tracer.start_as_current_span("outer"):
            try:
                raise error
            except ValueError as caught:
                sentry_sdk.capture_exception(caught)
    assert len({event["event_id"] for event in kept.events}) == 2


def test_logged_errors_are_events_with_their_template(kept: Kept, spans: Spans) -> None:
    """An error log is an event with logger, template and place; one below the level isn't."""
    with spans.tracer.start_as_current_span("outer"):
        logger.warning("late by %d", 3)
        logger.error("note of %s not saved", "Dana")
    (event,) = kept.events
    assert (event["logger"], event["logentry"]["message"]) == (__name__, "note of %s not saved")
    assert linked(event) == ids(spans.named("outer"))
    assert b"Dana" not in kept.bytes
