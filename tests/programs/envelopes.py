"""Sentry's envelopes."""

from __future__ import annotations

import json


def envelope_items(body: bytes) -> list[tuple[dict[str, object], bytes]]:
    """Return a Sentry envelope's items: first its own header with no payload, then each item's header and payload."""
    head, _, rest = body.partition(b"\n")
    items: list[tuple[dict[str, object], bytes]] = [(json.loads(head or b"{}"), b"")]
    while rest.strip():
        line, _, rest = rest.partition(b"\n")
        if not line.strip():
            continue
        header = json.loads(line)
        length = header.get("length")
        payload, rest = (rest[:length], rest[length:]) if isinstance(length, int) else rest.partition(b"\n")[::2]
        items.append((header, payload))
    return items
