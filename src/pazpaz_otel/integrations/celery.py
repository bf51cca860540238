"""Celery: tasks, if OpenTelemetry's instrumentation is installed, but not what a worker does of its own.

Its spans are completed with what other queues' jobs have, and tasks are measured alike. A child's telemetry is flushed
when it ends.
"""

from __future__ import annotations

import sys
from datetime import datetime
from time import perf_counter, time
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.instrumentation.utils import is_instrumentation_enabled

from pazpaz_otel import patches
from pazpaz_otel.integrations import jobs, log_handlers
from pazpaz_otel.integrations.library import Library, Wiring, as_it_comes
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator


_SYSTEM: Final = "celery"
_ENQUEUED_AT: Final = "pazpaz_otel_enqueued_at"
"""The header of a task's message that holds when it was sent, in seconds since the epoch."""


def _tasks(module: Any, wiring: Wiring) -> None:
    # Registered like routes: a task's name is its function's, or was given at registration.
    wiring.guard.evidence.add_task_source(lambda: _names(module.current_app))


def _names(app: Any) -> Iterator[str]:
    """Yield the names of an application's tasks, and of the queues in its configuration.

    Without them, a task's first span would be searched for its queue's name in Celery's source, which takes longer than
    a short time limit. `app.amqp.queues` has also those that a call's argument made.
    """
    yield from app.tasks
    if app.configured:
        yield app.conf.task_default_queue
        for queue in app.conf.task_queues or ():
            yield getattr(queue, "name", queue)


def _signals(module: Any, _: Wiring) -> None:
    # Prefork children end without running exit handlers.
    module.worker_process_shutdown.connect(lambda **_: jobs.flush(), weak=False)

    def export(logger: logging.Logger, **_: Any) -> None:
        # A worker's tasks' logger doesn't propagate.
        for handler in () if logger.propagate else log_handlers.exporting_handlers():
            logger.addHandler(handler)

    module.after_setup_task_logger.connect(export, weak=False)


def _lifting(original: Callable[..., Any]) -> Callable[..., Any]:
    """Trace and measure what a worker's task does; a task that an application runs itself keeps its context."""

    def build_tracer(*args: Any, **kwargs: Any) -> Callable[..., Any]:
        run: Callable[..., Any] = original(*args, **kwargs)
        if kwargs.get("eager"):
            return run
        name = args[0] if args else kwargs["name"]

        def trace_task(uuid: Any, args: Any, kwargs: Any, request: Any = None) -> Any:
            token = None if is_instrumentation_enabled() else otel.attach(Context())
            started = perf_counter()
            try:
                traced = run(uuid, args, kwargs, request)
                _measure(perf_counter() - started, name, request or {}, traced.info)
                return traced
            finally:
                if token is not None:
                    otel.detach(token)

        return trace_task

    return build_tracer


def _measure(seconds: float, name: str, request: Any, info: Any) -> None:
    with drops.contained("metric"):
        jobs.measure(seconds, jobs.described(_SYSTEM, name, _queue(request)), _outcome(info))


def _outcome(info: Any) -> jobs.Run:
    """Return the outcome of a task by the state that Celery gives it; it has none if all went well."""
    state = str(getattr(info, "state", ""))
    if state == "FAILURE":
        return jobs.Run("failure", info.retval)
    return jobs.Run({"RETRY": "retry", "REJECTED": "failure"}.get(state, "success"))


def _queue(request: Any) -> str | None:
    found = (request.get("delivery_info") or {}).get("routing_key")
    return found if isinstance(found, str) else None


def _complete_spans(_: Wiring) -> None:
    """Let the instrumentation's span of a task's run say what the queue's part in it was."""
    signals: Any = sys.modules["celery.signals"]

    def stamp(headers: Any = None, **_: Any) -> None:
        if headers is not None:
            headers[_ENQUEUED_AT] = time()

    def complete(task: Any, **_: Any) -> None:
        request = task.request
        if not request.is_eager:
            attributes = jobs.described(_SYSTEM, task.name, _queue(request))
            attributes.update(jobs.queued(request.retries + 1, _enqueued_at(request)))
            trace.get_current_span().set_attributes(attributes)

    signals.before_task_publish.connect(stamp, weak=False)
    # After the instrumentation's receiver, which starts the span.
    signals.task_prerun.connect(complete, weak=False)


def _enqueued_at(request: Any) -> float | None:
    """Return since when a task could run, in seconds since the epoch: its `eta`, or when it was sent."""
    if request.eta:
        return datetime.fromisoformat(request.eta).timestamp()
    sent = request.get(_ENQUEUED_AT)
    return sent if isinstance(sent, float) else None


LIBRARY: Final = Library(
    name="Celery",
    package="celery",
    instrumentors={"celery": as_it_comes},
    # The instrumentation imports kombu, which has to find `select` as gevent or eventlet left it.
    late={"celery": "celery.app"},
    started=_complete_spans,
    watch={
        "celery._state": _tasks,
        "celery.signals": _signals,
        "celery.app.trace": lambda _, _wiring: patches.install("celery.run", _lifting),
        "celery.worker.worker": lambda _, _wiring: patches.install("celery.worker", jobs.quietly),
    },
)
