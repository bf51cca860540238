"""Python's logging: export records, and keep OpenTelemetry's handlers from breaking the application.

`logging` tolerates a log call with wrong arguments, but the handlers that export to OpenTelemetry would raise the error
into the application.
"""

from __future__ import annotations

import atexit
import copy
import functools
import logging
from collections.abc import Callable
from typing import Any, Final

from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, get_value

from pazpaz_otel import patches
from pazpaz_otel.integrations.library import Library, as_it_comes
from pazpaz_otel.otel.otlp import lean_log
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.emission import Emission
from pazpaz_otel.redact.log_line import STANDARD
from pazpaz_otel.redact.log_templates import template_of

_SENDERS: Final = ("urllib3", "requests", "charset_normalizer", "grpc", "opentelemetry.exporter")


def tolerate_logging_errors(*, lean: bool) -> None:
    """Wrap the `emit` of OpenTelemetry's handlers, and exclude them from the flush at interpreter exit.

    Args:
        lean: whether to shorten the path of a record of which only the template leaves.
    """
    for whose in ("contrib", "sdk"):
        patches.install(f"logging_handler.{whose}.emit", functools.partial(_forgiving, lean))
    # Registering the same function twice would only run it twice.
    atexit.unregister(_leave_unflushed)
    atexit.register(_leave_unflushed)


def _leave_unflushed() -> None:
    """Keep `logging.shutdown`, which runs after this, from flushing OpenTelemetry's handlers.

    They flush in a thread, and from Python 3.12 on no thread can start so late. The queues are empty by then.
    """
    for reference in logging._handlerList:  # type: ignore[attr-defined] # noqa: SLF001 - there is no public list
        handler = reference()
        if getattr(type(handler).flush, "__module__", "").startswith("opentelemetry."):
            handler.flushOnClose = False


def _forgiving(is_lean: bool, original: Any) -> Callable[..., None]:
    def emit(self: Any, record: logging.LogRecord) -> None:
        if _is_about_the_export(record):
            return

        def hand_on(whole: logging.LogRecord) -> None:
            # The application's own formatter may use any field.
            original(self, whole if self.formatter is not None else _plain(whole))

        emitting = getattr(self, "_is_emitting", None)
        was_emitting = emitting is not None and emitting.get()
        try:
            if is_lean and lean_log.emit(self, record):
                return
            with Emission(record):
                hand_on(record)
        except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
            if emitting is not None:
                # A signal's handler may raise before the handler can note that it is done: it would emit nothing more.
                emitting.set(was_emitting)
            drops.fail("log", error)
            _emit_without_values(hand_on, record)

    return emit


def _is_about_the_export(record: logging.LogRecord) -> bool:
    # An exporter's own HTTP logs at DEBUG: exporting them would cause another export, endlessly.
    return record.name.startswith(_SENDERS) and bool(get_value(_SUPPRESS_INSTRUMENTATION_KEY))


def _plain(record: logging.LogRecord) -> logging.LogRecord:
    """Return the record without its exception, and without fields that hold objects, such as structlog's logger.

    The handler would print the exception, which the guard takes from the record being emitted. The SDK would log a
    warning for each object while logging, and export its text.
    """
    fields = vars(record)
    objects = [name for name in fields.keys() - STANDARD if not isinstance(fields[name], lean_log.PLAIN)]
    if not objects and not record.exc_info:
        return record
    plain = copy.copy(record)
    plain.exc_info = None
    for name in objects:
        del vars(plain)[name]
    return plain


def _emit_without_values(emit: Any, record: logging.LogRecord) -> None:
    try:
        plain = copy.copy(record)
        # The template by itself can't be formatted wrongly, and only it would have left anyway.
        plain.msg, plain.args = template_of(record) or "", None
        with Emission(plain):
            emit(plain)
    except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
        drops.lose("log", error)


# Formats and levels depend only on `OTEL_PYTHON_LOG_CORRELATION`, `_FORMAT` and `_LEVEL`, which the instrumentation
# reads; by default, it leaves the application's formatting alone.
LIBRARY: Final = Library(
    name="logging", package="logging", instrumentors={"logging": as_it_comes}, standard=("logging",)
)
