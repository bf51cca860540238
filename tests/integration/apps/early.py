"""Makes, takes and queues everything before the telemetry starts; every text of it has a patient's name.

Its arguments: how the telemetry starts, the file to which it writes which canaries left and what raised, as JSON, and
whose name ends each.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import os
import re
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import prometheus_client
import sentry_sdk
import sentry_sdk.logger
from opentelemetry import baggage, context, metrics, propagate, trace
from opentelemetry._logs import LogRecord
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.instrumentation.auto_instrumentation import initialize
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.propagate import inject
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from sentry_sdk.integrations.asgi import SentryAsgiMiddleware
from sentry_sdk.integrations.logging import BreadcrumbHandler, EventHandler
from sentry_sdk.scope import use_scope
from sinks import SENT, Envelopes, Logs, Metrics, Spans, encode_logs, encode_spans

import pazpaz_otel
from pazpaz_otel import runtime

DSN = "http://0123456789abcdef0123456789abcdef@127.0.0.1:9/1"
LATER = 1e9
WAY, FOUND, PATIENT = sys.argv[1:]


def canary(name: str) -> str:
    return f"zz{name}{PATIENT}"


class Other:
    """Neither an exporter nor a processor by its classes, but it does as they do."""

    def on_start(self, span: Any, parent_context: Any = None) -> None: ...

    def _on_ending(self, span: Any) -> None: ...

    def on_end(self, span: Any) -> None:
        self.export([span])

    def export(self, batch: Any) -> None:
        SENT.append(self.encode(batch).SerializeToString())

    encode = staticmethod(encode_spans)

    def shutdown(self) -> None: ...

    def force_flush(self, timeout_millis: int = 0) -> bool:
        return True


class OtherLogs(Other):
    encode = staticmethod(encode_logs)


class OwnProvider(TracerProvider):
    pass


tracers = OwnProvider(shutdown_on_exit=False)
for exporter in (Spans(), Other()):
    tracers.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=LATER))
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
tracers.add_span_processor(Other())
loggers = LoggerProvider(shutdown_on_exit=False)
for exporter in (Logs(), OtherLogs()):
    loggers.add_log_record_processor(BatchLogRecordProcessor(exporter, schedule_delay_millis=LATER))
memory = InMemoryMetricReader()
readers = [PeriodicExportingMetricReader(Metrics(), LATER), PrometheusMetricReader(), memory]
meters = MeterProvider(readers, shutdown_on_exit=False)

handler, log = LoggingHandler(logger_provider=loggers), logging.getLogger("clinic")
logging.getLogger().addHandler(handler)
for one in (EventHandler(), BreadcrumbHandler()):
    log.addHandler(one)
error = log.error
tracer, emit = tracers.get_tracer("early"), loggers.get_logger("early").emit
start, proxied = tracer.start_span, trace.get_tracer(canary("proxied"))
meter = meters.get_meter("early")
add, record = meter.create_counter("early.visits").add, meter.create_histogram("early.waits").record
later = metrics.get_meter("early").create_counter(f"visits.{canary('later')}")

running = tracer.start_span(canary("running"))
end, set_attribute = running.end, running.set_attribute
queued = tracer.start_span(canary("queued"))
queued.end()
emit(LogRecord(body=canary("waiting")))
add(3, {"k": canary("counted")})
propagator = W3CBaggagePropagator()
token = context.attach(baggage.set_baggage("patient", canary("baggage")))
carrying = contextvars.copy_context()
context.detach(token)

options: Any = {"dsn": DSN, "transport": Envelopes, "enable_logs": True, "traces_sample_rate": 1.0}
second = sentry_sdk.Client(**options)
sentry_sdk.init(**options)
capture, capture_second = sentry_sdk.get_client().capture_event, second.capture_event
scope = sentry_sdk.Scope()
scope.set_client(second)
scope.set_tag("t", canary("tag"))
scope.add_breadcrumb(message=canary("crumb"))
with sentry_sdk.isolation_scope() as isolated:
    isolated.set_client(second)
    isolated.set_user({"id": canary("user")})
    isolation = contextvars.copy_context()
transaction = sentry_sdk.start_transaction(name=canary("transaction"))


async def _failing(_scope: Any, _receive: Any, _send: Any) -> None:
    raise ValueError(canary("raised"))


by_hand = SentryAsgiMiddleware(_failing)
SENT.clear()


def spans() -> None:
    set_attribute("k", canary("set"))
    end()
    late = start(canary("started"))
    late.add_event(canary("event"))
    late.end()
    proxied.start_span(canary("late")).end()


def lines() -> None:
    emit(LogRecord(body=canary("emitted"), attributes={"k": canary("emitted")}))
    error("%s was seen", canary("argument"))
    logging.getLogger(canary("logger")).error("seen")
    for give in (handler.emit, handler.handle):
        give(logging.LogRecord("n", logging.ERROR, "f", 1, canary("given"), (), None))


def measurements() -> None:
    add(1, {"k": canary("added")})
    record(7, {"k": canary("recorded")})
    later.add(1, {"k": canary("later")})
    meter.create_counter(canary("metric"), description=canary("description")).add(1)
    meters.force_flush()
    SENT.extend([repr(memory.get_metrics_data()).encode(), prometheus_client.generate_latest()])


def headers() -> None:
    for put in (inject, propagate.get_global_textmap().inject, propagator.inject):
        carrier: dict[str, str] = {}
        carrying.run(put, carrier)
        SENT.append(str(carrier).encode())


def sentry() -> None:
    capture({"message": canary("captured"), "tags": {"t": canary("captured")}})
    with use_scope(scope):
        sentry_sdk.logger.error(canary("line"))
        sentry_sdk.metrics.count(canary("number"), 1)
    isolation.run(sentry_sdk.logger.error, canary("isolated"))
    isolation.run(_session)
    second.flush(1)
    capture_second({"message": canary("second")})
    scope.capture_message(canary("scope"))
    isolation.run(sentry_sdk.capture_message, canary("isolated"))
    transaction.finish()


def _session() -> None:
    within = sentry_sdk.get_isolation_scope()
    within.start_session()
    within.end_session()


def served() -> None:
    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(_: Any) -> None: ...

    request = {"type": "http", "method": "GET", "scheme": "http", "server": ("h", 1), "client": ("1", 1)}
    request |= {"path": f"/{canary('path')}", "query_string": canary("query").encode()}
    request["headers"] = [(b"x-name", canary("header").encode())]
    with suppress(ValueError):
        asyncio.run(by_hand(request, receive, send))


def _fail(_: Any) -> None:
    raise {"exits": SystemExit, "is interrupted": KeyboardInterrupt}.get(WAY, RuntimeError)("a start-up step failed")


def main(way: str, found: str) -> None:
    steps = list(runtime.STEPS)
    if way not in {"configure", "initialize"}:
        steps.insert(len(steps) if way == "last" else 0, ("broken", _fail))
    runtime.STEPS = tuple(steps)  # type: ignore[misc]
    # An application that goes on whatever its telemetry says.
    with suppress(BaseException):
        (initialize if way in {"initialize", "exits"} else pazpaz_otel.configure)()
    broken = []
    for use in (spans, lines, measurements, headers, sentry, served):
        try:
            use()
        except Exception:
            broken.append(traceback.format_exc())
    for provider in (tracers, loggers, meters):
        provider.force_flush()
    sentry_sdk.flush(1)
    left = sorted({name.decode() for sent in SENT for name in re.findall(rb"zz([a-z]+)%b" % PATIENT.encode(), sent)})
    Path(found).write_text(json.dumps({"left": left, "broken": broken}))
    os._exit(0)


if __name__ == "__main__":
    main(WAY, FOUND)
