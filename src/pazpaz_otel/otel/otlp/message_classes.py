"""Import the classes of OTLP's protocol buffer messages only if something uses them.

The SDK's exporters over HTTP import them along with their encoders, two megabytes of memory and a fiftieth of the
start, and what is encoded here needs neither. While one of these exporters' modules is executed, its own imports of
them return stand-ins that import the real ones when they are used; imports of any other module are as they always are.
"""

from __future__ import annotations

import builtins
import functools
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import forks

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_EXPORTERS: Final = frozenset(
    f"opentelemetry.exporter.otlp.proto.http.{name}" for name in ("trace_exporter", "_log_exporter", "metric_exporter")
)
_ENCODERS: Final = frozenset(
    f"opentelemetry.exporter.otlp.proto.common.{name}"
    for name in ("_internal", "trace_encoder", "_log_encoder", "metrics_encoder")
)
_MESSAGES: Final = "opentelemetry.proto."


class StandIn:
    """A module, class or function that is imported when it is called."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self._name}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Import it, call it and return the result."""
        from pkgutil import resolve_name  # noqa: PLC0415 - only needed if a message is used

        with forks.importing():
            found = resolve_name(self._name)
        return found(*args, **kwargs)


class _Finder(MetaPathFinder):
    """Finds the exporters' modules as they are, and defers some of their imports."""

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return an exporter module's spec, or None for any other module."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname in _EXPORTERS else None
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            loader.exec_module = functools.partial(_execute, loader.exec_module)
        return spec


def defer() -> None:
    """Defer the imports of the exporters that aren't imported yet."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        # In front would be before the finders that tell who waits for an import.
        place = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)
        sys.meta_path.insert(place, _Finder())


def _execute(original: Callable[[ModuleType], None], module: ModuleType) -> None:
    before = dict(vars(module))
    deferring = True

    def importer(name: str, *args: Any) -> Any:
        if deferring and (name in _ENCODERS or name.startswith(_MESSAGES)):
            return StandIn(name)
        return builtins.__import__(name, *args)

    vars(module)["__builtins__"] = {**vars(builtins), "__import__": importer}
    try:
        original(module)
    except Exception:  # noqa: BLE001 - a release may need a message class while it is imported
        vars(module).clear()
        vars(module).update(before)
        original(module)
    finally:
        deferring = False
