"""Litestar: requests and WebSockets, by its own router, and its errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations.asgi import traced
from pazpaz_otel.integrations.library import Library

_SERVER_ERROR: Final = 500


def _template_of(application: Any, scope: dict[str, Any]) -> str:
    path = "/" + "/".join(filter(None, scope["path"].removeprefix(scope.get("root_path", "")).split("/")))
    # The router remembers what it found, and so finds it at once when it serves the request.
    return str(application.asgi_router.handle_routing(path=path, method=scope.get("method"))[-1])


def _paths(application: Any) -> Iterator[str]:
    return (route.path_format for route in application.routes)


def _capture(_: Any) -> None:
    from pazpaz_otel.sentry import hooks  # noqa: PLC0415 - it imports sentry_sdk

    async def report(error: Exception, _scope: Any) -> None:
        # Litestar's own exceptions have the status that they are answered with.
        if getattr(error, "status_code", _SERVER_ERROR) >= _SERVER_ERROR:
            hooks.report(error, "asgi", handled=False)

    def reporting(original: Any) -> Callable[..., None]:
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            original(self, *args, **kwargs)
            self.after_exception.append(report)

        return __init__

    patches.install("litestar.errors", reporting)


LIBRARY: Final = Library(
    name="Litestar",
    package="litestar",
    watch={"litestar.app": traced("litestar", "asgi_handler", _template_of, _paths)},
    errors={"litestar.app": _capture},
)
