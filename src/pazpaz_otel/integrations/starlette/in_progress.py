"""The requests that each route is handling."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.metrics import CallbackOptions, Observation, get_meter

from pazpaz_otel import patches
from pazpaz_otel._version import __version__
from pazpaz_otel.integrations.starlette.routes import PROBES
from pazpaz_otel.policy.kinds.http import HTTP_METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pazpaz_otel.redact.guards import Guard

_METHODS: Final = frozenset(HTTP_METHODS)
_OTHER: Final = "_OTHER"
"""Stands for every method that HTTP doesn't know: anybody can make those up."""


class RequestsInProgress:
    """Counts the requests that a route is handling, by method and template.

    The semantic conventions' `http.server.active_requests` has no route; the guide's `http_requests_inprogress` has.
    """

    def __init__(self, guard: Guard) -> None:
        self._evidence = guard.evidence
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], int] = {}

    def install(self) -> None:
        """Count every HTTP route of FastAPI from now on."""
        count = self._count

        def counting(original: Any) -> Callable[..., Any]:
            async def handle(self: Any, scope: Any, receive: Any, send: Any) -> None:
                key = _method(scope), _template(self, scope)
                count(key, 1)
                try:
                    await original(self, scope, receive, send)
                finally:
                    count(key, -1)

            return handle

        if patches.install("fastapi.route.handle", counting):
            get_meter("pazpaz_otel", __version__).create_observable_up_down_counter(
                "http_requests_inprogress", callbacks=[self.observe]
            )

    def observe(self, _: CallbackOptions) -> Iterable[Observation]:
        """The requests in progress now; a route once seen stays, at zero."""
        with self._lock:
            counts = list(self._counts.items())
        return [
            Observation(n, {"method": method, "handler": route})
            for (method, route), n in counts
            if route not in PROBES and self._evidence.route(route)
        ]

    def _count(self, key: tuple[str, str], by: int) -> None:
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + by


def _method(scope: Any) -> str:
    method = scope.get("method")
    return method if method in _METHODS else _OTHER


def _template(route: Any, scope: Any) -> str:
    context = (scope.get("fastapi") or {}).get("effective_route_context")
    found = context if context is not None and getattr(context, "original_route", None) is route else route
    mounted = scope.get("root_path", "")[len(scope.get("app_root_path", "")) :]
    return f"{mounted}{found.path}"
