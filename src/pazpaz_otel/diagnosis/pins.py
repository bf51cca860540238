"""Find packages of OpenTelemetry whose installed version isn't the one that this release is built on.

pip only warns if it installs a version that another package excludes, and the import error that follows names a
function of the SDK.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pazpaz_otel.diagnosis import Finding
from pazpaz_otel.diagnosis.extras import install_command

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS: Final = "pazpaz-opentelemetry"
_FAMILY: Final = "opentelemetry[-_]*-info"
"""What the folders of OpenTelemetry's packages are called."""
_CONTRIB: Final = "opentelemetry-instrumentation"
"""The package whose version all instrumentations share."""
_PIN: Final = re.compile(r"([A-Za-z0-9._-]+)\s*==\s*([A-Za-z0-9._+!-]+)\s*(;.*)?")


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
