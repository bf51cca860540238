"""Probes and scrapes, which aren't the application's traffic, as a URL pattern and as the paths it matches."""

from __future__ import annotations

from typing import Any, Final

from pazpaz_otel.health.checks import HEALTH_PATHS

_API: Final = "/api/v1"
# An application may include the health router below its own prefix.
_PROBED: Final = sorted(
    {"/metrics", *(prefix + path.removeprefix(_API) for prefix in ("", _API) for path in HEALTH_PATHS)}
)
PATTERN: Final = rf"^(?:\w+://[^/]+)?({'|'.join(_PROBED)})/?(\?.*)?$"
"""In the format of `OTEL_PYTHON_EXCLUDED_URLS`; some instrumentations look for it in the path alone."""
PATHS: Final = frozenset(path + slash for path in _PROBED for slash in ("", "/"))


def known(excluded: Any) -> Any:
    """Return `PATHS` if a list of excluded URLs has only the probes, else the list itself.

    Looking up a path takes a fiftieth of the time of building the URL and searching it.
    """
    return PATHS if tuple(getattr(excluded, "_excluded_urls", None) or ()) == (PATTERN,) else excluded
