"""Fields that a guarded sender's source proves, in a real Collector: they arrive, a guard's mistake doesn't."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from pazpaz_otel.policy.literals import MARK, MAX_KEY_LENGTH, MAX_MARK_BYTES, MAX_TEXT_LENGTH
from tests.integration.instrumented import tool
from tests.programs import GrpcSink, HttpSink
from tests.programs.stack import TOKEN, WallCollector
from tests.stack import surfaces
from tests.stack.otlp import post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

HONEST: dict[str, str] = {
    "words": '{"reason":"no_show","action":"retrying with backoff (3 of 5)"}',
    "scalars": '{"attempt":3,"ratio":0.25,"paid":true,"late":false,"offset":-12}',
    "quotes": r'{"reason":"the plan \"basic\" ends, \"soon\": c:\\tmp"}',
    "hebrew": '{"reason":"התור בוטל"}',
    "a trailing comma": '{"reason":"late,","action":"retry:"}',
    "template": '{"error":"no slot for {name} at {slot.start}"}',
    "longest": json.dumps({"k" * MAX_KEY_LENGTH: "v" * MAX_TEXT_LENGTH}, separators=(",", ":")),
    "digits": '{"http2.status_404":"v2: 404"}',
}
MISTAKES: dict[str, str] = {
    "identity": '{"note":"Dana 123456782"}',
    "identity in pieces": '{"note":"1-2-3-4-5"}',
    "identity in other digits": '{"note":"١٢٣٤٥"}',
    "identity as a number": '{"note":12345678}',
    "identity with an exponent": '{"note":1.23456782e8}',
    "identity as a key": '{"note_12345":"x"}',
    "address": '{"note":"dana@example.org"}',
    "long value": json.dumps({"note": "v" * (MAX_TEXT_LENGTH + 1)}, separators=(",", ":")),
    "long key": json.dumps({"k" * (MAX_KEY_LENGTH + 1): "v"}, separators=(",", ":")),
    "free text as a key": '{"Dana Levi":"x"}',
    "escape": r'{"note":"\u0031\u0032\u0033\u0034\u0035"}',
    "control": r'{"note":"\u001b[31m"}',
    "nested": '{"note":{"a":"b"}}',
    "list": '{"note":["a"]}',
    "null": '{"note":null}',
    "no object": '"note"',
    "empty": "{}",
    "broken": '{"note":"x"',
    "twice": '{"note":"x"}{"note":"y"}',
    "one bad among good": '{"reason":"no_show","note":"Dana 123456782"}',
    "much": "{" + ",".join(f'"k{"x" * 40}":"{"v" * 150}"' for _ in range(MAX_MARK_BYTES // 190)) + "}",
}


class Walled:
    """A Collector and what its Loki got."""

    def __init__(self, collector: WallCollector, loki: HttpSink) -> None:
        self.collector = collector
        self.loki = loki

    def send(self, attributes: dict[str, Any], *, guarded: bool = True) -> dict[str, Any]:
        """Send a record with these attributes, and return those that it has when it arrives."""
        before = len(self.loki.received)
        request = surfaces.logs()
        record = request.resource_logs[0].scope_logs[0].log_records[0]
        del record.attributes[:]
        record.attributes.extend(surfaces.key_values(attributes))
        base = self.collector.guarded_http if guarded else self.collector.strict_http
        assert post(f"{base}/v1/logs", request.SerializeToString(), TOKEN if guarded else None) == 200
        return self.arrived(before)[0]

    def arrived(self, before: int) -> list[dict[str, Any]]:
        """Return the attributes of the records that arrive after the first requests."""
        assert self.loki.wait_for(lambda got: len(got) > before, 20)
        message = ExportLogsServiceRequest.FromString(self.loki.received[before].body)
        return [
            {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in record.attributes}
            for resource in message.resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
        ]

    def cut(self) -> float:
        """Return how many records the wall has changed, by the counter that the alert reads."""
        counted = re.search(
            r'^pazpaz_otel_wall_dropped_total\{[^}]*filter="filter/logs_changed"[^}]*\} (\S+)$',
            self.collector.own_metrics(),
            re.MULTILINE,
        )
        return float(counted[1]) if counted else 0.0


@pytest.fixture(scope="module")
def walled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walled]:
    """The shipped Collector, with a sink in Loki's place."""
    with GrpcSink() as tempo, HttpSink() as loki:
        folder: Path = tmp_path_factory.mktemp("literals")
        with WallCollector(folder, traces_to=tempo.endpoint, logs_to=loki.endpoint) as collector:
            yield Walled(collector, loki)


@pytest.mark.parametrize("mark", HONEST.values(), ids=HONEST)
def test_marked_literals_arrive_and_ring_nothing(walled: Walled, mark: str) -> None:
    """What a guard marked as its source's arrives under its own keys, without the mark, and the alert stays silent."""
    fields = json.loads(mark)
    before = walled.cut()
    assert walled.send({**fields, MARK: mark, "http.request.method": "GET"}) == {**fields, "http.request.method": "GET"}
    assert walled.cut() == before


@pytest.mark.parametrize("mark", MISTAKES.values(), ids=MISTAKES)
def test_a_mark_of_another_shape_is_not_believed(walled: Walled, mark: str) -> None:
    """A mark that isn't of the literals' shape brings nothing through, and is counted for the alert."""
    before = walled.cut()
    arrived = walled.send({"note": "x", MARK: mark, "http.request.method": "GET"})
    assert arrived == {"http.request.method": "GET", "pazpaz_otel.wall.dropped": 2}
    assert walled.cut() == before + 1


def test_an_attribute_beside_the_mark_is_cut_and_counted(walled: Walled) -> None:
    """A mark lets its own fields through and nothing that stands beside them."""
    before = walled.cut()
    arrived = walled.send({"reason": "no_show", "note": "Dana", MARK: '{"reason":"no_show"}'})
    assert arrived == {"reason": "no_show", "pazpaz_otel.wall.dropped": 1}
    assert walled.cut() == before + 1


def test_the_marked_value_is_the_one_that_arrives(walled: Walled) -> None:
    """An attribute whose value isn't the marked one leaves as it was marked."""
    assert walled.send({"reason": "Dana 123456782", MARK: '{"reason":"no_show"}'}) == {"reason": "no_show"}


def test_a_key_of_the_policy_is_judged_by_its_kind(walled: Walled) -> None:
    """A mark is no way past the kind of a key that the policy names."""
    before = walled.cut()
    arrived = walled.send({"http.request.method": "Dana", MARK: '{"http.request.method":"Dana"}'})
    assert arrived == {"pazpaz_otel.wall.dropped": 1}
    assert walled.cut() == before + 1


def test_a_stranger_s_mark_means_nothing(walled: Walled) -> None:
    """At the open door a mark is an attribute like any other: it is cut, with the fields that it names."""
    arrived = walled.send({"reason": "no_show", MARK: '{"reason":"no_show"}'}, guarded=False)
    assert arrived == {"pazpaz_otel.wall.dropped": 2}


PROGRAM = """
import logging, os, structlog

client = os.environ["CLIENT"]
log = logging.getLogger("clinic.slots")
log.setLevel(logging.INFO)
slots = structlog.wrap_logger(
    log, processors=[structlog.stdlib.render_to_log_kwargs], wrapper_class=structlog.stdlib.BoundLogger
)
log.info("slot cancelled", extra={"reason": "no_show", "attempt": 3, "client": client})
slots.warning("slot_failed", action="retry", error_type=KeyError(client).__class__.__name__, client=client)
log.info("help is at hand", extra={"contact": "help@example.org", "telephone": "1-700-50-55-00", "kind": "help"})
"""


def test_a_program_s_literal_fields_reach_loki(walled: Walled, tmp_path: Path) -> None:
    """What stands in the calls of an instrumented program arrives, its values don't, and the alert stays silent."""
    before, cut = len(walled.loki.received), walled.cut()
    (tmp_path / "slots.py").write_text(PROGRAM, encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "CLIENT": "Zq81bd03",
        "OTEL_SERVICE_NAME": "clinic",
        "OTEL_EXPORTER_OTLP_ENDPOINT": walled.collector.guarded_http,
        "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer {TOKEN}",
    }
    command = [tool("opentelemetry-instrument"), sys.executable, "-c", "import slots"]
    subprocess.run(command, env=environment, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    arrived = walled.arrived(before)
    shown = [{key: value for key, value in fields.items() if key in UNDECLARED} for fields in arrived]
    assert {"reason": "no_show", "attempt": 3} in shown
    assert {"action": "retry", "error_type": "KeyError"} in shown
    assert {"kind": "help"} in shown
    assert not [fields for fields in arrived if "pazpaz_otel.wall.dropped" in fields or MARK in fields]
    assert "Zq81bd03" not in repr(arrived)
    assert walled.cut() == cut


UNDECLARED = {"reason", "attempt", "client", "action", "error_type", "contact", "telephone", "kind"}
