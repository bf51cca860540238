"""What the OpenTelemetry Operator does to a pod, done by hand: packages copied beside the application, on its path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from scripts.kubernetes.instrumentation import per_version, python_versions
from tests.programs import HttpSink, Program, free_port, wait_until
from tests.programs.cache import cached
from tests.programs.golang import ROOT
from tests.programs.missing import unavailable
from tests.programs.pypi import UV, pypi_folder
from tests.programs.running import get

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

IMAGE = ROOT / "deploy/kubernetes/instrumentation"
TOKEN = "0f1e2d3c"


def packages(folder: Path) -> Path:
    """What the image holds, for this Python: the locked packages, and the distribution as it is in the checkout."""
    lock = IMAGE / "requirements.lock"
    install = [*UV, "pip", "install", "--python", sys.executable]

    def build(target: Path) -> None:
        command = [*install, "--quiet", "--require-hashes", "--target", str(target), "-r", str(lock)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            unavailable("the instrumentation's packages", done.stderr.strip()[-400:], " ".join(command))

    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    shutil.copytree(cached("injected", f"{python} {lock.read_text()}", build), folder, symlinks=True)
    own = [*install, "--quiet", "--no-deps", "--no-build-isolation", "--target", str(folder), str(ROOT)]
    done = subprocess.run(own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def environment(target: Path, endpoint: str) -> dict[str, str]:
    """What the Operator sets: the path, its own defaults, and the object's variables with the secret put in."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    (spec,) = (item["spec"] for item in per_version("production") if item["spec"]["python"]["image"].endswith(python))
    variables = {entry["name"]: entry.get("value", TOKEN) for entry in spec["env"]}
    variables["OTEL_EXPORTER_OTLP_HEADERS"] = variables["OTEL_EXPORTER_OTLP_HEADERS"].replace(
        "$(PAZPAZ_COLLECTOR_TOKEN)", TOKEN
    )
    return variables | {
        "PYTHONPATH": f"{target}/opentelemetry/instrumentation/auto_instrumentation:{target}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        **{f"OTEL_{signal}_EXPORTER": "otlp" for signal in ("TRACES", "METRICS", "LOGS")},
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_PROPAGATORS": ",".join(spec["propagators"]),
        "OTEL_SERVICE_NAME": "injected",
        "OTEL_RESOURCE_ATTRIBUTES": "k8s.pod.name=api-0,deployment.environment.name=production",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "OTEL_BLRP_SCHEDULE_DELAY": "200",
    }


class Injected(Program):
    """The application, by its own Python."""

    def __init__(self, folder: Path, python: Path, variables: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        apps = str(ROOT / "tests/integration/apps")
        command = [str(python), "-m", "uvicorn", "--app-dir", apps, "injected:app", "--port", str(port)]
        super().__init__(command, folder, variables, name="injected")

    def ready(self) -> bool:
        """Whether it serves."""
        return get(f"{self.url}/openapi.json")[0] == 200


def test_an_application_that_knows_nothing_is_guarded(tmp_path: Path):
    """Its requests leave by their route with the sender's token, and nothing of the patient leaves with them."""
    venv = pypi_folder("injected-application", ("fastapi", "uvicorn"))
    target = packages(tmp_path / "autoinstrumentation")
    with HttpSink() as sink, Injected(tmp_path, venv / "bin/python", environment(target, sink.endpoint)) as application:
        assert get(f"{application.url}/patients/Rivka-Cohen-4711")[0] == 200

        def spans() -> list[str]:
            return [
                span.name
                for request in sink.messages(ExportTraceServiceRequest)
                for resource in request.resource_spans
                for scope in resource.scope_spans
                for span in scope.spans
            ]

        wait_until(lambda: "GET /patients/{patient_id}" in spans(), "the span")
        wait_until(lambda: any(one.path == "/v1/logs" for one in sink.received), "the log")
    assert {one.headers["authorization"] for one in sink.received} == {f"Bearer {TOKEN}"}
    everything = b"".join(one.body for one in sink.received)
    assert b"patient %s was asked for" in everything
    assert b"pazpaz" in everything
    assert not [part for part in (b"Rivka", b"Cohen", b"4711") if part in everything]


def test_there_is_an_instrumentation_for_each_version():
    """Compiled packages fit one version of Python, so each that the package runs on has an image of its own."""
    images = [item["spec"]["python"]["image"].rpartition(":")[2] for item in per_version("production")]
    assert images == python_versions()
    assert {"3.11", "3.12", "3.13"} <= set(images)
    assert os.access(IMAGE / "Dockerfile", os.R_OK)
