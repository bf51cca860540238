"""The five dashboards, typed; see `panels` for what every panel keeps to."""

from __future__ import annotations


def render_dashboards() -> dict[str, str]:
    """Renders every dashboard: path below `monitoring/` to its JSON."""
    return {}
