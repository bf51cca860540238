"""Walk over every text and number in an OTLP request, with the name of its surface.

The walk follows the message's descriptors, not a list of fields, so it includes fields that later releases of the
protocol add.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

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
        for one in value if getattr(field, "is_repeated", False) else (value,):
            if field.message_type is not None:
                yield from walk(one, here)
            elif isinstance(one, (str, bytes)):
                yield here, one
            elif isinstance(one, (int, float)) and not isinstance(one, bool):
                yield here, f"{one:.15g}" if isinstance(one, float) else str(one)
    for unknown in _unknown(message):
        yield f"{path}.(unknown field)", unknown


def _unknown(message: Message) -> Iterator[bytes]:
    from google.protobuf import unknown_fields  # noqa: PLC0415 - absent from old releases of protobuf

    fields = unknown_fields.UnknownFieldSet(message)
    for field in (fields[index] for index in range(len(fields))):
        if isinstance(field.data, bytes):
            yield field.data
