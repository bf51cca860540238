"""What is replaced in frameworks, their instrumentations, sentry-sdk and the standard library."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import Patch

_CONTRIB: Final = "https://github.com/open-telemetry/opentelemetry-python-contrib/issues"
_SENTRY: Final = "https://github.com/getsentry/sentry-python"
_NO_SENTRY_HOOK: Final = "a hook that sees every item of every client and fails closed"
_EVERY_APPLICATION: Final = (
    "Finds every application: its routes are evidence, its errors are captured inside the server span."
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
            "Starlette tells when an application is complete, and instrumentations find applications that exist",
            optional_library=True,
        )
        for name, target, why in (
            ("starlette.stack", "starlette.applications:Starlette.build_middleware_stack", _EVERY_APPLICATION),
            ("fastapi.stack", "fastapi.applications:FastAPI.build_middleware_stack", _EVERY_APPLICATION),
            (
                "starlette.call",
                "starlette.applications:Starlette.__call__",
                "Finds applications that were built before the telemetry was there.",
            ),
        )
    ),
    Patch(
        "asgi.middleware",
        "opentelemetry.instrumentation.asgi:OpenTelemetryMiddleware.__call__",
        "opentelemetry-instrumentation-asgi",
        "Measures a request once where applications are mounted into each other.",
        "a middleware that knows whether the request is measured already",
        f"{_CONTRIB}/169",
        "the instrumentation measures a request in the outermost application only, or our own replaces it",
        optional_library=True,
    ),
    Patch(
        "fastapi.middleware",
        "opentelemetry.instrumentation.fastapi:OpenTelemetryMiddleware",
        "opentelemetry-instrumentation-fastapi",
        "Serves requests lean in the applications that contrib instruments.",
        "an argument for the middleware's class",
        f"{_CONTRIB}/1335",
        "contrib's middleware costs as little as ours",
        optional_library=True,
    ),
    Patch(
        "fastapi.instrument_app",
        "opentelemetry.instrumentation.fastapi:FastAPIInstrumentor.instrument_app",
        "opentelemetry-instrumentation-fastapi",
        "Leaves out layers around our middleware that only pass requests on.",
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
        "Traces statements lean on the engines that contrib instruments.",
        "an argument for what listens to an engine",
        f"{_CONTRIB}/1335",
        "contrib's listeners cost as little as ours",
        optional_library=True,
    ),
    Patch(
        "starlette.route.new",
        "starlette.routing:BaseRoute.__new__",
        "starlette",
        "Marks routes that are made while a request is handled: their paths may hold what came with it.",
        "an event when a route is added",
        f"{_CONTRIB}/169",
        "Starlette tells when routes are added",
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
        "Matches a path against only those routes that begin like it.",
        "the matched route in the scope when the span is named",
        f"{_CONTRIB}/169",
        "the instrumentation reads the route that the framework matched, or our own replaces it",
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
            "sentry-sdk offers one hook for every envelope item that may replace it and drops it where it raises",
            required=True,
            optional_library=True,
        )
        for name, target, why in (
            (
                "make_transport",
                "sentry_sdk.client:make_transport",
                "Guards the transport of every client, and closes the options that send past it.",
            ),
            (
                "capture_event",
                "sentry_sdk.client:_Client.capture_event",
                "Keeps the live exception, span and request for the guard; guards a transport that was put in later.",
            ),
        )
    ),
    *(
        Patch(
            f"sentry.scope.{name}",
            f"sentry_sdk.scope:Scope.{name}",
            "sentry-sdk",
            "Gives each request an isolation scope only when it uses one.",
            "an isolation scope that is made when it is first written to",
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
        "Makes breadcrumbs and Sentry events of log records, also of loggers that don't propagate.",
        "a handler that sees every logger's records",
        "https://docs.python.org/3/library/logging.html#logging.Logger.propagate",
        "never, as long as loggers may stop propagating",
    ),
    Patch(
        "logging.handler.format",
        "logging:Handler.format",
        "CPython",
        "Guards the lines of every handler, where one asks for it.",
        "a formatter for handlers that others configure, such as a server's",
        "https://docs.python.org/3/library/logging.html#logging.Handler.format",
        "never, as long as each server brings handlers of its own",
    ),
    Patch(
        "os.exit",
        "os:_exit",
        "CPython",
        "Exports spans and logs, merges counts into the ledger: children of multiprocessing, Celery and RQ end by it.",
        "an exit handler that runs in a forked child",
        "https://docs.python.org/3/library/os.html#os._exit",
        "never",
    ),
    Patch(
        "gunicorn.signals",
        "gunicorn.workers.base:Worker.init_signals",
        "gunicorn",
        "Handles SIGTERM in uvicorn's workers for gunicorn, which set it back to its default and end by it.",
        "a worker that ends by exiting",
        "https://github.com/Kludex/uvicorn-worker/issues",
        "the worker ends by exiting, so that exit handlers run",
        optional_library=True,
        subclasses=True,
    ),
    Patch(
        "threading.run",
        "threading:Thread.start",
        "CPython",
        "Reports what nobody catches in a thread in the context that started it.",
        "an exception hook that runs in the context of the thread's start",
        f"{_SENTRY}/issues/2076",
        "`threading.excepthook` is given the context, which an application's own hook would still hide",
    ),
    *(
        Patch(
            f"sys.{hook}",
            f"sys:{hook}",
            "CPython",
            "Reports what nobody catches before the hook that is there shows it.",
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
                "Proves the text of records that an application's own factory makes.",
                "several factories of log records",
            ),
            (
                "get_logger",
                "Manager.getLogger",
                "getLogger",
                "Proves a logger's name where it is asked for.",
                "a hook for the loggers that are made",
            ),
        )
    ),
    *(
        Patch(
            f"structlog.{name}",
            f"structlog._base:BoundLoggerBase.{method}",
            "structlog",
            why,
            "a processor that sees the statement that logs, whatever is rendered afterwards",
            "https://www.structlog.org/en/stable/processors.html",
            "structlog hands the event on to what its logger writes",
            optional_library=True,
        )
        for name, method, why in (
            (
                "process_event",
                "_process_event",
                "Proves an event where it is logged, and exports what isn't logged further.",
            ),
            ("bind", "bind", "Proves the fields that are bound to a logger where they are bound."),
            ("output", "_process_event", "Guards what printing loggers write, where one asks for it."),
        )
    ),
    Patch(
        "structlog.bind_contextvars",
        "structlog.contextvars:bind_contextvars",
        "structlog",
        "Proves the fields that are bound to a context where they are bound.",
        "a hook for the fields that are bound to a context",
        "https://www.structlog.org/en/stable/contextvars.html",
        "structlog tells processors where a field was bound",
        optional_library=True,
    ),
    Patch(
        "loguru.log",
        "loguru._logger:Logger._log",
        "loguru",
        "Proves a message where it is logged, and exports it.",
        "a sink that sees the statement that logs and the message before its values are filled in",
        "https://loguru.readthedocs.io/en/stable/api/logger.html#loguru._logger.Logger.add",
        "loguru's sinks get the message's template",
        optional_library=True,
    ),
)
