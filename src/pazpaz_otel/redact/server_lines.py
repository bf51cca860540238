"""Fill a server's own lines with what the process proves by itself: its ids, addresses, signals, and routes."""

from __future__ import annotations

import os
import re
import signal
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pazpaz_otel.policy.kinds.http import HTTP_METHODS
from pazpaz_otel.redact.access_lines import request_route
from pazpaz_otel.redact.provenance.module_index import class_name_proven

if TYPE_CHECKING:
    import logging

    from pazpaz_otel.redact.guards import Guard

_SERVERS: Final = frozenset({"celery", "daphne", "django", "gunicorn", "hypercorn", "uvicorn", "werkzeug"})
"""The packages whose loggers these are."""
_WORDS: Final = frozenset({*(status.phrase for status in HTTPStatus), *HTTP_METHODS, "http", "https"})
_HOLE: Final = re.compile(r"\{\w+\}")
_FIELDS_ONLY: Final = re.compile(r"(?:%[sd]|[^\w%])+")
_MAX_PORT: Final = 65535
_FIELD: Final = "%s"
"""What is shown of an argument that isn't proven: the template's field."""


def fill(record: logging.LogRecord, template: str, guard: Guard) -> tuple[str, tuple[Any, ...] | None]:
    """Return a line's template and its proven arguments, or None if none can be shown."""
    given: Any = record.args
    if type(given) is not tuple or not given or type(record.msg) is not str:
        return template, None
    if record.msg != template and not _is_same(record.msg, template):
        return template, None
    if all(_is_own_id(one) for one in given):
        return record.msg, given
    package = record.name.partition(".")[0]
    if package not in _SERVERS:
        return template, None
    shown = tuple(_shown(one, given[index - 1] if index else None, package, guard) for index, one in enumerate(given))
    try:
        # A placeholder can't stand for a number, for example.
        record.msg % shown
    except (TypeError, ValueError):
        return template, None
    return (record.msg, shown) if any(one != _FIELD for one in shown) else (template, None)


def _is_same(message: str, template: str) -> bool:
    """Return whether a hole of the template holds nothing but further fields and punctuation, and so no data."""
    head, *more = _HOLE.split(template)
    if len(more) != 1 or not message.startswith(head) or not message.endswith(more[0]):
        return False
    return _FIELDS_ONLY.fullmatch(message, len(head), len(message) - len(more[0])) is not None


def _is_own_id(given: object) -> bool:
    return type(given) is int and given in {os.getpid(), os.getppid()}


def _shown(given: object, before: object, package: str, guard: Guard) -> object:
    if _is_own_id(given):
        return given
    if type(given) is int:
        # Of numbers, only an address's port.
        is_port = type(before) is str and guard.evidence.host(before) and 0 <= given <= _MAX_PORT
        return given if is_port else _FIELD
    if type(given) is not str:
        return _FIELD
    if given.startswith("/"):
        return request_route(guard)
    known = guard.evidence
    is_known = given in _WORDS or known.host(given) or known.version(given)
    is_known = is_known or class_name_proven(given) or _is_part_of(package, given)
    return given if is_known else _origin(given, guard) or _FIELD


def _is_part_of(package: str, name: str) -> bool:
    """Return whether a word names a signal, or a loaded part of the server, such as gunicorn's worker `sync`."""
    if f"SIG{name.upper().removeprefix('SIG')}" in signal.Signals.__members__:
        return True
    return any(module.startswith(f"{package}.") and module.endswith(f".{name}") for module in tuple(sys.modules))


def _origin(given: str, guard: Guard) -> str | None:
    """Return the scheme, host and port of an address if the process knows the host."""
    try:
        url = urlsplit(given)
        host, port = url.hostname, url.port
    except ValueError:
        return None
    if not host or not guard.evidence.host(host) or not url.scheme.isalpha():
        return None
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port is not None else ''}"
