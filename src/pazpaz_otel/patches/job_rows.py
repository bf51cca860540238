"""Patches of job libraries, and of frameworks that only provide evidence."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import Patch

_CONTRIB: Final = "https://github.com/open-telemetry/opentelemetry-python-contrib/issues"

ROWS: Final = (
    *(
        Patch(
            name,
            target,
            distribution,
            why,
            "an OpenTelemetry instrumentation, or hooks around running and enqueuing a job",
            f"{_CONTRIB}",
            "OpenTelemetry has an instrumentation of the library",
            optional_library=True,
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
        "flask.init",
        "flask.app:Flask.__init__",
        "Flask",
        "Finds every application, because its rules are evidence for routes.",
        "an event when an application is created",
        f"{_CONTRIB}/169",
        "Flask emits an event when an application is created",
        optional_library=True,
    ),
)
