"""Replaces methods of other people's classes where they offer no public seam, and puts the originals back.

`table.PATCHES` lists every replacement with its reason. A room calls `install(name, around)`; `uninstall()` restores
the exact originals; `verify()` says which targets a release has moved.
"""

from __future__ import annotations

from pazpaz_otel.patches.installing import install, is_installed, restored, uninstall
from pazpaz_otel.patches.table import PATCHES, Patch
from pazpaz_otel.patches.verifying import State, verify

__all__ = ["PATCHES", "Patch", "State", "install", "is_installed", "restored", "uninstall", "verify"]
