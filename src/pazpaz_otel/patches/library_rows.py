"""Patches of frameworks, their instrumentations, sentry-sdk and processes."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import CONTRIB, Patch, rows

_EVERY_APPLICATION: Final = (
    "Finds every application: its routes are evidence, and its errors are captured inside the server span."
)
_CHEAPER: Final = "Replaces contrib's wrapper of a client's method with a cheaper one."
_SCOPE: Final = "Creates a request's isolation scope only when it is used."

ROWS: Final = (
    *rows(
        "",
        "an event when an application is complete, and a middleware inside those that instrumentations add later",
        f"{CONTRIB}/169",
        "Starlette emits an event when an application is complete, and instrumentations find existing applications",
        ("starlette.stack", "starlette.applications:Starlette.build_middleware_stack", _EVERY_APPLICATION),
        ("fastapi.stack", "fastapi.applications:FastAPI.build_middleware_stack", _EVERY_APPLICATION),
        (
            "starlette.call",
            "starlette.applications:Starlette.__call__",
            "Finds applications that were built before telemetry was set up.",
        ),
    ),
    Patch(
        "asgi.middleware",
        "opentelemetry.instrumentation.asgi:OpenTelemetryMiddleware.__call__",
        "Measures a request only once if applications are mounted inside each other.",
        "a middleware that knows whether the request is already measured",
        f"{CONTRIB}/169",
        "the instrumentation measures a request in the outermost application only, or our own replaces it",
    ),
    Patch(
        "asgi.attributes",
        "opentelemetry.instrumentation.asgi:collect_request_attributes",
        "Collects of what differs between requests only what the policy names, whichever middleware serves.",
        "an argument for the attributes to collect",
        f"{CONTRIB}/1335",
        "contrib collects only the attributes that it is told to",
    ),
    *rows(
        "opentelemetry.instrumentation.",
        "the argument `excluded_urls` of its instrumentor, as FastAPI's has",
        f"{CONTRIB}/1335",
        "the instrumentation takes `excluded_urls`",
        ("aiohttp_server.excluded_urls", "aiohttp_server:get_excluded_urls", "Leaves out probes and scrapes."),
        ("falcon.excluded_urls", "falcon:get_excluded_urls", "Leaves out probes and scrapes."),
        ("pyramid.excluded_urls", "pyramid.callbacks:_excluded_urls", "Leaves out probes and scrapes."),
        ("starlette.excluded_urls", "starlette:_excluded_urls", "Leaves out probes and scrapes."),
    ),
    *rows(
        "opentelemetry.instrumentation.",
        "arguments for the classes and functions that it uses",
        f"{CONTRIB}/1335",
        "contrib's cost as little as ours",
        ("fastapi.middleware", "fastapi:OpenTelemetryMiddleware", "Replaces contrib's middleware with a cheaper one."),
        (
            "fastapi.instrument_app",
            "fastapi:FastAPIInstrumentor.instrument_app",
            "Removes layers around our middleware.",
        ),
        (
            "sqlalchemy.tracer",
            "sqlalchemy.engine:EngineTracer.__init__",
            "Replaces contrib's listeners with cheaper ones.",
        ),
        ("redis.command", "redis:_traced_execute_factory", _CHEAPER),
        ("redis.pipeline", "redis:_traced_execute_pipeline_factory", _CHEAPER),
        ("redis.async_command", "redis:_async_traced_execute_factory", _CHEAPER),
        ("redis.async_pipeline", "redis:_async_traced_execute_pipeline_factory", _CHEAPER),
    ),
    Patch(
        "dbapi.connection",
        "opentelemetry.instrumentation.dbapi:get_traced_connection_proxy",
        "Traces what a SQLite connection executes without a cursor of the application's.",
        "tracing it, in contrib",
        f"{CONTRIB}/1335",
        "contrib traces `sqlite3.Connection.execute`",
    ),
    Patch(
        "fastapi.route.handle",
        "fastapi.routing:APIRoute.handle",
        "Counts the requests in progress by route.",
        "the matched route's template in `http.server.active_requests`",
        f"{CONTRIB}/1316",
        "the active requests of the instrumentation have `http.route`",
    ),
    *rows(
        "opentelemetry.instrumentation.",
        "the matched route in the scope when the span is named",
        f"{CONTRIB}/169",
        "the instrumentation reads the route that the framework matched, or our own replaces it",
        ("fastapi.route.lookup", "fastapi:_get_route_details", "Matches a path only against routes that begin alike."),
        ("starlette.route.lookup", "starlette:_get_route_details", "Finds the whole route where something is mounted."),
    ),
    *rows(
        "sentry_sdk.client:",
        "a hook for every envelope item of every client that fails closed",
        "https://develop.sentry.dev/sdk/overview/",
        "sentry-sdk offers a hook that may replace every envelope item, and drops the item if the hook raises",
        (
            "sentry.make_transport",
            "make_transport",
            "Guards the transport of every client, and closes the options that bypass it.",
        ),
        (
            "sentry.capture_event",
            "_Client.capture_event",
            "Passes the live exception, span and request to the guard; guards a transport that was replaced later.",
        ),
        required=True,
    ),
    *rows(
        "sentry_sdk.scope:Scope.",
        "an isolation scope that is created when it is first written to",
        "https://develop.sentry.dev/sdk/miscellaneous/hub_and_scope_refactoring/",
        "forking an isolation scope costs nothing before it is written to",
        ("sentry.scope.get_isolation_scope", "get_isolation_scope", _SCOPE),
        ("sentry.scope.capture_event", "capture_event", _SCOPE),
    ),
    Patch(
        "os.exit",
        "os:_exit",
        "Exports spans and logs, and merges counts into the ledger: multiprocessing, Celery and RQ end children so.",
        "an exit handler that runs in a forked child",
        "https://docs.python.org/3/library/os.html#os._exit",
        "never",
    ),
    Patch(
        "multiprocessing.start",
        "multiprocessing.process:BaseProcess.start",
        "Lets a program join the ledger once it starts a process of its own, which may count as well.",
        "a hook that runs before a process is started",
        "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.start",
        "never",
    ),
    Patch(
        "gunicorn.signals",
        "gunicorn.workers.base:Worker.init_signals",
        "Handles SIGTERM in uvicorn's workers for gunicorn, which restore its default and die from it.",
        "a worker that exits normally",
        "https://github.com/Kludex/uvicorn-worker/issues",
        "the worker exits normally, so that exit handlers run",
        subclasses=True,
    ),
    Patch(
        "threading.run",
        "threading:Thread.start",
        "Reports a thread's unhandled exception in the context that started the thread.",
        "an exception hook that runs in the context in which the thread was started",
        "https://github.com/getsentry/sentry-python/issues/2076",
        "`threading.excepthook` receives the context; an application's own hook would still hide it",
    ),
    *rows(
        "sys:",
        "none is missing: replacing the hook is the documented way",
        "https://docs.python.org/3/library/sys.html#sys.excepthook",
        "never",
        ("sys.excepthook", "excepthook", "Reports an unhandled exception before the previous hook prints it."),
        ("sys.unraisablehook", "unraisablehook", "Reports an unhandled exception before the previous hook prints it."),
    ),
    Patch(
        "prometheus_client.init",
        "prometheus_client.metrics:MetricWrapperBase.__init__",
        "Proves the name of one of the library's own metrics where it is created.",
        "a hook for the creation of metrics",
        "https://prometheus.github.io/client_python/collector/custom/",
        "the registry emits an event while the statement that creates a metric runs",
    ),
)
