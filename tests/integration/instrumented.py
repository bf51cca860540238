"""An application under `opentelemetry-instrument`, sending to a sink of the test's own."""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.programs import HttpSink, Program, free_port
from tests.programs.running import get

if TYPE_CHECKING:
    from collections.abc import Iterable

APPS = Path(__file__).parent / "apps"
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
            [tool("opentelemetry-instrument"), tool(program), *arguments],
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
    return [
        span
        for message in sink.messages(ExportTraceServiceRequest)
        for of_resource in message.resource_spans
        for of_scope in of_resource.scope_spans
        for span in of_scope.spans
    ]


def log_records(sink: HttpSink) -> list[Any]:
    """The log records that arrived."""
    return [
        record
        for message in sink.messages(ExportLogsServiceRequest)
        for of_resource in message.resource_logs
        for of_scope in of_resource.scope_logs
        for record in of_scope.log_records
    ]


def metric_names(sink: HttpSink) -> set[str]:
    """The names of the metrics that arrived."""
    return {
        metric.name
        for message in sink.messages(ExportMetricsServiceRequest)
        for of_resource in message.resource_metrics
        for of_scope in of_resource.scope_metrics
        for metric in of_scope.metrics
    }


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
