"""Quart: requests and WebSockets, by its own map of URLs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pazpaz_otel.integrations.asgi import traced
from pazpaz_otel.integrations.library import Library


def _template_of(application: Any, scope: dict[str, Any]) -> str:
    urls = application.url_map.bind(application.config["SERVER_NAME"] or "localhost")
    is_socket = scope["type"] == "websocket"
    rule, _ = urls.match(scope["path"], scope.get("method", "GET"), return_rule=True, websocket=is_socket)
    return str(rule.rule)


def _rules(application: Any) -> Iterator[str]:
    return (str(rule.rule) for rule in application.url_map.iter_rules())


LIBRARY: Final = Library(
    name="Quart", package="quart", watch={"quart.app": traced("quart", "asgi_app", _template_of, _rules)}
)
