"""A server's own lines under guarded output: what the process knows by itself is filled in, and nothing else."""

from __future__ import annotations

import logging
import os
from importlib.metadata import version
from typing import Any

import gunicorn.workers.sync
import pytest
from opentelemetry.sdk.trace import TracerProvider

from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.redact.log_line import guarded_record

ROUTE = "/patients/{name}"
PATH = "/patients/Orit?phone=0521234567"
WORKER = f"{gunicorn.workers.sync.__name__}.SyncWorker"
RUNNING = "running on %s (Press CTRL+C to quit)"
PID = os.getpid()


class Written(logging.Handler):
    """Keep what an application's handler would write."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        evidence = Evidence(hosts=["broker.clinic.test"])
        evidence.add_routes(lambda: [ROUTE])
        self._guard = Guard(load_policy(), evidence)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(guarded_record(record, self._guard).getMessage())


def _write(name: str, *line: Any, route: str | None = ROUTE) -> str:
    logger, handler = logging.getLogger(name), Written()
    logger.addHandler(handler)
    with TracerProvider(shutdown_on_exit=False).get_tracer(__name__).start_as_current_span("GET") as span:
        if route is not None:
            span.set_attribute("http.route", route)
        match line:
            case ["uvicorn", scheme, host, port]:
                addr_format = "%s://[%s]:%d" if ":" in host else "%s://%s:%d"
                logger.error(f"running on {addr_format} (Press CTRL+C to quit)", scheme, host, port)  # noqa: G004 - as uvicorn does
            case ["started", number]:
                logger.error("started [%d]", number)
            case ["listening", at, number]:
                logger.error("Listening at: %s (%s)", at, number)
            case ["using", worker]:
                logger.error("Using worker: %s", worker)
            case ["socket", client, path]:
                logger.error('%s - "WebSocket %s" [accepted]', client, path)
            case ["connected", address]:
                logger.error("Connected to %s", address)
            case [first, second]:
                logger.error("%s: %s", first, second)
    logger.removeHandler(handler)
    return handler.lines[0]


@pytest.mark.parametrize(
    ("name", "line", "written"),
    [
        ("desk.ids", ("started", PID), f"started [{PID}]"),
        ("gunicorn.error", ("listening", "http://127.0.0.1:8000", PID), f"Listening at: http://127.0.0.1:8000 ({PID})"),
        ("gunicorn.error", ("using", "sync"), "Using worker: sync"),
        ("gunicorn.error", ("using", WORKER), f"Using worker: {WORKER}"),
        ("gunicorn.error", ("using", "term"), "Using worker: term"),
        ("gunicorn.error", ("using", "SIGTERM"), "Using worker: SIGTERM"),
        ("gunicorn.error", ("using", version("gunicorn")), f"Using worker: {version('gunicorn')}"),
        ("uvicorn.error", ("uvicorn", "http", "0.0.0.0", 8000), RUNNING % "http://0.0.0.0:8000"),
        ("uvicorn.error", ("uvicorn", "http", "::1", 8000), RUNNING % "http://[::1]:8000"),
        ("uvicorn.error", ("socket", "10.1.2.3:5", PATH), f'%s - "WebSocket {ROUTE}" [accepted]'),
        ("celery.worker", ("connected", "amqp://desk:**@broker.clinic.test:5672//"), "Connected to amqp://broker.clinic.test:5672"),
        ("django.request", ("Not Found", PATH), f"Not Found: {ROUTE}"),
    ],
    # Without the process's id, which differs between the processes that run the tests.
    ids=lambda value: value[0] if isinstance(value, tuple) else value.partition(" ")[0],
)  # fmt: skip
def test_a_servers_line_says_what_the_process_knows(name: str, line: tuple[Any, ...], written: str) -> None:
    """Ids of the process, known addresses, workers, signals and the request's route are written in a server's lines."""
    assert _write(name, *line) == written


@pytest.mark.parametrize(
    ("name", "line", "written"),
    [
        ("desk.ids", ("started", 305123456), "started [%d]"),
        ("desk.ids", ("using", "sync"), "Using worker: %s"),
        ("desk.ids", ("Not Found", PATH), "%s: %s"),
        ("gunicorn.error", ("listening", "http://orit.example.org:8000", 305123456), "Listening at: %s (%s)"),
        ("gunicorn.error", ("using", "Orit"), "Using worker: %s"),
        ("uvicorn.error", ("uvicorn", "http", "127.0.0.1", 305123456), RUNNING % "{addr_format}"),
        ("celery.worker", ("connected", "orit+levi://localhost/Orit"), "Connected to %s"),
        ("django.request", ("Orit", "Levi"), "%s: %s"),
    ],
)  # fmt: skip
def test_what_it_does_not_know_stays_a_field(name: str, line: tuple[Any, ...], written: str) -> None:
    """Any other number, host, word or path, and any value in an application's line, stays a field of the template."""
    assert _write(name, *line) == written


def test_a_path_without_a_route() -> None:
    """A request that no route answers has its status phrase in Django's line, and nothing of its path."""
    assert _write("django.request", "Not Found", PATH, route=None) == "Not Found: -"
