"""An application under `opentelemetry-instrument`, sending to a sink of the test's own."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.programs import HttpSink, Program, free_port
from tests.programs.envelopes import envelope_items
from tests.programs.running import get

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

APPS = Path(__file__).parent / "apps"
ROOT = Path(__file__).parents[2]
_STARTS = Path(str(find_spec("opentelemetry.instrumentation.auto_instrumentation").origin)).parent  # type: ignore[union-attr]
INSTRUMENT = (
    "/bin/sh",
    "-c",
    f'export PYTHONPATH="{_STARTS}:$PWD${{PYTHONPATH:+:$PYTHONPATH}}"; exec "$@"',
    "opentelemetry-instrument",
)
"""What `opentelemetry-instrument` does, but for its arguments: the command imports all that may add to those."""
FAST = {
    "OTEL_BSP_SCHEDULE_DELAY": "200",
    "OTEL_BLRP_SCHEDULE_DELAY": "200",
    "OTEL_METRIC_EXPORT_INTERVAL": "300",
    "OTEL_SERVICE_NAME": "clinic",
    "PYTHONUNBUFFERED": "1",
}


def tool(name: str) -> str:
    """A program of the environment that the tests run in."""
    return str(Path(sys.executable).with_name(name))


def completed(
    file: str, folder: Path, sink: HttpSink, environment: Mapping[str, str], *arguments: str, zero_code: bool = True
) -> str:
    """Run a program of `apps/` to its end, with its telemetry in a sink, and return what it printed.

    Args:
        file: the program's file.
        folder: where it runs.
        sink: where its telemetry goes.
        environment: more settings.
        arguments: the program's own.
        zero_code: whether it is started under `opentelemetry-instrument`.
    """
    start = INSTRUMENT if zero_code else ()
    done = subprocess.run(
        [*start, sys.executable, str(APPS / file), *arguments],
        env={**FAST, "PYTHONPATH": str(ROOT), "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Instrumented(Program):
    """`apps/clinic.py`, instrumented without a code change.

    Args:
        folder: for its output.
        sink: where its telemetry goes; `None`: nowhere that answers.
        environment: settings.
        server: the server's command, less its port; `{port}` stands for it.
    """

    def __init__(
        self,
        folder: Path,
        sink: HttpSink | None,
        environment: dict[str, str] | None = None,
        server: Iterable[str] = ("uvicorn", "clinic:app", "--port", "{port}"),
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        program, *arguments = (part.format(port=self.port) for part in server)
        endpoint = sink.endpoint if sink is not None else f"http://127.0.0.1:{free_port()}"
        super().__init__(
            [*INSTRUMENT, tool(program), *arguments],
            folder,
            {**FAST, "PYTHONPATH": str(APPS), "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, **(environment or {})},
            name="clinic",
        )

    def ready(self) -> bool:
        """Whether it serves."""
        return get(f"{self.url}/health")[0] == 200

    def call(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """The status and the JSON body of a GET, on a connection of its own."""
        request = urllib.request.Request(self.url + path, headers={"connection": "close", **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            return error.code, None


def spans(sink: HttpSink) -> list[Any]:
    """The spans that arrived."""
    return list(items(sink.messages(ExportTraceServiceRequest), "spans"))


def log_records(sink: HttpSink) -> list[Any]:
    """The log records that arrived."""
    return list(items(sink.messages(ExportLogsServiceRequest), "log_records"))


def metric_names(sink: HttpSink) -> set[str]:
    """The names of the metrics that arrived."""
    return {metric.name for metric in items(sink.messages(ExportMetricsServiceRequest), "metrics")}


def points(sink: HttpSink, name: str) -> list[Any]:
    """The data points of a histogram in the last export of metrics."""
    last = items(sink.messages(ExportMetricsServiceRequest)[-1:], "metrics")
    return [point for metric in last if metric.name == name for point in metric.histogram.data_points]


def items(messages: Iterable[Any], kind: str) -> Iterator[Any]:
    """The spans, log records or metrics of OTLP requests: the field `kind` of each of their scopes."""
    signal = {"log_records": "logs"}.get(kind, kind)
    for message in messages:
        for of_resource in getattr(message, f"resource_{signal}"):
            for of_scope in getattr(of_resource, f"scope_{signal}"):
                yield from getattr(of_scope, kind)


def errors(sink: HttpSink) -> list[dict[str, Any]]:
    """The events in the envelopes that arrived."""
    parts = (part for received in sink.received if received.sink == "sentry" for part in envelope_items(received.body))
    return [json.loads(body) for header, body in parts if header.get("type") == "event"]


def resources(sink: HttpSink) -> list[dict[str, Any]]:
    """The resources of the traces that arrived."""
    return [
        attributes(of_resource.resource)
        for message in sink.messages(ExportTraceServiceRequest)
        for of_resource in message.resource_spans
    ]


def attributes(item: Any) -> dict[str, Any]:
    """The attributes of an OTLP item."""
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value") for pair in item.attributes}


def everything(sink: HttpSink) -> str:
    """All that arrived, as text."""
    return "\n".join(str(received.message) + received.body.decode("utf-8", "replace") for received in sink.received)
