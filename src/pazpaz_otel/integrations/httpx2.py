"""HTTPX 2, which is a separate package: outgoing calls."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.integrations.httpx import request_hooks
from pazpaz_otel.integrations.library import Library

LIBRARY: Final = Library(
    name="HTTPX 2",
    package="httpx2",
    instrumentors={"httpx2": request_hooks},
    standard=("httpx2",),
    late={"httpx2": "httpx2"},
)
