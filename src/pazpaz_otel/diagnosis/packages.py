"""Find packages that an environment asks for but that aren't installed, and those of OpenTelemetry in other versions.

pip only warns if it installs a version that another package excludes, and the import error that follows names a
function of the SDK.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from pazpaz_otel.diagnosis import SIGNALS, Finding, otlp_variables
from pazpaz_otel.parsing import names

_OURS: Final = "pazpaz-opentelemetry"
_FAMILY: Final = "opentelemetry[-_]*-info"
"""What the folders of OpenTelemetry's packages are called."""
_CONTRIB: Final = "opentelemetry-instrumentation"
"""The package whose version all instrumentations share."""
_PIN: Final = re.compile(r"([A-Za-z0-9._-]+)\s*==\s*([A-Za-z0-9._+!-]+)\s*(;.*)?")


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


class Moved(NamedTuple):
    """A package whose version differs from the pinned one."""

    name: str
    found: str | None
    """The installed version; None if the package isn't installed."""
    wanted: str

    def __str__(self) -> str:
        """Return what is installed and what is needed."""
        found = f"{self.name} {self.found} is installed" if self.found else f"{self.name} isn't installed"
        return f"{found}, {self.wanted} is needed"


def moved() -> list[Moved]:
    """Return the packages that differ from the pins of this package, or from those of a package that it pins."""
    wanted: dict[str, str] = {}
    differing = []
    waiting = list(_pins(_OURS))
    for name, release in waiting:
        if name in wanted:
            continue
        wanted[name] = release
        found = _version(name)
        if found == release:
            waiting += _pins(name)
        else:
            differing.append(Moved(name, found, release))
    others = sorted(_family() - wanted.keys())
    return differing + [
        Moved(name, _version(name), wanted[_CONTRIB])
        for name in others
        if any(release != wanted.get(pinned, release) for pinned, release in _pins(name))
    ]


def findings() -> list[Finding]:
    """Return a fault that names all packages that differ, with the command that installs the wanted versions."""
    differing = moved()
    if not differing:
        return []
    command = install_command(*(f"{one.name}=={one.wanted}" for one in differing))
    return [Finding("fault", "packages", "; ".join(map(str, differing)), command)]


def _family() -> set[str]:
    # By folder, `{name}-{version}.dist-info`: reading every package's metadata takes a sixth of doctor's CPU.
    folders = (found.name for place in sys.path for found in Path(place).glob(_FAMILY))
    return {_normal(re.split(r"-\d|\.egg", folder)[0]) for folder in folders}


def _pins(name: str) -> Iterator[tuple[str, str]]:
    try:
        lines = requires(name) or ()
    except PackageNotFoundError:
        return
    for line in lines:
        pin = _PIN.fullmatch(line)
        if pin is None:
            continue
        pinned, release, marker = _normal(pin[1]), pin[2], pin[3] or ""
        if "extra" not in marker or _version(pinned) is not None:
            yield pinned, release


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
