"""Which errors stay with telemetry: those that an application's object raises while telemetry looks at it.

A guard prints, compares and measures what it is given, and an object's own methods may raise anything there, an exit or
an interrupt included. Those are its doing and not for the code that logs. What reaches the process meanwhile, by a
signal, is for the program: an exit, an interrupt, or what its handler raises to end work that takes too long, as
Celery's soft time limit does.
"""

from __future__ import annotations

import dis
import functools
import signal
import sys
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, TracebackType

P = ParamSpec("P")
R = TypeVar("R")
D = TypeVar("D")

_TELEMETRY: Final = frozenset({"pazpaz_otel", "opentelemetry", "sentry_sdk", "structlog", "loguru"})
_SWITCHING: Final = frozenset({"gevent", "eventlet"})
"""What another of their tasks raises into a waiting one is meant for the program."""
_OWN: Final = _TELEMETRY | _SWITCHING | sys.stdlib_module_names
_RAISE: Final = dis.opmap["RAISE_VARARGS"]


def is_contained(error: BaseException) -> bool:
    """Return whether an error stays with telemetry: an `Exception` or what another's method raised, by no signal."""
    # Where there is no room left for calls, looking into it would only raise another.
    foreign = [] if isinstance(error, RecursionError) else _foreign(error.__traceback__)
    if not foreign or _is_interrupt(error):
        return isinstance(error, Exception)
    return _signal_handlers().isdisjoint(foreign)


def contain(error: BaseException) -> None:
    """Raise the error again where it is meant for the program.

    Raises:
        BaseException: the error itself.
    """
    if not is_contained(error):
        raise error


def in_doubt(answer: D) -> Callable[[Callable[P, R]], Callable[P, R | D]]:
    """Let a function return `answer` where it raises: an error proves nothing, unless it is meant for the program."""

    def decorate(function: Callable[P, R]) -> Callable[P, R | D]:
        @functools.wraps(function)
        def asked(*args: P.args, **kwargs: P.kwargs) -> R | D:
            try:
                return function(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - what the application's objects raise
                contain(error)
                return answer

        return asked

    return decorate


def _foreign(traceback: TracebackType | None) -> list[CodeType]:
    """Return the code other than telemetry's that was running."""
    foreign: list[CodeType] = []
    # The first is the frame that caught it.
    traceback = traceback and traceback.tb_next
    while traceback is not None:
        root = str(traceback.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        if root not in _OWN:
            foreign.append(traceback.tb_frame.f_code)
        traceback = traceback.tb_next
    return foreign


def _is_interrupt(error: BaseException) -> bool:
    """Return whether Python's own handler of SIGINT raised the error, in whose place no code has a `raise`."""
    place = error.__traceback__ if isinstance(error, KeyboardInterrupt) else None
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return place is not None and place.tb_frame.f_code.co_code[place.tb_lasti] != _RAISE


def _signal_handlers() -> set[Any]:
    """Return the code of what handles signals: functions, methods and objects that are called."""
    codes = set()
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        if callable(handler):
            for part in (handler, vars(type(handler)).get("__call__")):
                codes.add(getattr(getattr(part, "__func__", part), "__code__", None))
    return codes - {None}
