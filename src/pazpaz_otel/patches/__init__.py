"""Replace methods of other packages' classes where they offer no public seam, and restore the originals.

`table.PATCHES` lists every replacement with its reason. `install(name, around)` replaces one; `uninstall()` restores
the exact originals; `verify()` reports which targets an installed release has moved.
"""

from __future__ import annotations

from pazpaz_otel.patches.installing import install, is_installed, restored, uninstall
from pazpaz_otel.patches.table import PATCHES, Patch
from pazpaz_otel.patches.verifying import State, verify

__all__ = ["PATCHES", "Patch", "State", "install", "is_installed", "restored", "uninstall", "verify"]
