"""Logs: one JSON object a line on stdout, the application's and its libraries' alike."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING

import structlog
from opentelemetry import trace

from pazpaz_otel.logging import guard_event

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

_HANDLER = "practice_api"


def configure_logging(level: str) -> None:
    """Send every log line through one formatter; handlers that others put on the root logger stay."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.set_name(_HANDLER)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                guard_event,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _add_trace,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [*(other for other in root.handlers if other.get_name() != _HANDLER), handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    # It writes the path and the query of every request; the middleware's line has the route.
    logging.getLogger("uvicorn.access").disabled = True
    threading.excepthook = _log_thread_error


def _log_thread_error(error: threading.ExceptHookArgs) -> None:
    if error.exc_value is not None:
        logging.getLogger(__name__).error("a thread ended with an error", exc_info=error.exc_value)


def _add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
        event["span_id"] = trace.format_span_id(context.span_id)
    return event
