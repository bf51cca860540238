"""Python's threads: their spans belong to what started them, their errors are captured."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.integrations.library import Library, as_it_comes
from pazpaz_otel.sentry import hooks

LIBRARY: Final = Library(
    name="threading",
    package="threading",
    instrumentors={"threading": as_it_comes},
    standard=("threading",),
    errors={"threading": lambda _: hooks.watch_threads()},
)
