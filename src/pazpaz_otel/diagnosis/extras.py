"""Find the extras of this package that an environment asks for but that aren't installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

from pazpaz_otel.diagnosis.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SIGNALS: Final = ("TRACES", "METRICS", "LOGS")
_EXPORTERS: Final = tuple(f"OTEL_{signal}_EXPORTER" for signal in _SIGNALS)
_PROTOCOLS: Final = (
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    *(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL" for signal in _SIGNALS),
)


class Extra(NamedTuple):
    """An extra: the modules that it installs, and the values of variables that need it."""

    name: str
    modules: tuple[str, ...]
    asked: tuple[tuple[str, str], ...]
    """Pairs of a variable and one of its values; the variable may be a list, and an empty value means any."""


EXTRAS: Final = (
    Extra(
        "grpc",
        ("grpc", "opentelemetry.exporter.otlp.proto.grpc"),
        (
            *((variable, "grpc") for variable in _PROTOCOLS),
            *((variable, "otlp_proto_grpc") for variable in _EXPORTERS),
        ),
    ),
    Extra(
        "prometheus",
        ("prometheus_client", "opentelemetry.exporter.prometheus"),
        tuple(("OTEL_METRICS_EXPORTER", value) for value in ("prometheus", "pazpaz_prometheus")),
    ),
    Extra("sentry", ("sentry_sdk",), (("SENTRY_DSN", ""),)),
)


def missing(variables: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a fault for each variable that needs an extra that isn't installed."""
    for extra in EXTRAS:
        if is_installed(extra.name):
            continue
        for variable, wanted in extra.asked:
            values = [value.strip() for value in variables.get(variable, "").split(",") if value.strip()]
            if values and (not wanted or wanted in values):
                text = f"{wanted or 'what it names'} needs packages that aren't installed"
                yield Finding("fault", variable, text, install(extra.name))


def hint_of(module: str) -> str:
    """Return the command that installs a missing module."""
    root = module.partition(".")[0]
    for extra in EXTRAS:
        if any(module == one or (root == one and root != "opentelemetry") for one in extra.modules):
            return install(extra.name)
    return f"pip install {module}"


def install(extra: str) -> str:
    """Return the command that installs an extra."""
    return f"pip install 'pazpaz-opentelemetry[{extra}]'"


def is_installed(name: str) -> bool:
    """Return whether all modules of an extra can be found."""
    return all(_is_found(module) for extra in EXTRAS if extra.name == name for module in extra.modules)


def _is_found(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        # The parent package is missing, or `sys.modules` blocks the module.
        return False
