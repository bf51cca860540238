"""SQLAlchemy: statements, the databases and names that the application declares, and connection pools."""

from __future__ import annotations

import functools
import weakref
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace
from opentelemetry.metrics import CallbackOptions, NoOpMeterProvider, Observation, get_meter

from pazpaz_otel._version import __version__
from pazpaz_otel.integrations.library import Library, Wiring
from pazpaz_otel.otel import database_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pazpaz_otel.redact.evidence import Evidence
    from pazpaz_otel.redact.guards import Guard

_POOL_METRIC: Final = "db.client.connection.count"
_POOL_MAXIMUM: Final = "db.client.connection.max"

_tracing = False


def _prepare(wiring: Wiring) -> Mapping[str, Any] | None:
    global _tracing  # noqa: PLW0603 - one instrumentation a process
    _tracing = True
    if find_spec("greenlet") is None:
        # The instrumentation would fail half-way, at the asynchronous engine; instead, engines are instrumented one by
        # one.
        return None
    if not _is_lean(wiring):
        return {}
    from pazpaz_otel.integrations.lean.statement import trace_lean  # noqa: PLC0415 - it imports SQLAlchemy

    trace_lean(wiring.guard, _databases(wiring.guard).meet, _adopt)
    # Contrib makes four pool measurements per query; here the pool is observed once per export.
    return {"meter_provider": NoOpMeterProvider()}


def _without_connect_spans(wiring: Wiring) -> None:
    if _is_lean(wiring):
        from opentelemetry.instrumentation.utils import unwrap  # noqa: PLC0415
        from sqlalchemy.engine import Engine  # noqa: PLC0415

        unwrap(Engine, "connect")


def _is_lean(wiring: Wiring) -> bool:
    return wiring.lean and find_spec("greenlet") is not None


class Databases:
    """Watch every engine."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._engines: weakref.WeakSet[Any] = weakref.WeakSet()

    def watch(self, *, lean: bool) -> None:
        """Register every engine that connects from now on."""
        from sqlalchemy import event  # noqa: PLC0415 - called once it is loaded
        from sqlalchemy.engine import Engine  # noqa: PLC0415

        if not lean:
            # A listener of connections costs as much as a span.
            event.listen(Engine, "engine_connect", self._connected)
        # The class's listeners run before those of an engine, which end the span.
        event.listen(Engine, "handle_error", _failed)
        meter = get_meter("pazpaz_otel", __version__)
        for metric, callback in ((_POOL_METRIC, self.observe), (_POOL_MAXIMUM, self.observe_maximum)):
            meter.create_observable_up_down_counter(metric, callbacks=[callback], unit="{connection}")

    def observe(self, _: CallbackOptions) -> Iterable[Observation]:
        """Observe each pool's connections by state, without querying the database."""
        totals: dict[tuple[str, str], int] = {}
        for name, pool in self._pools():
            for state, count in (("used", pool.checkedout()), ("idle", pool.checkedin())):
                totals[name, state] = totals.get((name, state), 0) + count
        return [
            Observation(count, {"db.client.connection.pool.name": name, "db.client.connection.state": state})
            for (name, state), count in totals.items()
        ]

    def observe_maximum(self, _: CallbackOptions) -> Iterable[Observation]:
        """Observe each pool's maximum of connections, except for names that have an unlimited pool."""
        totals: dict[str, int | None] = {}
        for name, pool in self._pools():
            most, before = _maximum(pool), totals.get(name, 0)
            totals[name] = None if most is None or before is None else before + most
        return [
            Observation(most, {"db.client.connection.pool.name": name})
            for name, most in totals.items()
            if most is not None
        ]

    def _pools(self) -> Iterator[tuple[str, Any]]:
        for engine in list(self._engines):
            if hasattr(engine.pool, "checkedout"):
                # Engines with unknown names are counted together.
                yield self._evidence.database(str(engine.url.database or "")) or "", engine.pool

    def meet(self, engine: Any) -> None:
        """Register an engine."""
        # With execution options of its own, an engine stands for another, and may live as long as a statement.
        self._engines.add(getattr(engine, "_proxied", engine))

    def _connected(self, connection: Any) -> None:
        engine = connection.engine
        if engine not in self._engines:
            self._engines.add(engine)
            _adopt(engine)


@functools.cache
def _databases(guard: Guard) -> Databases:
    return Databases(guard.evidence)


def _maximum(pool: Any) -> int | None:
    """Return a pool's size plus overflow, or None if the overflow is unlimited."""
    overflow = getattr(pool, "_max_overflow", None)
    return pool.size() + overflow if isinstance(overflow, int) and overflow >= 0 else None


def _failed(failure: Any) -> None:
    """Set the database's error, without its message, on the span of a failed statement."""
    span = getattr(failure.execution_context, "_otel_span", None)
    if span is not None and span.is_recording():
        database_errors.tell(span, failure.original_exception)


def _adopt(engine: Any) -> None:
    """Trace an engine that the instrumentation missed because it is older, or created by an earlier import."""
    if not _tracing:
        return
    from opentelemetry.instrumentation.sqlalchemy.engine import EngineTracer  # noqa: PLC0415 - where it is instrumented only

    if any(met() is engine for met, *_ in EngineTracer._remove_event_listener_params):  # noqa: SLF001 - its only list
        return
    name = "opentelemetry.instrumentation.sqlalchemy"
    unused = NoOpMeterProvider().get_meter(name).create_up_down_counter("db.client.connections.usage")
    EngineTracer(  # type: ignore[no-untyped-call]
        trace.get_tracer(name, _instrumentation_version()), engine, unused
    )


def _instrumentation_version() -> str:
    from opentelemetry.instrumentation.sqlalchemy.version import __version__ as version  # noqa: PLC0415

    return str(version)


LIBRARY: Final = Library(
    name="SQLAlchemy",
    package="sqlalchemy",
    instrumentors={"sqlalchemy": _prepare},
    standard=("sqlalchemy",),
    late={"sqlalchemy": "sqlalchemy"},
    started=_without_connect_spans,
    watch={"sqlalchemy": lambda _, wiring: _databases(wiring.guard).watch(lean=_is_lean(wiring))},
)
