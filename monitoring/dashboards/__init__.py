"""The five dashboards, typed; see `panels` for what every panel keeps to."""

from __future__ import annotations

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from monitoring.dashboards import application, business, database, infrastructure, privacy

DASHBOARDS = {
    "application": application.build,
    "database": database.build,
    "infrastructure": infrastructure.build,
    "business": business.build,
    "privacy": privacy.build,
}


def render_dashboards() -> dict[str, str]:
    """Renders every dashboard: path below `monitoring/` to its JSON."""
    encoder = JSONEncoder(sort_keys=True, indent=2)
    return {
        f"grafana/dashboards/{name}.json": encoder.encode(build().build()) + "\n" for name, build in DASHBOARDS.items()
    }
