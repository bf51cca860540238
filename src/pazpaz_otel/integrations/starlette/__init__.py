"""Starlette and FastAPI: requests, their routes, and their errors."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from pazpaz_otel.integrations.library import Library, Wiring, exclude_urls, without_probes
from pazpaz_otel.integrations.starlette import applications, in_progress, requests, routes

_MODULES: Final = ("starlette.applications", "fastapi.applications")


def _fastapi(wiring: Wiring) -> Mapping[str, Any]:
    arguments = without_probes("fastapi", wiring)
    progress = in_progress.RequestsInProgress(wiring.guard)
    progress.install()
    if wiring.lean:
        from pazpaz_otel.integrations.lean import fastapi as lean_fastapi  # noqa: PLC0415 - it imports FastAPI

        arguments["exclude_spans"] = ["send", "receive"]
        lean_fastapi.serve_lean(wiring.guard, progress)
    else:
        progress.count_routes()
    routes.look_up("fastapi.route.lookup", wiring.guard.evidence)
    requests.serve_once()
    applications.adopt(arguments)
    return arguments


def _starlette(wiring: Wiring) -> Mapping[str, Any]:
    with suppress(ImportError):
        # Its class must come of Starlette's own, which is replaced next: else each request is traced twice.
        importlib.import_module("fastapi")
    routes.look_up("starlette.route.lookup", wiring.guard.evidence)
    requests.serve_once()
    return exclude_urls("starlette", wiring)


def _applications(module: Any, wiring: Wiring) -> None:
    applications.after_build("routes", lambda application, _: routes.register(application, wiring.guard.evidence))
    applications.after_build("close", requests.close_quietly)
    applications.watch(module)


def _capture(module: Any) -> None:
    from pazpaz_otel.integrations.starlette import errors  # noqa: PLC0415 - it imports sentry_sdk

    errors.capture(module)


LIBRARY: Final = Library(
    name="Starlette, FastAPI",
    package="starlette",
    instrumentors={"fastapi": _fastapi, "starlette": _starlette},
    standard=("fastapi",),
    late={"fastapi": "fastapi"},
    # FastAPI's module is still loading when it imports Starlette's.
    watch=dict.fromkeys(_MODULES, _applications),
    errors=dict.fromkeys(_MODULES, _capture),
)
