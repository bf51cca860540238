"""Faults in how telemetry is to be exported: choices, durations, files, queues and endpoints of single signals."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pazpaz_otel.diagnosis.finding import Finding
from pazpaz_otel.settings import mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SIGNALS: Final = ("TRACES", "METRICS", "LOGS")
_OTLP: Final = ("OTEL_EXPORTER_OTLP", *(f"OTEL_EXPORTER_OTLP_{signal}" for signal in _SIGNALS))
_CHOICES: Final = {
    **{f"{prefix}_COMPRESSION": ("none", "gzip", "deflate") for prefix in _OTLP},
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": ("cumulative", "delta", "lowmemory"),
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": (
        "explicit_bucket_histogram",
        "base2_exponential_bucket_histogram",
    ),
    "OTEL_PYTHON_LOG_LEVEL": ("notset", "debug", "info", "warning", "error", "critical"),
    "OTEL_METRICS_EXEMPLAR_FILTER": ("always_on", "always_off", "trace_based"),
}
_FILES: Final = tuple(
    f"{prefix}_{kind}" for prefix in _OTLP for kind in ("CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE")
)
_QUEUE, _BATCH = 2048, 512
"""The SDK's defaults."""


def misused(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what an exporter would refuse, or silently take for something else.

    Args:
        env: the environment.
    """
    for name, known in _CHOICES.items():
        value = env.get(name, "").strip()
        if value and value.lower() not in known:
            yield Finding(
                "fault", name, f"{mask(value, env)} is none of its values", f"choose one of {', '.join(known)}"
            )
    for name in (f"{prefix}_TIMEOUT" for prefix in _OTLP):
        if env.get(name, "").strip() and not _is_duration(env[name]):
            yield Finding("fault", name, f"{mask(env[name], env)} is no number of seconds", "write one, such as 10")
    for name in _FILES:
        if env.get(name) and not Path(env[name]).is_file():
            yield Finding(
                "fault", name, f"there is no file {mask(env[name], env)}", "give its absolute path, or unset it"
            )
    yield from _queues(env)
    yield from _endpoints(env)
    yield from _lists(env)


def _is_duration(text: str) -> bool:
    try:
        return 0 <= float(text) < math.inf
    except ValueError:
        return False


def _queues(env: Mapping[str, str]) -> Iterator[Finding]:
    for prefix in ("OTEL_BSP", "OTEL_BLRP"):
        queue, batch = f"{prefix}_MAX_QUEUE_SIZE", f"{prefix}_MAX_EXPORT_BATCH_SIZE"
        held, sent = _number(env, queue, _QUEUE), _number(env, batch, _BATCH)
        if sent > held:
            text = f"is {sent}, more than the queue of {held} holds: the SDK refuses to start"
            yield Finding("fault", batch, text, f"lower it, or raise {queue}")


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() else default


def _endpoints(env: Mapping[str, str]) -> Iterator[Finding]:
    for prefix in _OTLP:
        name = f"{prefix}_ENDPOINT"
        value = env.get(name, "").strip()
        try:
            url = urlsplit(value)
        except ValueError:
            # Another rule tells of what is no URL.
            continue
        if url.scheme not in {"http", "https"}:
            continue
        if not url.hostname:
            yield Finding("fault", name, f"{mask(value, env)} names no host", "write it like http://localhost:4318")
        elif (
            url.scheme in {"http", "https"}
            and prefix != _OTLP[0]
            and url.path in {"", "/"}
            and not _is_grpc(env, prefix)
        ):
            path = f"/v1/{prefix.rpartition('_')[2].lower()}"
            text = f"{mask(value, env)} is used as it stands: nothing adds {path} to the endpoint of one signal"
            yield Finding("fault", name, text, f"end it in {path}, or set OTEL_EXPORTER_OTLP_ENDPOINT")


def _is_grpc(env: Mapping[str, str], prefix: str) -> bool:
    if "grpc" in env.get(f"OTEL_{prefix.rpartition('_')[2]}_EXPORTER", ""):
        return True
    return (env.get(f"{prefix}_PROTOCOL") or env.get("OTEL_EXPORTER_OTLP_PROTOCOL", "")).strip() == "grpc"


def _lists(env: Mapping[str, str]) -> Iterator[Finding]:
    for signal in _SIGNALS:
        chosen = [part.strip() for part in env.get(f"OTEL_{signal}_EXPORTER", "").split(",")]
        if "none" in chosen and len(chosen) > 1:
            text = "has none among others: whether anything is exported is left to the SDK"
            yield Finding("fault", f"OTEL_{signal}_EXPORTER", text, "write none alone, or leave it out")
    if env.get("OTEL_SDK_DISABLED", "").strip().lower() in {"1", "yes", "on"}:
        yield Finding("note", "OTEL_SDK_DISABLED", "turns nothing off: only true does", "write true, or unset it")
    for part in env.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","):
        key, _, value = part.partition("=")
        if ";" in value and "=" in value.partition(";")[2]:
            text = f"the value of {key.strip()} holds what looks like the next attribute, behind a semicolon"
            yield Finding("fault", "OTEL_RESOURCE_ATTRIBUTES", text, "separate attributes with commas")
