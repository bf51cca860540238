"""Which errors stay with telemetry: those that an application's object raises while telemetry looks at it.

A guard prints, compares and measures what it is given, and an object's own methods may raise anything there, an exit or
an interrupt included. Those are its doing and not for the code that logs; an exit or an interrupt that reaches the
process meanwhile, by a signal, is for the program.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import CodeType, TracebackType

_TELEMETRY: Final = frozenset({"pazpaz_otel", "opentelemetry", "sentry_sdk", "structlog", "loguru"})
_SWITCHING: Final = frozenset({"gevent", "eventlet"})
"""What another of their tasks raises into a waiting one is meant for the program."""
_OWN: Final = _TELEMETRY | _SWITCHING | sys.stdlib_module_names


def is_contained(error: BaseException) -> bool:
    """Return whether an error stays with telemetry: any `Exception`, and what another's method raised."""
    return isinstance(error, Exception) or _is_an_objects(error.__traceback__)


def _is_an_objects(traceback: TracebackType | None) -> bool:
    """Return whether other code than telemetry's was running, and no handler of a signal."""
    foreign: list[CodeType] = []
    # The first is the frame that caught it.
    traceback = traceback and traceback.tb_next
    while traceback is not None:
        root = str(traceback.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        if root not in _OWN:
            foreign.append(traceback.tb_frame.f_code)
        traceback = traceback.tb_next
    return bool(foreign) and _signal_handlers().isdisjoint(foreign)


def _signal_handlers() -> set[Any]:
    """Return the code of what handles signals: functions, methods and objects that are called."""
    codes = set()
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        if callable(handler):
            for part in (handler, vars(type(handler)).get("__call__")):
                codes.add(getattr(getattr(part, "__func__", part), "__code__", None))
    return codes - {None}
