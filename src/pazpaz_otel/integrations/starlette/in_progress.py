"""The number of requests in progress, by route."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.metrics import CallbackOptions, Observation, get_meter

from pazpaz_otel import forks, patches
from pazpaz_otel._version import __version__
from pazpaz_otel.integrations.library import PATHS
from pazpaz_otel.integrations.starlette.requests import STATE
from pazpaz_otel.policy.kinds.http import HTTP_METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pazpaz_otel.redact.guards import Guard

_METHODS: Final = frozenset(HTTP_METHODS)
_OTHER: Final = "_OTHER"
"""Stands for all unknown methods, which clients can make up."""


class RequestsInProgress:
    """Count the requests in progress, by method and route template.

    The conventions' `http.server.active_requests` has no route; the guide's `http_requests_inprogress` has one. Our
    middleware reports which requests it serves, and their routes are looked up at collection; with contrib's
    middleware, every route counts.
    """

    def __init__(self, guard: Guard) -> None:
        self._evidence = guard.evidence
        self._lock = forks.lock()
        self._counts: dict[tuple[str, str], int] = {}
        self.served: dict[int, Any] = {}
        """The requests that our middleware is serving, by identity."""
        forks.in_child(self._forget)

    def install(self) -> None:
        """Register the observation."""
        get_meter("pazpaz_otel", __version__).create_observable_up_down_counter(
            "http_requests_inprogress", callbacks=[self.observe]
        )

    def count_routes(self) -> None:
        """Count at every FastAPI HTTP route from now on, because other middleware serves some requests."""
        count = self._count

        def counting(original: Any) -> Callable[..., Any]:
            async def handle(self: Any, scope: Any, receive: Any, send: Any) -> None:
                if STATE in scope:
                    await original(self, scope, receive, send)
                    return
                key = _method(scope), _template(self, scope)
                count(key, 1)
                try:
                    await original(self, scope, receive, send)
                finally:
                    count(key, -1)

            return handle

        patches.install("fastapi.route.handle", counting)

    def meet(self, scope: Any) -> None:
        """Report a request's method and route from now on, even when there is no such request."""
        key = _key(scope)
        if key is not None:
            with self._lock:
                self._counts.setdefault(key, 0)

    def observe(self, _: CallbackOptions) -> Iterable[Observation]:
        """Return the current requests in progress; a route stays, at zero, once it was seen."""
        with self._lock:
            counts = dict(self._counts)
        for served in list(self.served.values()):
            key = _key(served.scope)
            if key is not None:
                counts[key] = counts.get(key, 0) + 1
        return [
            Observation(n, {"method": method, "handler": route})
            for (method, route), n in counts.items()
            if route not in PATHS and self._evidence.route(route)
        ]

    def _count(self, key: tuple[str, str], by: int) -> None:
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + by

    def _forget(self) -> None:
        # In a forked process: the parent's requests aren't served here.
        self._counts = dict.fromkeys(self._counts, 0)
        self.served.clear()


def _method(scope: Any) -> str:
    method = scope.get("method")
    return method if method in _METHODS else _OTHER


def _key(scope: Any) -> tuple[str, str] | None:
    """Return the method and template of a request that a router has matched, or None for others."""
    from fastapi.routing import APIRoute  # noqa: PLC0415 - the application may have no such framework

    route = scope.get("route")
    return (_method(scope), _template(route, scope)) if isinstance(route, APIRoute) else None


def _template(route: Any, scope: Any) -> str:
    from opentelemetry.instrumentation import fastapi  # noqa: PLC0415

    # An application's own class of routes may raise anything; no route is "".
    with suppress(Exception):
        context = (scope.get("fastapi") or {}).get("effective_route_context")
        found = context if context is not None and getattr(context, "original_route", None) is route else route
        # Within a mount, the whole template.
        whole = fastapi._get_route_details(scope) if "app_root_path" in scope else None  # noqa: SLF001 - ours, by a patch
        return whole or str(found.path)
    return ""
