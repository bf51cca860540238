"""Patches of job libraries, and of what makes the applications of web frameworks."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import CONTRIB, Patch, rows

ROWS: Final = (
    *rows(
        "",
        "an OpenTelemetry instrumentation, or hooks around running and enqueuing a job",
        CONTRIB,
        "OpenTelemetry has an instrumentation of the library",
        (
            "arq.enqueue",
            "arq.connections:ArqRedis.enqueue_job",
            "Traces the enqueuing of a job, and sends its context.",
        ),
        ("arq.worker", "arq.worker:Worker.__init__", "Traces a worker's functions, but not its polling."),
        ("celery.worker", "celery.worker.worker:WorkController.start", "Leaves a worker's polling untraced."),
        ("celery.run", "celery.app.trace:build_tracer", "Traces what a worker's tasks do."),
        ("rq.work", "rq.worker:BaseWorker.work", "Leaves a worker's polling untraced."),
        ("rq.worker", "rq.worker:BaseWorker.perform_job", "Traces the run of a job."),
        ("rq.enqueue", "rq.queue:Queue.enqueue_job", "Traces the enqueuing of a job, and sends its context."),
        ("apscheduler.pool.run", "apscheduler.executors.pool:run_job", "Traces a job's run."),
        ("apscheduler.debug.run", "apscheduler.executors.debug:run_job", "Traces a job's run."),
        ("apscheduler.asyncio.run", "apscheduler.executors.asyncio:run_job", "Traces a job's run."),
        ("apscheduler.asyncio.await", "apscheduler.executors.asyncio:run_coroutine_job", "Traces a job's run."),
    ),
    Patch(
        "django.handler",
        "django.core.handlers.base:BaseHandler.load_middleware",
        "Instruments Django when it serves, as its settings may not be known before.",
        "an instrumentation that waits for the settings",
        f"{CONTRIB}/171",
        "the instrumentation doesn't configure Django's settings itself",
    ),
    *rows(
        "",
        "an event when an application is created",
        f"{CONTRIB}/169",
        "the framework emits an event when an application is created",
        (
            "aiohttp.application",
            "aiohttp.web_app:Application.__init__",
            "Finds every application's routes, because they are evidence.",
        ),
        (
            "falcon.add_route",
            "falcon.app:App.add_route",
            "Finds every application's routes, because they are evidence.",
        ),
        ("flask.init", "flask.app:Flask.__init__", "Finds every application's routes, because they are evidence."),
        (
            "pyramid.application",
            "pyramid.router:Router.__init__",
            "Finds every application's routes, because they are evidence.",
        ),
        (
            "litestar.errors",
            "litestar.app:Litestar.__init__",
            "Captures what every application answers with a server error.",
        ),
        ("litestar.application", "litestar.app:Litestar.__init__", "Traces every application, and finds its routes."),
        ("quart.application", "quart.app:Quart.__init__", "Traces every application, and finds its routes."),
    ),
)
