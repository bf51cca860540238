"""Which settings select the SDK's pipeline, which costs more per request than this package's own.

`pazpaz_otel.otel.otlp.processor` decides by the exporter's class, and is asked here. What differs in what leaves is
listed in docs/performance.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any, Final

from pazpaz_otel.diagnosis import Finding
from pazpaz_otel.parsing import count, is_off, names
from pazpaz_otel.settings import apply_defaults, mask

_SIGNALS: Final = ("TRACES", "LOGS")
"""Metrics are always encoded by the SDK."""
_OTLP: Final = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}
_DEVELOPING: Final = ("none", "console", "pazpaz_console")
"""Exporters that need no note; whoever chooses the console is developing."""
_CONVENTIONS: Final = "OTEL_SEMCONV_STABILITY_OPT_IN"
_LENGTHS: Final = ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT")
_COUNTS: Final = ("OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT")
MANY_ATTRIBUTES: Final = 64
"""As in `pazpaz_otel.otel.otlp.shapes`, which can't be imported where a limit is no number."""
_AGGREGATION: Final = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"
_EXPONENTIAL: Final = "base2_exponential_bucket_histogram"
_COSTS_MORE: Final = "a request costs more"


def dearer(variables: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a note for each setting that selects the SDK's pipeline, with the reason."""
    env = dict(variables)
    apply_defaults(env)
    if is_off(env, "PAZPAZ_OTEL_LEAN"):
        text = f"is false: OpenTelemetry's own packages handle requests, queries and log records; {_COSTS_MORE}"
        yield Finding("note", "PAZPAZ_OTEL_LEAN", text, "unset it")
    conventions = names(env[_CONVENTIONS])
    if "http" not in conventions or "http/dup" in conventions:
        text = f"asks for the old HTTP conventions: OpenTelemetry's own packages handle requests; {_COSTS_MORE}"
        yield Finding("note", _CONVENTIONS, text, "unset it")
    yield from _sdk_made(env)
    if env.get("OTEL_CONFIG_FILE"):
        text = f"is set: the SDK creates the processors of traces and logs; {_COSTS_MORE}"
        yield Finding("note", "OTEL_CONFIG_FILE", text, "configure the same with variables")
        return
    for signal in _SIGNALS:
        name, protocol = f"OTEL_{signal}_EXPORTER", f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"
        protocol = protocol if env.get(protocol, "").strip() else "OTEL_EXPORTER_OTLP_PROTOCOL"
        for chosen in names(env.get(name, "")):
            told = env[protocol].strip()
            exporter = _exporter(signal, _OTLP.get(told, "") if chosen == "otlp" else chosen)
            if chosen in _DEVELOPING or exporter is None or _encodes(exporter):
                continue
            if chosen == "otlp":
                text = f"is {told}: {signal.lower()} leave through the SDK's pipeline; {_COSTS_MORE}"
                yield Finding("note", protocol, text, "use http/protobuf")
            else:
                text = f"{mask(chosen, env)} can't take encoded {signal.lower()}; {_COSTS_MORE}"
                yield Finding("note", name, text, "use otlp with http/protobuf")


def _sdk_made(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a note for each setting for which the SDK's spans or instruments are needed."""
    for name in _LENGTHS:
        if env.get(name, "").strip():
            text = f"is set: OpenTelemetry's own packages make the spans, so that it can cut values; {_COSTS_MORE}"
            yield Finding("note", name, text, "unset it")
    for name in _COUNTS:
        if 0 <= count(env.get(name, "").strip(), MANY_ATTRIBUTES) < MANY_ATTRIBUTES:
            text = f"is below {MANY_ATTRIBUTES}: OpenTelemetry's own packages make the spans; {_COSTS_MORE}"
            yield Finding("note", name, text, "unset it")
    if env.get(_AGGREGATION, "").strip().lower() == _EXPONENTIAL and "otlp" in names(
        env.get("OTEL_METRICS_EXPORTER", "")
    ):
        text = f"asks for exponential histograms: the SDK aggregates what is measured; {_COSTS_MORE}"
        yield Finding("note", _AGGREGATION, text, "unset it, if the receiver takes explicit buckets")


def _encodes(exporter: type) -> bool:
    # The SDK raises as it is imported where one of its limits is no number, which is told elsewhere.
    from pazpaz_otel.otel.otlp import request  # noqa: PLC0415

    return request.encodes(exporter)


def _exporter(signal: str, name: str) -> Any:
    """Return an exporter's class; None where there is none of that name, which is told elsewhere."""
    for found in entry_points(group=f"opentelemetry_{signal.lower()}_exporter", name=name):
        try:
            return found.load()
        except Exception:  # noqa: BLE001 - whatever another package raises as it is imported
            return None
    return None
