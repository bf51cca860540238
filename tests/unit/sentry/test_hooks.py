"""Where errors come from: a process that dies, a failed start, a logger of any kind."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from pazpaz_otel.audit.sinks import HttpSink
from tests.programs.envelopes import envelope_items

if TYPE_CHECKING:
    from tests.unit.sentry.conftest import Kept

_START = """
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.integrations import registry
from pazpaz_otel.policy import load_policy
from pazpaz_otel.sentry import client
from pazpaz_otel.settings import Settings
client.start(Settings.from_env(), Guard(load_policy()), registry.error_hooks())
"""


def _events(program: str) -> list[dict[str, Any]]:
    """The events of a program that ends by itself, whatever it ends with."""
    from pazpaz_otel.settings import inherited

    with HttpSink() as sink:
        subprocess.run(
            [sys.executable, "-c", _START + program],
            env=inherited({"SENTRY_DSN": sink.dsn}),
            capture_output=True,
            timeout=60,
            check=False,
        )
        return [json.loads(body) for request in sink.received for _, body in envelope_items(request.body)[1:]]


def test_what_ends_the_process_is_sent_before_it_ends() -> None:
    """An exception that nobody catches is sent as the process ends."""
    (event,) = _events("raise LookupError('x')")
    value = event["exception"]["values"][-1]
    assert (value["type"], value["mechanism"]["type"], value["mechanism"]["handled"]) == (
        "LookupError",
        "excepthook",
        False,
    )


@pytest.mark.slow
def test_an_interrupt_is_no_error() -> None:
    """Ctrl-C and `sys.exit` are no events."""
    assert _events("raise KeyboardInterrupt") == []
    assert _events("import sys; sys.exit(3)") == []


def test_an_error_in_a_finaliser_is_sent() -> None:
    """What a `__del__` raises is an event."""
    program = "class Thing:\n    def __del__(self): raise LookupError('x')\nThing()"
    (event,) = _events(program)
    assert event["exception"]["values"][-1]["mechanism"]["type"] == "unraisablehook"


@pytest.mark.slow
def test_a_failed_start_is_one_error() -> None:
    """An application whose start fails is one event: not the text of its traceback, which uvicorn logs."""
    program = """
import contextlib, uvicorn
from fastapi import FastAPI
@contextlib.asynccontextmanager
async def lifespan(app):
    raise RuntimeError(f"no database for {len('Dana')}")
    yield
uvicorn.run(FastAPI(lifespan=lifespan), port=0)
"""
    events = _events(program)
    errors = [event for event in events if "exception" in event]
    assert [event["exception"]["values"][-1]["type"] for event in errors] == ["RuntimeError"]
    messages = [event["logentry"]["message"] for event in events if "exception" not in event]
    assert messages in ([], ["Application startup failed. Exiting."])


def _structlog(*processors: Any) -> Any:
    return structlog.wrap_logger(
        logging.getLogger(__name__),
        processors=processors,
        wrapper_class=structlog.stdlib.BoundLogger,
    )


@pytest.mark.parametrize(
    "last",
    [structlog.stdlib.ProcessorFormatter.wrap_for_formatter, structlog.processors.JSONRenderer()],
    ids=["for the formatter", "as JSON"],
)
def test_structlogs_event_is_the_template(kept: Kept, last: Any) -> None:
    """A structlog error is an event with its literal event name, its exception, and no field but the policy's."""
    log = _structlog(structlog.processors.add_log_level, last)
    workspace = "8f2e61f0-7a0b-4b63-9d1c-6a1f2b3c4d5e"
    try:
        raise LookupError("Dana Levi"[:4])
    except LookupError:
        log.exception("note_not_saved", client=str.upper("dana"), **{"workspace.id": workspace})
    (event,) = kept.events
    assert event["logentry"]["message"] == "note_not_saved"
    assert event["exception"]["values"][-1]["type"] == "LookupError"
    assert event["tags"] == {"workspace.id": workspace}
    assert b"DANA" not in kept.bytes
    assert b"Dana" not in kept.bytes


def test_loggers_that_report_the_reporting_are_left_alone(kept: Kept) -> None:
    """Errors of the exporters and of the SDK itself aren't events: they would make more of themselves."""
    for name in ("opentelemetry.exporter", "sentry_sdk.errors", "urllib3.connectionpool", "pazpaz_otel.sentry"):
        logging.getLogger(name).error("failed")
    assert kept.events == []
