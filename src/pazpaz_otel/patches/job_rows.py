"""Patches of job libraries, and of what makes the applications of web frameworks."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import CONTRIB, Patch

ROWS: Final = (
    *(
        Patch(
            name,
            target,
            distribution,
            why,
            "an OpenTelemetry instrumentation, or hooks around running and enqueuing a job",
            CONTRIB,
            "OpenTelemetry has an instrumentation of the library",
        )
        for name, target, distribution, why in (
            (
                "arq.enqueue",
                "arq.connections:ArqRedis.enqueue_job",
                "arq",
                "Traces the enqueuing of a job, and sends its context.",
            ),
            (
                "arq.worker",
                "arq.worker:Worker.__init__",
                "arq",
                "Traces a worker's functions, but not its polling.",
            ),
            (
                "celery.worker",
                "celery.worker.worker:WorkController.start",
                "Celery",
                "Leaves a worker's polling untraced.",
            ),
            ("celery.run", "celery.app.trace:build_tracer", "Celery", "Traces what a worker's tasks do."),
            ("rq.work", "rq.worker:BaseWorker.work", "rq", "Leaves a worker's polling untraced."),
            ("rq.worker", "rq.worker:BaseWorker.perform_job", "rq", "Traces the run of a job."),
            ("rq.enqueue", "rq.queue:Queue.enqueue_job", "rq", "Traces the enqueuing of a job, and sends its context."),
            ("apscheduler.pool.run", "apscheduler.executors.pool:run_job", "APScheduler", "Traces a job's run."),
            ("apscheduler.debug.run", "apscheduler.executors.debug:run_job", "APScheduler", "Traces a job's run."),
            ("apscheduler.asyncio.run", "apscheduler.executors.asyncio:run_job", "APScheduler", "Traces a job's run."),
            (
                "apscheduler.asyncio.await",
                "apscheduler.executors.asyncio:run_coroutine_job",
                "APScheduler",
                "Traces a job's run.",
            ),
        )
    ),
    Patch(
        "django.handler",
        "django.core.handlers.base:BaseHandler.load_middleware",
        "Django",
        "Instruments Django when it serves, as its settings may not be known before.",
        "an instrumentation that waits for the settings",
        f"{CONTRIB}/171",
        "the instrumentation doesn't configure Django's settings itself",
    ),
    *(
        Patch(
            name,
            target,
            distribution,
            why,
            "an event when an application is created",
            f"{CONTRIB}/169",
            f"{distribution} emits an event when an application is created",
        )
        for name, target, distribution, why in (
            *(
                (name, target, distribution, "Finds every application's routes, because they are evidence.")
                for name, target, distribution in (
                    ("aiohttp.application", "aiohttp.web_app:Application.__init__", "aiohttp"),
                    ("falcon.add_route", "falcon.app:App.add_route", "falcon"),
                    ("flask.init", "flask.app:Flask.__init__", "Flask"),
                    ("pyramid.application", "pyramid.router:Router.__init__", "pyramid"),
                )
            ),
            (
                "litestar.errors",
                "litestar.app:Litestar.__init__",
                "litestar",
                "Captures what every application answers with a server error.",
            ),
            *(
                (name, target, distribution, "Traces every application, and finds its routes.")
                for name, target, distribution in (
                    ("litestar.application", "litestar.app:Litestar.__init__", "litestar"),
                    ("quart.application", "quart.app:Quart.__init__", "Quart"),
                )
            ),
        )
    ),
)
