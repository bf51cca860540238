"""Name the libraries that send telemetry by themselves, past OpenTelemetry and its guards."""

from __future__ import annotations

import sys
from functools import partial
from typing import Final

from pazpaz_otel import notices
from pazpaz_otel.diagnosis import Finding
from pazpaz_otel.imports import when_imported

_AGENTS: Final = (
    "amplitude",
    "appdynamics",
    "aws_xray_sdk",
    "beeline",
    "bugsnag",
    "ddtrace",
    "elasticapm",
    "highlight_io",
    "honeybadger",
    "instana",
    "jaeger_client",
    "libhoney",
    "mixpanel",
    "newrelic",
    "oneagent",
    "opencensus",
    "pinpointPy",
    "posthog",
    "py_zipkin",
    "pybrake",
    "pyroscope",
    "raygun4py",
    "rollbar",
    "scout_apm",
    "segment",
    "skywalking",
)
"""The top-level modules. A library that exports by the SDK's classes isn't among them: it is guarded."""


def loaded() -> list[str]:
    """Return the names of the agents that this process loaded."""
    return [name for name in _AGENTS if name in sys.modules]


def judge(name: str) -> Finding:
    """Return the finding about a loaded agent."""
    text = "sends telemetry of its own, which no guard judges"
    return Finding("fault", name, text, "uninstall it, or start the application without it")


def name_agents() -> None:
    """Log one line about each agent: now if it is loaded, else as soon as the application imports it."""
    for name in _AGENTS:
        when_imported(name, partial(_say, str(judge(name))), lambda _: None)


def _say(line: str, _: object) -> None:
    notices.print_once(line)
