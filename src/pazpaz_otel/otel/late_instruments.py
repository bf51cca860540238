"""Instruments that are requested before there is a runtime: they do nothing until it opens and binds them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.metrics import NoOpCounter, NoOpHistogram, NoOpUpDownCounter
from opentelemetry.metrics._internal.instrument import NoOpGauge

if TYPE_CHECKING:
    from collections.abc import Callable

    Find = Callable[[str, str], Any]
    """Return the instrument of a kind and name, or None."""

_lock: Final = threading.RLock()
_waiting: list[_Late] = []
_observed: list[tuple[str, Callable[..., Any]]] = []


class _Late:
    """What the four kinds share: a name, and the real instrument once there is one."""

    kind: str
    method: str
    name: str

    def bind(self, find: Find) -> None:
        """Bind to the real instrument, if there is one."""
        real = find(self.kind, self.name)
        if real is not None:
            # Set on the object itself, so that later calls go directly to the instrument.
            setattr(self, self.method, getattr(real, self.method))


class LateCounter(_Late, NoOpCounter):
    """A counter that counts nothing until it is bound."""

    kind, method = "counter", "add"


class LateUpDownCounter(_Late, NoOpUpDownCounter):
    """An up-down counter that counts nothing until it is bound."""

    kind, method = "up_down_counter", "add"


class LateHistogram(_Late, NoOpHistogram):
    """A histogram that records nothing until it is bound."""

    kind, method = "histogram", "record"


class LateGauge(_Late, NoOpGauge):
    """A gauge that is set to nothing until it is bound."""

    kind, method = "gauge", "set"


_KINDS: Final[dict[str, type[Any]]] = {
    kind.kind: kind for kind in (LateCounter, LateUpDownCounter, LateHistogram, LateGauge)
}


def late(kind: str, name: str) -> Any:
    """Return an instrument that does nothing until the runtime opens.

    Args:
        kind: `counter`, `up_down_counter`, `histogram` or `gauge`.
        name: the name in the policy.
    """
    made = none(kind, name)
    with _lock:
        _waiting.append(made)
    return made


def observe(name: str, callback: Callable[..., Any]) -> None:
    """Observe an instrument once the runtime opens."""
    with _lock:
        _observed.append((name, callback))


def bind_all(find: Find, observe: Callable[[str, Callable[..., Any]], None]) -> None:
    """Bind all instruments requested so far."""
    with _lock:
        waiting, observed = list(_waiting), list(_observed)
        _waiting.clear()
        _observed.clear()
    for instrument in waiting:
        instrument.bind(find)
    for name, callback in observed:
        observe(name, callback)


def none(kind: str, name: str) -> Any:
    """Return an instrument that never does anything."""
    made = _KINDS[kind](name)
    made.name = name
    return made
