"""A middleware that captures a Starlette application's unhandled errors, inside the server span."""

from __future__ import annotations

import functools
import inspect
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel

from pazpaz_otel.integrations.starlette import applications
from pazpaz_otel.integrations.starlette.requests import SERVED, whole_route
from pazpaz_otel.redact import drops
from pazpaz_otel.sentry import hooks, request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

SERVER_ERROR: Final = request.SERVER_ERROR
_CAPTURING: Final = "pazpaz_otel.capturing"
"""A scope key with the middleware that captures the request's errors, because mounted applications have one, too."""


class CaptureMiddleware:
    """Make the request available to events, and capture what escapes the application."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one request, WebSocket or lifespan."""
        capturing: list[CaptureMiddleware] = scope.setdefault(_CAPTURING, [])
        if capturing or not request.capturing():
            await self.app(scope, receive, send)
            return
        loop = hooks.watch_loop()
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        # Outside of the span that measures the request, one inside of it is to capture.
        if SERVED in scope:
            capturing.append(self)
        scope.setdefault("state", {})
        context = otel.get_current()
        served = request.RequestContext(scope, loop, context, functools.partial(whole_route, scope))
        token = otel.attach(otel.set_value(request.KEY, served, context))
        try:
            await self.app(scope, receive, send)
        except Exception as exc:
            served.failed()
            if not capturing:
                capturing.append(self)
            if capturing == [self]:
                hooks.report(exc, "asgi", handled=False)
            raise
        finally:
            served.close()
            otel.detach(token)

    async def _lifespan(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as exc:
            hooks.report(exc, "asgi", handled=False)
            raise


def capture(module: Any) -> None:
    """Add the middleware to every application that is built from now on; repeated calls are harmless."""
    applications.around_build("errors", _handlers)
    applications.after_build("errors", _enclose)
    applications.watch(module)


@contextmanager
def _handlers(application: Any) -> Iterator[None]:
    """Build the application with handlers that capture the errors they answer with a server error."""
    handlers = application.exception_handlers
    application.exception_handlers = {key: _watched(key, handler) for key, handler in handlers.items()}
    try:
        yield
    finally:
        application.exception_handlers = handlers


def _enclose(_: Any, stack: Any) -> None:
    # Put it inside the outermost middleware, which turns an error into a response: instrumentations look for that type.
    if hasattr(stack, "app") and not isinstance(stack.app, CaptureMiddleware):
        stack.app = CaptureMiddleware(stack.app)


def _watched(key: Any, handler: Any) -> Any:
    """Return an exception handler that also captures errors it answers with a server error."""
    if key in (SERVER_ERROR, Exception):
        # Starlette raises it again after the response.
        return handler
    if inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(getattr(handler, "__call__", None)):  # noqa: B004

        @functools.wraps(handler)
        async def watched_async(connection: Any, exc: Exception) -> Any:
            response = await handler(connection, exc)
            _answered(exc, response)
            return response

        return watched_async

    @functools.wraps(handler)
    def watched(connection: Any, exc: Exception) -> Any:
        response = handler(connection, exc)
        _answered(exc, response)
        return response

    return watched


def _answered(exc: Exception, response: Any) -> None:
    with drops.contained("sentry"):
        status = getattr(response, "status_code", 0)
        if status >= SERVER_ERROR:
            served = request.current()
            if served is not None:
                served.answered(status)
            hooks.report(exc, "starlette", handled=True)
