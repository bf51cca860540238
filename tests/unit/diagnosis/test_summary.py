"""The line that a process says at its start."""

from __future__ import annotations

import pytest

from pazpaz_otel.diagnosis.summary import is_of_success, summary
from pazpaz_otel.policy import load_policy

ALL = "traces, metrics and logs"


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, f"{ALL} to http://localhost:4318, the default endpoint; "),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, f"{ALL} to http://localhost:4317, the default endpoint; "),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://user:word@c:4318"}, f"{ALL} to http://"),
        ({"OTEL_TRACES_EXPORTER": "pazpaz_console,console"}, "traces to this terminal; metrics and logs to http"),
        (
            {"OTEL_METRICS_EXPORTER": "prometheus"},
            "traces and logs to http://localhost:4318, the default endpoint; metrics",
        ),
        ({"OTEL_LOGS_EXPORTER": "none"}, "logs go nowhere; "),
    ],
)
def test_each_signal_is_told_once_with_its_destination(variables: dict[str, str], told: str) -> None:
    """Signals are grouped by where they go, however many exporters lead there; no password is shown."""
    line = summary(variables, load_policy(), None, ["redis", "FastAPI"])
    assert told in line
    assert line.count("traces") == 1
    assert "word" not in line
    assert is_of_success(line)
    assert line.endswith("instruments FastAPI, redis")
