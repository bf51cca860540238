"""A program whose set-up comes in any order, exercised with a canary on every surface; each order in its own fork.

Reads orders from the file that its argument names (JSON: `[{"steps": [...], "broken": step or null, "cold": whether it
begins as an application does, "policy": path or ""}]`) and prints what each came to, those that begin cold first.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import json
import logging
import logging.config
import os
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import Any

import sentry_sdk
from opentelemetry import _logs, baggage, context, metrics, propagate, trace
from opentelemetry._logs import LogRecord
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.instrumentation import auto_instrumentation
from opentelemetry.propagate import set_global_textmap
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sentry_sdk.utils import _get_installed_modules
from sinks import SENT, Envelopes, Logs, Metrics, Spans

import pazpaz_otel
from pazpaz_otel import runtime
from pazpaz_otel.redact.provenance import code_index, source_index

NAME = "Dvora-Mizrahi-305123456"
AGAIN = " again"
HELD: dict[str, Any] = {}


class Writer(SpanProcessor):
    def on_end(self, span: Any) -> None:
        span._attributes = {"client.name": NAME}


def provider() -> None:
    if "tracers" in HELD:
        return
    tracers, loggers = TracerProvider(shutdown_on_exit=False), LoggerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(BatchSpanProcessor(Spans()))
    loggers.add_log_record_processor(BatchLogRecordProcessor(Logs()))
    meters = MeterProvider([PeriodicExportingMetricReader(Metrics(), 1e9)], shutdown_on_exit=False)
    HELD.update(
        tracers=tracers,
        loggers=loggers,
        meters=meters,
        tracer=tracers.get_tracer("early"),
        logger=loggers.get_logger("e"),
    )
    HELD["running"] = HELD["tracer"].start_span("begun early")


def global_provider() -> None:
    if "tracers" not in HELD:
        provider()
    trace.set_tracer_provider(HELD["tracers"])
    _logs.set_logger_provider(HELD["loggers"])
    metrics.set_meter_provider(HELD["meters"])


def propagator() -> None:
    set_global_textmap(CompositePropagator([TraceContextTextMapPropagator(), W3CBaggagePropagator()]))


def sentry() -> None:
    sentry_sdk.init(dsn="http://0123456789abcdef0123456789abcdef@127.0.0.1:9/1", transport=Envelopes)


def basic_config() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)


def dict_config() -> None:
    logging.config.dictConfig({"version": 1, "root": {"level": "INFO", "handlers": []}})


def record_factory() -> None:
    before = logging.getLogRecordFactory()

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        record.patient = NAME
        return record

    logging.setLogRecordFactory(factory)


def application_imported() -> None:
    HELD["application"] = importlib.import_module("orders_application")


def application_made() -> None:
    application_imported()
    HELD["app"] = HELD["application"].make()


def engine() -> None:
    HELD["engine"] = importlib.import_module("sqlalchemy").create_engine("sqlite://")


def processor() -> None:
    for found in (trace.get_tracer_provider(), HELD.get("tracers")):
        if isinstance(found, TracerProvider):
            found.add_span_processor(Writer())
            found.add_span_processor(SimpleSpanProcessor(Spans()))


def instrument() -> None:
    HELD["counter"] = pazpaz_otel.counter("appointments.created")


def configure() -> None:
    pazpaz_otel.configure()


def initialize() -> None:
    """Start as `opentelemetry-instrument` does, which comes first there, but for what a `sitecustomize` did before."""
    auto_instrumentation.initialize()


STEPS = {
    step.__name__: step
    for step in (
        provider,
        global_provider,
        propagator,
        sentry,
        basic_config,
        dict_config,
        record_factory,
        application_imported,
        application_made,
        engine,
        processor,
        instrument,
        configure,
        initialize,
    )
}


def use_span(tracer: Any) -> None:
    with contextlib.suppress(ValueError), tracer.start_as_current_span(f"note of {NAME}") as current:
        current.set_attribute("client.name", NAME)
        current.add_event(NAME, {"note": NAME})
        raise ValueError(NAME)
    with tracer.start_as_current_span("tidy up"):
        logging.getLogger("clinic").error("note of %s lost", NAME, extra={"client": NAME})


def use_thread() -> None:
    ran: list[bool] = []
    worker = threading.Thread(target=ran.append, args=(True,))
    worker.start()
    worker.join()
    assert ran == [True]


def use_headers() -> None:
    carrier: dict[str, str] = {}
    propagate.inject(carrier, baggage.set_baggage("patient", NAME, context.get_current()))
    SENT.append(str(carrier).encode())


def use_application(path: str, status: int) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"user-agent", NAME.encode()), (b"baggage", f"p={NAME}".encode())]
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http"}
    scope |= {
        "path": path,
        "raw_path": path.encode(),
        "query_string": NAME.encode(),
        "root_path": "",
        "headers": headers,
    }
    scope |= {"client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}
    with contextlib.suppress(ValueError):
        asyncio.run(HELD["app"](scope, receive, send))
    assert [message["status"] for message in sent if message["type"] == "http.response.start"] == [status]


def use_engine() -> None:
    with HELD["engine"].connect() as connection:
        assert connection.exec_driver_sql(f"SELECT '{NAME}'").scalar() == NAME


def use_metric() -> None:
    HELD["meters"].get_meter("m").create_counter(f"visits.{NAME}").add(1, {"client": NAME})


def use_running() -> None:
    HELD["running"].set_attribute("client.name", NAME)
    HELD["running"].end()


USES: dict[str, Any] = {
    "a span": lambda: use_span(trace.get_tracer("late")),
    "a span of the provider": lambda: use_span(HELD["tracers"].get_tracer("late")),
    "a span of an early tracer": lambda: use_span(HELD["tracer"]),
    "a running span": use_running,
    "a log record": lambda: HELD["logger"].emit(LogRecord(body=NAME, attributes={"client.name": NAME})),
    "a metric": use_metric,
    "an instrument": lambda: HELD["counter"].add(1, {"client.name": NAME}),
    "a thread": use_thread,
    "a message": lambda: sentry_sdk.capture_message(f"note of {NAME}"),
    "headers": use_headers,
    "a request": lambda: use_application(f"/notes/{NAME}", 200),
    "a failing request": lambda: use_application(f"/broken/{NAME}", 500),
    "a query": use_engine,
    **{name: lambda name=name: HELD[name].force_flush() for name in ("tracers", "loggers", "meters")},
    "Sentry": lambda: sentry_sdk.flush(1),
}


def exercise() -> list[str]:
    """Use everything, with a patient's name in it; return what didn't work."""
    broken: list[str] = []
    for what, use in USES.items():
        try:
            use()
        except Exception:
            broken.append(f"{what}: {traceback.format_exc()}")
    return broken


def _fail(_: Any) -> None:
    raise RuntimeError("a start-up step failed")


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Set up in this order, use everything, and say what left and what broke."""
    os.environ["PAZPAZ_OTEL_POLICY"] = order["policy"]
    if order["broken"]:
        runtime.STEPS = tuple((name, _fail if name == order["broken"] else step) for name, step in runtime.STEPS)
    for step in order["steps"]:
        STEPS[step.removesuffix(AGAIN)]()
    before = len(SENT)
    broken = exercise()
    left = [sent[:300].decode("utf-8", "replace") for sent in SENT[before:] if b"305123456" in sent]
    return {
        "left": left,
        "broken": broken,
        "readable": any(b"tidy up" in sent for sent in SENT),
        "closed": runtime.current() is None or runtime.current().guard.closed,
        "modules": sorted(sys.modules),
        "read": [*code_index._compiled, *source_index._indexes],
    }


def forked(order: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run an order in a child that begins where this process is."""
    results, output = folder / "result.json", folder / "output"
    results.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        code = 1
        with contextlib.suppress(BaseException):
            try:
                results.write_text(json.dumps(run(order)), encoding="utf-8")
                code = 0
            except BaseException:
                traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    os.waitpid(child, 0)
    said = output.read_text(encoding="utf-8", errors="replace")
    found = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {"died": said[-2000:]}
    # What is written by the console exporters is sent, too; the application's own lines are its business.
    return {**order, **found, "lines": said.count("nothing is exported")}


def warm(modules: list[str], read: list[str]) -> None:
    """Do once, for every later fork, what each would do anew: import, and read sources and, for Sentry, metadata."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    for name in read:
        code_index.compiled_of(name)
        source_index.index_of(name)
    _get_installed_modules()


def main() -> None:
    """Run every order of the file that the argument names, and print the results."""
    # A fork lives for half a second, a fifth of which it would walk through what this process imported.
    gc.set_threshold(1_000_000)
    # Nor would it read again what it read itself.
    source_index._MAX_INDEXED = 1 << 30
    orders = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    found, modules, read = [], set(), set()
    with tempfile.TemporaryDirectory() as folder:
        # What a cold order imports comes after the set-up's steps, where it comes at all.
        for order in (order for order in orders if order["cold"]):
            found.append(forked(order, Path(folder)))
            modules |= set(found[-1].pop("modules", []))
            read |= set(found[-1].pop("read", []))
        warm(sorted(modules), sorted(read))
        found += [forked(order, Path(folder)) for order in orders if not order["cold"]]
    for one in found:
        one.pop("modules", None)
        one.pop("read", None)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
