"""Join a batch of encoded items into the body of one OTLP request, which the SDK's exporters send.

The exporter still handles endpoint, headers, certificates, proxies, compression, retries, timeouts and its own metrics:
only the function that serialises a batch is replaced. Traces and logs have the same structure, a request of resources
of scopes of items, with the same field numbers.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pazpaz_otel import patches
from pazpaz_otel.otel.otlp import wire
from pazpaz_otel.redact.fifo_cache import FifoCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

_HTTP: Final = "opentelemetry.exporter.otlp.proto.http"
_KNOWN: Final = {
    "otlp.encode_spans": (f"{_HTTP}.trace_exporter", "OTLPSpanExporter"),
    "otlp.encode_logs": (f"{_HTTP}._log_exporter", "OTLPLogExporter"),
}
"""The SDK's exporters over HTTP, by the row of the table of patches that makes them accept encoded items."""
_MAX_FRAMES: Final = 2048


class Encoded(NamedTuple):
    """An item that waits to be sent: bytes, resource and scope."""

    resource: Resource
    """Guarded."""
    scope: InstrumentationScope | None
    """Guarded."""
    content: bytes


class Body:
    """A serialised request, in the form that the SDK's exporters expect."""

    __slots__ = ("_content",)

    def __init__(self, content: bytes) -> None:
        self._content = content

    def SerializePartialToString(self) -> bytes:  # noqa: N802 - as protocol buffers name it
        """Return the bytes."""
        return self._content

    SerializeToString = SerializePartialToString


class Frames:
    """The bytes of resources and scopes, each encoded once."""

    def __init__(self) -> None:
        # The object is kept with its bytes, so that no other object gets the same id.
        self._known: FifoCache[int, tuple[Any, bytes]] = FifoCache(_MAX_FRAMES)

    def body(self, items: Iterable[Encoded]) -> Body:
        """Return the request with the items, in their order within each scope."""
        resources: dict[int, tuple[Resource, dict[int, tuple[InstrumentationScope | None, list[bytes]]]]] = {}
        last: Any = (None, None)
        contents: list[bytes] = []
        for resource, scope, content in items:
            if last[0] is not resource or last[1] is not scope:
                last = resource, scope
                scopes = resources.setdefault(id(resource), (resource, {}))[1]
                contents = scopes.setdefault(id(scope), (scope, []))[1]
            contents += (b"\x12", wire.varint(len(content)), content)
        return Body(
            b"".join([wire.field(b"\n", self._resource(resource, scopes)) for resource, scopes in resources.values()])
        )

    def _resource(
        self, resource: Resource, scopes: dict[int, tuple[InstrumentationScope | None, list[bytes]]]
    ) -> bytes:
        parts = [self._of(resource, _resource)]
        parts += [wire.field(b"\x12", self._scope(scope, contents)) for scope, contents in scopes.values()]
        parts.append(wire.text(b"\x1a", resource.schema_url))
        return b"".join(parts)

    def _scope(self, scope: InstrumentationScope | None, contents: list[bytes]) -> bytes:
        # For a missing scope, the SDK's encoder writes an empty message.
        head = b"\n\x00" if scope is None else self._of(scope, _scope)
        schema = b"" if scope is None else wire.text(b"\x1a", scope.schema_url)
        return b"".join((head, *contents, schema))

    def _of(self, item: Any, encode: Any) -> bytes:
        known = self._known.get(id(item))
        if known is None or known[0] is not item:
            known = self._known.keep(id(item), (item, encode(item)))
        return known[1]


def _resource(resource: Resource) -> bytes:
    return wire.field(b"\n", wire.attributes(b"\n", resource.attributes, "resource"))


def _scope(scope: InstrumentationScope) -> bytes:
    return wire.field(
        b"\n",
        wire.text(b"\n", scope.name)
        + wire.text(b"\x12", scope.version)
        + wire.attributes(b"\x1a", scope.attributes, "scope"),
    )


def accepts_encoded(exporter: Any, patch: str) -> bool:
    """Make the exporter accept encoded items by a patch, and return whether it can."""
    return encodes(type(exporter), (patch,)) and (patches.is_installed(patch) or patches.install(patch, _joining))


def encodes(exporter: type, by: Iterable[str] = _KNOWN) -> bool:
    """Return whether exporters of exactly this class can be made to accept encoded items.

    A subclass may read what it exports, so subclasses can't.
    """
    known = (_KNOWN[patch] for patch in by)
    return any(exporter is getattr(sys.modules.get(module), name, None) for module, name in known)


def _joining(original: Any) -> Callable[[Any], Any]:
    frames = Frames()

    def encode(batch: Any) -> Any:
        return frames.body(batch) if batch and isinstance(batch[0], Encoded) else original(batch)

    return encode
