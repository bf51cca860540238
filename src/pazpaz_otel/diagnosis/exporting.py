"""Faults in how telemetry is to be exported: choices, durations, files, queues and endpoints of single signals."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pazpaz_otel.diagnosis import SIGNALS, Finding, did_you_mean, otlp_variables
from pazpaz_otel.parsing import count
from pazpaz_otel.settings import mask

_CHOICES: Final = {
    **dict.fromkeys(otlp_variables("COMPRESSION"), ("none", "gzip", "deflate")),
    **dict.fromkeys(otlp_variables("INSECURE"), ("true", "false")),
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": ("cumulative", "delta", "lowmemory"),
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": (
        "explicit_bucket_histogram",
        "base2_exponential_bucket_histogram",
    ),
    "OTEL_PYTHON_LOG_LEVEL": ("notset", "debug", "info", "warning", "error", "critical"),
    **dict.fromkeys(
        ("OTEL_PYTHON_LOG_CORRELATION", "OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED"), ("true", "false")
    ),
    "OTEL_METRICS_EXEMPLAR_FILTER": ("always_on", "always_off", "trace_based"),
}
_FILES: Final = (
    "OTEL_CONFIG_FILE",
    *(name for kind in ("CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE") for name in otlp_variables(kind)),
)
_ALL: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
_PROTOCOLS: Final = ("grpc", "http/protobuf")
_GRPC_PORTS: Final = {4317: 4318, 4327: 4328}
"""The ports of gRPC and HTTP: OTLP's own, and those of the shipped Collector's trusted receiver."""
_HTTP_PORTS: Final = {http: grpc for grpc, http in _GRPC_PORTS.items()}
_LONG_TIMEOUT_SECONDS: Final = 1000
_QUEUE, _BATCH = 2048, 512
"""The SDK's defaults."""


def misused(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what an exporter would refuse, or silently take for something else."""
    for name, known in _CHOICES.items():
        value = env.get(name, "").strip()
        if value and value.lower() not in known:
            yield Finding(
                "fault", name, f"{mask(value, env)} is none of its values", f"choose one of {', '.join(known)}"
            )
    for name in otlp_variables("TIMEOUT"):
        if env.get(name, "").strip() and not _is_duration(env[name]):
            yield Finding("fault", name, f"{mask(env[name], env)} is no number of seconds", "write one, such as 10")
        elif env.get(name, "").strip() and float(env[name]) == 0:
            yield Finding("fault", name, "is 0: each export fails at once", "write seconds, such as 10, or unset it")
        elif env.get(name, "").strip() and float(env[name]) >= _LONG_TIMEOUT_SECONDS:
            text = f"is {env[name].strip()} seconds: the SDK for Python doesn't count it in milliseconds"
            yield Finding("note", name, text, "write seconds, such as 10")
    yield from _files(env)
    yield from _queues(env)
    yield from _lists(env)


def _files(env: Mapping[str, str]) -> Iterator[Finding]:
    for name in _FILES:
        if env.get(name) and not Path(env[name]).is_file():
            yield Finding(
                "fault", name, f"there is no file {mask(env[name], env)}", "give its absolute path, or unset it"
            )
    for name in otlp_variables("CERTIFICATE"):
        yield from _certificate(env, name)
    for key, certificate in zip(otlp_variables("CLIENT_KEY"), otlp_variables("CLIENT_CERTIFICATE"), strict=True):
        if env.get(key) and not env.get(certificate):
            yield Finding("fault", key, f"is of no use without {certificate}", f"set {certificate}, or unset it")
        else:
            unusable = list(_certificate(env, certificate))
            yield from unusable or _key(env, key, certificate)


def _certificate(env: Mapping[str, str], name: str) -> Iterator[Finding]:
    if _is_file(env, name) and not _can_load("load_verify_locations", env[name]):
        hint = "give a file that begins with -----BEGIN CERTIFICATE-----"
        yield Finding("fault", name, f"{mask(env[name], env)} holds no certificate in PEM", hint)


def _key(env: Mapping[str, str], key: str, certificate: str) -> Iterator[Finding]:
    # A certificate's file may hold its key as well.
    name = key if env.get(key) else certificate
    if not (_is_file(env, certificate) and _is_file(env, name)):
        return
    # Without a password, OpenSSL would ask for one at the terminal.
    if not _can_load("load_cert_chain", env[certificate], env.get(key) or None, str):
        text = f"{mask(env[name], env)} doesn't hold the certificate's key, in PEM and without a password"
        yield Finding("fault", name, text, f"give the key that belongs to {certificate}")


def _is_file(env: Mapping[str, str], name: str) -> bool:
    return bool(env.get(name)) and Path(env[name]).is_file()


def _can_load(method: str, *given: Any) -> bool:
    import ssl  # noqa: PLC0415 - slow to import, and needed by few

    try:
        getattr(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), method)(*given)
    except (OSError, ValueError):
        return False
    return True


def _is_duration(text: str) -> bool:
    try:
        return 0 <= float(text) < math.inf
    except ValueError:
        return False


def _queues(env: Mapping[str, str]) -> Iterator[Finding]:
    for prefix in ("OTEL_BSP", "OTEL_BLRP"):
        queue, batch = f"{prefix}_MAX_QUEUE_SIZE", f"{prefix}_MAX_EXPORT_BATCH_SIZE"
        held, sent = count(env.get(queue, "").strip(), _QUEUE), count(env.get(batch, "").strip(), _BATCH)
        if sent > held:
            text = f"is {sent}, more than the queue of {held} holds: the SDK refuses to start"
            yield Finding("fault", batch, text, f"lower it, or raise {queue}")


def protocols(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a fault for each protocol that doesn't exist."""
    for name in otlp_variables("PROTOCOL"):
        value = env.get(name, "").strip()
        if value and value not in _PROTOCOLS:
            yield unknown(name, value, _PROTOCOLS, "protocol")


def unknown(variable: str, value: str, known: Sequence[str], noun: str) -> Finding:
    """Return the fault of a value that doesn't exist, with the nearest one that does."""
    text = f"there is no {noun} {value}{did_you_mean(value, known, 0.5)}"
    return Finding("fault", variable, text, f"choose one of {', '.join(known)}")


def named_endpoint(env: Mapping[str, str], signal: str | None = None) -> str | None:
    """Return the OTLP endpoint that the environment sets for one signal or for all, or None."""
    own = env.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT") if signal else None
    return own or env.get("OTEL_EXPORTER_OTLP_ENDPOINT") or None


def default_endpoint(protocol: str | None) -> str:
    """Return a protocol's default OTLP endpoint (OpenTelemetry specification, "OTLP Exporter Configuration")."""
    return "http://localhost:4317" if protocol == "grpc" else "http://localhost:4318"


def endpoints(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a fault for each OTLP endpoint that can't work."""
    for name in otlp_variables("ENDPOINT"):
        value = env.get(name, "").strip()
        if value:
            yield from _endpoint(name, value, env)


def _endpoint(name: str, value: str, env: Mapping[str, str]) -> Iterator[Finding]:
    shown = mask(value, env)
    try:
        url = urlsplit(value)
        # Spaces pass for a part of the host there.
        port = None if re.search(r"\s", value) else url.port or -1
    except ValueError:
        port = None
    if port is None:
        yield Finding("fault", name, f"{shown} isn't a URL", "write it like http://localhost:4318")
        return
    if url.scheme not in {"http", "https"}:
        bare = shown.strip("'\"")
        hint = bare if bare.startswith(("http://", "https://")) else f"http://{bare.rpartition('://')[2]}"
        yield Finding("fault", name, f"{shown} has no scheme of HTTP", f"write {hint}")
        return
    protocol = env.get("OTEL_EXPORTER_OTLP_PROTOCOL") or "http/protobuf"
    if name == _ALL and re.search(r"/v1/(?:traces|metrics|logs)/?$", url.path):
        text = f"{shown} ends in a signal's path, which is appended again"
        yield Finding("fault", name, text, f"end it before {url.path[url.path.rindex('/v1/') :]}")
    elif protocol == "http/protobuf" and port in _GRPC_PORTS:
        hint = f"use port {_GRPC_PORTS[port]}, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
        yield Finding("fault", name, f"{shown} is a port of gRPC, but the protocol is HTTP", hint)
    elif protocol == "grpc" and port in _HTTP_PORTS:
        hint = f"use port {_HTTP_PORTS[port]}, or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
        yield Finding("fault", name, f"{shown} is a port of HTTP, but the protocol is gRPC", hint)
    signal = name.removeprefix("OTEL_EXPORTER_OTLP_").removesuffix("_ENDPOINT")
    if not url.hostname:
        yield Finding("fault", name, f"{shown} names no host", "write it like http://localhost:4318")
    elif name != _ALL and url.path in {"", "/"} and not _is_grpc(env, signal):
        path = f"/v1/{signal.lower()}"
        text = f"{shown} is used as it stands: nothing adds {path} to the endpoint of one signal"
        yield Finding("fault", name, text, f"end it in {path}, or set {_ALL}")


def _is_grpc(env: Mapping[str, str], signal: str) -> bool:
    if "grpc" in env.get(f"OTEL_{signal}_EXPORTER", ""):
        return True
    own = env.get(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL")
    return (own or env.get("OTEL_EXPORTER_OTLP_PROTOCOL", "")).strip() == "grpc"


def _lists(env: Mapping[str, str]) -> Iterator[Finding]:
    for signal in SIGNALS:
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
