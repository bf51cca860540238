"""Patches of frameworks, their instrumentations, sentry-sdk and the standard library."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import Patch

_CONTRIB: Final = "https://github.com/open-telemetry/opentelemetry-python-contrib/issues"
_SENTRY: Final = "https://github.com/getsentry/sentry-python"
_NO_SENTRY_HOOK: Final = "a hook for every envelope item of every client that fails closed"
_EVERY_APPLICATION: Final = (
    "Finds every application: its routes are evidence, and its errors are captured inside the server span."
)

ROWS: Final = (
    *(
        Patch(
            name,
            target,
            name.partition(".")[0],
            why,
            "an event when an application is complete, and a middleware inside those that instrumentations add later",
            f"{_CONTRIB}/169",
            "Starlette emits an event when an application is complete, and instrumentations find existing applications",
            optional_library=True,
        )
        for name, target, why in (
            ("starlette.stack", "starlette.applications:Starlette.build_middleware_stack", _EVERY_APPLICATION),
            ("fastapi.stack", "fastapi.applications:FastAPI.build_middleware_stack", _EVERY_APPLICATION),
            (
                "starlette.call",
                "starlette.applications:Starlette.__call__",
                "Finds applications that were built before telemetry was set up.",
            ),
        )
    ),
    Patch(
        "asgi.middleware",
        "opentelemetry.instrumentation.asgi:OpenTelemetryMiddleware.__call__",
        "opentelemetry-instrumentation-asgi",
        "Measures a request only once if applications are mounted inside each other.",
        "a middleware that knows whether the request is already measured",
        f"{_CONTRIB}/169",
        "the instrumentation measures a request in the outermost application only, or our own replaces it",
        optional_library=True,
    ),
    Patch(
        "fastapi.middleware",
        "opentelemetry.instrumentation.fastapi:OpenTelemetryMiddleware",
        "opentelemetry-instrumentation-fastapi",
        "Replaces contrib's middleware with a cheaper one.",
        "an argument for the middleware's class",
        f"{_CONTRIB}/1335",
        "contrib's middleware costs as little as ours",
        optional_library=True,
    ),
    Patch(
        "fastapi.instrument_app",
        "opentelemetry.instrumentation.fastapi:FastAPIInstrumentor.instrument_app",
        "opentelemetry-instrumentation-fastapi",
        "Removes layers around our middleware that only pass requests on.",
        "an argument for the layers",
        f"{_CONTRIB}/1335",
        "contrib's middleware costs as little as ours",
        optional_library=True,
    ),
    Patch(
        "dbapi.connection",
        "opentelemetry.instrumentation.dbapi:get_traced_connection_proxy",
        "opentelemetry-instrumentation-dbapi",
        "Traces what a SQLite connection executes without a cursor of the application's.",
        "tracing it, in contrib",
        f"{_CONTRIB}/1335",
        "contrib traces `sqlite3.Connection.execute`",
        optional_library=True,
    ),
    Patch(
        "sqlalchemy.tracer",
        "opentelemetry.instrumentation.sqlalchemy.engine:EngineTracer.__init__",
        "opentelemetry-instrumentation-sqlalchemy",
        "Replaces contrib's engine listeners with cheaper ones.",
        "an argument for the engine's listeners",
        f"{_CONTRIB}/1335",
        "contrib's listeners cost as little as ours",
        optional_library=True,
    ),
    Patch(
        "starlette.route.new",
        "starlette.routing:BaseRoute.__new__",
        "starlette",
        "Marks routes that are added while a request is handled, as their paths may hold its data.",
        "an event when a route is added",
        f"{_CONTRIB}/169",
        "Starlette emits an event when a route is added",
        optional_library=True,
        inherited=True,
    ),
    Patch(
        "fastapi.route.handle",
        "fastapi.routing:APIRoute.handle",
        "fastapi",
        "Counts the requests in progress by route.",
        "the matched route's template in `http.server.active_requests`",
        f"{_CONTRIB}/1316",
        "the active requests of the instrumentation have `http.route`",
        optional_library=True,
    ),
    Patch(
        "fastapi.route.lookup",
        "opentelemetry.instrumentation.fastapi:_get_route_details",
        "opentelemetry-instrumentation-fastapi",
        "Matches a path only against routes with the same beginning.",
        "the matched route in the scope when the span is named",
        f"{_CONTRIB}/169",
        "the instrumentation reads the route that the framework matched, or our own replaces it",
        optional_library=True,
    ),
    Patch(
        "starlette.route.lookup",
        "opentelemetry.instrumentation.starlette:_get_route_details",
        "opentelemetry-instrumentation-starlette",
        "Finds the whole route where something is mounted.",
        "the matched route in the scope when the span is named",
        f"{_CONTRIB}/169",
        "the instrumentation reads the route that the framework matched",
        optional_library=True,
    ),
    *(
        Patch(
            f"sentry.{name}",
            target,
            "sentry-sdk",
            why,
            _NO_SENTRY_HOOK,
            "https://develop.sentry.dev/sdk/overview/",
            "sentry-sdk offers a hook that may replace every envelope item, and drops the item if the hook raises",
            required=True,
            optional_library=True,
        )
        for name, target, why in (
            (
                "make_transport",
                "sentry_sdk.client:make_transport",
                "Guards the transport of every client, and closes the options that bypass it.",
            ),
            (
                "capture_event",
                "sentry_sdk.client:_Client.capture_event",
                "Passes the live exception, span and request to the guard; guards a transport that was replaced later.",
            ),
        )
    ),
    *(
        Patch(
            f"sentry.scope.{name}",
            f"sentry_sdk.scope:Scope.{name}",
            "sentry-sdk",
            "Creates a request's isolation scope only when it is used.",
            "an isolation scope that is created when it is first written to",
            "https://develop.sentry.dev/sdk/miscellaneous/hub_and_scope_refactoring/",
            "forking an isolation scope costs nothing before it is written to",
            optional_library=True,
        )
        for name in ("get_isolation_scope", "capture_event")
    ),
    Patch(
        "logging.call_handlers",
        "logging:Logger.callHandlers",
        "CPython",
        "Turns log records into breadcrumbs and Sentry events, including those of loggers that don't propagate.",
        "a handler that sees every logger's records",
        "https://docs.python.org/3/library/logging.html#logging.Logger.propagate",
        "never, as long as loggers may stop propagating",
    ),
    Patch(
        "logging.handler.format",
        "logging:Handler.format",
        "CPython",
        "Guards the output of every handler, if the setting is on.",
        "a formatter for handlers configured elsewhere, such as a server's",
        "https://docs.python.org/3/library/logging.html#logging.Handler.format",
        "never, as long as servers configure their own handlers",
    ),
    Patch(
        "os.exit",
        "os:_exit",
        "CPython",
        "Exports spans and logs, and merges counts into the ledger: multiprocessing, Celery and RQ end children so.",
        "an exit handler that runs in a forked child",
        "https://docs.python.org/3/library/os.html#os._exit",
        "never",
    ),
    Patch(
        "gunicorn.signals",
        "gunicorn.workers.base:Worker.init_signals",
        "gunicorn",
        "Handles SIGTERM in uvicorn's workers for gunicorn, which restore its default and die from it.",
        "a worker that exits normally",
        "https://github.com/Kludex/uvicorn-worker/issues",
        "the worker exits normally, so that exit handlers run",
        optional_library=True,
        subclasses=True,
    ),
    Patch(
        "threading.run",
        "threading:Thread.start",
        "CPython",
        "Reports a thread's unhandled exception in the context that started the thread.",
        "an exception hook that runs in the context in which the thread was started",
        f"{_SENTRY}/issues/2076",
        "`threading.excepthook` receives the context; an application's own hook would still hide it",
    ),
    *(
        Patch(
            f"sys.{hook}",
            f"sys:{hook}",
            "CPython",
            "Reports an unhandled exception before the previous hook prints it.",
            "none is missing: replacing the hook is the documented way",
            f"https://docs.python.org/3/library/sys.html#sys.{hook}",
            "never",
        )
        for hook in ("excepthook", "unraisablehook")
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
            optional_library=True,
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
        "structlog.bind_contextvars",
        "structlog.contextvars:bind_contextvars",
        "structlog",
        "Proves the fields that are bound to a context where they are bound.",
        "a hook for fields that are bound to a context",
        "https://www.structlog.org/en/stable/contextvars.html",
        "structlog passes processors the place where a field was bound",
        optional_library=True,
    ),
    Patch(
        "loguru.log",
        "loguru._logger:Logger._log",
        "loguru",
        "Proves a message where it is logged, and exports it.",
        "a sink that sees the logging statement and the message's template",
        "https://loguru.readthedocs.io/en/stable/api/logger.html#loguru._logger.Logger.add",
        "loguru's sinks get the message's template",
        optional_library=True,
    ),
)
