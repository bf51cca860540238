"""Which settings make a signal leave by the SDK's way, which costs more a request than this package's own.

What differs in what leaves is listed in docs/performance.md. `pazpaz_otel.otel.otlp.pipeline` decides, by the
exporter that the SDK made of these settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pazpaz_otel.diagnosis.finding import Finding
from pazpaz_otel.settings import OFF, mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SIGNALS: Final = ("TRACES", "LOGS")
"""Metrics are encoded by the SDK in either way."""
_OUR_WAY: Final = ("", "none", "otlp", "otlp_proto_http", "console")
"""Names that need no word: who asks for the console reads it while developing."""
_DEARER: Final = "a request costs more"


def dearer(env: Mapping[str, str]) -> Iterator[Finding]:
    """Name each setting that takes the SDK's way, by signal, and why.

    Args:
        env: the environment.
    """
    if env.get("PAZPAZ_OTEL_LEAN", "").strip().lower() in OFF:
        text = f"is false: requests, queries and log records go the way of OpenTelemetry's own packages; {_DEARER}"
        yield Finding("note", "PAZPAZ_OTEL_LEAN", text, "unset it")
    if env.get("OTEL_CONFIG_FILE"):
        text = f"is set: the SDK makes the processors of traces and logs; {_DEARER}"
        yield Finding("note", "OTEL_CONFIG_FILE", text, "set the same by variables")
        return
    for signal in _SIGNALS:
        name = f"OTEL_{signal}_EXPORTER"
        chosen = [part.strip() for part in env.get(name, "otlp").split(",")]
        for exporter in chosen:
            if exporter not in _OUR_WAY:
                text = f"{mask(exporter, env)} takes no encoded {signal.lower()}: the SDK's way is taken; {_DEARER}"
                yield Finding("note", name, text, "use otlp, by http/protobuf")
        variable = f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"
        variable = variable if env.get(variable, "").strip() else "OTEL_EXPORTER_OTLP_PROTOCOL"
        if "otlp" in chosen and env.get(variable, "").strip() == "grpc":
            text = f"is grpc: {signal.lower()} go the SDK's way; {_DEARER}"
            yield Finding("note", variable, text, "use http/protobuf")
