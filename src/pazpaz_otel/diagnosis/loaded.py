"""Name loaded libraries that send telemetry by themselves, past the guards, or that nothing traces."""

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

_ASGI: Final = "app = OpenTelemetryMiddleware(app), of opentelemetry.instrumentation.asgi, traces them without routes"
_WSGI: Final = "app = OpenTelemetryMiddleware(app), of opentelemetry-instrumentation-wsgi, traces them without routes"
_OWN_SERVER: Final = "start a span in a middleware of its own, or serve them with a framework that is traced"
_UNTRACED: Final = {"blacksheep": _ASGI, "bottle": _WSGI, "cherrypy": _WSGI, "robyn": _OWN_SERVER, "sanic": _OWN_SERVER}
"""Web frameworks of which there is no instrumentation, each with what traces its requests."""


def loaded() -> list[str]:
    """Return the names of the agents and untraced frameworks that this process loaded."""
    return [name for name in (*_AGENTS, *_UNTRACED) if name in sys.modules]


def judge(name: str) -> Finding:
    """Return the finding about a loaded agent or framework."""
    if name in _UNTRACED:
        text = "there is no instrumentation of it: its requests are neither traced nor counted"
        return Finding("note", name, text, _UNTRACED[name])
    text = "sends telemetry of its own, which no guard judges"
    return Finding("fault", name, text, "uninstall it, or start the application without it")


def name_loaded() -> None:
    """Log one line about each: now if it is loaded, else as soon as the application imports it."""
    for name in (*_AGENTS, *_UNTRACED):
        when_imported(name, partial(_say, str(judge(name))), lambda _: None)


def _say(line: str, _: object) -> None:
    notices.print_once(line)
