"""Walk over every text and number in an OTLP request, with the name of its surface.

The walk follows the message's descriptors, not a list of fields, so it includes fields that later releases of the
protocol add.
"""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

_RENAMED = {
    "resource_spans.scope_spans.spans": "span",
    "resource_spans.scope_spans.scope": "span.scope",
    "resource_spans.scope_spans.schema_url": "span.scope.schema_url",
    "resource_spans.resource": "span.resource",
    "resource_logs.scope_logs.log_records": "log",
    "resource_logs.scope_logs.scope": "log.scope",
    "resource_logs.resource": "log.resource",
    "resource_metrics.scope_metrics.metrics": "metric",
    "resource_metrics.scope_metrics.scope": "metric.scope",
    "resource_metrics.resource": "metric.resource",
}
_TIMES = ("_unix_nano",)


def walk(message: Message, path: str = "") -> Iterator[tuple[str, str | bytes]]:
    """Yield the texts, byte strings and numbers (as decimal text) of a message, each with its surface's name."""
    for field, value in message.ListFields():
        here = f"{path}.{field.name}" if path else field.name
        here = _RENAMED.get(here, here)
        if field.name.endswith(_TIMES):
            continue
        # Descriptors tell what is repeated since protobuf 6.31 only.
        for one in (value,) if isinstance(value, (str, bytes, int, float, Message)) else value:
            if isinstance(one, Message):
                yield from walk(one, here)
            elif isinstance(one, (str, bytes)):
                yield here, one
            elif isinstance(one, (int, float)) and not isinstance(one, bool):
                yield here, f"{one:.15g}" if isinstance(one, float) else str(one)
    unknown = UnknownFieldSet(message)
    for data in (unknown[index].data for index in range(len(unknown))):
        if isinstance(data, bytes):
            yield f"{path}.(unknown field)", data
