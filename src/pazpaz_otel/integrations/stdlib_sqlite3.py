"""SQLite with Python's own module: statements, including those that a connection runs without a cursor."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations.library import Library, Wiring, as_it_comes


def _trace_connections(_: Wiring) -> None:
    """Let a connection's own `execute` run by a cursor, which contrib traces."""
    dbapi: Any = import_module("opentelemetry.instrumentation.dbapi")

    class Traced(dbapi.TracedConnectionProxy):  # type: ignore[misc]
        def execute(self, *args: Any, **kwargs: Any) -> Any:
            return self.cursor().execute(*args, **kwargs)

        def executemany(self, *args: Any, **kwargs: Any) -> Any:
            return self.cursor().executemany(*args, **kwargs)

    def around(original: Callable[..., Any]) -> Callable[..., Any]:
        def get_traced_connection_proxy(connection: Any, *args: Any, **kwargs: Any) -> Any:
            proxy = Traced if isinstance(connection, sqlite3.Connection) else original
            return proxy(connection, *args, **kwargs)

        return get_traced_connection_proxy

    patches.install("dbapi.connection", around)


LIBRARY: Final = Library(
    name="sqlite3", package="sqlite3", instrumentors={"sqlite3": as_it_comes}, started=_trace_connections
)
