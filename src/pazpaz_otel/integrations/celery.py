"""Celery: tasks, if OpenTelemetry's instrumentation is installed, but not what a worker does of its own.

A child's telemetry is flushed when it ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel
from opentelemetry.context import Context
from opentelemetry.instrumentation.utils import is_instrumentation_enabled

from pazpaz_otel import patches
from pazpaz_otel.integrations import jobs, log_handlers
from pazpaz_otel.integrations.library import Library, Wiring, as_it_comes

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator


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


def _worker(_: Any, __: Wiring) -> None:
    patches.install("celery.worker", jobs.quietly)


def _running(_: Any, __: Wiring) -> None:
    patches.install("celery.run", _lifting)


def _lifting(original: Callable[..., Any]) -> Callable[..., Any]:
    """Trace what a worker's task does; a task that an application runs itself keeps its context."""

    def build_tracer(*args: Any, **kwargs: Any) -> Callable[..., Any]:
        run = original(*args, **kwargs)

        def trace_task(*args: Any, **kwargs: Any) -> Any:
            if is_instrumentation_enabled():
                return run(*args, **kwargs)
            token = otel.attach(Context())
            try:
                return run(*args, **kwargs)
            finally:
                otel.detach(token)

        return trace_task

    return build_tracer


LIBRARY: Final = Library(
    name="Celery",
    package="celery",
    instrumentors={"celery": as_it_comes},
    # The instrumentation imports kombu, which has to find `select` as gevent or eventlet left it.
    late={"celery": "celery.app"},
    watch={
        "celery._state": _tasks,
        "celery.signals": _signals,
        "celery.app.trace": _running,
        "celery.worker.worker": _worker,
    },
)
