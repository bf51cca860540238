"""The ways of watching that are compared, each with what its documentation installs and sets."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bench import environments
from tests.programs import Program, free_port, wait_until
from tests.programs.cache import cached
from tests.programs.pypi import pypi_folder
from tests.programs.running import get

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_LIBRARIES = ("fastapi>=0.120,<1", "httpx>=0.28,<1", "sqlalchemy>=2.0.44,<2.1")
_LOGFIRE = ("logfire[fastapi,sqlalchemy]>=4", *_LIBRARIES)
_DDTRACE = ("ddtrace>=4", "opentelemetry-api>=1.30", *_LIBRARIES)
_SENTRY = ("sentry-sdk>=2.75", *_LIBRARIES)


@dataclass(frozen=True)
class Variant:
    """One way of watching.

    Attributes:
        title: its name in the table.
        package: the distribution whose version is told.
        folder: gives the `bin` folder of its virtual environment.
        wrapper: the command before `python`.
        watched_by: what the application has to set up in code.
        variables: its environment; `{sink}` is where telemetry goes.
        through_redaction: a Collector with its redaction processor stands before the sink.
    """

    title: str
    package: str
    folder: Callable[[], Path]
    wrapper: str = ""
    watched_by: str = "nothing"
    variables: dict[str, str] = field(default_factory=dict)
    through_redaction: bool = False


_OTLP = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "{sink}",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_SERVICE_NAME": "practice",
}
_STOCK = {**_OTLP, "OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED": "true"}

VARIANTS = (
    Variant("stock OpenTelemetry", "opentelemetry-sdk", environments.stock, "opentelemetry-instrument",
            variables=_STOCK),
    Variant("logfire", "logfire", lambda: pypi_folder("compared-logfire", _LOGFIRE) / "bin", watched_by="logfire",
            variables=_OTLP),
    Variant("ddtrace", "ddtrace", lambda: pypi_folder("compared-ddtrace", _DDTRACE) / "bin", "ddtrace-run",
            variables={"DD_TRACE_AGENT_URL": "{sink}", "DD_TRACE_OTEL_ENABLED": "true", "DD_SERVICE": "practice",
                       "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false"}),
    Variant("Sentry alone", "sentry-sdk", lambda: pypi_folder("compared-sentry", _SENTRY) / "bin", watched_by="sentry",
            variables={"SENTRY_DSN": "{dsn}"}),
    Variant("stock + Collector's redaction", "opentelemetry-sdk", environments.stock, "opentelemetry-instrument",
            variables=_STOCK, through_redaction=True),
    Variant("pazpaz-opentelemetry", "pazpaz-opentelemetry", environments.ours, "opentelemetry-instrument",
            variables=_OTLP),
)  # fmt: skip

_ALLOWED = (
    "http.request.method", "http.method", "http.route", "http.response.status_code", "http.status_code", "url.path",
    "http.target", "http.url", "url.full", "url.query", "db.system", "db.system.name", "db.statement", "db.query.text",
    "db.name", "exception.type", "exception.message", "exception.stacktrace", "service.name", "telemetry.sdk.name",
)  # fmt: skip
_URLS = ("url.path", "http.target", "http.url", "url.full")
_BLOCKED = (r"[\w.+-]+@[\w-]+\.[\w.]+", r"\b\d{3}-\d{2}-\d{4}\b", r"\b\d{9}\b")


def redaction(sink: str, ports: tuple[int, int]) -> dict[str, Any]:
    """A Collector's configuration with an allow-list of keys, blocked values, and the URL and SQL sanitisers on."""
    receiver, health = ports
    pipeline = {"receivers": ["otlp"], "processors": ["redaction"], "exporters": ["otlp_http"]}
    return {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{receiver}"}}}},
        "processors": {
            "redaction": {
                "allow_all_keys": False, "allowed_keys": list(_ALLOWED), "blocked_values": list(_BLOCKED),
                "url_sanitizer": {"enabled": True, "attributes": list(_URLS)},
                "db_sanitizer": {"sql": {"enabled": True, "attributes": ["db.statement", "db.query.text"]}},
                "summary": "silent",
            }
        },
        "exporters": {"otlp_http": {"endpoint": sink, "compression": "none"}},
        "extensions": {"health_check": {"endpoint": f"127.0.0.1:{health}"}},
        "service": {"extensions": ["health_check"], "pipelines": {"traces": pipeline, "logs": pipeline}},
    }  # fmt: skip


@contextlib.contextmanager
def before(variant: Variant, sink: str, folder: Path) -> Iterator[str]:
    """Start what stands before the sink; give the address to send to."""
    if not variant.through_redaction:
        yield sink
        return
    ports = free_port(), free_port()
    config = folder / "collector.yaml"
    config.write_text(json.dumps(redaction(sink, ports)))
    with Program([str(_collector()), f"--config=file:{config}"], folder / "collector", name="collector"):
        wait_until(lambda: get(f"http://127.0.0.1:{ports[1]}/")[0] == HTTPStatus.OK, "the Collector", 90)
        yield f"http://127.0.0.1:{ports[0]}"


def _collector() -> Path:
    """A Collector that is built as ours is, with the redaction processor besides."""
    root = environments.ROOT
    manifest = (root / "collector" / "builder.yaml").read_text(encoding="utf-8")
    version = re.findall(r"processor/filterprocessor (v\S+)", manifest)[0]
    name = f"github.com/open-telemetry/opentelemetry-collector-contrib/processor/redactionprocessor {version}"
    manifest = re.sub(r"^processors:\n", f"processors:\n  - gomod: {name}\n", manifest, flags=re.MULTILINE)

    def build(folder: Path) -> None:
        (folder / "builder.yaml").write_text(manifest, encoding="utf-8")
        script = root / "scripts" / "build-collector.sh"
        subprocess.run([str(script), str(folder / "collector"), str(folder / "builder.yaml")], check=True)

    return cached("compared-collector", manifest, build) / "collector"
