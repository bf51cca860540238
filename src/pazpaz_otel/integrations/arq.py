"""arq: jobs, linked to the requests that enqueued them; the polling of an idle worker isn't traced."""

from __future__ import annotations

import functools
import pickle
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.instrumentation.utils import suppress_instrumentation

from pazpaz_otel import patches
from pazpaz_otel.integrations import jobs
from pazpaz_otel.integrations.library import Library, Wiring

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.redact.evidence import Evidence

_SYSTEM: Final = "arq"

_enqueuing: ContextVar[str | None] = ContextVar("pazpaz_otel_arq_enqueuing", default=None)
_taken: ContextVar[str | None] = ContextVar("pazpaz_otel_arq_taken", default=None)


def _connections(module: Any, wiring: Wiring) -> None:
    wiring.guard.evidence.add_tasks([module.default_queue_name])
    patches.install("arq.enqueue", _tracing_enqueue)


def _worker(_: Any, wiring: Wiring) -> None:
    patches.install("arq.worker", lambda original: _tracing_jobs(original, wiring.guard.evidence))


def _tracing_enqueue(original: Any) -> Callable[..., Any]:
    async def enqueue_job(self: Any, function: str, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(self.job_serializer, _Carrying):
            self.job_serializer = _Carrying(self.job_serializer)
        queue = kwargs.get("_queue_name") or self.default_queue_name
        with jobs.enqueuing(_SYSTEM, function, queue) as parent:
            token = _enqueuing.set(parent)
            try:
                return await original(self, function, *args, **kwargs)
            finally:
                _enqueuing.reset(token)

    return enqueue_job


class _Carrying:
    """A queue's serializer that adds the context to a job; workers that don't know the field ignore it.

    Args:
        serializer: the queue's own serializer, or None for arq's default.
    """

    def __init__(self, serializer: Callable[[Any], bytes] | None) -> None:
        self._serialise = serializer or pickle.dumps

    def __call__(self, job: dict[str, Any]) -> bytes:
        parent = _enqueuing.get()
        return self._serialise(job if parent is None else {**job, jobs.CARRIER: parent})


def _taking(deserializer: Callable[[bytes], Any] | None) -> Callable[[bytes], Any]:
    """Return a worker's deserializer that records the context in a job."""
    deserialise = deserializer or pickle.loads

    def taken(data: bytes) -> Any:
        job = deserialise(data)
        _taken.set(jobs.parent_of(job) if isinstance(job, dict) else None)
        return job

    return taken


def _tracing_jobs(original: Any, evidence: Evidence) -> Callable[..., Any]:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, *args, **kwargs)
        evidence.add_tasks(self.functions)
        evidence.add_tasks([self.queue_name])
        for name, function in self.functions.items():
            function.coroutine = _traced(function.coroutine, name, self.queue_name)
        self.job_deserializer = _taking(self.job_deserializer)
        self.main, self.close = _quietly(self.main), _quietly(self.close)

    return __init__


def _traced(coroutine: Any, name: str, queue: str) -> Callable[..., Any]:
    from arq.worker import Retry, RetryJob  # type: ignore[import-not-found]  # noqa: PLC0415 - called by arq

    @functools.wraps(coroutine)
    async def run(ctx: dict[Any, Any], *args: Any, **kwargs: Any) -> Any:
        enqueued = ctx.get("enqueue_time")
        with jobs.processing(
            _SYSTEM,
            name,
            coroutine,
            queue=queue,
            parent=_taken.get(),
            attempt=ctx.get("job_try"),
            enqueued_at=enqueued.timestamp() if isinstance(enqueued, datetime) else None,
            retries=(Retry, RetryJob),
        ):
            return await coroutine(ctx, *args, **kwargs)

    return run


def _quietly(original: Any) -> Callable[..., Any]:
    """Leave the worker's own commands untraced, as it polls Redis twice a second; a job's span starts a new trace."""

    async def quiet() -> None:
        with suppress_instrumentation():
            await original()

    return quiet


LIBRARY: Final = Library(name="arq", package="arq", watch={"arq.connections": _connections, "arq.worker": _worker})
