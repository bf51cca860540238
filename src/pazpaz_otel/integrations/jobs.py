"""Trace and measure jobs of queues and schedulers, linked to what enqueued them.

Follows the messaging conventions (https://opentelemetry.io/docs/specs/semconv/messaging/): a consumer span for running
a job, a producer span for enqueuing it. Never looks at its arguments or result.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, time
from typing import Any, Final

from opentelemetry import context as otel
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.metrics import get_meter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from pazpaz_otel._version import __version__
from pazpaz_otel.redact import text

CARRIER: Final = "traceparent"
"""The job's field that carries the trace context of what enqueued it (W3C Trace Context), never baggage."""
FLUSH_TIMEOUT: Final = 2.0
"""The maximum time in seconds that a process waits at its end for telemetry to be sent."""

_SCOPE: Final = "pazpaz_otel"
_MAX_WAIT: Final = 9_999_999.0


@dataclass(slots=True)
class Run:
    """The outcome of a job's run, if no exception tells it."""

    outcome: str = "success"
    error: BaseException | None = None


@contextmanager
def processing(  # noqa: PLR0913 - what a queue knows of a job
    system: str,
    name: str,
    function: Callable[..., Any] | None = None,
    *,
    queue: str | None = None,
    parent: str | None = None,
    attempt: int | None = None,
    enqueued_at: float | None = None,
    retries: tuple[type[BaseException], ...] = (),
) -> Iterator[Run]:
    """Trace and measure the run of a job.

    Args:
        system: the queue or scheduler, as in `messaging.system`.
        name: the job's registered name.
        function: the function that does the work.
        queue: the queue from which the job was taken.
        parent: the `traceparent` of what enqueued it.
        attempt: the number of this attempt, from 1.
        enqueued_at: when it was enqueued, in seconds since the epoch.
        retries: exceptions with which a job asks to be run again.
    """
    measured = described(system, name, queue)
    attributes = {**measured, **queued(attempt, enqueued_at)}
    if function is not None:
        module, name_in_it = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
        attributes["code.function.name"] = f"{module}.{name_in_it}"
    # The job doesn't belong to whatever the worker was doing when it took it.
    context = propagate.extract({CARRIER: parent}, Context()) if parent else Context()
    source = trace.get_current_span(context).get_span_context()
    run, started = Run(), perf_counter()
    token = otel.attach(context)
    try:
        with trace.get_tracer(_SCOPE, __version__).start_as_current_span(
            f"process {name}",
            kind=SpanKind.CONSUMER,
            attributes=attributes,
            links=[Link(source)] if source.is_valid else [],
        ) as span:
            try:
                yield run
                if run.error is not None:
                    span.record_exception(run.error)
                    span.set_status(Status(StatusCode.ERROR))
                    run.outcome = "failure"
            except retries:
                run.outcome = "retry"
                raise
            except BaseException as error:
                run.outcome, run.error = "failure", error
                raise
            finally:
                span.set_attribute("job.outcome", run.outcome)
                if run.error is not None:
                    span.set_attribute("error.type", type(run.error).__qualname__)
                measure(perf_counter() - started, measured, run)
    finally:
        otel.detach(token)


def described(system: str, name: str, queue: str | None) -> dict[str, Any]:
    """Return the attributes that a job's span and its measurement share; the arguments are those of `processing`."""
    attributes = {
        "messaging.system": system,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "job.name": name,
    }
    return attributes if queue is None else {**attributes, "messaging.destination.name": queue}


def queued(attempt: int | None, enqueued_at: float | None) -> dict[str, Any]:
    """Return a span's attributes of the job's way through the queue; the arguments are those of `processing`."""
    attributes: dict[str, Any] = {} if attempt is None else {"job.attempt": attempt}
    if enqueued_at is not None:
        attributes["job.queue_time"] = min(max(0.0, time() - enqueued_at), _MAX_WAIT)
    return attributes


def measure(seconds: float, attributes: Mapping[str, Any], run: Run) -> None:
    """Record the duration of a job's run."""
    failed = {} if run.error is None else {"error.type": type(run.error).__qualname__}
    duration = get_meter(_SCOPE, __version__).create_histogram("messaging.process.duration", "s")
    duration.record(seconds, {**attributes, "job.outcome": run.outcome, **failed})


@contextmanager
def enqueuing(system: str, name: str, queue: str | None = None) -> Iterator[str | None]:
    """Trace the enqueuing of a job, and yield the `traceparent` to send with it.

    Args:
        system: as for `processing`.
        name: the job's registered name; proven if the caller's statement contains it.
        queue: the queue that receives the job.
    """
    # Two frames of the context manager and one of the integration are in between.
    text.prove_name(name, sys._getframe(3))  # noqa: SLF001 - the documented way to a frame
    attributes = {
        "messaging.system": system,
        "messaging.operation.name": "enqueue",
        "messaging.operation.type": "send",
        "job.name": name,
        **({"messaging.destination.name": queue} if queue is not None else {}),
    }
    with trace.get_tracer(_SCOPE, __version__).start_as_current_span(
        f"enqueue {name}", kind=SpanKind.PRODUCER, attributes=attributes
    ):
        carrier: dict[str, str] = {}
        propagate.inject(carrier)
        yield carrier.get(CARRIER)


def quietly(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that leaves a worker's own commands untraced, such as the polling of an idle one."""

    @functools.wraps(original)
    def quiet(*args: Any, **kwargs: Any) -> Any:
        with suppress_instrumentation():
            return original(*args, **kwargs)

    return quiet


def parent_of(carrier: Mapping[str, Any]) -> str | None:
    """Return the `traceparent` in a job's fields, or None."""
    found = carrier.get(CARRIER)
    return found if isinstance(found, str) else None


def flush(timeout: float = FLUSH_TIMEOUT) -> None:
    """Flush spans, logs and metrics, such as before a worker's process ends without running exit handlers.

    Args:
        timeout: the seconds that each of them may take.
    """
    from opentelemetry import metrics  # noqa: PLC0415 - together with the logger provider, which is still private
    from opentelemetry._logs import get_logger_provider  # noqa: PLC0415

    for provider in (trace.get_tracer_provider(), get_logger_provider(), metrics.get_meter_provider()):
        force_flush = getattr(provider, "force_flush", None)
        if force_flush is not None:
            force_flush(int(timeout * 1000))
