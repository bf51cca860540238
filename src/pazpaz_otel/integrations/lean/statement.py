"""Trace an engine's statements, in place of contrib's listeners.

All executions of a statement share a shape; contrib's own functions determine its name and attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY
from opentelemetry.instrumentation.sqlalchemy import engine as contrib
from opentelemetry.trace import SpanKind, Status, StatusCode

from pazpaz_otel import patches
from pazpaz_otel.otel.otlp import lean_span, shapes
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.fifo_cache import FifoCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.redact.guards import Guard

_MAX_STATEMENTS: Final = 1024
"""How many statements are cached per engine; an ORM writes only a few."""
_MAX_STATEMENT_LENGTH: Final = 16_384
"""The maximum length of a cached statement, in characters."""
_STARTED_AS: Final = shapes.starting_name("statement")
_SUPPRESSING: Final = (_SUPPRESS_INSTRUMENTATION_KEY, "suppress_instrumentation")
_SHAPE: Final = "_pazpaz_otel_shape"
_contrib: Any = contrib


def trace_lean(guard: Guard) -> None:
    """Replace the listeners of every engine instrumented from now on, unless its statements are to get comments."""

    def instrumenting(original: Any) -> Callable[..., None]:
        def __init__(self: Any, tracer: Any, engine: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            original(self, tracer, engine, *args, **kwargs)
            if not self.enable_commenter:
                Statements(guard, self, tracer).listen(engine)

        return __init__

    patches.install("sqlalchemy.tracer", instrumenting)


class Statements:
    """Create the spans of an engine's statements.

    Args:
        guard: the policy and the evidence.
        like: contrib's tracer of the engine.
        tracer: the tracer that creates the spans.
    """

    def __init__(self, guard: Guard, like: Any, tracer: Any) -> None:
        self._guard = guard
        self._contrib = like
        self._tracer = tracer
        self._shapes: FifoCache[str, shapes.Shape] = FifoCache(_MAX_STATEMENTS)

    def listen(self, engine: Any) -> None:
        """Listen to the engine in place of contrib's listeners; the pool's metrics are observed elsewhere."""
        cls = type(self._contrib)
        for entry in list(cls._remove_event_listener_params):
            target, event, listener = entry
            if target() is engine:
                _contrib.remove(engine, event, listener)
                cls._dispose_of_event_listener(entry)
        cls._register_event_listener(engine, "before_cursor_execute", self.before, retval=True)
        cls._register_event_listener(engine, "after_cursor_execute", self.after)
        cls._register_event_listener(engine, "handle_error", self.failed)

    def before(  # noqa: PLR0913, PLR0917 - SQLAlchemy's signature
        self, conn: Any, cursor: Any, statement: Any, params: Any, context: Any, many: bool
    ) -> Any:
        """Start the span of an execution."""
        current = otel.get_current()
        if current and any(map(current.get, _SUPPRESSING)):
            return statement, params
        tracer = getattr(self._tracer, "_tracer", self._tracer)
        if context is None or not shapes.are_known_to(tracer):
            return self._contrib._before_cur_exec(conn, cursor, statement, params, context, many)  # noqa: SLF001
        try:
            setattr(context, _SHAPE, self._shape(conn, cursor, statement))
            context._otel_span = lean_span.start(tracer, _STARTED_AS, current, SpanKind.CLIENT)  # noqa: SLF001
        except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("span", error)
        return statement, params

    def after(self, _conn: Any, _cursor: Any, _statement: Any, _params: Any, context: Any, _many: bool) -> None:
        """End the span of an execution."""
        span = getattr(context, "_otel_span", None)
        if span is not None:
            _end(span, context)

    def failed(self, failure: Any) -> None:
        """End the span of an execution that failed."""
        context = failure.execution_context
        span = getattr(context, "_otel_span", None)
        if span is not None:
            try:
                if span.is_recording():
                    span.set_status(Status(StatusCode.ERROR, str(failure.original_exception)))
            except BaseException as error:  # noqa: BLE001 - an error that can't be printed is still the application's
                drops.fail("span", error)
            _end(span, context)

    def _shape(self, conn: Any, cursor: Any, statement: Any) -> shapes.Shape:
        shape = self._shapes.get(statement)
        if shape is None or not shape.is_fresh:
            shape = self._made(conn, cursor, statement)
            if len(statement) <= _MAX_STATEMENT_LENGTH:
                self._shapes.keep(statement, shape)
        return shape

    def _made(self, conn: Any, cursor: Any, statement: Any) -> shapes.Shape:
        like = self._contrib
        modes = like._sem_conv_opt_in_mode_db, like._sem_conv_opt_in_mode_http  # noqa: SLF001
        attributes, found = _contrib._get_attributes_from_url(conn.engine.url, *modes)  # noqa: SLF001
        if not found:
            attributes = _contrib._get_attributes_from_cursor_or_conn(like.vendor, conn, cursor, attributes, *modes)  # noqa: SLF001
        database = _contrib._get_db_name_from_cursor_or_conn(like.vendor, conn, cursor)  # noqa: SLF001
        collected = shapes.Collected()
        like._set_db_client_span_attributes(collected, statement, database, attributes)  # noqa: SLF001
        name = like._operation_name(database, statement)  # noqa: SLF001
        return shapes.Shape(self._guard, _STARTED_AS, name, SpanKind.CLIENT, collected)


def _end(span: Any, context: Any) -> None:
    shape = getattr(context, _SHAPE, None)
    if shape is None or not span.is_recording():
        span.end()
    else:
        shapes.end(span, shape)
