"""Patches of the standard library's logging, structlog and loguru."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import Patch

ROWS: Final = (
    Patch(
        "logging.report",
        "logging:Logger.filter",
        "CPython",
        "Turns log records into breadcrumbs and Sentry events, including those of loggers that don't propagate.",
        "a handler that sees every logger's records",
        "https://docs.python.org/3/library/logging.html#logging.Logger.propagate",
        "never, as long as loggers may stop propagating",
        inherited=True,
    ),
    *(
        Patch(
            f"logging.{name}",
            f"logging:{target}",
            "CPython",
            why,
            "a way to receive every record without being on the root logger",
            "https://docs.python.org/3/library/logging.html#logging.lastResort",
            "never, as long as a handler on the root logger disables the last resort",
            inherited=True,
        )
        for name, target, why in (
            ("filter", "Logger.filter", "Hands records to OpenTelemetry's handlers beside the root logger."),
            ("last_resort", "_StderrHandler.emit", "Guards the lines of an application that configures no logging."),
            ("add_handler", "Logger.addHandler", "Puts OpenTelemetry's handlers on the root logger, beside others."),
            ("remove_handler", "Logger.removeHandler", "Takes OpenTelemetry's handlers off the root logger if alone."),
        )
    ),
    *(
        Patch(
            f"logging.handler.{name}",
            f"logging:Handler.{method}",
            "CPython",
            why,
            "a formatter for handlers configured elsewhere, such as a server's",
            f"https://docs.python.org/3/library/logging.html#logging.Handler.{method}",
            "never, as long as servers configure their own handlers",
            subclasses=name != method,
        )
        for name, method, why in (
            ("handle", "handle", "Guards the records that handlers receive, if the setting is on."),
            ("own_handle", "handle", "Guards the records of handlers that override this method."),
            ("format", "format", "Guards what a handler formats that is given its records in another way."),
            ("handleError", "handleError", "Guards what is printed of an exception in a handler."),
        )
    ),
    *(
        Patch(
            f"logging.{name}",
            f"logging:{target}",
            "CPython",
            why,
            missing,
            f"https://docs.python.org/3/library/logging.html#logging.{documented}",
            "never, as long as the standard library has no such seam",
        )
        for name, target, documented, why, missing in (
            (
                "set_record_factory",
                "setLogRecordFactory",
                "setLogRecordFactory",
                "Proves the text of records that an application's own factory creates.",
                "several factories of log records",
            ),
            (
                "get_logger",
                "Manager.getLogger",
                "getLogger",
                "Proves a logger's name where it is requested.",
                "a hook for the creation of loggers",
            ),
            (
                "adapt",
                "LoggerAdapter.__init__",
                "LoggerAdapter",
                "Proves the fields of an adapter where it is made.",
                "a hook for the creation of adapters",
            ),
        )
    ),
    *(
        Patch(
            f"structlog.{name}",
            f"structlog._base:BoundLoggerBase.{method}",
            "structlog",
            why,
            "a processor that sees the logging statement, however the event is rendered later",
            "https://www.structlog.org/en/stable/processors.html",
            "structlog passes the event to the output of its logger",
        )
        for name, method, why in (
            (
                "process_event",
                "_process_event",
                "Proves an event where it is logged, and exports it if structlog passes it nowhere else.",
            ),
            ("bind", "bind", "Proves the fields that are bound to a logger where they are bound."),
            ("output", "_process_event", "Guards the output of printing loggers, if the setting is on."),
        )
    ),
    Patch(
        "structlog.formatter",
        "structlog.stdlib:ProcessorFormatter.format",
        "structlog",
        "Guards the context that a handler's formatter merges into its lines, if the setting is on.",
        "a hook for what a processor adds",
        "https://www.structlog.org/en/stable/standard-library.html#rendering-using-structlog-based-formatters-within-logging",
        "structlog tells a processor which fields others added",
    ),
    Patch(
        "structlog.callsite",
        "structlog.processors:_find_first_app_frame_and_name",
        "structlog",
        "Leaves this package's frames out of where an event was logged.",
        "a way to add to the frames that a processor ignores",
        "https://www.structlog.org/en/stable/api.html#structlog.processors.CallsiteParameterAdder",
        "structlog passes the event to the output of its logger",
    ),
    Patch(
        "structlog.request",
        "structlog._config:BoundLoggerLazyProxy.__init__",
        "structlog",
        "Proves a logger's name and first fields where it is requested: the logger is made when it is used.",
        "a hook for the request of loggers",
        "https://www.structlog.org/en/stable/api.html#structlog.get_logger",
        "structlog passes the logger factory the place where a logger was requested",
    ),
    Patch(
        "structlog.bind_contextvars",
        "structlog.contextvars:bind_contextvars",
        "structlog",
        "Proves the fields that are bound to a context where they are bound.",
        "a hook for fields that are bound to a context",
        "https://www.structlog.org/en/stable/contextvars.html",
        "structlog passes processors the place where a field was bound",
    ),
    *(
        Patch(
            f"loguru.{name}",
            target,
            "loguru",
            why,
            missing,
            "https://loguru.readthedocs.io/en/stable/api/logger.html#loguru._logger.Logger.add",
            until,
        )
        for name, target, why, missing, until in (
            (
                "log",
                "loguru._logger:Logger._log",
                "Proves a message where it is logged, and exports it.",
                "a sink that sees the logging statement and the message's template",
                "loguru's sinks get the message's template",
            ),
            (
                "emit",
                "loguru._handler:Handler.emit",
                "Guards the records that sinks receive, if the setting is on.",
                "a patcher that runs for every sink after the application's own, and may replace the exception",
                "loguru has such a patcher",
            ),
            (
                "failure",
                "loguru._error_interceptor:ErrorInterceptor.print",
                "Guards what is printed of an exception in a sink.",
                "a hook for exceptions in sinks",
                "loguru has such a hook",
            ),
            (
                "relay",
                "loguru._simple_sinks:StandardSink.write",
                "Tells the handlers of `logging` which lines of loguru's are guarded.",
                "a record that says which message of loguru's it holds",
                "loguru passes its own record on",
            ),
        )
    ),
    *(
        Patch(
            f"loguru.{method}",
            f"loguru._logger:Logger.{method}",
            "loguru",
            why,
            "a hook for fields that are bound",
            f"https://loguru.readthedocs.io/en/stable/api/logger.html#loguru._logger.Logger.{method}",
            "loguru passes sinks the place where a field was bound",
        )
        for method, why in (
            ("bind", "Proves the fields that are bound to a logger where they are bound."),
            ("contextualize", "Proves the fields that are bound to a context where they are bound."),
        )
    ),
)
