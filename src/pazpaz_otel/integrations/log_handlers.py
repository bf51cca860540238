"""OpenTelemetry's logging handlers: on the root logger only while a handler of the application is.

Alone on it, they would change the application: a root logger with a handler disables `logging.lastResort`, so that
warnings without a logging configuration vanish, and the implicit `basicConfig` of `logging.warning`.

What Python then prints by itself is guarded: an application that configures no logging chose no place for its lines.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggingHandler as SdkLoggingHandler

from pazpaz_otel import patches
from pazpaz_otel.redact.by_identity import ByIdentity
from pazpaz_otel.redact.log_line import guarded_line, guarded_message
from pazpaz_otel.redact.log_templates import ProvenLogRecord
from pazpaz_otel.redact.provenance.callers import first_outside, is_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from pazpaz_otel.redact.guards import Guard

_EXPORTERS: Final = (LoggingHandler, SdkLoggingHandler)
_INSTRUMENTATION: Final = ("opentelemetry.",)

_ours: list[logging.Handler] = []
# For records of an application's own class, which lacks the slot.
_given: Final[ByIdentity[logging.LogRecord, tuple[logging.Handler, ...]]] = ByIdentity()


@contextlib.contextmanager
def beside_root(guard: Guard) -> Iterator[None]:
    """Take the handlers that OpenTelemetry adds to the root logger off it until the application adds one."""
    before = list(logging.root.handlers)
    try:
        yield
    finally:
        # One that was taken over earlier is back on it if the instrumentation added a handler beside it.
        known = (*before, *_ours)
        _take_over([one for one in logging.root.handlers if isinstance(one, _EXPORTERS) and one not in known], guard)


def _take_over(added: list[logging.Handler], guard: Guard) -> None:
    if added:
        _ours.extend(added)
        for handler in added:
            handler.addFilter(partial(_is_new, handler))
        patches.install("logging.filter", _filtering)
        patches.install("logging.last_resort", partial(_resorting, guard))
        patches.install("logging.add_handler", partial(_adding, guard))
        patches.install("logging.remove_handler", _removing)
        _arrange()


def exporting_handlers() -> list[logging.Handler]:
    """Return OpenTelemetry's handlers on the root logger and beside it."""
    return [*_beside(), *(each for each in logging.root.handlers if isinstance(each, _EXPORTERS))]


def _beside() -> list[logging.Handler]:
    return [each for each in _ours if each not in logging.root.handlers]


def _arrange() -> None:
    if _are_alone():
        _take_off()
    else:
        for handler in _beside():
            logging.root.addHandler(handler)


def _are_alone() -> bool:
    return all(each in _ours for each in logging.root.handlers)


def _take_off() -> None:
    for handler in list(logging.root.handlers):
        logging.root.removeHandler(handler)


def _is_new(handler: logging.Handler, record: logging.LogRecord) -> bool:
    """Return whether a handler is given a record, or its copy from a queue, for the first time."""
    is_proven = isinstance(record, ProvenLogRecord)
    given = getattr(record, "_pazpaz_otel_given", ()) if is_proven else _given.get(record) or ()
    if handler in given:
        return False
    if is_proven:
        record._pazpaz_otel_given = (*given, handler)  # noqa: SLF001
    else:
        _given.keep(record, (*given, handler))
    return True


def _filtering(original: Any) -> Callable[..., Any]:
    # Not around `callHandlers`: the application's handlers may look for the logging statement beyond the frames of
    # `logging`, as loguru's documentation has it.
    def filter_record(self: logging.Logger, record: logging.LogRecord) -> Any:
        passed = original(self, record)
        if passed and _ours:
            _hand_on(self, passed if isinstance(passed, logging.LogRecord) else record)
        return passed

    return filter_record


def _hand_on(logger: logging.Logger, record: logging.LogRecord) -> None:
    while logger.propagate and logger.parent is not None:
        logger = logger.parent
    if logger is not logging.root:
        return
    # The application may have taken its own off the list.
    if logger.handlers and logger.handlers[0] in _ours:
        _arrange()
    # First, because the application's handlers and formatters may change the record.
    for handler in _ours:
        if record.levelno >= handler.level:
            handler.handle(record)


def _resorting(guard: Guard, original: Any) -> Callable[..., None]:
    def emit(self: logging.Handler, record: logging.LogRecord) -> None:
        # The last resort is for the application's lines; a failing export would fill its standard error.
        if not record.name.startswith(_INSTRUMENTATION):
            guarded = guarded_message if self.formatter is None else guarded_line
            original(self, guarded(record, guard))

    return emit


def _adding(guard: Guard, original: Any) -> Callable[..., None]:
    def add_handler(self: logging.Logger, handler: logging.Handler) -> None:
        if self is logging.root and _is_implicit(sys._getframe(1)):  # noqa: SLF001
            shown = handler.format
            setattr(handler, "format", lambda record: shown(guarded_line(record, guard)))  # noqa: B010
        original(self, handler)
        if self is logging.root:
            _arrange()

    return add_handler


def _is_implicit(frame: FrameType) -> bool:
    """Return whether `logging` configures itself, as a function such as `logging.warning` makes it at first."""
    caller = first_outside(frame.f_back, _INSTRUMENTATION) if frame.f_globals is vars(logging) else None
    return caller is not None and caller.f_globals is vars(logging)


def _removing(original: Any) -> Callable[..., None]:
    def remove_handler(self: logging.Logger, handler: logging.Handler) -> None:
        original(self, handler)
        if self is logging.root:
            # An application that removes all handlers of the root logger means its own.
            if handler in _ours and is_of(sys._getframe(1).f_globals, _INSTRUMENTATION):  # noqa: SLF001
                _ours.remove(handler)
            # Put none back: the application may be removing the last one until there is none.
            if _are_alone():
                _take_off()

    return remove_handler
