"""One's own metrics: what the source names leaves, with the policy's keys only and no value of data."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.integration.instrumented import everything, tool
from tests.integration.sums import latest
from tests.integration.test_standing import NAME, script

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import HttpSink

WORKSPACE = "6f0c1b9e-5a0f-4d7c-9a57-0d2b8c8a4f11"

UNDECLARED = f"""
import sys
from opentelemetry import metrics
meter = metrics.get_meter("visits")
booked = meter.create_counter("visits.booked", unit="{{visit}}", description="Visits that were booked.")
booked.add(2, {{"workspace.id": "{WORKSPACE}", "client.name": sys.argv[1]}})
booked.add(3, {{"workspace.id": "{WORKSPACE}"}})
meter.create_counter("visits.of." + sys.argv[1].replace("-", "_")).add(1)
meter.create_histogram("visits.fee").record(305123456)
asked = []
def observe(options):
    asked.append(options)
    return []
meter.create_observable_gauge(sys.argv[1].replace("-", "_"), callbacks=[observe])
metrics.get_meter_provider().force_flush()
print(len(asked))
"""

NUMBERS = """
import decimal, fractions
from opentelemetry import metrics
class Int64:
    "What numpy's integers are: no subclass of int, with an index."
    def __init__(self, value): self.value = value
    def __index__(self): return self.value
    def __int__(self): return self.value
    def __lt__(self, other): return self.value < other
    def __radd__(self, other): return Int64(self.value + other)
counter = metrics.get_meter("numbers").create_counter("numbers.counted")
counter.add(Int64(3))
counter.add(decimal.Decimal("1.5"))
counter.add(fractions.Fraction(1, 2))
counter.add(1)
"""


def test_a_metric_that_the_source_names_leaves(tmp_path: Path, otlp_http_sink: HttpSink):
    """A counter that no policy declares arrives whole under its literal name; other keys, names and values don't."""
    done = script(UNDECLARED, tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint})
    assert done.returncode == 0, done.stderr
    counted = {attributes: point.as_int for (_, attributes), point in latest(otlp_http_sink, "visits.booked").items()}
    assert counted == {(("workspace.id", WORKSPACE),): 5}
    assert not latest(otlp_http_sink, "visits.fee")
    # The counter and the histogram: what is named by data isn't counted.
    assert [point.as_int for point in latest(otlp_http_sink, "pazpaz_otel.guard.undeclared").values()] == [2]
    assert NAME not in everything(otlp_http_sink)
    assert NAME.replace("-", "_") not in everything(otlp_http_sink)
    assert b"Visits that were booked." in b"".join(received.body for received in otlp_http_sink.received)


def test_a_callback_of_what_is_dropped_is_never_called(tmp_path: Path, otlp_http_sink: HttpSink):
    """The callback of an instrument that can't leave isn't asked: it may query a database."""
    done = script(UNDECLARED, tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint})
    assert done.stdout == "0\n"


def test_a_policy_may_drop_what_it_does_not_declare(tmp_path: Path, otlp_http_sink: HttpSink):
    """With `undeclared_metrics: drop` only declared instruments leave."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nextends: default\nundeclared_metrics: drop\n")
    environment = {"PAZPAZ_OTEL_POLICY": str(policy), "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint}
    assert script(UNDECLARED, tmp_path, environment).returncode == 0
    assert not latest(otlp_http_sink, "visits.booked")


def test_numbers_of_other_libraries_are_counted(tmp_path: Path, otlp_http_sink: HttpSink):
    """`Decimal`, `Fraction` and whatever has an index, as numpy's integers have, are in the total."""
    done = script(NUMBERS, tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint})
    assert done.returncode == 0, done.stderr
    assert [point.as_double for point in latest(otlp_http_sink, "numbers.counted").values()] == [6.0]


TEAMS = f"""
import sys
from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from opentelemetry import metrics
Counter("appointments_created_total", "Total appointments created", ["workspace_id"]).labels("{WORKSPACE}").inc(4)
queries = Counter("ai_agent_queries_total", "Total queries", ["workspace_id", "language", "status"])
queries.labels("{WORKSPACE}", "he", "success").inc(3)
queries.labels("{WORKSPACE}", "he", sys.argv[1]).inc(2)
Gauge("active_websocket_sessions", "Sessions").inc(2)
Histogram("room_wait_seconds", "Wait", ["client"], buckets=[1, 2]).labels(sys.argv[1]).observe(1.5)
Counter("visits_of_" + sys.argv[1].replace("-", "_"), "Visits").inc()
class Database:
    asked = 0
    def collect(self):
        Database.asked += 1
        yield GaugeMetricFamily("rows_of_" + sys.argv[1].replace("-", "_"), "Rows", value=7)
REGISTRY.register(Database())
registered = Database.asked
metrics.get_meter_provider().force_flush()
print(Database.asked - registered)
"""


def test_what_prometheus_client_counts_leaves_without_a_policy(tmp_path: Path, otlp_http_sink: HttpSink):
    """Metrics kept in prometheus_client arrive once, by their names, with the policy's labels; nothing of data does."""
    done = script(TEAMS, tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint})
    assert done.returncode == 0, done.stderr
    created = {
        attributes: point.as_double for (_, attributes), point in latest(otlp_http_sink, "appointments.created").items()
    }
    assert created == {(("workspace.id", WORKSPACE),): 4}
    assert [point.as_double for point in latest(otlp_http_sink, "active_websocket_sessions").values()] == [2]
    assert sum(point.as_double for point in latest(otlp_http_sink, "ai_agent_queries_total").values()) == 5
    assert [(a, p.count) for (_, a), p in latest(otlp_http_sink, "room_wait_seconds").items()] == [((), 1)]
    assert done.stdout == "0\n", "a collector whose metric can't leave was asked"
    assert NAME not in everything(otlp_http_sink)
    assert NAME.replace("-", "_") not in everything(otlp_http_sink)


def test_the_ready_policy_keeps_the_teams_labels(tmp_path: Path, otlp_http_sink: HttpSink):
    """Under the shipped policy `pazpaz` their metrics have their labels, and the process tells of itself."""
    environment = {"PAZPAZ_OTEL_POLICY": "pazpaz", "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint}
    done = script(TEAMS, tmp_path, environment)
    assert done.returncode == 0, done.stderr
    queries = {a: p.as_double for (_, a), p in latest(otlp_http_sink, "ai_agent_queries_total").items()}
    known = (("ai.language", "he"), ("ai.query.status", "success"), ("workspace.id", WORKSPACE))
    assert queries == {known: 3, (known[0], known[2]): 2}
    memory = [point.as_double for point in latest(otlp_http_sink, "process_resident_memory_bytes").values()]
    assert len(memory) == 1
    assert memory[0] > 1_000_000
    assert NAME not in everything(otlp_http_sink)


def test_nothing_is_counted_twice(tmp_path: Path, otlp_http_sink: HttpSink):
    """A program that counts the same in both libraries is counted by OpenTelemetry's alone."""
    program = (
        TEAMS
        + f'import pazpaz_otel\npazpaz_otel.counter("appointments.created").add(1, {{"workspace.id": "{WORKSPACE}"}})\n'
    )
    done = script(
        program.replace("metrics.get_meter_provider().force_flush()", ""),
        tmp_path,
        {"OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint, "OTEL_METRIC_EXPORT_INTERVAL": "60000"},
    )
    assert done.returncode == 0, done.stderr
    assert [point.as_int for point in latest(otlp_http_sink, "appointments.created").values()] == [1]


def test_doctor_names_what_is_undeclared(tmp_path: Path):
    """`doctor --app` gives the lines for what leaves undeclared and what stays here, but no name that data made."""
    (tmp_path / "counting.py").write_text(
        "import prometheus_client, sys\n"
        "from opentelemetry import metrics\n"
        'metrics.get_meter("visits").create_counter("visits.booked")\n'
        'tables = {"linux": "rows_of_visits", "other": "rows_of_notes"}\n'
        'prometheus_client.Gauge(tables.get(sys.platform, "rows_of_notes"), "Rows")\n'
        'prometheus_client.Gauge("rows_of_" + sys.platform[::-1], "Rows")\n'
        "app = None\n"
    )
    command = [tool("pazpaz-otel"), "doctor", "--no-send", "--app", "counting:app"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "OTEL_SERVICE_NAME": "clinic"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    said = " ".join(done.stdout.split())
    assert "visits.booked: {type: counter, undeclared: drop}" in said
    picked = "rows_of_visits" if sys.platform == "linux" else "rows_of_notes"
    assert f"{picked}: {{type: gauge, source: prometheus_client}}" in said
    assert "of prometheus_client, not sent, because the source doesn't have their names: 1" in said
    assert sys.platform[::-1] not in said
