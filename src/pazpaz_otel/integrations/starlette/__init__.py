"""Starlette and FastAPI: requests, their routes, and their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.integrations.lean import probes
from pazpaz_otel.integrations.library import Library, Wiring
from pazpaz_otel.integrations.starlette import applications, in_progress, lookups, requests, routes

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODULES: Final = ("starlette.applications", "fastapi.applications")


def _fastapi(wiring: Wiring) -> Mapping[str, Any]:
    arguments: dict[str, Any] = {"excluded_urls": _with_probes(wiring)}
    progress = in_progress.RequestsInProgress(wiring.guard)
    progress.install()
    if wiring.lean:
        from pazpaz_otel.integrations.lean import fastapi as lean_fastapi  # noqa: PLC0415 - it imports FastAPI

        arguments["exclude_spans"] = ["send", "receive"]
        lean_fastapi.serve_lean(wiring.guard, progress)
    else:
        progress.count_routes()
    lookups.whole_routes(wiring.guard.evidence)
    requests.serve_once()
    applications.adopt(arguments)
    return arguments


def _starlette(wiring: Wiring) -> Mapping[str, Any]:
    lookups.whole_routes_of_starlette(wiring.guard.evidence)
    requests.serve_once()
    return {"excluded_urls": _with_probes(wiring)}


def _with_probes(wiring: Wiring) -> str:
    return ",".join((*filter(None, [wiring.excluded_urls]), *probes.PATTERNS))


def _applications(module: Any, wiring: Wiring) -> None:
    applications.before_build("routes", lambda application: routes.register(application, wiring.guard.evidence))
    applications.after_build("close", requests.close_quietly)
    applications.watch(module)
    routes.mark_late_routes()


def _capture(module: Any) -> None:
    from pazpaz_otel.integrations.starlette import errors  # noqa: PLC0415 - it imports sentry_sdk

    errors.capture(module)


LIBRARY: Final = Library(
    name="Starlette, FastAPI",
    package="starlette",
    instrumentors={"fastapi": _fastapi, "starlette": _starlette},
    standard=("fastapi",),
    # FastAPI's module is still loading when it imports Starlette's.
    watch=dict.fromkeys(_MODULES, _applications),
    errors=dict.fromkeys(_MODULES, _capture),
)
