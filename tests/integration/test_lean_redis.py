"""The lean Redis wrappers against contrib's, span by span: what they tell is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from tests.integration.instrumented import attributes, completed, everything, spans
from tests.programs import HttpSink, Redis

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Dvora-Mizrahi-7731"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What both ways told of the same commands, in the order in which they ended."""
    both = {}
    for name, lean in (("lean", "true"), ("contrib", "false")):
        folder: Path = tmp_path_factory.mktemp(name)
        with HttpSink() as sink, Redis(folder) as server:
            settings = {"PAZPAZ_OTEL_LEAN": lean, "OTEL_METRICS_EXPORTER": "none"}
            completed("lean_redis.py", folder, sink, settings, server.url, NAME)
            assert NAME not in everything(sink)
            both[name] = _described(spans(sink))
    return both


@pytest.mark.stack
def test_the_spans_of_commands_are_the_same(told: dict[str, list[Any]]):
    """Names, kinds, attributes, events, status, parents and flags of commands, pipelines and failures are the same."""
    assert [span[0] for span in told["lean"]].count("SET") > 1
    assert told["contrib"] == told["lean"]


@pytest.mark.stack
def test_a_failed_command_says_so(told: dict[str, list[Any]]):
    """An error's span has the error's status and one event; a watched key that changed, and a cancellation, don't."""
    failed = {
        (name, len(events)) for name, _, _, events, (code, _), *_ in told["lean"] if code == Status.STATUS_CODE_ERROR
    }
    assert failed == {("INCRBY", 1), ("SET INCRBY", 1), ("redis.search", 1)}
    assert "BLPOP" in {span[0] for span in told["lean"]}


def _described(found: list[Any]) -> list[Any]:
    names = {span.span_id: span.name for span in found}
    return [
        (
            span.name,
            span.kind,
            _values(span),
            [(event.name, _values(event)) for event in span.events],
            (span.status.code, span.status.message),
            names.get(span.parent_span_id, span.parent_span_id.hex()),
            span.flags,
            span.trace_state,
        )
        for span in sorted(found, key=lambda span: span.end_time_unix_nano)
    ]


def _values(one: Any) -> dict[str, Any]:
    # A stack trace has the frames of one way or the other, and each server has a port of its own.
    varying = {"exception.stacktrace", "server.port"}
    return {key: value for key, value in attributes(one).items() if key not in varying}
