"""Find metrics pages that an application serves itself, such as `prometheus_client`'s: they aren't guarded."""

from __future__ import annotations

import re
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.audit.application.describe import describe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pazpaz_otel.audit.application.client import Client
    from pazpaz_otel.audit.application.operations import Operation

_USUAL: Final = "/metrics"
_EXPOSITION: Final = re.compile(
    rb"^# TYPE \S+ (?:counter|gauge|histogram|gaugehistogram|summary|info|stateset|untyped|unknown)$", re.MULTILINE
)


def declared(application: Any) -> list[str]:
    """Return the paths of an imported application that end in `/metrics`, if it uses prometheus_client."""
    if "prometheus_client" not in sys.modules:
        return []
    paths = {path.rstrip("/") for _, path in describe(application)["routes"]}
    return sorted(path for path in paths if path.endswith(_USUAL))


def served(client: Client, operations: Iterable[Operation]) -> dict[str, bytes]:
    """Return every metrics page that a running application serves, by method and path."""
    from pazpaz_otel.audit.application.operations import Request  # noqa: PLC0415 - schemas, which `declared` needn't

    asked = [one.template for one in operations if one.method == "GET" and "{" not in one.template]
    pages: dict[str, bytes] = {}
    for path in dict.fromkeys([_USUAL, f"{_USUAL}/", *asked]):
        answer = client.raw(Request("GET", path))
        if answer.status == HTTPStatus.OK and _EXPOSITION.search(answer.body) and answer.body not in pages.values():
            pages[f"GET {path}"] = answer.body
    return pages
