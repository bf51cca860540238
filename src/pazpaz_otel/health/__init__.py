"""Answer probes: checks of what an application depends on, bounded in time and shared, and the routes over them.

`router` needs FastAPI and is loaded only when asked for; the rest needs OpenTelemetry alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel.health.checks import HEALTH_PATHS, Check, Outcome, Probe, Status, check_redis, check_sqlalchemy

if TYPE_CHECKING:
    from pazpaz_otel.health._router import router

__all__ = ["HEALTH_PATHS", "Check", "Outcome", "Probe", "Status", "check_redis", "check_sqlalchemy", "router"]


def __getattr__(name: str) -> Any:
    if name == "router":
        from pazpaz_otel.health._router import router  # noqa: PLC0415 - FastAPI is optional

        return router
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
