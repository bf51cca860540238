"""The line that a process says at its start: what is on, where it goes, by which policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pazpaz_otel.diagnosis.endpoint import default_endpoint, named_endpoint
from pazpaz_otel.settings import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pazpaz_otel.policy import Policy

# The application starts after this line is said, and may start Sentry itself; its errors are guarded then, too.
_NO_DSN = "errors to Sentry only if the application starts it (SENTRY_DSN isn't set)"
_SIGNALS = ("traces", "metrics", "logs")


def summary(variables: Mapping[str, str], policy: Policy, file: str | None, libraries: Iterable[str]) -> str:
    """Return the line.

    Args:
        variables: the process's environment, with the defaults of this distribution in it.
        policy: that is enforced.
        file: of the policy, where it isn't the one that is shipped.
        libraries: that are instrumented.
    """
    ways: dict[str, list[str]] = {}
    for signal in _SIGNALS:
        chosen = variables.get(f"OTEL_{signal.upper()}_EXPORTER", "otlp")
        for exporter in filter(None, (part.strip() for part in chosen.split(","))):
            ways.setdefault(_destination(exporter, signal, variables), []).append(signal)
    told = [f"{_listed(signals)} {where}" for where, signals in ways.items()]
    told.append("errors to Sentry" if variables.get("SENTRY_DSN") else _NO_DSN)
    by = f"policy {Path(file).name if file else 'default'} {policy.digest}"
    return f"{'; '.join(told)}; {by}; instruments {', '.join(sorted(libraries)) or 'no library'}"


def _destination(exporter: str, signal: str, variables: Mapping[str, str]) -> str:
    if exporter == "none":
        return "go nowhere"
    if exporter == "otlp":
        named = named_endpoint(variables, signal)
        default = default_endpoint(variables.get("OTEL_EXPORTER_OTLP_PROTOCOL"))
        return f"to {mask(named or default, variables)}" + ("" if named else ", the default endpoint")
    if exporter.endswith("prometheus"):
        port = variables.get("OTEL_EXPORTER_PROMETHEUS_PORT", "9464")
        return f"served on port {port}"
    return "to this terminal" if exporter.endswith("console") else f"by the exporter {exporter}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
