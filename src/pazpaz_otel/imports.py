"""Run code as soon as a library is imported, without importing it, and import without collecting garbage."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import sys
import threading
from contextlib import contextmanager
from functools import partial
from importlib.machinery import SourceFileLoader
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

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

    def imported(module: Any, *, again: bool = True) -> None:
        try:
            with without_collection():
                then(module)
        except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
            if not (again and isinstance(error, _DEADLOCK)):
                failed(error)
                return
            # The other thread imports a part of the library, and goes on when this import has ended.
            once_more = partial(imported, module, again=False)
            threading.Thread(target=once_more, name="PazpazOtelImport", daemon=True).start()

    register_post_import_hook(imported, name)


_MANY: Final = 1000
"""So many frozen objects are the application's; CPython 3.12 freezes 375 itself."""
Loaded = tuple[int, str]
"""Which modules are loaded: their number and the last one's name."""


def loaded_state() -> Loaded:
    """Return what becomes another where modules are added or removed, or one takes another's place."""
    return len(sys.modules), next(reversed(sys.modules), "")


def is_loading(name: str) -> bool:
    """Return whether a module is still being imported."""
    return bool(getattr(getattr(sys.modules.get(name), "__spec__", None), "_initializing", False))


@contextmanager
def without_collection() -> Iterator[None]:
    """Collect no garbage meanwhile: it would walk all that is imported again and again, and once more afterwards."""
    enabled = gc.isenabled()
    if enabled:
        # Who finds it off leaves it so: another thread may have turned it on again meanwhile, and would find it off.
        gc.disable()
    try:
        yield
    finally:
        if enabled:
            if not _are_many_frozen():
                # Both together move every object to the oldest generation, where what is imported ends up anyway.
                gc.freeze()
                gc.unfreeze()
            gc.enable()


_frozen = [False]
"""Whether many objects were found frozen: counting them takes as long as a collection, and a server's stay so."""


def _are_many_frozen() -> bool:
    _frozen[0] = _frozen[0] or gc.get_freeze_count() >= _MANY
    return _frozen[0]


def import_without_collection(name: str) -> None:
    """Let a library be imported, if it ever is, without collecting garbage."""
    _finder.names.add(name)
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


class _Finder:
    """Finds what the other finders find, with a loader that collects no garbage."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._asked = threading.local()

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the specification of one of the names."""
        del path, target
        if name not in self.names or getattr(self._asked, "name", None) == name:
            return None
        self._asked.name = name
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._asked.name = None
        # A hook's loader stands for another.
        loader: Any = getattr(spec and spec.loader, "__wrapped__", spec and spec.loader)
        if isinstance(loader, SourceFileLoader) and "exec_module" not in vars(loader):
            loader.exec_module = partial(_load, loader.exec_module)  # type: ignore[method-assign]
        return spec


def _load(load: Callable[[ModuleType], object], module: ModuleType) -> None:
    with without_collection():
        load(module)


_finder: Final = _Finder()
