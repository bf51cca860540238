"""Celery: tasks, through OpenTelemetry's instrumentation where it is installed; what a child made leaves at its end."""

from __future__ import annotations

import logging
from typing import Any, Final

from pazpaz_otel.integrations import jobs, structured
from pazpaz_otel.integrations.library import Library, Wiring, as_it_comes


def _tasks(module: Any, wiring: Wiring) -> None:
    # Registered as routes are: a task's name is its function's, or was given where it was registered.
    wiring.guard.evidence.add_task_source(lambda: tuple(module.current_app.tasks))


def _signals(module: Any, _: Wiring) -> None:
    # A prefork child ends without exit handlers.
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
