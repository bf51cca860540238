"""How OTLP over HTTP is sent."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import requests
from opentelemetry.exporter.http.transport._requests import RequestsHTTPTransport
from opentelemetry.exporter.http.transport._urllib3 import Urllib3HTTPTransport
from opentelemetry.exporter.otlp.proto.http import _common
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

from pazpaz_otel.otel import http_transport
from tests.programs import HttpSink, free_port


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_plain_http_goes_without_requests(otlp_http_sink: HttpSink):
    """To a Collector over plain HTTP, urllib3 sends what `requests` would have."""
    sender = http_transport.Transport(verify=True, cert=None)
    result = sender.request("POST", f"{otlp_http_sink.endpoint}/v1/traces", headers={"x-a": "b"}, timeout=5, data=b"")
    assert result.status_code == 200
    assert isinstance(sender._chosen, Urllib3HTTPTransport)
    assert otlp_http_sink.received[0].headers["x-a"] == "b"


@pytest.mark.slow
def test_an_export_to_a_collector_nearby_imports_little(otlp_http_sink: HttpSink):
    """Neither the libraries that plain HTTP doesn't need, nor what only a misspelt setting does, take memory."""
    code = """
import sys
import pazpaz_otel
import logging
from opentelemetry import _logs, metrics, trace
pazpaz_otel.configure()
trace.get_tracer("tests").start_span("start").end()
metrics.get_meter("tests").create_histogram("visits").record(1)
logging.getLogger().warning("started")
for provider in trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider():
    assert provider.force_flush()
print(sorted({"difflib", "google.protobuf", "requests", "urllib.request"} & sys.modules.keys()))
"""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
    paths = {received.path for received in otlp_http_sink.received}
    assert paths >= {"/v1/traces", "/v1/metrics", "/v1/logs"}


@pytest.mark.parametrize("url", ["https://collector:4318/v1/traces", "HTTPS://collector:4318/v1/traces"])
def test_tls_is_left_to_requests(url: str):
    """Certificates are checked by what always checked them."""
    assert not http_transport.is_plain(url)


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_a_proxy_is_left_to_requests(monkeypatch: pytest.MonkeyPatch, name: str):
    """Where the environment names a proxy, it is used."""
    monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    sender = http_transport.Transport(verify=True, cert=None)
    result = sender.request("POST", "http://collector.invalid:4318/v1/traces", headers={}, timeout=1, data=b"")
    assert isinstance(sender._chosen, RequestsHTTPTransport)
    assert "proxy" in repr(result.error).lower()


def test_a_session_is_kept():
    """A credential provider's session sends, whatever the URL."""
    session = requests.Session()
    assert http_transport.Transport(verify=True, cert=None, session=session)._chosen._session is session


def test_nobody_listening_is_a_connection_error():
    """An endpoint that is down is told apart from one that answers, so that the SDK tries again."""
    sender = http_transport.Transport(verify=True, cert=None)
    result = sender.request("POST", f"http://127.0.0.1:{free_port()}/v1/traces", headers={}, timeout=1, data=b"")
    assert result.status_code is None
    assert sender.is_connection_error(result.error)


def test_the_exporters_use_it(monkeypatch: pytest.MonkeyPatch):
    """The SDK builds its exporters' transport under the name that is replaced."""
    monkeypatch.setattr(_common, "RequestsHTTPTransport", RequestsHTTPTransport)
    http_transport.use_urllib3()
    assert isinstance(OTLPSpanExporter()._client._transport, http_transport.Transport)


def test_a_password_in_the_endpoint_is_sent(otlp_http_sink: HttpSink):
    """User and password of the endpoint's URL arrive as the Authorization header, as with the stock exporter."""
    url = otlp_http_sink.endpoint.replace("http://", "http://clinic:secret@")
    http_transport.Transport(verify=True, cert=None).request(
        "POST", f"{url}/v1/traces", headers={}, timeout=5, data=b""
    )
    assert otlp_http_sink.received[0].headers["authorization"] == "Basic Y2xpbmljOnNlY3JldA=="
