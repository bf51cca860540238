"""What `pazpaz-otel doctor --app` says of an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.doctor import doctor

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_unguarded_handlers_are_named(tmp_path: Path) -> None:
    """A log handler without a guard is a fault: a server's default access log writes paths and queries."""
    (tmp_path / "plain.py").write_text("from fastapi import FastAPI\napp = FastAPI()\n")
    code, findings, output = doctor(tmp_path, {}, "--no-send", "--app", "plain:app")
    assert code == 1
    assert findings["log handler"][0] == "fault"
    assert "logger uvicorn.access" in output


def test_a_second_provider_is_named(tmp_path: Path) -> None:
    """An application that makes a provider of its own beside ours is told so."""
    (tmp_path / "two.py").write_text(
        "from opentelemetry.sdk.trace import TracerProvider\nspare = TracerProvider()\napp = 1\n"
    )
    _, findings, _ = doctor(tmp_path, {}, "--no-send", "--app", "two:app")
    assert findings["TracerProvider"][0] == "note"


def test_the_application_s_own_page_of_metrics_is_named(tmp_path: Path) -> None:
    """A page that the application serves from `prometheus_client` is named: nothing guards its labels."""
    (tmp_path / "counts.py").write_text(
        "from fastapi import FastAPI\nfrom prometheus_client import make_asgi_app\n"
        "app = FastAPI()\napp.mount('/internal/metrics', make_asgi_app())\n"
    )
    _, findings, output = doctor(tmp_path, {}, "--no-send", "--app", "counts:app")
    assert findings["GET /internal/metrics"][0] == "note"
    assert "OTEL_METRICS_EXPORTER=prometheus" in output
    _, findings, _ = doctor(tmp_path, {}, "--no-send")
    assert "--app" in findings["log handlers"][1]


def test_an_agent_that_sends_by_itself_is_named(tmp_path: Path) -> None:
    """An application that loads a library which sends telemetry past the guards is told so: it's a fault."""
    (tmp_path / "ddtrace.py").touch()
    (tmp_path / "traced.py").write_text("import ddtrace\napp = 1\n")
    code, findings, _ = doctor(tmp_path, {}, "--no-send", "--app", "traced:app")
    assert (code, findings["ddtrace"][0]) == (1, "fault")


def test_a_framework_that_nothing_traces_is_named(tmp_path: Path) -> None:
    """An application of a framework without an instrumentation is told so, with what traces its requests."""
    (tmp_path / "blacksheep.py").touch()
    (tmp_path / "desk.py").write_text("import blacksheep\napp = 1\n")
    _, findings, output = doctor(tmp_path, {}, "--no-send", "--app", "desk:app")
    assert findings["blacksheep"][0] == "note"
    assert "opentelemetry.instrumentation.asgi" in output


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
