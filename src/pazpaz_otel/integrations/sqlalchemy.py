"""The application's databases: evidence for the guards, and its connection pools observed."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.metrics import CallbackOptions, Observation, get_meter

from pazpaz_otel._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pazpaz_otel.redact.guards import Guard

_POOL_METRIC = "db.client.connection.count"


class Databases:
    """Watches SQLAlchemy: which engines there are, and what their metadata names.

    Args:
        guard: gets the evidence.
    """

    def __init__(self, guard: Guard) -> None:
        self._evidence = guard.evidence
        self._engines: weakref.WeakSet[Any] = weakref.WeakSet()

    def watch(self) -> None:
        """Learns of every engine, table and column made from now on, and of those that are there."""
        import sqlalchemy  # noqa: PLC0415 - the application may have no database
        from sqlalchemy import event  # noqa: PLC0415
        from sqlalchemy.engine import Engine  # noqa: PLC0415

        event.listen(Engine, "engine_connect", self._connected)
        event.listen(sqlalchemy.Column, "after_parent_attach", self._attached)
        event.listen(sqlalchemy.Table, "after_parent_attach", self._attached)
        get_meter("pazpaz_otel", __version__).create_observable_up_down_counter(
            _POOL_METRIC, callbacks=[self.observe], unit="{connection}"
        )

    def observe(self, _: CallbackOptions) -> Iterable[Observation]:
        """The connections of each pool, by state; nothing is asked of the database."""
        totals: dict[tuple[str, str], int] = {}
        for engine in list(self._engines):
            pool = engine.pool
            if not hasattr(pool, "checkedout"):
                continue
            name = str(engine.url.database or "")
            for state, count in (("used", pool.checkedout()), ("idle", pool.checkedin())):
                totals[name, state] = totals.get((name, state), 0) + count
        return [
            Observation(count, {"db.client.connection.pool.name": name, "db.client.connection.state": state})
            for (name, state), count in totals.items()
        ]

    def _connected(self, connection: Any) -> None:
        engine = connection.engine
        if engine in self._engines:
            return
        self._engines.add(engine)
        url = engine.url
        self._evidence.add_database(name=url.database, user=url.username, host=url.host)

    def _attached(self, named: Any, parent: Any) -> None:
        # A table made while a request is handled may bear a name that came with it.
        if trace.get_current_span().get_span_context().is_valid:
            return
        names = {str(named.name)} if named.name else set()
        schema = getattr(named, "schema", None)
        if schema:
            names.add(str(schema))
        if getattr(parent, "name", None) and hasattr(parent, "columns"):
            names.add(str(parent.name))
        self._evidence.add_identifiers(names)
