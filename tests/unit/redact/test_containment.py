"""What an object raises while telemetry looks at it stays there; what is meant for the program goes on."""

from __future__ import annotations

import logging
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.instrumentation.logging.handler import LoggingHandler

from pazpaz_otel.integrations import stdlib_logging
from pazpaz_otel.redact import drops, log_wrappings, printing
from pazpaz_otel.redact.sql.sanitiser import sanitise

if TYPE_CHECKING:
    from collections.abc import Callable


class _Raising:
    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error

    def __str__(self) -> str:
        if self.error is not None:
            raise self.error
        signal.raise_signal(signal.SIGUSR1)
        return ""


def _look(given: object) -> None:
    """Print an object as a guard does."""
    try:
        str(given)
    except BaseException as error:
        drops.fail("log", error)


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit(), ValueError(), RecursionError()])
def test_what_an_objects_own_method_raises_stays(error: BaseException) -> None:
    """An exit or an interrupt that a `__str__` raises is counted as a guard's failure, and goes no further."""
    before = sum(drops.failures().values())
    _look(_Raising(error))
    assert sum(drops.failures().values()) == before + 1


def _exit(*_: Any) -> None:
    sys.exit(3)


class _Exiting:
    def leave(self, *_: Any) -> None:
        sys.exit(3)

    def __call__(self, *_: Any) -> None:
        sys.exit(3)


@pytest.mark.parametrize("handler", [_exit, _Exiting().leave, _Exiting()], ids=["function", "method", "object"])
def test_an_exit_by_a_signal_goes_on(handler: Any) -> None:
    """A handler of a signal that exits, as a worker's does, ends the program also while an object is printed."""
    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with pytest.raises(SystemExit):
            _look(_Raising())
    finally:
        signal.signal(signal.SIGUSR1, before)


def _interrupt() -> None:
    try:
        signal.raise_signal(signal.SIGINT)
    except BaseException as error:
        drops.fail("log", error)


class _Interrupted:
    def __str__(self) -> str:
        signal.raise_signal(signal.SIGINT)
        return ""


@pytest.mark.parametrize("interrupted", [_interrupt, lambda: _look(_Interrupted())], ids=["telemetry", "object"])
def test_an_interrupt_goes_on(interrupted: Callable[[], None]) -> None:
    """An interrupt that reaches a guard's own code, the standard library's or an object's method is raised again."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    finally:
        signal.signal(signal.SIGINT, before)


class _LateError(Exception):
    """What ends work that takes too long, as Celery's soft time limit does."""


def _end(*_: Any) -> None:
    raise _LateError


class _Printed:
    """An object during whose printing the time is over."""

    def __str__(self) -> str:
        signal.raise_signal(signal.SIGUSR1)
        return ""

    __repr__ = __str__


class _Message:
    """One whose own words are looked up."""

    def __str__(self) -> str:
        signal.raise_signal(signal.SIGUSR1)
        return f"late by {self!r}"


@pytest.mark.parametrize(
    "work",
    [
        lambda: _look(_Printed()),
        lambda: printing.said(_Printed()),
        lambda: log_wrappings.of_object(_Message()),
        lambda: sanitise("SELECT a FROM late_visits", "postgresql", known=lambda _: bool(str(_Printed()))),
    ],
    ids=["guard", "printing", "message", "statement"],
)
def test_what_a_signals_handler_raises_ends_the_work(work: Callable[[], object]) -> None:
    """A time that is over while telemetry works is over for the program, wherever telemetry is."""
    before = signal.signal(signal.SIGUSR1, _end)
    try:
        with pytest.raises(_LateError):
            work()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_handler_that_was_ended_emits_the_next_record() -> None:
    """OpenTelemetry's handler, ended before it could note that, isn't taken for one that logs while it emits."""

    def ended(self: Any, _: logging.LogRecord) -> None:
        self._is_emitting.set(True)
        signal.raise_signal(signal.SIGUSR1)

    handler, emit = LoggingHandler(), stdlib_logging._forgiving(False, ended)
    before = signal.signal(signal.SIGUSR1, _end)
    try:
        with pytest.raises(_LateError):
            emit(handler, logging.makeLogRecord({"name": "clinic"}))
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert not handler._is_emitting.get()
