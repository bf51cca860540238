"""The lines that a process logs when it starts: which signals are on, where they go, and what isn't traced."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from pazpaz_otel.diagnosis import SIGNALS
from pazpaz_otel.diagnosis.exporting import default_endpoint, named_endpoint
from pazpaz_otel.parsing import names
from pazpaz_otel.settings import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pazpaz_otel.policy import Policy

NOT_TRACED: Final = " not traced: "
"""Stands between the libraries without instrumentation and what installs it."""
# The application may start Sentry itself after this line; its errors are guarded then, too.
_NO_DSN = "errors to Sentry only if the application starts it (SENTRY_DSN isn't set)"


def summary(
    variables: Mapping[str, str], policy: Policy, file: str | None, libraries: Iterable[str], *, serves: bool = True
) -> str:
    """Return the line.

    Args:
        variables: the process's environment, including this distribution's defaults.
        policy: the policy in force.
        file: the policy's file, unless it is the package's.
        libraries: the instrumented libraries.
        serves: whether the embedded Prometheus endpoint is served, if it is asked for.
    """
    signals_by_destination: dict[str, dict[str, None]] = {}
    for signal in map(str.lower, SIGNALS):
        for exporter in names(variables.get(f"OTEL_{signal.upper()}_EXPORTER", "otlp")):
            where = _destination(exporter, signal, variables)
            if exporter.endswith("prometheus") and not serves:
                where = "go nowhere, as they aren't served"
            signals_by_destination.setdefault(where, {})[signal] = None
    told = [f"{_listed(list(signals))} {where}" for where, signals in signals_by_destination.items()]
    told.append("errors to Sentry" if variables.get("SENTRY_DSN") else _NO_DSN)
    by = f"policy {Path(file).name if file else 'default'} {policy.digest}"
    return f"{'; '.join(told)}; {by}; instruments {', '.join(sorted(libraries)) or 'no library'}"


def is_of_success(line: str) -> bool:
    """Return whether a line of standard error is what a process says when its start succeeded."""
    return ("; policy " in line and "; instruments " in line) or NOT_TRACED in line


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


def _listed(signals: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(signals[:-1]), signals[-1])))
