"""Lets the SDK's OTLP exporters send what is encoded already.

Endpoint, headers, certificates, proxies, compression, retries, timeouts and the exporter's own metrics stay the
exporter's: it serialises a batch by one function, and that is what is replaced.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.otel.otlp.request import Encoded, Frames

if TYPE_CHECKING:
    from collections.abc import Callable

_SPANS: Final = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
_LOGS: Final = "opentelemetry.exporter.otlp.proto.http._log_exporter"


def accepts_encoded_spans(exporter: Any) -> bool:
    """Make the exporter take encoded spans, and return whether it does: only the SDK's own, over HTTP, can."""
    return _accepts(exporter, _SPANS, "OTLPSpanExporter", "otlp.encode_spans")


def accepts_encoded_logs(exporter: Any) -> bool:
    """Make the exporter take encoded log records, and return whether it does."""
    return _accepts(exporter, _LOGS, "OTLPLogExporter", "otlp.encode_logs")


def _accepts(exporter: Any, module: str, cls: str, patch: str) -> bool:
    # A subclass may look at what it exports.
    if type(exporter) is not getattr(sys.modules.get(module), cls, None):
        return False
    return patches.is_installed(patch) or patches.install(patch, _joining)


def _joining(original: Any) -> Callable[[Any], Any]:
    frames = Frames()

    def encode(batch: Any) -> Any:
        return frames.body(batch) if batch and isinstance(batch[0], Encoded) else original(batch)

    return encode
