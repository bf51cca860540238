"""Find metrics pages that the application serves itself, such as `prometheus_client`'s: they aren't guarded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pazpaz_otel.audit.application.operations import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pazpaz_otel.audit.application.client import Client
    from pazpaz_otel.audit.application.operations import Operation

_USUAL: Final = ("/metrics", "/metrics/")
_EXPOSITION: Final = re.compile(
    rb"^# TYPE \S+ (?:counter|gauge|histogram|gaugehistogram|summary|info|stateset|untyped|unknown)$", re.MULTILINE
)


def exposed(client: Client, operations: Iterable[Operation]) -> dict[str, bytes]:
    """Return every metrics page that the application serves, by method and path.

    Args:
        client: requests them, after everything was planted.
        operations: the application's operations; those without path parameters are requested.
    """
    asked = [one.template for one in operations if one.method == "GET" and "{" not in one.template]
    pages: dict[str, bytes] = {}
    for path in dict.fromkeys([*_USUAL, *asked]):
        status, body = client.raw(Request("GET", path))
        if status == 200 and _EXPOSITION.search(body) and body not in pages.values():  # noqa: PLR2004 - OK
            pages[f"GET {path}"] = body
    return pages
