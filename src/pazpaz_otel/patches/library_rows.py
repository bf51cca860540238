"""Patches of frameworks, their instrumentations, sentry-sdk and processes."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import CONTRIB, Patch

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
            f"{CONTRIB}/169",
            "Starlette emits an event when an application is complete, and instrumentations find existing applications",
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
        f"{CONTRIB}/169",
        "the instrumentation measures a request in the outermost application only, or our own replaces it",
    ),
    Patch(
        "asgi.attributes",
        "opentelemetry.instrumentation.asgi:collect_request_attributes",
        "opentelemetry-instrumentation-asgi",
        "Collects of what differs between requests only what the policy names, whichever middleware serves.",
        "an argument for the attributes to collect",
        f"{CONTRIB}/1335",
        "contrib collects only the attributes that it is told to",
    ),
    *(
        Patch(
            f"{name}.excluded_urls",
            f"opentelemetry.instrumentation.{target}",
            f"opentelemetry-instrumentation-{distribution}",
            "Leaves out probes and scrapes.",
            "the argument `excluded_urls` of its instrumentor, as FastAPI's has",
            f"{CONTRIB}/1335",
            "the instrumentation takes `excluded_urls`",
        )
        for name, target, distribution in (
            ("aiohttp_server", "aiohttp_server:get_excluded_urls", "aiohttp-server"),
            ("falcon", "falcon:get_excluded_urls", "falcon"),
            ("pyramid", "pyramid.callbacks:_excluded_urls", "pyramid"),
            ("starlette", "starlette:_excluded_urls", "starlette"),
        )
    ),
    Patch(
        "fastapi.middleware",
        "opentelemetry.instrumentation.fastapi:OpenTelemetryMiddleware",
        "opentelemetry-instrumentation-fastapi",
        "Replaces contrib's middleware with a cheaper one.",
        "an argument for the middleware's class",
        f"{CONTRIB}/1335",
        "contrib's middleware costs as little as ours",
    ),
    Patch(
        "fastapi.instrument_app",
        "opentelemetry.instrumentation.fastapi:FastAPIInstrumentor.instrument_app",
        "opentelemetry-instrumentation-fastapi",
        "Removes layers around our middleware that only pass requests on.",
        "an argument for the layers",
        f"{CONTRIB}/1335",
        "contrib's middleware costs as little as ours",
    ),
    Patch(
        "dbapi.connection",
        "opentelemetry.instrumentation.dbapi:get_traced_connection_proxy",
        "opentelemetry-instrumentation-dbapi",
        "Traces what a SQLite connection executes without a cursor of the application's.",
        "tracing it, in contrib",
        f"{CONTRIB}/1335",
        "contrib traces `sqlite3.Connection.execute`",
    ),
    Patch(
        "sqlalchemy.tracer",
        "opentelemetry.instrumentation.sqlalchemy.engine:EngineTracer.__init__",
        "opentelemetry-instrumentation-sqlalchemy",
        "Replaces contrib's engine listeners with cheaper ones.",
        "an argument for the engine's listeners",
        f"{CONTRIB}/1335",
        "contrib's listeners cost as little as ours",
    ),
    *(
        Patch(
            f"redis.{name}",
            f"opentelemetry.instrumentation.redis:{target}",
            "opentelemetry-instrumentation-redis",
            "Replaces contrib's wrapper of a client's method with a cheaper one.",
            "an argument for the wrapper",
            f"{CONTRIB}/1335",
            "contrib's wrappers cost as little as ours",
        )
        for name, target in (
            ("command", "_traced_execute_factory"),
            ("pipeline", "_traced_execute_pipeline_factory"),
            ("async_command", "_async_traced_execute_factory"),
            ("async_pipeline", "_async_traced_execute_pipeline_factory"),
        )
    ),
    Patch(
        "fastapi.route.handle",
        "fastapi.routing:APIRoute.handle",
        "fastapi",
        "Counts the requests in progress by route.",
        "the matched route's template in `http.server.active_requests`",
        f"{CONTRIB}/1316",
        "the active requests of the instrumentation have `http.route`",
    ),
    Patch(
        "fastapi.route.lookup",
        "opentelemetry.instrumentation.fastapi:_get_route_details",
        "opentelemetry-instrumentation-fastapi",
        "Matches a path only against routes with the same beginning.",
        "the matched route in the scope when the span is named",
        f"{CONTRIB}/169",
        "the instrumentation reads the route that the framework matched, or our own replaces it",
    ),
    Patch(
        "starlette.route.lookup",
        "opentelemetry.instrumentation.starlette:_get_route_details",
        "opentelemetry-instrumentation-starlette",
        "Finds the whole route where something is mounted.",
        "the matched route in the scope when the span is named",
        f"{CONTRIB}/169",
        "the instrumentation reads the route that the framework matched",
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
        )
        for name in ("get_isolation_scope", "capture_event")
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
        "multiprocessing.start",
        "multiprocessing.process:BaseProcess.start",
        "CPython",
        "Lets a program join the ledger once it starts a process of its own, which may count as well.",
        "a hook that runs before a process is started",
        "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.start",
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
    Patch(
        "prometheus_client.init",
        "prometheus_client.metrics:MetricWrapperBase.__init__",
        "prometheus-client",
        "Proves the name of one of the library's own metrics where it is created.",
        "a hook for the creation of metrics",
        "https://prometheus.github.io/client_python/collector/custom/",
        "the registry emits an event while the statement that creates a metric runs",
    ),
)
