"""Web frameworks other than FastAPI, each with OpenTelemetry's instrumentation of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from pazpaz_otel.settings import inherited
from tests.integration.instrumented import FAST, INSTRUMENT, attributes, errors, everything, spans
from tests.programs.pypi import pypi_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.programs import HttpSink

pytestmark = pytest.mark.slow

NAME = "Dvora-Mizrahi-7731"
LIBRARIES = (
    "flask>=3",
    "django>=5",
    "aiohttp>=3",
    "falcon>=4",
    "pyramid>=2",
    "litestar>=2",
    "quart>=0.20",
    "setuptools<81",
    *(
        f"opentelemetry-instrumentation-{name}==0.66b1"
        for name in ("flask", "django", "starlette", "wsgi", "aiohttp-server", "falcon", "pyramid")
    ),
)
FLASK = """
import flask
application = flask.Flask(__name__)
application.get("/health", endpoint="health")(lambda: "ok")
application.get("/metrics", endpoint="metrics")(lambda: "")
application.get("/internal/jobs", endpoint="jobs")(lambda: "")
@application.get("/patients/<name>")
def show(name):
    raise LookupError(name)
client = application.test_client()
get = client.get
"""
DJANGO = """
import os
import django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_settings")
from django.http import HttpResponse
from django.urls import path
def show(request, name):
    raise LookupError(name)
ok = lambda request: HttpResponse("ok")
urlpatterns = [path("health", ok), path("metrics", ok), path("internal/jobs", ok), path("patients/<name>", show)]
django.setup()
from django.test import Client
get = Client(raise_request_exception=False).get
"""
DJANGO_INCLUDED = DJANGO.replace("import path", "import include, path, re_path").replace(
    'path("patients/<name>", show)', 'path("patients/", include([re_path(r"^(?P<name>[^/.]+)$", show)]))'
)
STARLETTE = """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
def show(request):
    raise LookupError(request.path_params["name"])
ok = lambda request: PlainTextResponse("ok")
paths = ("/health", "/metrics", "/internal/jobs")
application = Starlette(routes=[*(Route(path, ok) for path in paths), Route("/patients/{name}", show)])
get = TestClient(application, raise_server_exceptions=False).get
"""
AIOHTTP = """
import asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
async def show(request):
    raise LookupError(request.match_info["name"])
async def ok(request):
    return web.Response(text="ok")
application = web.Application()
for path in ("/health", "/metrics", "/internal/jobs"):
    application.router.add_get(path, ok)
application.router.add_get("/patients/{name}", show)
loop = asyncio.new_event_loop()
client = TestClient(TestServer(application, loop=loop), loop=loop)
loop.run_until_complete(client.start_server())
async def asked(path):
    async with client.get(path) as response:
        await response.read()
get = lambda path: loop.run_until_complete(asked(path))
"""
FALCON = """
import falcon
from werkzeug.test import Client
class Ok:
    def on_get(self, request, response):
        response.text = "ok"
class Patient:
    def on_get(self, request, response, name):
        raise LookupError(name)
application = falcon.App()
for path in ("/health", "/metrics", "/internal/jobs"):
    application.add_route(path, Ok())
application.add_route("/patients/{name}", Patient())
get = Client(application).get
"""
PYRAMID = """
from contextlib import suppress
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
def show(request):
    raise LookupError(request.matchdict["name"])
with Configurator() as config:
    for name, path in (("health", "/health"), ("metrics", "/metrics"), ("jobs", "/internal/jobs")):
        config.add_route(name, path)
        config.add_view(lambda request: Response("ok"), route_name=name)
    config.add_route("patient", "/patients/{name}")
    config.add_view(show, route_name="patient")
    application = config.make_wsgi_app()
def get(path):
    with suppress(LookupError):
        Request.blank(path).get_response(application)
"""
LITESTAR = """
from litestar import Litestar, get as route
from litestar.testing import TestClient
@route(["/health", "/metrics", "/internal/jobs"])
async def ok() -> str:
    return "ok"
@route("/patients/{name:str}")
async def show(name: str) -> str:
    raise LookupError(name)
get = TestClient(Litestar([ok, show]), raise_server_exceptions=False).get
"""
LIVE = """
from litestar import WebSocket, websocket
@websocket("/live")
async def live(socket: WebSocket) -> None:
    await socket.accept()
    await socket.receive_text()
"""
REFUSED = """
get = client.get
assert get("/nowhere").status_code == 404
with client.websocket_connect("/live") as socket:
    socket.close()
"""
QUART = """
import asyncio
import quart
application = quart.Quart(__name__)
for path in ("/health", "/metrics", "/internal/jobs"):
    application.get(path, endpoint=path)(lambda: "ok")
@application.get("/patients/<name>")
async def show(name):
    raise LookupError(name)
loop = asyncio.new_event_loop()
get = lambda path: loop.run_until_complete(application.test_client().get(path))
"""
CONFIGURED = """
import pazpaz_otel
pazpaz_otel.configure()
"""
ASKING = """
import sys
for path in ("/health", "/health/", "/metrics", "/internal/jobs", f"/patients/{sys.argv[1]}?name={sys.argv[1]}"):
    get(path)
from opentelemetry import metrics, trace
trace.get_tracer_provider().force_flush()
metrics.get_meter_provider().force_flush()
"""


@pytest.mark.parametrize(
    ("framework", "program", "route"),
    [
        ("FLASK", FLASK, "/patients/<name>"),
        ("DJANGO", DJANGO, "patients/<name>"),
        ("DJANGO", DJANGO_INCLUDED, "patients/(?P<name>[^/.]+)$"),
        ("STARLETTE", STARLETTE, "/patients/{name}"),
        ("LITESTAR", LITESTAR, "/patients/{name}"),
        ("QUART", QUART, "/patients/<name>"),
    ],
)
def test_a_framework_alone(tmp_path: Path, otlp_http_sink: HttpSink, framework: str, program: str, route: str) -> None:
    """Probes, scrapes and the user's exclusions aren't traced or counted; an unhandled error is counted, and one event.

    Django's settings are found where its own projects name them: in the program.
    """
    (tmp_path / "clinic_settings.py").write_text("ROOT_URLCONF, ALLOWED_HOSTS, SECRET_KEY = '__main__', ['*'], 'x'")
    _ask(tmp_path, otlp_http_sink, framework, program, SENTRY_DSN=otlp_http_sink.dsn)
    [served] = spans(otlp_http_sink)
    assert attributes(served)["http.route"] == route
    assert attributes(served)["http.response.status_code"] == 500
    assert attributes(served)["error.type"] in {"LookupError", "500"}
    assert served.status.code == Status.STATUS_CODE_ERROR
    assert _counted(otlp_http_sink) == {(route, 500)}
    [event] = errors(otlp_http_sink)
    assert [error["type"] for error in event["exception"]["values"]] == ["LookupError"]
    assert event.get("transaction") == route
    assert event["contexts"]["trace"]["trace_id"] == served.trace_id.hex()
    assert NAME not in everything(otlp_http_sink)


@pytest.mark.parametrize(
    ("framework", "program", "route"),
    [("FLASK", FLASK, "/patients/<name>"), ("DJANGO", DJANGO, "patients/<name>")],
    ids=["Flask", "Django"],
)
def test_a_framework_that_configure_starts(
    tmp_path: Path, otlp_http_sink: HttpSink, framework: str, program: str, route: str
) -> None:
    """`configure()` starts the instrumentations that are installed, as `opentelemetry-instrument` does."""
    (tmp_path / "clinic_settings.py").write_text("ROOT_URLCONF, ALLOWED_HOSTS, SECRET_KEY = '__main__', ['*'], 'x'")
    _ask(tmp_path, otlp_http_sink, framework, CONFIGURED + program, before=())
    [served] = spans(otlp_http_sink)
    assert attributes(served)["http.route"] == route
    assert _counted(otlp_http_sink) == {(route, 500)}
    assert NAME not in everything(otlp_http_sink)


@pytest.mark.parametrize(
    ("framework", "program", "name"),
    [
        ("AIOHTTP_SERVER", AIOHTTP, "GET /patients/{name}"),
        ("PYRAMID", PYRAMID, "/patients/{name}"),
    ],
)
def test_a_framework_by_its_routes(
    tmp_path: Path, otlp_http_sink: HttpSink, framework: str, program: str, name: str
) -> None:
    """A span has its route, and the name that the instrumentation gives it; nothing is traced that is left out."""
    _ask(tmp_path, otlp_http_sink, framework, program)
    [served] = spans(otlp_http_sink)
    assert (served.name, attributes(served)["http.route"]) == (name, "/patients/{name}")
    assert NAME not in everything(otlp_http_sink)


def test_a_route_that_a_request_makes_isnt_told(tmp_path: Path, otlp_http_sink: HttpSink) -> None:
    """Falcon's spans have its routes, which it takes while it serves; one that is made of a request's data has none."""
    late = """
class Late:
    def on_get(self, request, response, name):
        application.add_route("/late/" + name, Ok())
application.add_route("/later/{name}", Late())
import sys
get("/later/" + sys.argv[1])
get("/late/" + sys.argv[1])
"""
    _ask(tmp_path, otlp_http_sink, "FALCON", FALCON + late)
    later, late, served = spans(otlp_http_sink)
    assert attributes(later)["http.route"] == "/later/{name}"
    assert "http.route" not in attributes(late)
    assert (served.name, attributes(served)["http.route"]) == ("GET /patients/{name}", "/patients/{name}")
    assert NAME not in everything(otlp_http_sink)


@pytest.mark.parametrize(
    ("program", "routes"),
    [
        (LITESTAR, {("GET", "/patients/{name:str}")}),
        (QUART, {("GET", "/patients/<name>")}),
        (FLASK, {("GET", "/patients/<name>")}),
    ],
    ids=["Litestar", "Quart", "Flask"],
)
def test_the_audit_learns_a_framework_s_routes(tmp_path: Path, program: str, routes: set[tuple[str, str]]) -> None:
    """Routes come from the framework's own table, without those of its own pages, and Litestar's document as well."""
    program = program.replace(
        "get = TestClient(Litestar([ok, show])", "get = TestClient(application := Litestar([ok, show])"
    )
    (tmp_path / "clinic.py").write_text(program)
    [libraries] = pypi_folder("frameworks", LIBRARIES).glob("lib/python*/site-packages")
    command = [sys.executable, "-m", "pazpaz_otel.audit.application.describe", "clinic:application"]
    settings = {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(libraries)])}
    done = subprocess.run(command, env=inherited(settings), capture_output=True, text=True, check=True, timeout=60)
    described = json.loads(done.stdout.splitlines()[-1])
    others = {("GET", path) for path in ("/health", "/metrics", "/internal/jobs")}
    assert {tuple(route) for route in described["routes"]} == routes | others
    documents = [document["paths"] for _, document in described["documents"]]
    assert documents == [] or "/patients/{name}" in documents[0]


def test_what_litestar_refuses_is_no_event(tmp_path: Path, otlp_http_sink: HttpSink) -> None:
    """A path that no route has, and a WebSocket whose client goes away, aren't errors of the application."""
    program = LITESTAR.replace("[ok, show]", "[ok, show, live]").replace(
        "get = TestClient", f"{LIVE}client = TestClient"
    )
    _ask(tmp_path, otlp_http_sink, "LITESTAR", program.replace(".get\n", REFUSED), SENTRY_DSN=otlp_http_sink.dsn)
    events = errors(otlp_http_sink)
    assert [event["exception"]["values"][0]["type"] for event in events] == ["LookupError"]


def _ask(
    folder: Path,
    sink: HttpSink,
    framework: str,
    program: str,
    before: Sequence[str] = INSTRUMENT,
    **more: str,
) -> None:
    file = folder / "clinic.py"
    file.write_text(program + ASKING)
    [libraries] = pypi_folder("frameworks", LIBRARIES).glob("lib/python*/site-packages")
    settings = {
        **FAST,
        "PYTHONPATH": os.pathsep.join([str(folder), str(libraries)]),
        "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
        f"OTEL_PYTHON_{framework}_EXCLUDED_URLS": "/internal/",
        **more,
    }
    command = [*before, sys.executable, str(file), NAME]
    done = subprocess.run(command, env=inherited(settings), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def _counted(sink: HttpSink) -> set[tuple[Any, Any]]:
    """The routes and statuses of the requests that were counted."""
    return {
        (attributes(point).get("http.route"), attributes(point).get("http.response.status_code"))
        for message in sink.messages(ExportMetricsServiceRequest)
        for resource in message.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == "http.server.request.duration"
        for point in metric.histogram.data_points
    }
