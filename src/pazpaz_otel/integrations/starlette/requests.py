"""Make one request one span and one count, however many applications are mounted inside each other.

Each application has the instrumentation's middleware; only the outermost one may measure.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations.starlette.routes import routed

SERVED: Final = "pazpaz_otel.served"
"""A scope key that marks a request as measured; holds what the outermost middleware raises after the span."""

STATE: Final = "pazpaz_otel.request"
"""A scope key with what knows the route of a request that our middleware serves: its `Served`, then its shape."""

_STARLETTE: Final = "opentelemetry.instrumentation.starlette"
_LEAVES: Final = "_pazpaz_otel_leaves"
_HOOKS: Final = ("server_request_hook", "client_request_hook", "client_response_hook")


def serve_once() -> None:
    """Let the middleware of mounted applications pass requests through; repeated calls are harmless.

    Starlette's instrumentation can't be told to leave out the spans of ASGI's messages, as FastAPI's can: here it is.
    """
    patches.install("asgi.middleware", _outermost)


def _outermost(original: Any) -> Callable[..., Any]:
    async def __call__(self: Any, scope: Any, receive: Any, send: Any) -> None:  # noqa: N807 - ASGI servers look for it
        if not self.exclude_send_span and getattr(self.default_span_details, "__module__", "") == _STARLETTE:
            self.exclude_send_span = self.exclude_receive_span = True
        if SERVED in scope or _leaves_it(self):
            await self.app(scope, receive, send)
            return
        closed: list[Exception] = []
        scope[SERVED] = closed
        await original(self, scope, receive, send)
        if closed:
            raise closed[0]

    return __call__


def whole_route(scope: dict[str, Any]) -> str | None:
    """Return the whole template of a request's route where something is mounted, or the router hasn't matched yet."""
    served = scope.get(STATE)
    if served is not None:
        return served.route()  # type: ignore[no-any-return]
    lookup = sys.modules.get("opentelemetry.instrumentation.fastapi")
    if lookup is None or "app_root_path" not in scope:
        return None
    found = lookup._get_route_details(scope)  # noqa: SLF001 - ours, by a patch
    return found if isinstance(found, str) else None


def put_outermost(stack: Any) -> Any:
    """Return an application's middleware stack with the middleware of Starlette's instrumentation around it.

    Starlette answers an unhandled error outside the application's middleware, so the status 500 is unknown there.
    """
    above = stack
    while (middleware := getattr(above, "app", None)) is not None:
        if getattr(getattr(middleware, "default_span_details", None), "__module__", "") == _STARLETTE:
            above.app, middleware.app = middleware.app, stack
            return middleware
        above = middleware
    return stack


def _leaves_it(middleware: Any) -> bool:
    """Return whether a middleware was put around an application that has one inside, which knows the route."""
    decided: bool | None = vars(middleware).get(_LEAVES)
    if decided is None:
        asgi = sys.modules["opentelemetry.instrumentation.asgi"]
        has_hooks = any(getattr(middleware, name, None) for name in _HOOKS)
        own = middleware.default_span_details is asgi.get_default_span_details and not has_hooks
        within = routed(middleware.app) if own else None
        decided = bool(getattr(within, "_is_instrumented_by_opentelemetry", False))
        setattr(middleware, _LEAVES, decided)
    return decided


def close_quietly(_: Any, stack: Any) -> None:
    """Keep a WebSocket's close by its client from counting as an error, wherever the application notices it."""
    if hasattr(stack, "app") and not isinstance(stack.app, _QuietClose):
        stack.app = _QuietClose(stack.app)


class _QuietClose:
    """Pass a WebSocket's close around the spans: it is raised again outside them."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        if scope["type"] != "websocket" or SERVED not in scope:
            # Return the application's own awaitable, which saves a coroutine.
            return self.app(scope, receive, send)  # type: ignore[no-any-return]
        return self._watched(scope, receive, send)

    async def _watched(self, scope: Any, receive: Any, send: Any) -> None:
        from starlette.websockets import WebSocketDisconnect  # noqa: PLC0415 - with Starlette only

        try:
            await self.app(scope, receive, send)
        except WebSocketDisconnect as closed:
            scope[SERVED].append(closed)
