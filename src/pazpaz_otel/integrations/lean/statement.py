"""Trace the statements of every engine, in place of contrib's listeners.

All executions of a statement share a shape; contrib's own functions determine its name and attributes. The listeners
are the dialects': those of connections and cursors make SQLAlchemy dispatch ten events a statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY
from opentelemetry.instrumentation.sqlalchemy import engine as contrib
from opentelemetry.trace import SpanKind, Status, StatusCode, get_current_span
from sqlalchemy.engine import Engine

from pazpaz_otel import patches
from pazpaz_otel.otel import database_errors
from pazpaz_otel.otel.otlp import lean_span, shapes
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.fifo_cache import FifoCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.redact.guards import Guard

    Begun = tuple[Any, shapes.Shape | None]

_MAX_STATEMENTS: Final = 1024
"""How many statements are cached per engine; an ORM writes only a few."""
_MAX_STATEMENT_LENGTH: Final = 16_384
"""The maximum length of a cached statement, in characters."""
_STARTED_AS: Final = shapes.starting_name("statement")
_SUPPRESSING: Final = (_SUPPRESS_INSTRUMENTATION_KEY, "suppress_instrumentation")
_EVENTS: Final = ("do_execute", "do_executemany", "do_execute_no_params")
_STATEMENTS: Final = "_pazpaz_otel_statements"
"""A dialect's attribute with what traces its engine."""
_contrib: Any = contrib


def trace_lean(guard: Guard, meet: Callable[[Any], None], adopt: Callable[[Any], None]) -> None:
    """Trace every engine, unless its statements are to get comments."""

    def instrumenting(original: Any) -> Callable[..., None]:
        def __init__(self: Any, tracer: Any, engine: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            had_events = vars(engine).get("_has_events")
            original(self, tracer, engine, *args, **kwargs)
            if not self.enable_commenter:
                _stop(type(self), engine)
                if not had_events:
                    vars(engine).pop("_has_events", None)
            setattr(engine.dialect, _STATEMENTS, Statements(guard, self, tracer))
            meet(engine)

        return __init__

    patches.install("sqlalchemy.tracer", instrumenting)
    for event in _EVENTS:
        # Contrib removes them with its own.
        listener = Executing(event, adopt)
        _contrib.EngineTracer._register_event_listener(Engine, event, listener)  # noqa: SLF001


def _stop(cls: Any, engine: Any) -> None:
    """Remove contrib's listeners; the pool's metrics are observed elsewhere."""
    for entry in list(cls._remove_event_listener_params):
        target, event, listener = entry
        if target() is engine:
            _contrib.remove(engine, event, listener)
            cls._dispose_of_event_listener(entry)


class Executing:
    """The listener of an event: executes statements, traced."""

    def __init__(self, event: str, adopt: Callable[[Any], None]) -> None:
        self._event = event
        self._adopt = adopt

    def __call__(self, cursor: Any, statement: Any, *rest: Any) -> bool | None:
        """Execute a statement, and return whether SQLAlchemy needn't."""
        context = rest[-1]
        try:
            begun = self._begun(cursor, statement, context)
        except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("span", error)
            return None
        if begun is None:
            return None
        try:
            self._execute(context.dialect, cursor, statement, rest)
        except BaseException as error:
            _failed(begun[0], error)
            raise
        finally:
            _end(*begun)
        return True

    def _execute(self, dialect: Any, cursor: Any, statement: Any, rest: tuple[Any, ...]) -> None:
        is_after = False
        for listener in getattr(dialect.dispatch, self._event):
            # SQLAlchemy has called those before this one.
            if is_after and listener(cursor, statement, *rest):
                return
            is_after = is_after or listener is self
        getattr(dialect, self._event)(cursor, statement, *rest)

    def _begun(self, cursor: Any, statement: Any, context: Any) -> Begun | None:
        connection = context.root_connection
        # What SQLAlchemy asks each database first isn't the application's.
        if not getattr(connection, "_allow_autobegin", True):
            return None
        dialect = context.dialect
        statements: Statements | None = getattr(dialect, _STATEMENTS, None)
        if statements is None:
            self._adopt(connection.engine)
            statements = getattr(dialect, _STATEMENTS, None)
        return None if statements is None else statements.begin(connection, cursor, statement, context)


class Statements:
    """Create the spans of an engine's statements."""

    def __init__(self, guard: Guard, like: Any, tracer: Any) -> None:
        self._guard = guard
        self._contrib = like
        self._tracer = tracer
        self._shapes: FifoCache[str, shapes.Shape] = FifoCache(_MAX_STATEMENTS)

    def begin(self, conn: Any, cursor: Any, statement: Any, context: Any) -> Begun | None:
        """Return the span of an execution and its shape, or None if nobody traces it, or contrib's listeners do."""
        if self._contrib.enable_commenter:
            return None
        current = otel.get_current()
        if current and any(map(current.get, _SUPPRESSING)):
            return None
        tracer = getattr(self._tracer, "_tracer", self._tracer)
        if not shapes.are_known_to(tracer):
            self._contrib._before_cur_exec(conn, cursor, statement, None, context, False)  # noqa: SLF001
            span = getattr(context, "_otel_span", None)
            return None if span is None else (span, None)
        shape = self._shape(conn, cursor, statement)
        parent = get_current_span(current).get_span_context()
        return lean_span.start(tracer, _STARTED_AS, current, SpanKind.CLIENT, parent), shape

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


def _failed(span: Any, error: BaseException) -> None:
    with drops.contained("span"):
        if span.is_recording():
            database_errors.tell(span, error)
            span.set_status(Status(StatusCode.ERROR, str(error)))


def _end(span: Any, shape: shapes.Shape | None) -> None:
    if shape is None or not span.is_recording():
        span.end()
    else:
        shapes.end(span, shape)
