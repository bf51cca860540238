"""Run code as soon as a library is imported, without importing it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def when_imported(name: str, then: Callable[[Any], object], failed: Callable[[Exception], None]) -> None:
    """Call `then` with a module: now if it is loaded, else right after its import.

    Args:
        name: the module's full name.
        then: receives the module.
        failed: receives any later exception of `then`, which would otherwise break the application's import.
    """
    module = sys.modules.get(name)
    if module is not None and not is_loading(name):
        then(module)
        return
    from wrapt import register_post_import_hook  # noqa: PLC0415 - only needed if the module isn't loaded yet

    def imported(module: Any) -> None:
        try:
            then(module)
        except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
            failed(error)

    register_post_import_hook(imported, name)


def is_loading(name: str) -> bool:
    """Return whether a module is still being imported."""
    return bool(getattr(getattr(sys.modules.get(name), "__spec__", None), "_initializing", False))
