"""The seven dashboards, typed; see `panels` and `frame` for what every one keeps to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from monitoring.dashboards import ai, application, business, database, infrastructure, privacy, sla

if TYPE_CHECKING:
    from collections.abc import Callable

    from grafana_foundation_sdk.builders.dashboard import Dashboard

DASHBOARDS: dict[str, Callable[[], Dashboard]] = {
    "application": application.build,
    "database": database.build,
    "infrastructure": infrastructure.build,
    "business": business.build,
    "ai": ai.build,
    "privacy": privacy.build,
    "service-levels": sla.build,
}


def render_dashboards() -> dict[str, str]:
    """Renders every dashboard: path below `monitoring/` to its JSON."""
    return {f"grafana/dashboards/{name}.json": _render(build) for name, build in DASHBOARDS.items()}


def _render(build: Callable[[], Dashboard]) -> str:
    board = build().build()
    for number, panel in enumerate(board.panels or [], start=1):
        panel.id_val = number  # links to a panel go by it
    return JSONEncoder(sort_keys=True, indent=2).encode(board) + "\n"
