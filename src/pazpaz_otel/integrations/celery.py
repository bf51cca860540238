"""Celery: tasks, if OpenTelemetry's instrumentation is installed; a child's telemetry is flushed when it ends."""

from __future__ import annotations

import logging
from typing import Any, Final

from pazpaz_otel.integrations import jobs, structured
from pazpaz_otel.integrations.library import Library, Wiring, as_it_comes


def _tasks(module: Any, wiring: Wiring) -> None:
    # Registered like routes: a task's name is its function's, or was given at registration.
    wiring.guard.evidence.add_task_source(lambda: tuple(module.current_app.tasks))


def _signals(module: Any, _: Wiring) -> None:
    # Prefork children end without running exit handlers.
    module.worker_process_shutdown.connect(_flush, weak=False)
    # A worker takes every handler from the root logger, and its tasks' logger doesn't propagate.
    handlers = structured.exporting_handlers()

    def put_back(logger: logging.Logger, **_: Any) -> None:
        for handler in handlers if logger is logging.root or not logger.propagate else ():
            logger.addHandler(handler)

    module.after_setup_logger.connect(put_back, weak=False)
    module.after_setup_task_logger.connect(put_back, weak=False)


def _flush(**_: Any) -> None:
    jobs.flush()


LIBRARY: Final = Library(
    name="Celery",
    package="celery",
    instrumentors={"celery": as_it_comes},
    watch={"celery._state": _tasks, "celery.signals": _signals},
)
