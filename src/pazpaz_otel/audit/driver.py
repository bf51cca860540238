"""The audited process: plant on every surface, emit what must arrive, and record both.

`pazpaz_otel.audit.run` starts it with the user's own settings:
``opentelemetry-instrument python -m pazpaz_otel.audit.driver``.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import sentry_sdk
from opentelemetry import metrics, trace
from opentelemetry._logs import get_logger_provider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from pazpaz_otel.audit.application.describe import describe
from pazpaz_otel.audit.canaries import CanaryMaker
from pazpaz_otel.audit.plant.application import application
from pazpaz_otel.audit.plant.errors import SENTRY
from pazpaz_otel.audit.plant.http_client import read
from pazpaz_otel.audit.plant.logs import LOGS
from pazpaz_otel.audit.plant.metrics import METRICS, REGISTRY
from pazpaz_otel.audit.plant.policy_keys import policy_keys
from pazpaz_otel.audit.plant.propagation import outgoing, propagation, stores
from pazpaz_otel.audit.plant.registry import Planter, optional
from pazpaz_otel.audit.plant.requests import requests, serving
from pazpaz_otel.audit.plant.spans import SPANS
from pazpaz_otel.audit.plant.useful import emit_useful
from pazpaz_otel.policy import load_policy

if TYPE_CHECKING:
    from pazpaz_otel.audit.facts import Fact

_KNOWN: list[Fact] = [
    ("span.attribute", "http.route", "/clients/{client_id}"),
    ("span.attribute", "http.response.status_code", "200"),
    ("span.attribute", "http.response.status_code", "500"),
    ("span.name", "", "GET /clients/{client_id}"),
    ("metric.name", "", "http.server.request.duration"),
    ("metric.attribute http.server.request.duration", "http.route", "/clients/{client_id}"),
    ("log.body", "", "client %s read"),
]


def main() -> None:
    """Plant, and write the record to the file given with `--record`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--downstream", required=True)
    parser.add_argument("--policy", type=Path)
    parser.add_argument("--scrape")
    parser.add_argument("--raw-output", action="store_true")
    parser.add_argument("--brief", action="store_true")
    arguments = parser.parse_args()

    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        # Also audit an exporter that the application adds itself.
        provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stdout)))
    logging.getLogger().setLevel(logging.INFO)
    if not arguments.raw_output:
        _write_guarded_lines()

    planter = Planter(CanaryMaker(arguments.seed))
    policy = load_policy(arguments.policy)
    useful: list[Fact] = []
    brief = (SPANS, LOGS)
    for surfaces in (
        brief if arguments.brief else (SPANS, LOGS, METRICS, REGISTRY, SENTRY, policy_keys(policy), stores())
    ):
        planter.run(surfaces.all, flush)
    if not arguments.brief:
        for surfaces in (propagation(arguments.downstream), outgoing(arguments.downstream)):
            planter.run(surfaces.all, flush)
    app = None if arguments.brief else application()
    if app is not None:
        with serving(app) as port:
            planter.run(requests(port, describe(app)["routes"]).all, flush)
        useful += _KNOWN
    useful += emit_useful(policy, arguments.seed)
    flush()
    _flush(metrics.get_meter_provider())
    sentry_sdk.flush(10)
    exposed = read(arguments.scrape) if arguments.scrape else ""
    record = {"exposed": exposed, "plants": planter.record(), "failures": planter.failures, "useful": useful}
    arguments.record.write_text(json.dumps(record), encoding="utf-8")


def flush() -> None:
    """Export all pending spans and logs, so that a full queue drops none."""
    # Metrics are aggregated: exporting them after each surface would only repeat the series.
    _flush(trace.get_tracer_provider(), get_logger_provider())


def _flush(*providers: object) -> None:
    for provider in providers:
        force_flush = getattr(provider, "force_flush", None)
        if force_flush is not None:
            force_flush(10_000)


def _write_guarded_lines() -> None:
    """Guard the process's own output, as the documentation tells applications to."""
    # Imported here only: these imports install the guards, which an unguarded audit must not have.
    from pazpaz_otel.logging import GuardedFormatter, guard_event  # noqa: PLC0415

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(GuardedFormatter())
    logging.getLogger().addHandler(handler)
    structlog = optional("structlog")
    if structlog is not None:
        structlog.configure(
            processors=[structlog.contextvars.merge_contextvars, guard_event, structlog.processors.JSONRenderer()]
        )


if __name__ == "__main__":
    main()
