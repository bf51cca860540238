"""Ask an ASGI application what it serves: ``python -m pazpaz_otel.audit.application.describe module:attribute``.

A process of its own, so that importing the application has no effect on the audit, and without telemetry. Prints one
JSON object: the OpenAPI documents of the application and of what is mounted in it, its routes, the paths of its
WebSockets, and whether it is a WSGI application, which an ASGI server can't run.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from pazpaz_otel.audit.excerpt import is_of_source, of_source
from pazpaz_otel.diagnosis import did_you_mean
from pazpaz_otel.notices import OWN_LINE
from pazpaz_otel.redact import exceptions
from pazpaz_otel.redact.printing import said
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.source_index import index_of
from pazpaz_otel.settings import mask

NOT_THERE = 3
"""The exit code if there is no such application; an own line, the last of standard error, says why."""

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})

_DOCUMENTATION = ("openapi_url", "docs_url", "redoc_url", "swagger_ui_oauth2_redirect_url")
"""The attributes of a FastAPI application with the paths of its own pages."""

_WRAPPED = ("app", "other_asgi_app", "application")
"""The attributes in which middleware and servers of other protocols keep the application that they wrap."""

_WRAPPINGS = 20


def describe(app: Any) -> dict[str, Any]:
    """Return the OpenAPI documents, routes and WebSockets of an application and everything mounted in it.

    Args:
        app: an ASGI application; FastAPI, Starlette, or anything with a list of `routes` like theirs, perhaps wrapped
            in middleware.
    """
    parts = list(_applications(app, ""))
    routes = [found for prefix, part in parts for found in _routes(part, prefix)]
    own = {prefix + path for prefix, part in parts for path in _own_pages(part)}
    documents = [(prefix, document) for prefix, part in parts if (document := _document(part)) is not None]
    return {
        "documents": documents,
        "routes": [[method, path] for methods, path in routes if path not in own for method in methods or ()],
        "websockets": [path for methods, path in routes if methods is None],
        "wsgi": _is_wsgi(app),
    }


def _is_wsgi(app: Any) -> bool:
    # PEP 3333: environ and start_response; ASGI passes scope, receive and send.
    with suppress(TypeError, ValueError):
        return len(inspect.signature(app).parameters) == 2  # noqa: PLR2004
    return False


def _applications(app: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield an application and its mounted ones, each unwrapped and with its path."""
    app = _unwrapped(app)
    yield prefix, app
    for route in _of(app):
        if _is_mount(route):
            yield from _applications(route.app, prefix + route.path)


def _is_mount(route: Any) -> bool:
    return hasattr(route, "app") and any(cls.__name__ == "Mount" for cls in type(route).__mro__)


def _unwrapped(app: Any) -> Any:
    for _ in range(_WRAPPINGS):
        inner = next((found for name in _WRAPPED if (found := getattr(app, name, None)) is not None), None)
        if inner is None or getattr(app, "routes", None):
            break
        app = inner
    return app


def _of(app: Any) -> Any:
    return getattr(app, "routes", None) or ()


def _own_pages(app: Any) -> Iterator[str]:
    yield from (path for name in _DOCUMENTATION if isinstance(path := getattr(app, name, None), str))
    # Litestar has them below one path.
    configured = getattr(app, "openapi_config", None)
    if configured is not None:
        above = configured.path or "/schema"
        yield from (route.path for route in _of(app) if f"{route.path}/".startswith(f"{above}/"))


def _document(app: Any) -> Any:
    # If a model can't be described, only the schema is missing, not the routes.
    with suppress(Exception):
        made = app.openapi() if hasattr(app, "openapi") else app.openapi_schema.to_schema()
        return json.loads(json.dumps(made))
    return None


def _rules(app: Any) -> Iterator[tuple[list[str] | None, str]]:
    """Yield the routes of Quart's or Flask's map of URLs."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            yield None if rule.websocket else sorted(_METHODS & rule.methods), rule.rule


def _routes(app: Any, prefix: str) -> Iterator[tuple[list[str] | None, str]]:
    if hasattr(app, "url_map"):
        yield from ((methods, prefix + path) for methods, path in _rules(app))
    for route in _of(app):
        path = prefix + str(getattr(route, "path", ""))
        methods = getattr(route, "methods", None)
        if methods:
            yield sorted(_METHODS & set(methods)), path
        elif "WebSocket" in type(route).__name__:
            yield None, path
        elif not _is_mount(route) and _of(route):
            yield from _routes(route, path)
        elif _is_mount(route) and not _of(_unwrapped(route.app)):
            # For an application without routes, such as an exporter's, only its own path is known.
            yield ["GET"], f"{path}/"


def application(name: str) -> Any:
    """Return the application named by `module:attribute`, or exit with a line that says what is missing."""
    module, _, attribute = name.partition(":")
    app = _imported(module)
    for part in (attribute or "app").split("."):
        if not hasattr(app, part):
            index = index_of(module)
            there = sorted(
                other
                for other, value in vars(app).items()
                if index is not None
                and other in index.names
                and not isinstance(value, type)
                and hasattr(value, "routes")
            )
            hint = f"; {' and '.join(there)} {'is' if len(there) == 1 else 'are'} there" if there else ""
            _exit(f"{module} has no {part}{hint}")
        app = getattr(app, part)
    return app


def _imported(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the application raises, it isn't there
        if isinstance(error, ModuleNotFoundError) and error.name and f"{module}.".startswith(f"{error.name}."):
            known = [file.stem for file in Path().glob("*.py")]
            _exit(f"there is no module {error.name} here{did_you_mean(error.name, known, 0.6)}")
        _exit(f"{module} raises {raised(error)}")


def raised(error: BaseException) -> str:
    """Return an exception of the application in one line: its message may quote what it read from its database."""
    seen, kind, message = exceptions.view(error), type(error).__name__, said(error) or ""
    # A module whose import failed is loaded no more, so it proves no text of its own.
    message = of_source(" ".join(message.split()), besides=seen.message or "")
    places = [(one.filename, one.lineno) for one in traceback.extract_tb(error.__traceback__)]
    places += [(error.filename or "", error.lineno)] if isinstance(error, SyntaxError) else []
    files = [(name, line) for name, line in places if Path(name).is_file()]
    own = [one for one in files if not is_installed(one[0]) and Path.cwd() in Path(one[0]).resolve().parents] or files
    place = f" ({Path(own[-1][0]).name}, line {own[-1][1]})" if own else ""
    return f"{kind if is_of_source(kind) else seen.type}: {message}".rstrip(": ") + place


def _exit(line: str) -> NoReturn:
    sys.stderr.write(f"{OWN_LINE}{mask(line)}\n")
    sys.exit(NOT_THERE)


def main() -> None:
    """Import the application that the argument names, and print what it serves."""
    sys.path.insert(0, "")
    app = application(sys.argv[1])
    try:
        described = json.dumps(describe(app))
    except Exception as error:  # noqa: BLE001 - properties and routes of the application's own
        _exit(f"{sys.argv[1]} can't be described: {raised(error)}")
    sys.stdout.write(f"\n{described}\n")


if __name__ == "__main__":
    main()
