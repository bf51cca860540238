"""What `pazpaz-otel doctor --app` says of an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.doctor import doctor

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


PROGRAM = """
import blacksheep, ddtrace
from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from prometheus_client import make_asgi_app
spare = TracerProvider()
trace.get_tracer_provider().add_span_processor(SpanProcessor())
app = FastAPI()
app.mount('/internal/metrics', make_asgi_app())
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, tuple[str, str]], str]:
    """What is said of an application that does everything of which the doctor speaks."""
    folder = tmp_path_factory.mktemp("application")
    (folder / "clinic.py").write_text(PROGRAM)
    for name in ("blacksheep", "ddtrace"):
        (folder / f"{name}.py").touch()
    return doctor(folder, {}, "--no-send", "--app", "clinic:app")


def test_unguarded_handlers_are_named(told: tuple[int, dict[str, tuple[str, str]], str]) -> None:
    """A log handler without a guard is a fault: a server's default access log writes paths and queries."""
    code, findings, output = told
    assert code == 1
    assert findings["log handler"][0] == "fault"
    assert "logger uvicorn.access" in output


def test_a_second_provider_is_named(told: tuple[int, dict[str, tuple[str, str]], str]) -> None:
    """An application that makes a provider of its own beside ours is told so."""
    assert told[1]["TracerProvider"][0] == "note"


def test_a_processor_that_costs_is_named(told: tuple[int, dict[str, tuple[str, str]], str]) -> None:
    """An application whose own span processor takes the SDK's way is told so."""
    state, text = told[1]["traces"]
    assert (state, "another span processor" in text) == ("note", True)


def test_the_application_s_own_page_of_metrics_is_named(told: tuple[int, dict[str, tuple[str, str]], str]) -> None:
    """A page that the application serves from `prometheus_client` is named: nothing guards its labels."""
    _, findings, output = told
    assert findings["GET /internal/metrics"][0] == "note"
    assert "OTEL_METRICS_EXPORTER=prometheus" in output


def test_an_agent_that_sends_by_itself_is_named(told: tuple[int, dict[str, tuple[str, str]], str]) -> None:
    """An application that loads a library which sends telemetry past the guards is told so: it's a fault."""
    assert told[1]["ddtrace"][0] == "fault"


def test_a_framework_that_nothing_traces_is_named(told: tuple[int, dict[str, tuple[str, str]], str]) -> None:
    """An application of a framework without an instrumentation is told so, with what traces its requests."""
    _, findings, output = told
    assert findings["blacksheep"][0] == "note"
    assert "opentelemetry.instrumentation.asgi" in output


def test_nothing_is_told_of_an_application_without_cause(tmp_path: Path) -> None:
    """One that does none of it has none of these findings, and without one the doctor says what it needs."""
    (tmp_path / "plain.py").write_text("app = 1\n")
    _, findings, _ = doctor(tmp_path, {}, "--no-send", "--app", "plain:app")
    assert not {"TracerProvider", "traces", "GET /internal/metrics", "ddtrace", "blacksheep"} & findings.keys()
    _, findings, _ = doctor(tmp_path, {}, "--no-send")
    assert "--app" in findings["log handlers"][1]


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        ("plain:application", "plain has no application"),
        ("palin:app", "there is no module palin here; did you mean plain?"),
        ("broken:app", "broken raises LookupError: out of rooms (broken.py, line 1)"),
    ],
)
def test_an_application_that_is_not_there_is_named(tmp_path: Path, app: str, reason: str) -> None:
    """Whatever else the process says at its start, the reason is the application's."""
    (tmp_path / "plain.py").write_text("app = 1\n")
    (tmp_path / "broken.py").write_text("raise LookupError('out of rooms')\n")
    dsn = {"SENTRY_DSN": "http://key@127.0.0.1:9/1", "SENTRY_TRACES_SAMPLE_RATE": "1"}
    code, findings, _ = doctor(tmp_path, dsn, "--no-send", "--app", app)
    assert (code, findings["process"][0]) == (1, "fault")
    assert reason in findings["process"][1]
