"""An application's surfaces: every place in its requests that can hold a text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.audit.plant.registry import NARROW, Surfaces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pazpaz_otel.audit.application.client import Client
    from pazpaz_otel.audit.application.operations import Operation, Request

_PLACES: Final = {
    # Bodies first: what a POST creates can then be read and changed under its id.
    "body": ("body",),
    "query": ("query",),
    "header": ("header",),
    "cookie": ("cookie",),
    "path": ("path",),
    "everything": ("body", "query", "header", "cookie"),
}
_USUAL_HEADERS: Final = ("User-Agent", "Referer", "X-Forwarded-For", "X-Correlation-ID", "Origin", "X-Client")


def planting(
    client: Client, operations: Sequence[Operation], websockets: Sequence[str], traffic: Sequence[Request]
) -> Surfaces:
    """Return an application's surfaces, in the order of planting.

    Args:
        client: sends the requests.
        operations: the application's operations.
        websockets: the paths of its WebSockets.
        traffic: recorded requests, repeated with the planted text in place of every text in their JSON.
    """
    surfaces = Surfaces("app")
    for name, places in _PLACES.items():
        surfaces(name, NARROW)(_everywhere(client, operations, places))
    surfaces("usual_headers", NARROW)(_with_headers(client, operations, _usual))
    surfaces("propagation", NARROW)(_with_headers(client, operations, _propagation))
    if websockets:
        surfaces("websocket", NARROW)(_speaking(client, websockets))
    if traffic:
        surfaces("traffic", NARROW)(_repeating(client, traffic))
    return surfaces


def _everywhere(client: Client, operations: Sequence[Operation], places: Sequence[str]) -> Any:
    def plant(text: str) -> None:
        for operation in operations:
            client.send(operation, text, places)

    return plant


def _with_headers(client: Client, operations: Sequence[Operation], headers: Any) -> Any:
    def plant(text: str) -> None:
        for operation in operations:
            client.send(operation, text, (), headers(text))

    return plant


def _usual(text: str) -> Mapping[str, str]:
    return dict.fromkeys(_USUAL_HEADERS, text)


def _propagation(text: str) -> Mapping[str, str]:
    name = "".join(character for character in text.lower() if character.isascii() and character.isalnum())[:60]
    return {
        "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
        "tracestate": f"vendor={text}",
        "baggage": f"client={text},{name or 'x'}=1",
    }


def _speaking(client: Client, websockets: Sequence[str]) -> Any:
    def plant(text: str) -> None:
        messages = (text, json.dumps({"type": "message", "note": text}, ensure_ascii=False))
        for path in websockets:
            client.speak(path, messages)

    return plant


def _repeating(client: Client, traffic: Sequence[Request]) -> Any:
    def plant(text: str) -> None:
        for request in traffic:
            client.repeat(replace(request, body=_planted(request.body, text)))

    return plant


def _planted(body: bytes, text: str) -> bytes:
    def inside(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: inside(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [inside(inner) for inner in value]
        return text if isinstance(value, str) else value

    try:
        return json.dumps(inside(json.loads(body)), ensure_ascii=False).encode()
    except ValueError:
        return body
