"""Optionally guard the lines of the standard library's handlers, loguru's sinks and structlog's printing loggers.

`PAZPAZ_OTEL_GUARD_OUTPUT=true` guards all of them, including uvicorn's and gunicorn's, whatever their formatters and
whenever they are configured. A handler or sink receives a guarded copy, also if it formats nothing.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from pazpaz_otel import patches
from pazpaz_otel.imports import when_imported
from pazpaz_otel.integrations import structured
from pazpaz_otel.redact import access_lines, drops, text
from pazpaz_otel.redact.log_line import guarded_line, guarded_record, handed, print_failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.redact.guards import Guard


def guard_output(guard: Guard) -> None:
    """Guard every line that is written from now on; repeated calls change nothing."""
    access_lines.expect()
    patches.install("logging.handler.handle", partial(_handling, guard))
    patches.install("logging.handler.own_handle", partial(_handing, guard))
    patches.install("logging.handler.format", partial(_formatting, guard))
    patches.install("logging.handler.handleError", partial(_failing, guard))
    failed = partial(drops.fail, "stdout")
    when_imported("structlog._base", lambda _: _guard_processors(guard, "structlog.output", "printing"), failed)
    when_imported("structlog.stdlib", lambda _: _guard_processors(guard, "structlog.formatter", "rendering"), failed)
    when_imported("loguru._logger", lambda _: _guard_sinks(guard), failed)


def _guard_sinks(guard: Guard) -> None:
    from pazpaz_otel.integrations import loguru  # noqa: PLC0415 - few applications have it

    loguru.guard_sinks(guard)


def _guard_processors(guard: Guard, patch: str, wrapper: str) -> None:
    from pazpaz_otel.integrations import structlog_processors  # noqa: PLC0415 - few applications have it

    patches.install(patch, partial(getattr(structlog_processors, wrapper), guard))


def is_guarded(handler: logging.Handler) -> bool:
    """Return whether a handler is given guarded records, once output is guarded."""
    return "handle" not in vars(handler)


def _handling(guard: Guard, original: Any) -> Callable[..., Any]:
    def handle(self: logging.Handler, record: logging.LogRecord) -> Any:
        if structured.is_exporting(self):
            return original(self, record)
        # A filter may choose by what doesn't leave, and may write on the record: guard what it lets pass.
        passed: Any = self.filter(record)
        if passed:
            clean = guarded_line(passed if isinstance(passed, logging.LogRecord) else record, guard)
            token = handed.set(clean)
            self.acquire()
            try:
                self.emit(clean)
            finally:
                self.release()
                handed.reset(token)
        return passed

    return handle


def _handing(guard: Guard, original: Any) -> Callable[..., Any]:
    def handle(self: logging.Handler, record: logging.LogRecord) -> Any:
        return original(self, record if structured.is_exporting(self) else guarded_line(record, guard))

    return handle


def _failing(guard: Guard, original: Any) -> Callable[..., None]:
    def handleError(self: logging.Handler, record: logging.LogRecord) -> None:  # noqa: N802 - the method's name
        if structured.is_exporting(self):
            original(self, record)
        elif logging.raiseExceptions:
            print_failure(guard)

    return handleError


def _formatting(guard: Guard, original: Any) -> Callable[..., str]:
    def format(self: logging.Handler, record: logging.LogRecord) -> str:  # noqa: A001 - the method's name
        if structured.is_exporting(self):
            return str(original(self, record))
        try:
            return str(original(self, guarded_record(record, guard)))
        except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
            drops.fail("stdout", error)
            return text.PLACEHOLDER

    return format
