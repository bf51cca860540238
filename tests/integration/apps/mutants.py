"""A set-up with one guard left out, or one start-up step that raises, in its own fork, with canaries at each guard.

Reads mutants from the file that its argument names (JSON: `[{"skip": row of the table or null, "fail": attribute of
`startup` or null, "uses": [what is used], "cold": as for orders}]`) and prints what each let out, what broke, and
whether it is closed.
"""

from __future__ import annotations

import contextlib
import io
import logging
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import loguru
import orders
import sentry_sdk
import sinks
import structlog
from opentelemetry import propagate, trace
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.metrics import Observation
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor, ReadableLogRecord
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricsData, ResourceMetrics, ScopeMetrics
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from sentry_sdk.envelope import Envelope, Item

import pazpaz_otel
from pazpaz_otel import patches, runtime, startup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = orders.NAME
NUMBER = 305123456
_LONGEST = 120
"""Seconds after which a mutant that hangs is ended."""
SENT: dict[str, list[bytes]] = {}
RAISED: list[str] = []


def sent(where: str, data: bytes) -> None:
    SENT.setdefault(where, []).append(data)


class Spans(SpanProcessor):
    """Sends what it is given by itself."""

    def on_end(self, span: ReadableSpan) -> None:
        sent("span processor", encode_spans([span]).SerializeToString())


class Logs(LogRecordProcessor):
    """Sends what it is given by itself."""

    def on_emit(self, log_record: Any) -> None:
        item = ReadableLogRecord(log_record.log_record, log_record.resource, log_record.instrumentation_scope)
        sent("log processor", encode_logs([item]).SerializeToString())

    def shutdown(self) -> None:
        pass

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True


class SpanSink(sinks.Spans):
    def export(self, spans: Any) -> Any:
        sent("span exporter", encode_spans(spans).SerializeToString())


class LogSink(sinks.Logs):
    def export(self, batch: Any) -> Any:
        sent("log exporter", encode_logs(batch).SerializeToString())


class MetricSink(sinks.Metrics):
    def export(self, metrics_data: Any, timeout_millis: float = 10_000, **kwargs: Any) -> Any:
        sent("metric exporter", encode_metrics(metrics_data).SerializeToString())


class Envelopes(sinks.Envelopes):
    def capture_envelope(self, envelope: Any) -> None:
        sent("Sentry", envelope.serialize())


class Later(sinks.Envelopes):
    def capture_envelope(self, envelope: Any) -> None:
        sent("Sentry's later transport", envelope.serialize())


def use_processors() -> None:
    tracers, loggers = TracerProvider(shutdown_on_exit=False), LoggerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(Spans())
    loggers.add_log_record_processor(Logs())
    orders.use_span(tracers.get_tracer("clinic"))
    loggers.get_logger("clinic").emit(LogRecord(body=NAME, attributes={"client": NAME}))


def use_exporters() -> None:
    SpanSink().export([ReadableSpan(NAME, trace.SpanContext(1 << 120, 1 << 60, is_remote=False))])
    LogSink().export([ReadableLogRecord(LogRecord(body=NAME), Resource({}))])
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    provider.get_meter("clinic").create_counter(f"visits.{NAME}").add(1)
    scope = ScopeMetrics(InstrumentationScope(NAME), [], NAME)
    MetricSink().export(MetricsData([ResourceMetrics(Resource({"client": NAME}), [scope], NAME)]))


def _observed(_: Any) -> Iterable[Observation]:
    yield Observation(NUMBER)


def count_described(meter: Any) -> None:
    meter.create_counter("clinic.reads", description=NAME).add(1)


def count_much(meter: Any) -> None:
    meter.create_counter("clinic.visits").add(NUMBER)


def observe_much(meter: Any) -> None:
    meter.create_observable_counter("clinic.observed", [_observed])


def use_metrics() -> None:
    for where, use in {"reader": count_described, "measurement": count_much, "observation": observe_much}.items():
        reader = InMemoryMetricReader()
        use(MeterProvider([reader], shutdown_on_exit=False).get_meter("clinic"))
        sent(where, str(reader.get_metrics_data()).encode())


def use_propagation() -> None:
    carrier: dict[str, str] = {}
    incoming = {
        "traceparent": f"00-{1 << 120:032x}-{1 << 60:016x}-01",
        "tracestate": f"a={NAME}",
        "baggage": f"p={NAME}",
    }
    context = propagate.extract(incoming)
    sent("extracted", str(trace.get_current_span(context).get_span_context().trace_state).encode())
    propagate.inject(carrier, context)
    sent("injected", str(carrier).encode())


def use_sentry() -> None:
    client = sentry_sdk.get_client()
    if client.transport is not None:
        client.transport.capture_envelope(Envelope(items=[Item(NAME.encode(), {"type": "feedback"})]))
    sentry_sdk.capture_message(f"note of {NAME}")
    client.transport = Later(client.options)
    sentry_sdk.capture_message(f"another note of {NAME}")


class Printing(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print(record.getMessage())


class Overriding(logging.Handler):
    def handle(self, record: logging.LogRecord) -> bool:
        print(record.getMessage())
        return True


class Formatting(logging.Handler):
    def handle(self, record: logging.LogRecord) -> bool:
        print(self.format(logging.makeLogRecord({"msg": NAME})))
        return True


class Failing(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        logging.raiseExceptions = True
        try:
            raise ValueError(NAME)
        except ValueError:
            self.handleError(record)
        finally:
            logging.raiseExceptions = False


def failing_sink(_: str) -> None:
    raise ValueError(NAME)


HANDLERS = {
    "handler": Printing(),
    "overriding handler": Overriding(),
    "formatting handler": Formatting(),
    "failing handler": Failing(),
}


@contextlib.contextmanager
def printed(where: str) -> Iterator[None]:
    written = io.StringIO()
    with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
        yield
    sent(where, written.getvalue().encode())


def use_output() -> None:
    logger = logging.getLogger("clinic.printed")
    for where, handler in HANDLERS.items():
        logger.handlers[:] = [handler]
        with printed(where):
            logger.error("note of %s", NAME)
    logger.handlers[:] = []
    loguru.logger.remove()
    for where, sink in {"sink": print, "failing sink": failing_sink}.items():
        number = loguru.logger.add(sink)
        with printed(where):
            loguru.logger.error("note of {}", NAME)
        loguru.logger.remove(number)
    rendering = logging.StreamHandler(io.StringIO())
    chain = [structlog.contextvars.merge_contextvars]
    rendering.setFormatter(
        structlog.stdlib.ProcessorFormatter(structlog.processors.JSONRenderer(), foreign_pre_chain=chain)
    )
    logger.handlers[:] = [rendering]
    with structlog.contextvars.bound_contextvars(client=NAME):
        logger.error("note lost")
    logger.handlers[:] = []
    sent("structlog's formatter", rendering.stream.getvalue().encode())
    with printed("structlog"):
        structlog.get_logger().error("note_lost", client=NAME)


def use_wrong_arguments() -> None:
    few = (NAME,)
    logging.getLogger("clinic").error("note %s of %s lost", *few)


USES: dict[str, Any] = {
    "processors": use_processors,
    "exporters": use_exporters,
    "metrics": use_metrics,
    "propagation": use_propagation,
    "Sentry": use_sentry,
    "output": use_output,
    "wrong arguments": use_wrong_arguments,
}


def _without(name: str) -> None:
    install = patches.install
    patches.install = lambda row, *a, **k: False if row == name else install(row, *a, **k)  # type: ignore[assignment]


def _failing(name: str) -> None:
    def fail(*_: Any, **__: Any) -> None:
        RAISED.append(name)
        raise RuntimeError("a start-up step failed")

    owner: Any = startup
    *holders, attribute = name.split(".")
    for holder in holders:
        owner = getattr(owner, holder)
    setattr(owner, attribute, fail)


def run(mutant: dict[str, Any]) -> dict[str, Any]:
    """Set up with the mutation, use every guard, and say where a canary came out."""
    signal.alarm(_LONGEST)
    logging.raiseExceptions = False
    if mutant["skip"]:
        _without(mutant["skip"])
    if mutant["fail"]:
        _failing(mutant["fail"])
    pazpaz_otel.configure()
    sentry_sdk.init(dsn="http://0123456789abcdef0123456789abcdef@127.0.0.1:9/1", transport=Envelopes)
    orders.application_made()
    broken: list[str] = []
    for use in (USES[name] for name in mutant["uses"]):
        try:
            use()
        except Exception as error:
            broken.append(repr(error))
    process = runtime.current()
    canaries = (NAME.encode(), str(NUMBER).encode())
    return {
        "left": sorted(where for where, data in SENT.items() if any(canary in b"".join(data) for canary in canaries)),
        "seen": sorted(where for where, data in SENT.items() if any(data)),
        "broken": broken,
        "raised": bool(RAISED),
        "closed": process is None or process.guard.closed,
        "modules": sorted(sys.modules),
    }


if __name__ == "__main__":
    orders.run = run
    orders.main()
