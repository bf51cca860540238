"""Read the access lines of uvicorn, gunicorn and werkzeug: method, route and status, and nothing of the URL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace import get_current_span

from pazpaz_otel.policy.kinds.http import HTTP_METHODS

if TYPE_CHECKING:
    import logging

    from pazpaz_otel.redact.guards import Guard

_LINE: Final = '"%s %s" %s'
_UNKNOWN: Final = "-"
_VERSIONS: Final = frozenset({"1.0", "1.1", "2", "3"})
_REQUEST: Final = re.compile(r"(?:\x1b\[\d+m)*([A-Z]{1,16}) (/[^ ]*)")
_STATUS: Final = re.compile(r"[1-5]\d\d")

wanted = False
"""Whether spans that collect their attributes only at the end keep their route for access lines."""


def expect() -> None:
    """Keep routes for access lines from now on."""
    global wanted  # noqa: PLW0603 - one process, one output
    wanted = True


def read(record: logging.LogRecord, guard: Guard) -> tuple[str, tuple[Any, ...]] | None:
    """Return the template and the proven arguments of an access line, or None if the record is none."""
    given: Any = record.args
    if record.name == "uvicorn.access" and type(given) is tuple and len(given) == 5:  # noqa: PLR2004 - its formatter's
        _, method, path, version, status = given
        version = version if type(version) is str and version in _VERSIONS else _UNKNOWN
        # uvicorn's formatter takes the arguments apart.
        number = int(status) if _status(status) != _UNKNOWN else 0
        return '%s - "%s %s HTTP/%s" %d', (_UNKNOWN, _method(method), request_route(guard, path), version, number)
    if record.name == "werkzeug" and type(given) is tuple and len(given) == 3:  # noqa: PLR2004 - request, status, size
        request, status, _ = given
        found = _REQUEST.match(request) if type(request) is str else None
        method, path = found.groups() if found else (None, None)
        return _LINE, (_method(method), request_route(guard, path), _status(status))
    if record.name == "gunicorn.access" and isinstance(given, dict) and {"m", "s"} <= given.keys():
        return _LINE, (_method(given["m"]), request_route(guard, given.get("U")), _status(given["s"]))
    return None


def _method(given: object) -> str:
    return given if type(given) is str and given in HTTP_METHODS else "_OTHER"


def _status(given: object) -> str:
    shown = str(given) if type(given) in {int, str} else ""
    return shown if _STATUS.fullmatch(shown) else _UNKNOWN


def request_route(guard: Guard, path: object = None) -> str:
    """Return the route of the running request, if the application registered it; a probe's path, which has no span."""
    span: Any = get_current_span()
    named = getattr(span, "route", None) or (getattr(span, "attributes", None) or {}).get("http.route")
    route = guard.attributes.value("http.route", named)
    if route is None and type(path) is str:
        route = guard.attributes.value("http.route", path.partition("?")[0])
    return str(route) if route is not None else _UNKNOWN
