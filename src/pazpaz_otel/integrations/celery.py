"""Celery: tasks, through OpenTelemetry's instrumentation where it is installed; what a child made leaves at its end."""

from __future__ import annotations

from typing import Any, Final

from pazpaz_otel.integrations import jobs
from pazpaz_otel.integrations.library import Library, Wiring, as_it_comes


def _tasks(module: Any, wiring: Wiring) -> None:
    # Registered as routes are: a task's name is its function's, or was given where it was registered.
    wiring.guard.evidence.add_task_source(lambda: tuple(module.current_app.tasks))


def _signals(module: Any, _: Wiring) -> None:
    # A prefork child ends without exit handlers.
    module.worker_process_shutdown.connect(_flush, weak=False)


def _flush(**_: Any) -> None:
    jobs.flush()


LIBRARY: Final = Library(
    name="Celery",
    package="celery",
    instrumentors={"celery": as_it_comes},
    watch={"celery._state": _tasks, "celery.signals": _signals},
)
