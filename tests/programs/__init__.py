"""Real programs for the tests: got once, cached outside the checkout, started and stopped by fixtures.

Each `*_binary` function returns the program's path. What can't be had skips the test with the reason and the command
that gets it; with `CI=true` it fails the test instead, so that nothing is left out silently.

`python -m tests.programs` gets all of them ahead of a run.
"""

from __future__ import annotations

from pazpaz_otel.audit.sinks import GrpcSink, HttpSink
from tests.programs.debian import debian_binary
from tests.programs.golang import (
    alertmanager_binary,
    amtool_binary,
    collector_binary,
    compose_binary,
    node_exporter_binary,
    postgres_exporter_binary,
    prometheus_binary,
    promtool_binary,
)
from tests.programs.ports import free_port
from tests.programs.postgres import Postgres, postgres_folder
from tests.programs.process import Program, wait_until
from tests.programs.running import Collector, Prometheus, Redis

__all__ = [
    "Collector",
    "GrpcSink",
    "HttpSink",
    "Postgres",
    "Program",
    "Prometheus",
    "Redis",
    "alertmanager_binary",
    "amtool_binary",
    "collector_binary",
    "compose_binary",
    "debian_binary",
    "free_port",
    "node_exporter_binary",
    "postgres_exporter_binary",
    "postgres_folder",
    "prometheus_binary",
    "promtool_binary",
    "wait_until",
]
