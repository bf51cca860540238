"""Instruments that are requested before there is a runtime: they do nothing until it opens and binds them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.metrics import NoOpCounter, NoOpHistogram, NoOpUpDownCounter
from opentelemetry.metrics._internal.instrument import NoOpGauge

from pazpaz_otel import forks

if TYPE_CHECKING:
    from collections.abc import Callable

    Find = Callable[[str, str], Any]
    """Return the instrument of a kind and name, or None."""

_KINDS: Final[dict[str, tuple[type[Any], str]]] = {
    "counter": (NoOpCounter, "add"),
    "up_down_counter": (NoOpUpDownCounter, "add"),
    "histogram": (NoOpHistogram, "record"),
    "gauge": (NoOpGauge, "set"),
}
"""For each kind, the API's instrument that does nothing, and the method that measures."""

_lock: Final = forks.reentrant_lock()
_waiting: list[tuple[str, str, Any]] = []
_observed: list[tuple[str, Callable[..., Any]]] = []
_written: Final[set[str]] = set()


def late(kind: str, name: str) -> Any:
    """Return an instrument that does nothing until the runtime opens."""
    made = none(kind, name)
    _remember(name)
    with _lock:
        _waiting.append((kind, name, made))
    return made


def observe(name: str, callback: Callable[..., Any]) -> None:
    """Observe an instrument once the runtime opens."""
    _remember(name)
    with _lock:
        _observed.append((name, callback))


def bind_all(find: Find, observe: Callable[[str, Callable[..., Any]], None]) -> None:
    """Bind all instruments requested so far."""
    with _lock:
        waiting, observed = list(_waiting), list(_observed)
        _waiting.clear()
        _observed.clear()
    for kind, name, instrument in waiting:
        real, method = find(kind, name), _KINDS[kind][1]
        if real is not None:
            # Set on the object itself, so that later calls go directly to the instrument.
            setattr(instrument, method, getattr(real, method))
    for name, callback in observed:
        observe(name, callback)


def none(kind: str, name: str) -> Any:
    """Return an instrument that never does anything."""
    return _KINDS[kind][0](name)


def is_written(name: str) -> bool:
    """Return whether the function that requested this name early has it as a constant."""
    return name in _written


def _remember(name: str) -> None:
    # Behind this function's caller, the runtime and the API's function is the application's.
    if name in sys._getframe(4).f_code.co_consts:  # noqa: SLF001 - as `logging` finds a caller
        _written.add(name)
