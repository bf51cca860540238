"""PostgreSQL with asyncpg: statements."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.integrations.library import Library, as_it_comes

LIBRARY: Final = Library(name="asyncpg", package="asyncpg", instrumentors={"asyncpg": as_it_comes})
