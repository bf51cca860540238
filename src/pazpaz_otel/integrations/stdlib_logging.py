"""Python's logging: exported records, and OpenTelemetry's handlers kept from breaking the application.

A log call with wrong arguments is the application's mistake, and `logging` forgives it; the handlers that turn records
into OpenTelemetry's would raise it into the application.
"""

from __future__ import annotations

import atexit
import copy
import functools
import logging
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, get_value

from pazpaz_otel import patches
from pazpaz_otel.integrations.library import Library, Wiring
from pazpaz_otel.otel.otlp import lean_log
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.log_templates import template_of, while_emitting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SENDERS: Final = ("urllib3", "requests", "charset_normalizer", "grpc", "opentelemetry.exporter")


def tolerate_logging_errors(*, lean: bool) -> None:
    """Wrap the `emit` of OpenTelemetry's handlers, and leave them out of the flush at the interpreter's end.

    Args:
        lean: whether a record whose template is all that leaves takes the short way.
    """
    for whose in ("contrib", "sdk"):
        patches.install(f"logging_handler.{whose}.emit", functools.partial(_forgiving, lean))
    # A second registration of the same function would only run it twice.
    atexit.unregister(_leave_unflushed)
    atexit.register(_leave_unflushed)


def _leave_unflushed() -> None:
    """Keep `logging.shutdown` from flushing OpenTelemetry's handlers; it runs behind this.

    They flush in a thread, and from Python 3.12 on none starts so late. The queues are empty by then.
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
            # A formatter of the application's own may ask for any field.
            original(self, whole if self.formatter is not None else _with_plain_fields(whole))

        try:
            if is_lean and lean_log.emit(self, record):
                return
            while_emitting(record, hand_on)
        except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("log", error)
            _emit_without_values(hand_on, record)

    return emit


def _is_about_the_export(record: logging.LogRecord) -> bool:
    # An exporter's own HTTP at DEBUG: exported, each line would make another export's, for ever.
    return record.name.startswith(_SENDERS) and bool(get_value(_SUPPRESS_INSTRUMENTATION_KEY))


def _with_plain_fields(record: logging.LogRecord) -> logging.LogRecord:
    """Return the record without fields that hold objects, such as the logger that structlog's formatter puts there.

    The SDK would warn of each, in the midst of logging, and export its text.
    """
    fields = vars(record)
    objects = [name for name in fields.keys() - lean_log.STANDARD if not isinstance(fields[name], lean_log.PLAIN)]
    if not objects:
        return record
    plain = copy.copy(record)
    for name in objects:
        del vars(plain)[name]
    return plain


def _emit_without_values(emit: Any, record: logging.LogRecord) -> None:
    try:
        plain = copy.copy(record)
        # The template alone can't be filled wrongly, and is what would have left anyway.
        plain.msg, plain.args = template_of(record) or "", None
        while_emitting(plain, emit)
    except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
        drops.fail("log", error)
        drops.drop("log", "guard_failed")


def _prepare(_: Wiring) -> Mapping[str, Any]:
    # Formats and levels are set by `OTEL_PYTHON_LOG_CORRELATION`, `_FORMAT` and `_LEVEL` alone, as the instrumentation
    # reads them: unasked, it leaves lines that the application formats itself as they are.
    return {}


LIBRARY: Final = Library(name="logging", package="logging", instrumentors={"logging": _prepare}, standard=("logging",))
