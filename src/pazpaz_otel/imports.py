"""What is done as soon as a module is loaded: a library is watched without being imported for it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def when_imported(name: str, then: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
    """Call `then` with a module: now if it is loaded, otherwise right after its import.

    Args:
        name: the module's full name.
        then: gets the module.
        failed: gets what `then` raises later on, which would otherwise break the application's import.
    """
    module = sys.modules.get(name)
    if module is not None and not is_loading(name):
        then(module)
        return
    from wrapt import register_post_import_hook  # noqa: PLC0415 - only where there is something to wait for

    def imported(module: Any) -> None:
        try:
            then(module)
        except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
            failed(error)

    register_post_import_hook(imported, name)


def is_loading(name: str) -> bool:
    """Return whether a module is being imported: its statements haven't all run."""
    return bool(getattr(getattr(sys.modules.get(name), "__spec__", None), "_initializing", False))
