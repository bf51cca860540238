"""What a Celery application's tasks and loggers give the telemetry."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any
from unittest import mock

from opentelemetry.instrumentation.logging.handler import LoggingHandler

from pazpaz_otel.integrations import celery
from pazpaz_otel.integrations.library import Wiring
from pazpaz_otel.redact.evidence import Evidence


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


def test_the_queues_of_the_configuration_are_known_by_name() -> None:
    """Not those that a call's argument made, and none before the application is configured: that would load it."""
    evidence = Evidence()
    configured = SimpleNamespace(task_default_queue="celery", task_queues=[SimpleNamespace(name="letters")])
    app = SimpleNamespace(tasks={"clinic.remind": None}, configured=False)
    wiring = Wiring(mock.Mock(evidence=evidence))
    celery.LIBRARY.watch["celery._state"](SimpleNamespace(current_app=app), wiring)
    assert [evidence.task(name) for name in ("clinic.remind", "celery", "letters")] == [True, False, False]
    app.configured, app.conf, app.amqp = True, configured, SimpleNamespace(queues={"dvora": None})
    assert [evidence.task(name) for name in ("clinic.remind", "celery", "letters", "dvora")] == [
        True,
        True,
        True,
        False,
    ]
    configured.task_queues = {"nightly": {}}
    assert evidence.task("nightly")
