"""Access lines under guarded output: method, route and status, and nothing of the request's URL."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from uvicorn.logging import AccessFormatter

from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.redact.log_line import guarded_record

ROUTE = "/patients/{name}"
PROBE = "/health"
PATH = "/patients/Orit?phone=0521234567"
UVICORN = ("10.1.2.3:5", "GET", PATH, "1.1", 200)
GUNICORN = {"h": "10.1.2.3", "m": "GET", "s": "200", "r": f"GET {PATH} HTTP/1.1", "U": PATH, "a": "curl"}
LINES: list[tuple[str, str, Any]] = [
    ("uvicorn.access", '%s - "%s %s HTTP/%s" %d', UVICORN),
    ("gunicorn.access", '%(h)s "%(r)s" %(s)s "%(a)s"', (GUNICORN,)),
    ("werkzeug", '10.1.2.3 - - [now] "%s" %s %s', (f"GET {PATH} HTTP/1.1", "200", "-")),
    ("werkzeug", '10.1.2.3 - - [now] "%s" %s %s', (f"\x1b[33mGET {PATH} HTTP/1.1\x1b[0m", "200", "-")),
]


def _guard() -> Guard:
    evidence = Evidence()
    evidence.add_routes(lambda: [ROUTE, PROBE])
    return Guard(load_policy(), evidence)


def _line(name: str, template: str, arguments: Any, route: str | None) -> str:
    record = logging.LogRecord(name, logging.INFO, "server.py", 1, template, arguments, None)
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer(__name__)
    with tracer.start_as_current_span("GET") as span:
        if route is not None:
            span.set_attribute("http.route", route)
        clean = guarded_record(record, _guard())
    return AccessFormatter("%(message)s").format(clean) if name == "uvicorn.access" else clean.getMessage()


@pytest.mark.parametrize(("name", "template", "arguments"), LINES)
def test_an_access_line_has_method_route_and_status(name: str, template: str, arguments: Any) -> None:
    """Each server's line names the route of the running request; its path, query and client stay here."""
    line = _line(name, template, arguments, ROUTE)
    assert f"GET {ROUTE}" in line
    assert "200" in line
    assert not any(part in line for part in ("Orit", "052", "10.1.2.3", "curl"))


@pytest.mark.parametrize(
    ("name", "template", "arguments"),
    [
        ("uvicorn.access", '%s - "%s %s HTTP/%s" %d', ("10.1.2.3:5", "GET", f"{PROBE}?name=Orit", "1.1", 200)),
        ("gunicorn.access", '%(h)s "%(r)s" %(s)s "%(a)s"', ({**GUNICORN, "U": PROBE},)),
        ("werkzeug", '10.1.2.3 - - [now] "%s" %s %s', (f"GET {PROBE}?name=Orit HTTP/1.1", "200", "-")),
    ],
)
def test_a_path_that_is_a_route_needs_no_span(name: str, template: str, arguments: Any) -> None:
    """A probe isn't traced, so no span has its route; its query stays here."""
    line = _line(name, template, arguments, None)
    assert f"GET {PROBE}" in line
    assert "Orit" not in line


@pytest.mark.parametrize("route", [None, "/patients/Orit"])
@pytest.mark.parametrize(("name", "template", "arguments"), LINES)
def test_a_path_is_no_route(name: str, template: str, arguments: Any, route: str | None) -> None:
    """Without a registered route, nothing of the path is written."""
    line = _line(name, template, arguments, route)
    assert "GET -" in line
    assert "Orit" not in line


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("uvicorn.access", ("10.1.2.3:5", "Orit", PATH, "Orit", "Orit")),
        ("gunicorn.access", ({**GUNICORN, "m": "Orit", "s": "Orit"},)),
        ("werkzeug", ("Orit /patients", "Orit", "Orit")),
    ],
)
def test_what_a_client_sends_instead_stays_here(name: str, arguments: Any) -> None:
    """A method, version or status outside their closed sets isn't written."""
    template = next(template for known, template, _ in LINES if known == name)
    assert "Orit" not in _line(name, template, arguments, ROUTE)
