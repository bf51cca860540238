"""Asks an ASGI application what it serves: ``python -m pazpaz_otel.audit.application.describe module:attribute``.

A process of its own, so that importing the application has no effect on the audit, and without telemetry. Prints one
JSON object: the OpenAPI document if the application has one, its routes, and the paths of its WebSockets.
"""

from __future__ import annotations

import importlib
import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})

_DOCUMENTATION = ("openapi_url", "docs_url", "redoc_url", "swagger_ui_oauth2_redirect_url")
"""The attributes of a FastAPI application that hold the paths of its own pages."""


def describe(app: Any) -> dict[str, Any]:
    """Return the application's OpenAPI document, routes and WebSockets, as far as it has any.

    Args:
        app: an ASGI application; FastAPI, Starlette, or anything with a list of `routes` like theirs.
    """
    document = None
    if callable(getattr(app, "openapi", None)):
        # A model that can't be described leaves the routes without a schema, not the audit without routes.
        with suppress(Exception):
            document = json.loads(json.dumps(app.openapi()))
    own = {getattr(app, name, None) for name in _DOCUMENTATION}
    routes = [(methods, path) for methods, path in _routes(getattr(app, "routes", None) or (), "") if path not in own]
    return {
        "openapi": document,
        "routes": [[method, path] for methods, path in routes for method in methods],
        "websockets": [path for methods, path in routes if not methods],
    }


def _routes(routes: Any, prefix: str) -> Iterator[tuple[list[str], str]]:
    for route in routes:
        path = prefix + str(getattr(route, "path", ""))
        methods = getattr(route, "methods", None)
        if methods:
            yield sorted(_METHODS & set(methods)), path
        elif "WebSocket" in type(route).__name__:
            yield [], path
        inner = getattr(route, "routes", None)
        if inner:
            yield from _routes(inner, path)


def main() -> None:
    """Import the application that the argument names, and print what it serves."""
    module, _, attribute = sys.argv[1].partition(":")
    sys.path.insert(0, "")
    app = importlib.import_module(module)
    for part in (attribute or "app").split("."):
        app = getattr(app, part)
    sys.stdout.write("\n" + json.dumps(describe(app)) + "\n")


if __name__ == "__main__":
    main()
