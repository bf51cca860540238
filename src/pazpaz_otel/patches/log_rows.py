"""Patches of the standard library's logging, structlog and loguru."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import Patch, rows

_EVERY_RECORD: Final = (
    "a way to receive every record without being on the root logger",
    "https://docs.python.org/3/library/logging.html#logging.lastResort",
    "never, as long as a handler on the root logger disables the last resort",
)
_FORMATTER: Final = (
    "a formatter for handlers configured elsewhere, such as a server's",
    "https://docs.python.org/3/library/logging.html#handler-objects",
    "never, as long as servers configure their own handlers",
)

ROWS: Final = (
    Patch(
        "logging.report",
        "logging:Logger.filter",
        "Turns log records into breadcrumbs and Sentry events, including those of loggers that don't propagate.",
        "a handler that sees every logger's records",
        "https://docs.python.org/3/library/logging.html#logging.Logger.propagate",
        "never, as long as loggers may stop propagating",
        inherited=True,
    ),
    *rows(
        "logging:Logger.",
        *_EVERY_RECORD,
        ("logging.filter", "filter", "Hands records to OpenTelemetry's handlers beside the root logger."),
        ("logging.add_handler", "addHandler", "Puts OpenTelemetry's handlers on the root logger, beside others."),
        ("logging.remove_handler", "removeHandler", "Takes OpenTelemetry's handlers off the root logger if alone."),
        inherited=True,
    ),
    Patch(
        "logging.last_resort",
        "logging:_StderrHandler.emit",
        "Guards the lines of an application that configures no logging.",
        *_EVERY_RECORD,
        inherited=True,
    ),
    *rows(
        "logging:Handler.",
        *_FORMATTER,
        ("logging.handler.handle", "handle", "Guards the records that handlers receive, if the setting is on."),
        ("logging.handler.format", "format", "Guards what a handler formats that is given its records in another way."),
        ("logging.handler.handleError", "handleError", "Guards what is printed of an exception in a handler."),
    ),
    Patch(
        "logging.handler.own_handle",
        "logging:Handler.handle",
        "Guards the records of handlers that override this method.",
        *_FORMATTER,
        subclasses=True,
    ),
    *rows(
        "logging:",
        "hooks for the creation of loggers, adapters and records",
        "https://docs.python.org/3/library/logging.html",
        "never, as long as the standard library has no such seam",
        ("logging.record_factory", "_logRecordFactory", "Creates records that carry the proof of their text."),
        (
            "logging.set_record_factory",
            "setLogRecordFactory",
            "Proves the text of records that an application's own factory creates.",
        ),
        ("logging.get_logger", "Manager.getLogger", "Proves a logger's name where it is requested."),
        ("logging.adapt", "LoggerAdapter.__init__", "Proves the fields of an adapter where it is made."),
    ),
    *rows(
        "structlog._base:BoundLoggerBase.",
        "a processor that sees the logging statement, however the event is rendered later",
        "https://www.structlog.org/en/stable/processors.html",
        "structlog passes the event to the output of its logger",
        (
            "structlog.process_event",
            "_process_event",
            "Proves an event where it is logged, and exports it if structlog passes it nowhere else.",
        ),
        ("structlog.bind", "bind", "Proves the fields that are bound to a logger where they are bound."),
        ("structlog.output", "_process_event", "Guards the output of printing loggers, if the setting is on."),
    ),
    Patch(
        "structlog.formatter",
        "structlog.stdlib:ProcessorFormatter.format",
        "Guards the context that a handler's formatter merges into its lines, if the setting is on.",
        "a hook for what a processor adds",
        "https://www.structlog.org/en/stable/standard-library.html#rendering-using-structlog-based-formatters-within-logging",
        "structlog tells a processor which fields others added",
    ),
    Patch(
        "structlog.callsite",
        "structlog.processors:_find_first_app_frame_and_name",
        "Leaves this package's frames out of where an event was logged.",
        "a way to add to the frames that a processor ignores",
        "https://www.structlog.org/en/stable/api.html#structlog.processors.CallsiteParameterAdder",
        "structlog passes the event to the output of its logger",
    ),
    Patch(
        "structlog.request",
        "structlog._config:BoundLoggerLazyProxy.__init__",
        "Proves a logger's name and first fields where it is requested: the logger is made when it is used.",
        "a hook for the request of loggers",
        "https://www.structlog.org/en/stable/api.html#structlog.get_logger",
        "structlog passes the logger factory the place where a logger was requested",
    ),
    Patch(
        "structlog.bind_contextvars",
        "structlog.contextvars:bind_contextvars",
        "Proves the fields that are bound to a context where they are bound.",
        "a hook for fields that are bound to a context",
        "https://www.structlog.org/en/stable/contextvars.html",
        "structlog passes processors the place where a field was bound",
    ),
    Patch(
        "loguru.log",
        "loguru._logger:Logger._log",
        "Proves a message where it is logged, and exports it.",
        "a sink that sees the logging statement and the message's template",
        "https://loguru.readthedocs.io/en/stable/api/logger.html#loguru._logger.Logger.add",
        "loguru's sinks get the message's template",
    ),
    Patch(
        "loguru.emit",
        "loguru._handler:Handler.emit",
        "Guards the records that sinks receive, if the setting is on.",
        "a patcher that runs for every sink after the application's own, and may replace the exception",
        "https://loguru.readthedocs.io/en/stable/api/logger.html#loguru._logger.Logger.add",
        "loguru has such a patcher",
    ),
    Patch(
        "loguru.failure",
        "loguru._error_interceptor:ErrorInterceptor.print",
        "Guards what is printed of an exception in a sink.",
        "a hook for exceptions in sinks",
        "https://loguru.readthedocs.io/en/stable/api/logger.html#loguru._logger.Logger.add",
        "loguru has such a hook",
    ),
    Patch(
        "loguru.relay",
        "loguru._simple_sinks:StandardSink.write",
        "Tells the handlers of `logging` which lines of loguru's are guarded.",
        "a record that says which message of loguru's it holds",
        "https://loguru.readthedocs.io/en/stable/api/logger.html#loguru._logger.Logger.add",
        "loguru passes its own record on",
    ),
    *rows(
        "loguru._logger:Logger.",
        "a hook for fields that are bound",
        "https://loguru.readthedocs.io/en/stable/api/logger.html#loguru._logger.Logger.bind",
        "loguru passes sinks the place where a field was bound",
        ("loguru.bind", "bind", "Proves the fields that are bound to a logger where they are bound."),
        (
            "loguru.contextualize",
            "contextualize",
            "Proves the fields that are bound to a context where they are bound.",
        ),
    ),
)
