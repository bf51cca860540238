"""A Celery worker's tasks are logged to OpenTelemetry's handlers."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any
from unittest import mock

from opentelemetry.instrumentation.logging.handler import LoggingHandler

from pazpaz_otel.integrations import celery
from pazpaz_otel.integrations.library import Wiring


class Signal:
    """One of Celery's, as far as it is used."""

    def __init__(self) -> None:
        self._receivers: list[Any] = []

    def connect(self, receiver: Any, *, weak: bool) -> None:
        assert not weak
        self._receivers.append(receiver)

    def send(self, **given: Any) -> None:
        for receiver in self._receivers:
            receiver(sender=None, **given)


def test_a_workers_loggers_keep_the_exporting_handler() -> None:
    """The tasks' logger gets it, once, where it doesn't propagate."""
    names = ("worker_process_shutdown", "after_setup_task_logger")
    signals = SimpleNamespace(**{name: Signal() for name in names})
    handler, tasks = LoggingHandler(), logging.Logger("celery.task")  # noqa: LOG001 - nobody else's
    with mock.patch.object(logging.root, "handlers", [logging.NullHandler(), handler]):
        celery.LIBRARY.watch["celery.signals"](signals, Wiring(mock.Mock()))
        signals.after_setup_task_logger.send(logger=tasks)
        assert tasks.handlers == []
        tasks.propagate = False
        signals.after_setup_task_logger.send(logger=tasks)
        assert tasks.handlers == [handler]
