"""OpenTelemetry's logging handlers: on the root logger only while a handler of the application is.

Alone on it, they would change the application: a root logger with a handler disables `logging.lastResort`, so that
warnings without a logging configuration vanish, and the implicit `basicConfig` of `logging.warning`.

What Python then prints by itself is guarded: an application that configures no logging chose no place for its lines.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggingHandler as SdkLoggingHandler

from pazpaz_otel import patches
from pazpaz_otel.redact.log_line import guarded_line
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
_given: Final[weakref.WeakKeyDictionary[logging.LogRecord, tuple[logging.Handler, ...]]] = weakref.WeakKeyDictionary()


@contextlib.contextmanager
def beside_root(guard: Guard) -> Iterator[None]:
    """Take the handlers that OpenTelemetry adds to the root logger off it until the application adds one.

    Args:
        guard: judges what Python prints for an application that configures no logging.
    """
    before = list(logging.root.handlers)
    try:
        yield
    finally:
        _take_over([one for one in logging.root.handlers if isinstance(one, _EXPORTERS) and one not in before], guard)


def _take_over(added: list[logging.Handler], guard: Guard) -> None:
    if added:
        _ours.extend(added)
        for handler in added:
            handler.addFilter(partial(_is_new, handler))
        patches.install("logging.call_beside_root", partial(_calling, guard))
        patches.install("logging.add_handler", partial(_adding, guard))
        patches.install("logging.remove_handler", _removing)
        _arrange()


def exporting_handlers() -> list[logging.Handler]:
    """Return OpenTelemetry's handlers on the root logger and beside it."""
    return [*_beside(), *(each for each in logging.root.handlers if isinstance(each, _EXPORTERS))]


def _beside() -> list[logging.Handler]:
    return [each for each in _ours if each not in logging.root.handlers]


def _arrange() -> None:
    root = logging.root
    if any(each not in _ours for each in root.handlers):
        for handler in _beside():
            root.addHandler(handler)
    else:
        for handler in list(root.handlers):
            root.removeHandler(handler)


def _is_new(handler: logging.Handler, record: logging.LogRecord) -> bool:
    """Return whether a handler is given a record, or its copy from a queue, for the first time."""
    is_proven = isinstance(record, ProvenLogRecord)
    given = getattr(record, "_pazpaz_otel_given", ()) if is_proven else _given.get(record, ())
    if handler in given:
        return False
    if is_proven:
        record._pazpaz_otel_given = (*given, handler)  # noqa: SLF001
    else:
        _given[record] = (*given, handler)
    return True


def _calling(guard: Guard, original: Any) -> Callable[..., None]:
    def call_handlers(self: logging.Logger, record: logging.LogRecord) -> None:
        if _ours:
            logger = self
            while logger.propagate and logger.parent is not None:
                logger = logger.parent
            # First, because the application's handlers and formatters may change the record.
            for handler in _ours if logger is logging.root else ():
                if record.levelno >= handler.level:
                    handler.handle(record)
            if not self.hasHandlers():
                # The last resort is for the application's lines; a failing export would fill its standard error.
                if self.name.startswith(_INSTRUMENTATION):
                    return
                if logging.lastResort is not None and record.levelno >= logging.lastResort.level:
                    record = guarded_line(record, guard)
        original(self, record)

    return call_handlers


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
            # An application that replaces all handlers of the root logger means its own.
            if handler in _ours and is_of(sys._getframe(1).f_globals, _INSTRUMENTATION):  # noqa: SLF001
                _ours.remove(handler)
            _arrange()

    return remove_handler
