"""Health checks for an application's dependencies, limited in time and shared by probes, and routes that report them.

`router` needs FastAPI and is loaded on demand; the rest needs only OpenTelemetry.
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
