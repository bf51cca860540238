"""redis-py: commands, without their arguments."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.integrations.library import Library, as_it_comes

LIBRARY: Final = Library(name="redis", package="redis", instrumentors={"redis": as_it_comes}, standard=("redis",))
