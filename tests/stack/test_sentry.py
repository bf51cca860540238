"""Errors of the reference backend in a real Sentry-compatible server: linked, readable, and without the patient."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.audit.sinks import HttpSink
from tests.programs import wait_until
from tests.programs.bugsink import Bugsink, Recorder
from tests.stack import sentry_setup as setup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

pytestmark = [pytest.mark.stack, pytest.mark.slow]

OUTLIVED = frozenset({"forgotten_task", "event_loop_callback"})
"""Errors that come after their request's span has ended: nothing can be written on it any more."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[setup.Made]:
    """Every kind of error, made once, with Bugsink's answers and the exported spans."""
    with (
        HttpSink() as sink,
        Bugsink(tmp_path_factory.mktemp("bugsink")) as bugsink,
        Recorder(bugsink.port) as recorder,
    ):
        all_made = setup.Made(bugsink, recorder, sink)
        dsn = recorder.dsn(bugsink.dsn, bugsink.port)
        with setup.instrumented(tmp_path_factory.mktemp("backend"), dsn, sink.endpoint) as backend:
            setup.make_every_error(backend, all_made)
            expected = len(all_made.kinds) - len(setup.UNSEEN)
            wait_until(lambda: len(all_made.events()) >= expected, f"{expected} errors", 60)
        yield all_made


def _attribute(attributes: Any, key: str) -> str | None:
    return next((pair.value.string_value for pair in attributes if pair.key == key), None)


def _seen(made: setup.Made) -> list[str]:
    return [kind for kind in made.kinds if kind not in setup.UNSEEN]


def test_every_kind_of_error_is_one_event(made: setup.Made) -> None:
    """Each of the reference backend's kinds of errors, twenty and more, is one event, not two and not none."""
    assert len(_seen(made)) >= 20
    assert [kind for kind in _seen(made) if made.event(kind)] == _seen(made)
    assert len(made.events()) == len(_seen(made))


def test_every_event_is_stored_within_five_seconds(made: setup.Made) -> None:
    """Bugsink, validating strictly, has stored each event, and not only answered 200."""
    assert set(made.recorder.answers) == {200}
    made.bugsink.wait_for({made.event(kind)["event_id"] for kind in _seen(made)}, 5)


def test_what_is_stored_is_what_was_sent(made: setup.Made) -> None:
    """Bugsink keeps an event's exceptions, trace, route and tags as they left the process."""
    sent = made.event("chained")
    stored = next(event["data"] for event in made.bugsink.events() if event["data"]["event_id"] == sent["event_id"])
    for key in ("exception", "transaction", "release", "environment", "contexts", "tags", "breadcrumbs"):
        assert stored[key] == sent[key], key


def test_every_event_is_linked_to_its_span(made: setup.Made) -> None:
    """Trace id and span id of each event are those of a span that OTLP exported."""
    assert [kind for kind in _seen(made) if made.span(made.event(kind)) is None] == []


def test_every_event_belongs_to_its_request(made: setup.Made) -> None:
    """The trace of each event is the one whose server span served that request."""
    for kind in _seen(made):
        event = made.event(kind)
        served = made.server_span(event)
        assert served is not None, kind
        assert _attribute(served.attributes, "http.route") == event["transaction"], kind


def test_spans_carry_the_event_id(made: setup.Made) -> None:
    """An unhandled error's span has status ERROR and the event's id; a handled one's, an event with the id."""
    for kind in _seen(made):
        if kind in OUTLIVED:
            continue
        event = made.event(kind)
        values = event.get("exception", {}).get("values")
        handled = values[-1]["mechanism"]["handled"] if values else True
        span = made.span(event)
        assert span is not None
        on_span = _attribute(span.attributes, "sentry.event_id") == event["event_id"]
        if handled:
            assert on_span or _has_event(span, event["event_id"]), kind
        else:
            assert (on_span, span.status.code) == (True, span.status.STATUS_CODE_ERROR), kind


def _has_event(span: Span, event_id: str) -> bool:
    return any(_attribute(event.attributes, "sentry.event_id") == event_id for event in span.events)


def test_every_event_is_readable(made: setup.Made) -> None:
    """Each event has its type, a frame of the application's, route, method, request id, release and environment."""
    for kind in _seen(made):
        event = made.event(kind)
        assert (event["release"], event["environment"]) == (setup.RELEASE, "test"), kind
        assert event["transaction"].startswith("/test/"), kind
        if "exception" in event:
            values = event["exception"]["values"]
            assert values[-1]["type"] not in {"", "Exception"}, kind
            stacks = [value["stacktrace"]["frames"] for value in values if "stacktrace" in value]
            frames = [frame for stack in stacks for frame in stack]
        else:
            frames = event["threads"]["values"][0]["stacktrace"]["frames"]
        own = [frame for frame in frames if frame["in_app"]]
        assert own or kind in {"response_validation", "timeout"}, kind
        assert all(frame["module"].startswith("practice_api") and frame["lineno"] for frame in own), kind


def test_unhandled_errors_and_server_errors_carry_the_status(made: setup.Made) -> None:
    """The tag `http.status_code`, which the alert rule asks for, is the status that the caller got."""
    for kind in _seen(made):
        if kind in OUTLIVED or kind == "websocket" or "exception" not in made.event(kind):
            continue
        assert made.event(kind)["tags"]["http.status_code"] == str(made.statuses[kind]), kind


def test_the_guides_test_error_arrives_readable(made: setup.Made) -> None:
    """The message of the guide's test error is a literal, so it arrives whole."""
    error = made.event("test_sentry")["exception"]["values"][-1]
    assert error["type"] == "ValueError"
    assert error["value"] == "Test error for Sentry - if you see this in Sentry, it works!"


def test_literal_messages_arrive_and_made_up_ones_do_not(made: setup.Made) -> None:
    """A message that is a literal of its `raise` arrives; one with a patient's name in it doesn't."""
    assert made.event("literal_message")["exception"]["values"][-1]["value"] == "The clinic is closed today"
    assert setup.NAME not in str(made.event("formatted_message"))


def test_queries_and_calls_before_the_error_are_breadcrumbs(made: setup.Made) -> None:
    """A failed insert tells which statements ran, without a value; a failed call, its method and host."""
    crumbs = made.event("integrity_error")["breadcrumbs"]["values"]
    queries = [crumb["message"] for crumb in crumbs if crumb["category"] == "query"]
    assert any(query.startswith("INSERT INTO clients") for query in queries)
    calls = made.event("httpx_refused")["breadcrumbs"]["values"]
    assert [crumb["data"] for crumb in calls if crumb["category"] == "http"] == [
        {"method": "POST", "host": "127.0.0.1"}
    ]


def test_nothing_of_the_patient_or_the_machine_leaves(made: setup.Made) -> None:
    """Not a byte of the requests to Sentry, headers included, holds the patient, the host's name or a folder."""
    planted = [setup.NAME, setup.PHONE, setup.NOTE, f'"{socket.gethostname()}"', str(Path.cwd()), "practice.db"]
    sent = [received.body for received in made.recorder.received] + made.recorder.heads
    assert sent
    for value in planted:
        assert [body for body in sent if value.encode() in body] == []
