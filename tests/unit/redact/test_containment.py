"""What an object raises while telemetry looks at it stays there; what is meant for the program goes on."""

from __future__ import annotations

import signal
import sys
from typing import Any

import pytest

from pazpaz_otel.redact import drops


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


def test_an_interrupt_of_telemetry_itself_goes_on() -> None:
    """An interrupt that reaches a guard's own code, or one of the standard library's, is raised again."""

    def interrupted() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except BaseException as error:
            drops.fail("log", error)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    finally:
        signal.signal(signal.SIGINT, before)
