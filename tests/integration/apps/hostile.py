"""Hands every surface objects whose own methods raise or return another type, and prints what each call came to.

Run with `on` under the distribution and with `off` without it: what the application sees must be the same.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import httpx
import sentry_sdk
import sentry_sdk.logger
import structlog
from opentelemetry import baggage, metrics, propagate, trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.transport import Transport
from sqlalchemy import create_engine, text

import pazpaz_otel

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENT = "note of Dvora Mizrahi 305123456"
METHODS = """__str__ __repr__ __format__ __hash__ __eq__ __ne__ __bool__ __len__ __iter__ __contains__ __getitem__
__lt__ __gt__ __le__ __ge__ __int__ __float__ __index__ __add__ __radd__ __mod__ __round__ __abs__ __neg__ __bytes__
__fspath__ __copy__ __deepcopy__ keys items values get encode startswith strip lower split is_integer""".split()
BASES: dict[str, tuple[type, Any]] = {
    "object": (object, ()),
    "str": (str, (PATIENT,)),
    "int": (int, (7,)),
    "float": (float, (7.5,)),
    "dict": (dict, ({"a": 1},)),
    "list": (list, ([1, 2],)),
    "bytes": (bytes, (b"ab",)),
    "Exception": (Exception, (PATIENT,)),
}


_LONGEST = 5
"""Seconds after which a call that hangs is ended."""


class StopError(BaseException):
    """What `except Exception` lets through."""


def _raising(error: type[BaseException]) -> Callable[..., Any]:
    def method(*_: Any, **__: Any) -> Any:
        raise error(PATIENT)

    return method


BEHAVIOURS: dict[str, Callable[..., Any]] = {
    **{error.__name__: _raising(error) for error in (SystemExit, KeyboardInterrupt, RecursionError, StopError)},
    "ValueError": _raising(ValueError),
    "another type": lambda *_, **__: object(),
}


def hostile(base: str, behaviour: str) -> Any:
    """Return an object of a type whose methods, and whose look at its class, all behave so."""
    cls, arguments = BASES[base]
    methods: dict[str, Any] = dict.fromkeys(METHODS, BEHAVIOURS[behaviour])
    return type("Hostile", (cls,), {**methods, "__class__": property(BEHAVIOURS[behaviour])})(*arguments)


class Nowhere(Transport):
    def capture_envelope(self, envelope: Any) -> None:
        envelope.serialize()


def start() -> None:
    pazpaz_otel.configure()
    sentry_sdk.init(
        "http://0123456789abcdef0123456789abcdef@127.0.0.1:9/1", transport=Nowhere, default_integrations=False
    )
    provider: Any = trace.get_tracer_provider()
    provider.add_span_processor(SimpleSpanProcessor(InMemorySpanExporter()))


if sys.argv[1] == "on":
    start()
# Without a handler of the application's own that prints: what printing raises is then the application's.
logging.lastResort = None
logging.getLogger().setLevel(logging.DEBUG)
log = logging.getLogger("clinic")
events = structlog.wrap_logger(log, [structlog.stdlib.render_to_log_kwargs], structlog.stdlib.BoundLogger)
tracer, meter = trace.get_tracer("clinic"), metrics.get_meter("clinic")
engine = create_engine("sqlite://")
client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200)))


def _error(given: Any) -> BaseException:
    return given if issubclass(type(given), BaseException) else ValueError(given)


def _in_span(use: Callable[[Any], Any]) -> None:
    with tracer.start_as_current_span("tidy up") as span:
        use(span)


def _raise(error: BaseException) -> None:
    raise error


def _with_note(given: Any) -> ValueError:
    error = ValueError("lost")
    error.__notes__ = [given]
    return error


def _caused_by(given: Any) -> ValueError:
    error = ValueError("lost")
    error.__cause__ = _error(given)
    return error


def _managed(given: Any) -> None:
    with tracer.start_span("tidy up"):
        raise _error(given)


def _scope(given: Any) -> None:
    with sentry_sdk.new_scope() as scope:
        scope.set_extra("note", given)
        scope.set_context("note", {"note": given})
        scope.add_breadcrumb(message=given, data={"note": given})
        sentry_sdk.capture_message("lost")


def _thread(given: Any) -> None:
    threading.excepthook = lambda _: None
    thread = threading.Thread(target=_raise, args=(_error(given),))
    thread.start()
    thread.join()


def _task(given: Any) -> None:
    async def fail() -> None:
        raise _error(given)

    async def main() -> None:
        await asyncio.create_task(fail())

    asyncio.run(main())


def _query(given: Any) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT :note"), {"note": given})


def _context() -> Any:
    return trace.SpanContext(1, 2, is_remote=False)


USES: dict[str, Callable[[Any], Any]] = {
    "attribute": lambda given: _in_span(lambda span: span.set_attribute("http.route", given)),
    "attributes": lambda given: _in_span(lambda span: span.set_attributes({"a": given, "http.route": [given]})),
    "key": lambda given: _in_span(lambda span: span.set_attribute(given, "x")),
    "start": lambda given: tracer.start_span("x", attributes={"http.route": given}).end(),
    "name": lambda given: tracer.start_span(given).end(),
    "new name": lambda given: _in_span(lambda span: span.update_name(given)),
    "event": lambda given: _in_span(lambda span: span.add_event(given, {"note": given})),
    "status": lambda given: _in_span(lambda span: span.set_status(trace.StatusCode.ERROR, given)),
    "link": lambda given: tracer.start_span("x", links=[trace.Link(_context(), {"note": given})]).end(),
    "exception": lambda given: _in_span(lambda span: span.record_exception(_error(given), {"note": given})),
    "raise": lambda given: _in_span(lambda _: _raise(_error(given))),
    "raise in a span": _managed,
    "note": lambda given: _in_span(lambda _: _raise(_with_note(given))),
    "cause": lambda given: _in_span(lambda _: _raise(_caused_by(given))),
    "message": log.error,
    "argument": lambda given: log.error("note %s of %r, %d", given, given, given),
    "arguments": lambda given: log.error("note %(note)s", {"note": given}),
    "debug": lambda given: log.debug("note %s", given),
    "extra": lambda given: log.error("note", extra={"note": given, "http.route": given}),
    "exc_info": lambda given: log.error("note", exc_info=_error(given)),
    "field": lambda given: events.bind(bound=given).error("note_lost", note=given),
    "event name": events.error,
    "count": lambda given: meter.create_counter("visits").add(given),
    "level": lambda given: meter.create_up_down_counter("open").add(given),
    "record": lambda given: meter.create_histogram("times").record(given),
    "set": lambda given: meter.create_gauge("room").set(given),
    "label": lambda given: meter.create_counter("visits").add(1, {"http.route": given, "note": [given]}),
    "label's key": lambda given: meter.create_counter("visits").add(1, {given: "x"}),
    "header": lambda given: propagate.inject({}, baggage.set_baggage("note", given)),
    "Sentry message": sentry_sdk.capture_message,
    "Sentry exception": lambda given: sentry_sdk.capture_exception(_error(given)),
    "Sentry scope": _scope,
    "Sentry log": lambda given: sentry_sdk.logger.error("note {note}", note=given),
    "thread": _thread,
    "task": _task,
    "query": _query,
    "call": lambda given: client.get("http://localhost/notes", params={"note": given}),
}


def come_to(use: Callable[[Any], Any], given: Any) -> str:
    """Return the type of what a call raises."""
    try:
        use(given)
    except BaseException as error:
        return type(error).__name__
    return "done"


def in_child(use: Callable[[Any], Any], given: Any) -> str:
    """Return the type of what a call raises in a child: what a thread or a loop raises may end the program."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(_LONGEST)
        os.write(writing, come_to(use, given).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        result = pipe.read().decode()
    os.waitpid(child, 0)
    return result or "nothing"


if __name__ == "__main__":
    print(
        json.dumps(
            {
                f"{name}: {base}, {behaviour}": (in_child if use in {_thread, _task} else come_to)(
                    use, hostile(base, behaviour)
                )
                for name, use in USES.items()
                for base in BASES
                for behaviour in BEHAVIOURS
            }
        )
    )
