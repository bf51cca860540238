"""An application's surfaces: every place in its requests that can hold a text."""

from __future__ import annotations

import json
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Final

from pazpaz_otel.audit.application.recorded import Recorded
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
    "usual_headers": (),
    "propagation": (),
}
_USUAL_HEADERS: Final = ("User-Agent", "Referer", "X-Forwarded-For", "X-Correlation-ID", "Origin", "X-Client")


def planting(
    client: Client, operations: Sequence[Operation], websockets: Sequence[str], traffic: Sequence[Request]
) -> Surfaces:
    """Return an application's surfaces, in the order of planting."""
    surfaces = Surfaces("app")
    repeated = [Recorded(request) for request in traffic]
    sent: list[str] = []
    # Each text is one route's alone, so that a leak names the route that was given it, whoever wrote it and when.
    for name, places in _PLACES.items():
        for form, operation in product(NARROW, operations):
            surfaces(name, (form,), route=operation.label)(partial(_send, client, operation, name, places))
    for form, path in product(NARROW, websockets):
        surfaces("websocket", (form,), route=f"WS {path}")(partial(_speak, client, path))
    for form, recorded in product(NARROW, repeated):
        surfaces("traffic", (form,), route=recorded.label)(partial(_repeat, client, recorded, sent))
    return surfaces


def _send(client: Client, operation: Operation, surface: str, places: Sequence[str], text: str) -> bool:
    client.send(operation, text, places, _headers(surface, text))
    return not places or operation.takes(places)


def _speak(client: Client, path: str, text: str) -> None:
    client.speak(path, (text, json.dumps({"type": "message", "note": text}, ensure_ascii=False)))


def _repeat(client: Client, recorded: Recorded, sent: list[str], text: str) -> None:
    recorded.repeat(client, text, sent)
    sent.append(text)


def _headers(surface: str, text: str) -> Mapping[str, str]:
    if surface == "usual_headers":
        return dict.fromkeys(_USUAL_HEADERS, text)
    if surface != "propagation":
        return {}
    name = "".join(character for character in text.lower() if character.isascii() and character.isalnum())[:60]
    return {
        "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
        "tracestate": f"vendor={text}",
        "baggage": f"client={text},{name or 'x'}=1",
    }
