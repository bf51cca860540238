"""Trace Redis commands, in place of contrib's wrappers.

Contrib finds and wraps the clients, and its functions determine names and attributes; equal commands to the same
database share a shape.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel
from opentelemetry.instrumentation import redis as contrib
from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from opentelemetry.trace import SpanKind, get_current_span
from redis import WatchError

from pazpaz_otel import patches
from pazpaz_otel.otel.otlp import lean_span, shapes
from pazpaz_otel.redact import drops, redis_commands, text
from pazpaz_otel.redact.fifo_cache import FifoCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.context import Context

    from pazpaz_otel.redact.guards import Guard

    _Begin = Callable[[Any, Any, tuple[Any, ...]], "_Running | None"]

_MAX_SHAPES: Final = 1024
"""How many commands and pipelines are cached; each number of arguments is another."""
_MAX_QUERY_LENGTH: Final = 4096
"""The maximum length of a cached pipeline, in characters."""
_STARTED_AS: Final = shapes.starting_name("command")
_ADDRESS: Final = ("host", "port", "path", "db")
"""The arguments of a connection that contrib tells."""
_contrib: Any = contrib


def trace_lean(guard: Guard) -> None:
    """Replace the wrappers of every client instrumented from now on, unless it has hooks."""
    commands = Commands(guard)
    patches.install("redis.command", functools.partial(_tracing, commands.command))
    patches.install("redis.pipeline", functools.partial(_tracing, commands.pipeline))
    patches.install("redis.async_command", functools.partial(_tracing_async, commands.command))
    patches.install("redis.async_pipeline", functools.partial(_tracing_async, commands.pipeline))


def _tracing(begin: _Begin, original: Any) -> Callable[..., Any]:
    def factory(tracer: Any, *hooks: Any) -> Callable[..., Any]:
        whole = original(tracer, *hooks)

        def execute(func: Any, instance: Any, args: Any, kwargs: Any) -> Any:
            running = _begun(begin, tracer, instance, args)
            if running is None:
                return whole(func, instance, args, kwargs)
            with running:
                return func(*args, **kwargs)

        return whole if any(hooks) else execute

    return factory


def _tracing_async(begin: _Begin, original: Any) -> Callable[..., Any]:
    def factory(tracer: Any, *hooks: Any) -> Callable[..., Any]:
        whole = original(tracer, *hooks)

        async def execute(func: Any, instance: Any, args: Any, kwargs: Any) -> Any:
            running = _begun(begin, tracer, instance, args)
            if running is None:
                return await whole(func, instance, args, kwargs)
            with running:
                return await func(*args, **kwargs)

        return whole if any(hooks) else execute

    return factory


def _begun(begin: _Begin, tracer: Any, instance: Any, args: Any) -> _Running | None:
    """Return the span to make current, or None if contrib's wrapper is to trace the command, or nobody."""
    tracer = getattr(tracer, "_tracer", tracer)
    if not is_instrumentation_enabled() or not shapes.are_known_to(tracer):
        return None
    try:
        return begin(tracer, instance, args)
    except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
        drops.fail("span", error)
        return None


class Commands:
    """Create the spans of commands and pipelines."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._shapes: FifoCache[tuple[Any, ...], shapes.Shape] = FifoCache(_MAX_SHAPES)

    def command(self, tracer: Any, instance: Any, args: tuple[Any, ...]) -> _Running | None:
        """Return a command's span, or None if contrib tells more about it."""
        name, query = _contrib._build_span_name(instance, args), _contrib._format_command_args(args)  # noqa: SLF001
        if name in redis_commands.SEARCHES:
            return None
        return self._running(tracer, instance, (name, query, "db.redis.args_length", len(args)), ())

    def pipeline(self, tracer: Any, instance: Any, _: tuple[Any, ...]) -> _Running:
        """Return the span of a pipeline, in which a watched key that changed is no error."""
        stack, query, name = _contrib._build_span_meta_data_for_pipeline(instance)  # noqa: SLF001
        return self._running(tracer, instance, (name, query, "db.redis.pipeline_length", len(stack)), WatchError)

    def _running(self, tracer: Any, instance: Any, told: tuple[str, str, str, int], no_error: Any) -> _Running:
        address = getattr(getattr(instance, "connection_pool", None), "connection_kwargs", None) or {}
        key = (*told, *map(address.get, _ADDRESS))
        shape = self._shapes.get(key)
        if shape is None or not shape.is_fresh:
            shape = self._made(instance, *told)
            if len(told[1]) <= _MAX_QUERY_LENGTH:
                self._shapes.keep(key, shape)
        current = otel.get_current()
        parent = get_current_span(current).get_span_context()
        return _Running(
            lean_span.start(tracer, _STARTED_AS, current, SpanKind.CLIENT, parent), shape, current, no_error
        )

    def _made(self, instance: Any, name: str, query: str, counted: str, length: int) -> shapes.Shape:
        signals = _contrib._OpenTelemetryStabilitySignalType  # noqa: SLF001
        both = signals.DATABASE, signals.HTTP
        database, http = map(_contrib._get_semconv_opt_in_modes(both).get, both)  # noqa: SLF001
        collected = shapes.Collected()
        _contrib._set_db_statement(collected, query, database)  # noqa: SLF001
        collected[counted] = length
        _contrib._set_connection_attributes(collected, instance, database, http)  # noqa: SLF001
        # The client's own statement has the names of two words, and only here it is still running.
        text.prove(name)
        return shapes.Shape(self._guard, _STARTED_AS, name, SpanKind.CLIENT, collected)


class _Running:
    """A command's span, which is the current one inside `with`."""

    __slots__ = ("_context", "_no_error", "_shape", "_span", "_token")

    def __init__(self, span: Any, shape: shapes.Shape, context: Context, no_error: Any) -> None:
        self._span = span
        self._shape = shape
        self._context = context
        self._no_error = no_error

    def __enter__(self) -> None:
        self._token = otel.attach(lean_span.within(self._span, self._context))

    def __exit__(self, _: object, raised: BaseException | None, __: object) -> None:
        otel.detach(self._token)
        # As with the API's `use_span`, a cancellation isn't an error.
        if isinstance(raised, Exception) and not isinstance(raised, self._no_error):
            lean_span.record_failure(self._span, raised, is_statement=True)
        shapes.end(self._span, self._shape)
