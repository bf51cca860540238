"""Fork while another thread holds every lock of the telemetry; the child has to work as its parent does, and end."""

from __future__ import annotations

import faulthandler
import gc
import logging
import os
import queue
import sys
import threading
from typing import TYPE_CHECKING, Any

import sentry_sdk

import pazpaz_otel

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCKS = (type(threading.Lock()), type(threading.RLock()))
TELEMETRY = {"pazpaz_otel", "opentelemetry", "sentry_sdk", "urllib3", "requests", "prometheus_client"}
LEFT = {
    ("pazpaz_otel.forks", "_gate"),  # A fork waits for it.
    ("pazpaz_otel.otel.ledger.ledger", "_storing"),  # The same.
    ("opentelemetry.util._once", "_lock"),  # Held when a provider is set or shut down.
}
DEADLINE = 20.0


def work(name: str) -> None:
    """Write one of each signal, and send them."""
    from opentelemetry import _logs, metrics, trace

    meter = metrics.get_meter("app")
    with trace.get_tracer("app").start_as_current_span(f"of the {name}") as span:
        span.set_attribute("db.system.name", "postgresql")
        span.set_attribute("db.query.text", f"SELECT name FROM clients WHERE id = {os.getpid()}")
        logging.getLogger("app").warning("a line of the %s", name)
        meter.create_counter("app.work").add(1, {"http.request.method": "GET"})
        meter.create_counter(f"app.{name}").add(1)
        sentry_sdk.capture_exception(ValueError("Clinic is closed"))
    for provider in (trace.get_tracer_provider(), _logs.get_logger_provider(), metrics.get_meter_provider()):
        provider.force_flush()  # type: ignore[attr-defined]
    sentry_sdk.flush(DEADLINE)


def locks() -> Iterator[Any]:
    """Find the locks of the telemetry's objects and modules."""
    for thing in gc.get_objects():
        module = thing.__name__ if type(thing) is type(gc) else type(thing).__module__
        if str(module).partition(".")[0] in TELEMETRY:
            for name, value in list(getattr(thing, "__dict__", {}).items()):
                if (module, name) not in LEFT:
                    yield from within(value)


def within(value: Any) -> Iterator[Any]:
    """Return the lock of a value that is one or has one."""
    if isinstance(value, threading.Event):
        value = value._cond  # type: ignore[attr-defined]
    if isinstance(value, queue.Queue):
        value = value.mutex
    if isinstance(value, threading.Condition):
        value = value._lock  # type: ignore[attr-defined]
    if isinstance(value, LOCKS):
        yield value


def hold(held: threading.Event, forked: threading.Event) -> None:
    """Hold each lock that can be had, until there is a child."""
    taken = [lock for lock in {id(lock): lock for lock in locks()}.values() if lock.acquire(timeout=0.2)]
    assert len(taken) > 30, len(taken)
    held.set()
    forked.wait(DEADLINE)
    for lock in taken:
        lock.release()


def main() -> int:
    """Return the child's exit code."""
    pazpaz_otel.configure()
    work("parent")
    held, forked = threading.Event(), threading.Event()
    threading.Thread(target=hold, args=(held, forked), daemon=True).start()
    held.wait(DEADLINE)
    child = os.fork()
    if child:
        forked.set()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    faulthandler.dump_traceback_later(DEADLINE, exit=True)
    work("child")
    return 0


if __name__ == "__main__":
    sys.exit(main())
