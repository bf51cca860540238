"""SQLite by Python's own module: statements."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.integrations.library import Library, as_it_comes

LIBRARY: Final = Library(name="sqlite3", package="sqlite3", instrumentors={"sqlite3": as_it_comes})
