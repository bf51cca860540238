"""arq: jobs, linked to the requests that enqueued them; an idle worker's polling isn't traced."""

from __future__ import annotations

import functools
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
    patches.install("arq.serialize", _carrying)


def _worker(_: Any, wiring: Wiring) -> None:
    patches.install("arq.worker", lambda original: _tracing_jobs(original, wiring.guard.evidence))
    for method in ("main", "close"):
        patches.install(f"arq.{method}", _quietly)
    patches.install("arq.deserialize", _taking)


def _tracing_enqueue(original: Any) -> Callable[..., Any]:
    async def enqueue_job(self: Any, function: str, *args: Any, **kwargs: Any) -> Any:
        queue = kwargs.get("_queue_name") or self.default_queue_name
        with jobs.enqueuing(_SYSTEM, function, queue) as parent:
            token = _enqueuing.set(parent)
            try:
                return await original(self, function, *args, **kwargs)
            finally:
                _enqueuing.reset(token)

    return enqueue_job


def _carrying(original: Any) -> Callable[..., Any]:
    """Let a job that is serialised bring its context; a worker that doesn't know it doesn't look."""

    def serialize_job(*args: Any, serializer: Any = None, **kwargs: Any) -> bytes:
        parent = _enqueuing.get()
        if parent is None:
            return original(*args, serializer=serializer, **kwargs)  # type: ignore[no-any-return]
        if serializer is None:
            import pickle  # noqa: PLC0415 - arq's own default

            serializer = pickle.dumps
        serialise = serializer
        return original(  # type: ignore[no-any-return]
            *args, serializer=lambda data: serialise({**data, jobs.CARRIER: parent}), **kwargs
        )

    return serialize_job


def _taking(original: Any) -> Callable[..., Any]:
    def deserialize_job_raw(raw: bytes, *, deserializer: Any = None) -> Any:
        if deserializer is None:
            import pickle  # noqa: PLC0415 - arq's own default

            deserializer = pickle.loads

        def taken(data: bytes) -> Any:
            job = deserializer(data)
            _taken.set(jobs.parent_of(job))
            return job

        return original(raw, deserializer=taken)

    return deserialize_job_raw


def _tracing_jobs(original: Any, evidence: Evidence) -> Callable[..., Any]:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, *args, **kwargs)
        evidence.add_tasks(self.functions)
        evidence.add_tasks([self.queue_name])
        for name, function in self.functions.items():
            function.coroutine = _traced(function.coroutine, name, self.queue_name)

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
    """Leave the worker's own commands untraced: it asks Redis twice a second; a job's span begins anew."""

    async def quiet(self: Any) -> None:
        with suppress_instrumentation():
            await original(self)

    return quiet


LIBRARY: Final = Library(name="arq", package="arq", watch={"arq.connections": _connections, "arq.worker": _worker})
