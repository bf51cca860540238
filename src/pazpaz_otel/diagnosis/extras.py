"""Find the extras of this package that an environment asks for but that aren't installed."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

from pazpaz_otel.diagnosis import SIGNALS, Finding, otlp_variables
from pazpaz_otel.parsing import names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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
            *((variable, "grpc") for variable in otlp_variables("PROTOCOL")),
            *((f"OTEL_{signal}_EXPORTER", "otlp_proto_grpc") for signal in SIGNALS),
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
    """Yield a fault for each variable that needs a package that isn't installed."""
    if variables.get("OTEL_CONFIG_FILE") and not is_found("opentelemetry.configuration"):
        command = install_command(f"opentelemetry-configuration=={version('opentelemetry-instrumentation')}")
        yield Finding("fault", "OTEL_CONFIG_FILE", "needs a package that isn't installed", command)
    for extra in EXTRAS:
        if is_installed(extra.name):
            continue
        for variable, wanted in extra.asked:
            values = names(variables.get(variable, ""))
            if values and (not wanted or wanted in values):
                text = f"{wanted or 'what it names'} needs packages that aren't installed"
                yield Finding("fault", variable, text, install(extra.name))


def hint_of(module: str) -> str:
    """Return the command that installs a missing module."""
    root = module.partition(".")[0]
    for extra in EXTRAS:
        if any(module == one or (root == one and root != "opentelemetry") for one in extra.modules):
            return install(extra.name)
    return install_command(module)


def install(extra: str) -> str:
    """Return the command that installs an extra."""
    return install_command(f"'pazpaz-opentelemetry[{extra}]'")


def install_command(*packages: str) -> str:
    """Return the command that installs packages into this environment; uv makes environments that have no pip."""
    return f"{'pip' if is_found('pip') else 'uv pip'} install {' '.join(packages)}"


def is_installed(name: str) -> bool:
    """Return whether all modules of an extra can be found."""
    return all(is_found(module) for extra in EXTRAS if extra.name == name for module in extra.modules)


def is_found(module: str) -> bool:
    """Return whether a module can be found, without importing it."""
    try:
        return find_spec(module) is not None
    except Exception:  # noqa: BLE001 - the parent package is missing, or a finder of the application's raises
        return False
