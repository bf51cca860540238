"""The second wall alone: a stock sender, without any guard, in front of the shipped Collector."""

from __future__ import annotations

import json
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.audit.canaries import CanaryMaker
from pazpaz_otel.audit.scan import Scanner
from tests.programs import GrpcSink, HttpSink
from tests.programs.stack import WallCollector
from tests.programs.stock import stock_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

pytestmark = [pytest.mark.stack, pytest.mark.slow]

SENDER = Path(__file__).with_name("stock_sender.py")


SENT = {"old conventions": ("grpc", ""), "both conventions": ("http/protobuf", "http/dup,database/dup")}
"""Senders by their conventions: protocol and opt-in."""


@dataclass(frozen=True)
class Passed:
    """What came of the senders, one after the other in front of one Collector.

    Attributes:
        out: everything that it put out, by where.
        records: for each sender, how many requests with its log records arrived.
        workspaces: for each sender, the workspace that it counts for.
        tokens: of what was planted.
    """

    out: dict[str, bytes]
    records: dict[str, int]
    workspaces: dict[str, str]
    tokens: dict[str, tuple[str, ...]]


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Passed:
    """Run each sender, with texts of its own, before one Collector."""
    folder = tmp_path_factory.mktemp("stock")
    passed = Passed({}, {}, {name: str(uuid.uuid4()) for name in SENT}, {})
    with (
        GrpcSink() as tempo,
        HttpSink() as loki,
        WallCollector(folder, traces_to=tempo.endpoint, logs_to=loki.endpoint, layers=("debug.yaml",)) as collector,
    ):
        for seed, (name, (protocol, conventions)) in enumerate(SENT.items(), 7):
            maker = CanaryMaker(seed)
            # The SDK takes only ASCII for what is made first: names of scopes and instruments, units.
            categories = ["name.latin"] * 10 + ["name.hebrew", "email", "name.russian", "phone", "name.arabic"] * 10
            planted = [maker.make(category) for category in categories]
            passed.tokens.update({f"{name} {number}": canary.tokens for number, canary in enumerate(planted)})
            traces, logs = len(tempo.received), len(loki.received)
            endpoint = f"http://{collector.strict_grpc}" if protocol == "grpc" else collector.strict_http
            _send([canary.text for canary in planted], endpoint, protocol, conventions, passed.workspaces[name])
            assert tempo.wait_for(lambda got, traces=traces: "GET" in _span_names(got[traces:]), 20), name
            assert loki.wait_for(lambda got, logs=logs: len(got) > logs, 20), name
            passed.records[name] = len(loki.received) - logs
        passed.out.update({"prometheus": collector.exposed().encode(), "own metrics": collector.own_metrics().encode()})
        collector.stop()
        passed.out["own log and debug exporter"] = collector.log.encode()
        passed.out["traces"] = b"".join(one.body for one in tempo.received)
        passed.out["logs"] = b"".join(one.body for one in loki.received)
        passed.out.update({file.name: file.read_bytes() for file in collector.storage.rglob("*") if file.is_file()})
    return passed


@pytest.mark.parametrize("name", SENT)
def test_what_a_stock_sender_counts_passes(passed: Passed, name: str) -> None:
    """A sender without any guard is counted by its own workspace, and its spans and log records arrive."""
    assert passed.records[name]
    series = [line for line in passed.out["prometheus"].decode().splitlines() if passed.workspaces[name] in line]
    assert [line.partition("{")[0] for line in series] == ["appointments_created_total"]


def test_nothing_of_a_stock_sender_passes(passed: Passed) -> None:
    """No planted string of an unguarded application passes the wall, in traces, logs or metrics."""
    found = _finds(passed.tokens, passed.out)
    assert not found, "\n".join(found)


def test_the_sender_does_leak(tmp_path: Path) -> None:
    """The test can fail: the same application sends most of what is planted when no wall stands before the receiver."""
    maker = CanaryMaker(8)
    planted = [maker.make("name.latin") for _ in range(60)]
    with HttpSink() as sink:
        used = _send([canary.text for canary in planted], sink.endpoint, "http/protobuf", "", str(uuid.uuid4()))
        tokens = {f"{number}": canary.tokens for number, canary in enumerate(planted)}
        found = _finds(tokens, {"raw": b"\n".join(one.body for one in sink.received)})
    assert used
    assert len({find.split()[0] for find in found}) >= 25


def _send(planted: list[str], endpoint: str, protocol: str, conventions: str, workspace: str) -> bool:
    folder = stock_folder()
    environment = {
        "PATH": f"{folder}:/usr/bin:/bin",
        "PLANTED": json.dumps(planted),
        "WORKSPACE": workspace,
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


def _span_names(received: Iterable[Any]) -> set[str]:
    resources = [resource for one in received for resource in one.message.resource_spans]
    return {span.name for resource in resources for scope in resource.scope_spans for span in scope.spans}


def _finds(tokens: Mapping[str, tuple[str, ...]], out: Mapping[str, bytes]) -> list[str]:
    scanner = Scanner(tokens)
    return sorted({f"{find.plant} {find.where}" for where, data in out.items() for find in scanner.data(data, where)})
