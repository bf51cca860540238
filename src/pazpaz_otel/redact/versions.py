"""Versions of what is installed: by the names of its folders at first, by its metadata where that isn't enough."""

from __future__ import annotations

import functools
import os
import sys
from importlib import metadata
from typing import Final

_SUFFIX: Final = ".dist-info"


def is_installed(version: str) -> bool:
    """Return whether an installed distribution, or Python, has this version."""
    return version in _of_folders() or version in _of_metadata()


@functools.cache
def _of_folders() -> frozenset[str]:
    # Of the form `{name}-{version}.dist-info`. To read the metadata of a hundred packages takes a tenth of the start.
    found = {".".join(map(str, sys.version_info[:3])), sys.version.split()[0]}
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 - names are all that is asked for
        except OSError:
            # An archive, or nothing at all.
            continue
        found |= {name.removesuffix(_SUFFIX).partition("-")[2] for name in names if name.endswith(_SUFFIX)}
    return frozenset(found - {""})


@functools.cache
def _of_metadata() -> frozenset[str]:
    # Installed otherwise, or under a version that a folder's name writes another way.
    return frozenset(found.version for found in metadata.distributions() if found.version)
