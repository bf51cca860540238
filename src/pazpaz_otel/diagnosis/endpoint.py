"""The OTLP endpoint that the environment selects (OpenTelemetry specification, "OTLP Exporter Configuration")."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def named_endpoint(variables: Mapping[str, str], signal: str | None = None) -> str | None:
    """Return the endpoint that the environment sets for one signal or for all, or None."""
    own = variables.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT") if signal else None
    return own or variables.get("OTEL_EXPORTER_OTLP_ENDPOINT") or None


def default_endpoint(protocol: str | None) -> str:
    """Return a protocol's default OTLP endpoint."""
    return "http://localhost:4317" if protocol == "grpc" else "http://localhost:4318"
