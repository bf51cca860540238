"""The versions of installed distributions, from folder names if possible, else from metadata."""

from __future__ import annotations

import functools
import os
import sys
from importlib import metadata
from typing import Final

_SUFFIX: Final = ".dist-info"


def is_installed(version: str) -> bool:
    """Return whether an installed distribution, or Python, has this version."""
    if version in _of_folders():
        return True
    # Names of scopes are asked here too: a version has a digit (PEP 440), and most names have none.
    return any(map(str.isdigit, version)) and version in _of_metadata()


@functools.cache
def _of_folders() -> frozenset[str]:
    # Folders are named `{name}-{version}.dist-info`. Reading a hundred packages' metadata takes a tenth of the
    # start-up.
    found = {".".join(map(str, sys.version_info[:3])), sys.version.split()[0]}
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 - only names are needed
        except OSError:
            # An archive, or nothing.
            continue
        found |= {name.removesuffix(_SUFFIX).partition("-")[2] for name in names if name.endswith(_SUFFIX)}
    return frozenset(found - {""})


@functools.cache
def _of_metadata() -> frozenset[str]:
    # Installed in another way, or with a version that is spelt differently in a folder name.
    return frozenset(found.version for found in metadata.distributions() if found.version)
