"""PostgreSQL with Psycopg 2: statements."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.integrations.library import Library, as_it_comes

LIBRARY: Final = Library(name="Psycopg 2", package="psycopg2", instrumentors={"psycopg2": as_it_comes})
