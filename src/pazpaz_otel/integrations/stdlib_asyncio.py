"""Python's asyncio: coroutines, if the application installs OpenTelemetry's instrumentation."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.integrations.library import Library, as_it_comes

LIBRARY: Final = Library(name="asyncio", package="asyncio", instrumentors={"asyncio": as_it_comes})
