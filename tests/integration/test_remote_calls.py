"""Remote procedure calls: by the names in the services' own descriptions, without what is said in a call."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import ROOT, attributes, completed, everything, spans
from tests.programs.pypi import pypi_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import HttpSink

pytestmark = pytest.mark.slow

CLIENT = "DvoraMizrahi7731"
TRACES = "opentelemetry.proto.collector.trace.v1.TraceService"
LIBRARIES = tuple(f"opentelemetry-instrumentation-{name}==0.66b1" for name in ("botocore", "grpc"))


def test_a_remote_call_is_named_by_its_service(tmp_path: Path, otlp_http_sink: HttpSink) -> None:
    """Spans of gRPC, at both ends, and of the AWS SDK have service and method; a name that data makes doesn't leave."""
    [libraries] = pypi_folder("remote-calls", LIBRARIES).glob("lib/python*/site-packages")
    path = os.pathsep.join([str(ROOT), str(libraries)])
    completed("remote_calls.py", tmp_path, otlp_http_sink, {"PYTHONPATH": path}, CLIENT)
    told = {
        (span.name, span.kind, attributes(span)["rpc.service"], attributes(span)["rpc.method"])
        for span in spans(otlp_http_sink)
        if "rpc.method" in attributes(span)
    }
    assert told == {
        (f"/{TRACES}/Export", 2, TRACES, "Export"),
        (f"/{TRACES}/Export", 3, TRACES, "Export"),
        ("S3.PutObject", 3, "S3", "PutObject"),
        ("Secrets Manager.GetSecretValue", 3, "Secrets Manager", "GetSecretValue"),
    }
    assert [span.name for span in spans(otlp_http_sink)].count("<redacted>") == 3
    assert CLIENT not in everything(otlp_http_sink)
