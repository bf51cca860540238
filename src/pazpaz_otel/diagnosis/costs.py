"""Report the settings that make a signal leave through the SDK's pipeline, which costs more per request than ours.

docs/performance.md lists what differs. `pazpaz_otel.otel.otlp.pipeline` decides, from the exporter that the SDK created
from these settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pazpaz_otel.diagnosis.finding import Finding
from pazpaz_otel.readings import OFF
from pazpaz_otel.settings import mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SIGNALS: Final = ("TRACES", "LOGS")
"""Metrics are always encoded by the SDK."""
_UNREMARKABLE: Final = ("", "none", "otlp", "otlp_proto_http", "console")
"""Exporters that need no note; whoever chooses the console is developing."""
_COSTS_MORE: Final = "a request costs more"


def dearer(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a note for each setting that selects the SDK's pipeline, with the reason.

    Args:
        env: the environment.
    """
    if env.get("PAZPAZ_OTEL_LEAN", "").strip().lower() in OFF:
        text = f"is false: OpenTelemetry's own packages handle requests, queries and log records; {_COSTS_MORE}"
        yield Finding("note", "PAZPAZ_OTEL_LEAN", text, "unset it")
    if env.get("OTEL_CONFIG_FILE"):
        text = f"is set: the SDK creates the processors of traces and logs; {_COSTS_MORE}"
        yield Finding("note", "OTEL_CONFIG_FILE", text, "configure the same with variables")
        return
    for signal in _SIGNALS:
        name = f"OTEL_{signal}_EXPORTER"
        chosen = [part.strip() for part in env.get(name, "otlp").split(",")]
        for exporter in chosen:
            if exporter not in _UNREMARKABLE:
                text = f"{mask(exporter, env)} can't take encoded {signal.lower()}; {_COSTS_MORE}"
                yield Finding("note", name, text, "use otlp with http/protobuf")
        variable = f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"
        variable = variable if env.get(variable, "").strip() else "OTEL_EXPORTER_OTLP_PROTOCOL"
        if "otlp" in chosen and env.get(variable, "").strip() == "grpc":
            text = f"is grpc: {signal.lower()} leave through the SDK's pipeline; {_COSTS_MORE}"
            yield Finding("note", variable, text, "use http/protobuf")
