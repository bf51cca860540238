"""RQ: jobs, linked to the requests that enqueued them; a work horse flushes its telemetry before it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations import jobs
from pazpaz_otel.integrations.library import Library, Wiring

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.redact.evidence import Evidence

_SYSTEM: Final = "rq"


def _queue(_: Any, __: Wiring) -> None:
    patches.install("rq.enqueue", _enqueuing)


def _worker(_: Any, wiring: Wiring) -> None:
    patches.install("rq.work", jobs.quietly)
    patches.install("rq.worker", lambda original: _performing(original, wiring.guard.evidence))


def _performing(original: Any, evidence: Evidence) -> Callable[..., Any]:
    def perform_job(self: Any, job: Any, *args: Any, **kwargs: Any) -> Any:
        name, enqueued = job.func_name, job.enqueued_at
        function = _function(job)
        if function is not None and name == f"{function.__module__}.{getattr(function, '__qualname__', '')}":
            # It was imported by this name, so the name is the program's own.
            evidence.add_tasks([name, job.origin])
        try:
            with jobs.processing(
                _SYSTEM,
                name,
                function,
                queue=job.origin,
                parent=jobs.parent_of(job.meta),
                attempt=(job.number_of_retries or 0) + 1,
                enqueued_at=enqueued.timestamp() if enqueued is not None else None,
            ) as run:
                # The worker catches a job's error.
                job.perform = _noting(job.perform, run)
                try:
                    return original(self, job, *args, **kwargs)
                finally:
                    vars(job).pop("perform", None)
        finally:
            # A work horse ends without running exit handlers.
            jobs.flush()

    return perform_job


def _noting(original: Callable[[], Any], run: jobs.Run) -> Callable[[], Any]:
    def perform() -> Any:
        try:
            return original()
        except Exception as error:
            run.error = error
            raise

    return perform


def _function(job: Any) -> Any:
    try:
        return job.func
    except Exception:  # noqa: BLE001 - the worker reports a function that can't be imported
        return None


def _enqueuing(original: Any) -> Callable[..., Any]:
    def enqueue_job(self: Any, job: Any, *args: Any, **kwargs: Any) -> Any:
        with jobs.enqueuing(_SYSTEM, job.func_name, self.name) as parent:
            if parent is not None:
                job.meta[jobs.CARRIER] = parent
            return original(self, job, *args, **kwargs)

    return enqueue_job


LIBRARY: Final = Library(name="RQ", package="rq", watch={"rq.queue": _queue, "rq.worker": _worker})
