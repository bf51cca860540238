"""Python's logging: exported records, and OpenTelemetry's handlers kept from breaking the application.

A log call with wrong arguments is the application's mistake, and `logging` forgives it; the handlers that turn records
into OpenTelemetry's would raise it into the application.
"""

from __future__ import annotations

import contextlib
import copy
import functools
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, get_value

from pazpaz_otel import patches
from pazpaz_otel.integrations.library import Library, Wiring
from pazpaz_otel.otel.otlp import lean_log
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.log_templates import template_of, while_emitting

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping

_SENDERS: Final = ("urllib3", "requests", "charset_normalizer", "grpc", "opentelemetry.exporter")


def tolerate_logging_errors(*, lean: bool) -> None:
    """Wraps the handlers' `emit` and `flush`: once is enough.

    Args:
        lean: a record whose template is all that leaves takes the short way.
    """
    for whose in ("contrib", "sdk"):
        patches.install(f"logging_handler.{whose}.emit", functools.partial(_forgiving, lean))
        patches.install(f"logging_handler.{whose}.flush", _flushing)


def export_plain_fields() -> None:
    """Leaves objects out of a log record's fields, such as the logger that structlog's formatter puts there.

    The SDK would warn of each, in the midst of logging.
    """

    def plain(original: Any) -> Callable[..., Any]:
        def fields(self: Any, record: logging.LogRecord) -> Any:
            attributes, event_name = original(self, record)
            return {key: value for key, value in attributes.items() if isinstance(value, lean_log.PLAIN)}, event_name

        return fields

    for whose in ("contrib", "sdk"):
        patches.install(f"logging_handler.{whose}.attributes", plain)


def _flushing(original: Any) -> Callable[..., None]:
    def flush(self: Any) -> None:
        # From Python 3.12 on, no thread starts at the interpreter's end; the queues were emptied before.
        with contextlib.suppress(RuntimeError):
            original(self)

    return flush


def _forgiving(is_lean: bool, original: Any) -> Callable[..., None]:
    def emit(self: Any, record: logging.LogRecord) -> None:
        if _is_about_the_export(record):
            return
        try:
            if is_lean and lean_log.emit(self, record):
                return
            while_emitting(record, lambda plain: original(self, plain))
        except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("log", error)
            _emit_without_values(lambda plain: original(self, plain), record)

    return emit


def _is_about_the_export(record: logging.LogRecord) -> bool:
    # An exporter's own HTTP at DEBUG: exported, each line would make another export's, for ever.
    return record.name.startswith(_SENDERS) and bool(get_value(_SUPPRESS_INSTRUMENTATION_KEY))


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
    export_plain_fields()
    # Formats and levels are set by `OTEL_PYTHON_LOG_CORRELATION`, `_FORMAT` and `_LEVEL` alone, as the instrumentation
    # reads them: unasked, it leaves lines that the application formats itself as they are.
    return {}


LIBRARY: Final = Library(name="logging", package="logging", instrumentors={"logging": _prepare}, standard=("logging",))
