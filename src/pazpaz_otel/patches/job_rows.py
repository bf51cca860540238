"""What is replaced in libraries of jobs, and in frameworks that only evidence is taken from."""

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
            "an instrumentation of OpenTelemetry's own, or hooks around the run of a job and its enqueuing",
            f"{_CONTRIB}",
            "OpenTelemetry has an instrumentation of the library",
            optional_library=True,
        )
        for name, target, distribution, why in (
            (
                "arq.enqueue",
                "arq.connections:ArqRedis.enqueue_job",
                "arq",
                "Traces the enqueuing of a job, sends its context.",
            ),
            (
                "arq.worker",
                "arq.worker:Worker.__init__",
                "arq",
                "Traces the run of a worker's functions, not its polling.",
            ),
            ("rq.worker", "rq.worker:BaseWorker.perform_job", "rq", "Traces the run of a job."),
            ("rq.enqueue", "rq.queue:Queue.enqueue_job", "rq", "Traces the enqueuing of a job, sends its context."),
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
        "Finds every application: its rules are evidence for routes.",
        "an event when an application is made",
        f"{_CONTRIB}/169",
        "Flask tells when applications are made",
        optional_library=True,
    ),
)
