"""PostgreSQL with Psycopg 3: statements."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.integrations.library import Library, as_it_comes

LIBRARY: Final = Library(name="Psycopg 3", package="psycopg", instrumentors={"psycopg": as_it_comes})
