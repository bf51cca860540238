"""Litestar: requests and WebSockets, by its own router."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.integrations.asgi import traced
from pazpaz_otel.integrations.library import Library

if TYPE_CHECKING:
    from collections.abc import Iterator


def _template_of(application: Any, scope: dict[str, Any]) -> str:
    path = "/" + "/".join(filter(None, scope["path"].removeprefix(scope.get("root_path", "")).split("/")))
    # The router remembers what it found, and so finds it at once when it serves the request.
    return str(application.asgi_router.handle_routing(path=path, method=scope.get("method"))[-1])


def _paths(application: Any) -> Iterator[str]:
    return (route.path_format for route in application.routes)


LIBRARY: Final = Library(
    name="Litestar",
    package="litestar",
    watch={"litestar.app": traced("litestar", "asgi_handler", _template_of, _paths)},
)
