"""Probes and scrapes, which are not the application's traffic: as patterns of URLs and as the paths that they mean."""

from __future__ import annotations

from typing import Any, Final

PATTERNS: Final = (r"^\w+://[^/]+/(api/v1/)?health(/(live|ready))?/?(\?.*)?$", r"^\w+://[^/]+/metrics/?(\?.*)?$")
"""As `OTEL_PYTHON_EXCLUDED_URLS` has them."""
PATHS: Final = frozenset(
    path + slash
    for path in (
        *(f"{prefix}/health{kind}" for prefix in ("", "/api/v1") for kind in ("", "/live", "/ready")),
        "/metrics",
    )
    for slash in ("", "/")
)


def known(excluded: Any) -> Any:
    """Return `PATHS` where a list of excluded URLs has only the probes; else the list.

    To look a path up costs a fiftieth of writing the URL and searching it.
    """
    return PATHS if tuple(getattr(excluded, "_excluded_urls", None) or ()) == PATTERNS else excluded
