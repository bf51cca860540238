"""Probes and scrapes, which aren't the application's traffic, as URL patterns and as the paths they match."""

from __future__ import annotations

from typing import Any, Final

PATTERNS: Final = (r"^\w+://[^/]+/(api/v1/)?health(/(live|ready))?/?(\?.*)?$", r"^\w+://[^/]+/metrics/?(\?.*)?$")
"""In the format of `OTEL_PYTHON_EXCLUDED_URLS`."""
PATHS: Final = frozenset(
    path + slash
    for path in (
        *(f"{prefix}/health{kind}" for prefix in ("", "/api/v1") for kind in ("", "/live", "/ready")),
        "/metrics",
    )
    for slash in ("", "/")
)


def known(excluded: Any) -> Any:
    """Return `PATHS` if a list of excluded URLs has only the probes, else the list itself.

    Looking up a path takes a fiftieth of the time of building the URL and searching it.
    """
    return PATHS if tuple(getattr(excluded, "_excluded_urls", None) or ()) == PATTERNS else excluded
