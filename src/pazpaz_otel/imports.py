"""Run code as soon as a library is imported, without importing it."""

from __future__ import annotations

import importlib
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_DEADLOCK: Final[type[Exception]] = getattr(importlib._bootstrap, "_DeadlockError", NotImplementedError)  # noqa: SLF001 - it has no public name


def when_imported(name: str, then: Callable[[Any], object], failed: Callable[[Exception], None]) -> None:
    """Call `then` with a module: now if it is loaded, else right after its import.

    Args:
        name: the module's full name.
        then: receives the module. It is called a second time, in a thread of its own, if an import in it met another
            thread that waits for this module.
        failed: receives any later exception of `then`, which would otherwise break the application's import.
    """
    module = sys.modules.get(name)
    if module is not None and not is_loading(name):
        then(module)
        return
    from wrapt import register_post_import_hook  # noqa: PLC0415 - only needed if the module isn't loaded yet

    def attempt(module: Any) -> None:
        try:
            then(module)
        except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
            failed(error)

    def imported(module: Any) -> None:
        try:
            then(module)
        except _DEADLOCK:
            # The other thread imports a part of the library, and goes on when this import has ended.
            threading.Thread(target=attempt, args=(module,), name="PazpazOtelImport", daemon=True).start()
        except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
            failed(error)

    register_post_import_hook(imported, name)


def is_loading(name: str) -> bool:
    """Return whether a module is still being imported."""
    return bool(getattr(getattr(sys.modules.get(name), "__spec__", None), "_initializing", False))
