"""The second wall alone: a stock sender, without any guard, in front of the shipped Collector."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.audit.canaries import CanaryMaker
from pazpaz_otel.audit.scan import Scanner
from tests.programs import GrpcSink, HttpSink
from tests.programs.stack import WallCollector
from tests.programs.stock import stock_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = [pytest.mark.stack, pytest.mark.slow]

SENDER = Path(__file__).with_name("stock_sender.py")


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
@pytest.mark.parametrize("conventions", ["", "http/dup,database/dup"], ids=["old conventions", "both conventions"])
def test_nothing_of_a_stock_sender_passes(protocol: str, conventions: str, tmp_path: Path) -> None:
    """No planted string of an unguarded application passes the wall, in traces, logs or metrics; counts do pass."""
    stock_folder()
    maker = CanaryMaker(7)
    # The SDK takes only ASCII for what is made first: names of scopes and instruments, units.
    categories = ["name.latin"] * 10 + ["name.hebrew", "email", "name.russian", "phone", "name.arabic"] * 10
    planted = [maker.make(category) for category in categories]
    tokens = {f"{number}": canary.tokens for number, canary in enumerate(planted)}
    with (
        GrpcSink() as tempo,
        HttpSink() as loki,
        WallCollector(tmp_path, traces_to=tempo.endpoint, logs_to=loki.endpoint, layers=("debug.yaml",)) as collector,
    ):
        endpoint = f"http://{collector.strict_grpc}" if protocol == "grpc" else collector.strict_http
        _send([canary.text for canary in planted], endpoint, protocol, conventions)
        assert tempo.wait_for(bool, 20)
        assert loki.wait_for(bool, 20)
        exposed = collector.exposed()
        own = collector.own_metrics()
        collector.stop()
        out: dict[str, bytes] = {
            "prometheus": exposed.encode(),
            "own metrics": own.encode(),
            "own log and debug exporter": collector.log.encode(),
            "traces": b"".join(one.body for one in tempo.received),
            "logs": b"".join(one.body for one in loki.received),
            **{file.name: file.read_bytes() for file in collector.storage.rglob("*") if file.is_file()},
        }
    found = _finds(tokens, out)
    assert not found, "\n".join(found)
    spans = [s for one in tempo.received for g in one.message.resource_spans for p in g.scope_spans for s in p.spans]
    assert "GET" in {span.name for span in spans}
    assert "appointments_created_total{" in exposed
    assert "0c9f5c1e-5b0e-4a5e-9d8e-0123456789ab" in exposed


def test_the_sender_does_leak(tmp_path: Path) -> None:
    """The test can fail: the same application sends most of what is planted when no wall stands before the receiver."""
    maker = CanaryMaker(8)
    planted = [maker.make("name.latin") for _ in range(60)]
    with HttpSink() as sink:
        used = _send([canary.text for canary in planted], sink.endpoint, "http/protobuf", "")
        tokens = {f"{number}": canary.tokens for number, canary in enumerate(planted)}
        found = _finds(tokens, {"raw": b"\n".join(one.body for one in sink.received)})
    assert used
    assert len({find.split()[0] for find in found}) >= 25


def _send(planted: list[str], endpoint: str, protocol: str, conventions: str) -> bool:
    folder = stock_folder()
    environment = {
        "PATH": f"{folder}:/usr/bin:/bin",
        "PLANTED": json.dumps(planted),
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED": "true",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_METRICS_EXEMPLAR_FILTER": "always_off",
        "OTEL_SEMCONV_STABILITY_OPT_IN": conventions,
        "OTEL_SERVICE_NAME": planted[-1],
        "OTEL_RESOURCE_ATTRIBUTES": f"host.name={planted[-2].encode().hex()},patient={planted[-3].encode().hex()}",
    }
    command = [
        str(folder / "python"),
        "-c",
        "from opentelemetry.instrumentation.auto_instrumentation import run; run()",
        str(folder / "python"),
        str(SENDER),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return True


def _finds(tokens: Mapping[str, tuple[str, ...]], out: Mapping[str, bytes]) -> list[str]:
    scanner = Scanner(tokens)
    return sorted({f"{find.plant} {find.where}" for where, data in out.items() for find in scanner.data(data, where)})
