"""Report which targets of the table are where they are expected."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import sys
from typing import Literal, NamedTuple

from pazpaz_otel.patches.installing import is_installed, owner_of
from pazpaz_otel.patches.table import PATCHES, Patch


class State(NamedTuple):
    """The state of one patch in this process."""

    patch: Patch
    state: Literal["installed", "there", "moved", "absent"]
    """Installed; present, but not replaced; moved by the installed release; or not applicable to what is installed."""
    release: str
    """The installed version of the target's distribution, or an empty string."""

    def __str__(self) -> str:
        """Return one line for the operator."""
        told = f"{self.patch.target} ({self.patch.distribution} {self.release})"
        return f"{told} has moved: {self.patch.why}" if self.state == "moved" else f"{told}: {self.state}"


def verify() -> list[State]:
    """Check every target of the table, importing its library if necessary."""
    releases = {name: _release(name) for name in {patch.distribution for patch in PATCHES}}
    return [_state(patch, releases[patch.distribution]) for patch in PATCHES]


def _state(patch: Patch, release: str) -> State:
    root = patch.module.partition(".")[0]
    if patch.module not in sys.modules and (release == "" or importlib.util.find_spec(root) is None):
        return State(patch, "absent", release)
    if _lacks_another(patch.module):
        return State(patch, "absent", release)
    owner = owner_of(patch)
    if owner is None or not hasattr(owner, patch.path[-1]):
        return State(patch, "moved", release)
    return State(patch, "installed" if is_installed(patch.name) else "there", release)


def _lacks_another(module: str) -> bool:
    """Return whether a module needs a library that isn't installed, as an instrumentation needs its framework."""
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        return error.name is not None and error.name.partition(".")[0] != module.partition(".")[0]
    except ImportError:
        return False
    return False


def _release(distribution: str) -> str:
    if distribution == "CPython":
        return ".".join(map(str, sys.version_info[:3]))
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""
