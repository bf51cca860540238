"""APScheduler: runs of scheduled functions."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations import jobs
from pazpaz_otel.integrations.library import Library, Wiring

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.redact.evidence import Evidence

_SYSTEM: Final = "apscheduler"


class _Traced:
    """Trace the run of a job; when unpickled in another process, become APScheduler's own function."""

    def __init__(self, original: Callable[..., Any], evidence: Evidence) -> None:
        self._original = original
        self._evidence = evidence

    def __call__(self, job: Any, *args: Any) -> Any:
        self._evidence.add_tasks([_name(job)])
        with jobs.processing(_SYSTEM, _name(job), job.func) as run:
            events = self._original(job, *args)
            run.error = _error(events)
            return events

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, str]]:
        # A process pool pickles the function it runs, and pickle rejects an object that replaces a function.
        return _stock, ("apscheduler.executors.base", "run_job")


def _stock(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _executor(name: str, wiring: Wiring) -> None:
    evidence = wiring.guard.evidence

    def awaiting(original: Any) -> Callable[..., Any]:
        async def run_coroutine_job(job: Any, *args: Any) -> Any:
            evidence.add_tasks([_name(job)])
            with jobs.processing(_SYSTEM, _name(job), job.func) as run:
                events = await original(job, *args)
                run.error = _error(events)
                return events

        return run_coroutine_job

    patches.install(f"apscheduler.{name}.run", lambda original: _Traced(original, evidence))
    if name == "asyncio":
        patches.install("apscheduler.asyncio.await", awaiting)


def _name(job: Any) -> str:
    """Return the function's own name, because a job's `name` and `id` may be any text."""
    return str(getattr(job.func, "__qualname__", type(job.func).__qualname__))


def _error(events: Any) -> BaseException | None:
    return next((event.exception for event in events if getattr(event, "exception", None) is not None), None)


LIBRARY: Final = Library(
    name="APScheduler",
    package="apscheduler",
    watch={
        "apscheduler.executors.pool": lambda _, wiring: _executor("pool", wiring),
        "apscheduler.executors.asyncio": lambda _, wiring: _executor("asyncio", wiring),
        "apscheduler.executors.debug": lambda _, wiring: _executor("debug", wiring),
    },
)
