"""Business metrics by name, as declared in the policy.

Those that are requested before there is a runtime do nothing until it opens and binds them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from inspect import signature
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.metrics import NoOpCounter, NoOpHistogram, NoOpUpDownCounter, Observation, get_meter
from opentelemetry.metrics._internal.instrument import NoOpGauge

from pazpaz_otel import forks
from pazpaz_otel._version import __version__
from pazpaz_otel.errors import PazPazOtelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.metrics import CallbackOptions

    from pazpaz_otel.policy import MetricRule, Policy

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


class Instruments:
    """The instruments of one process, created on first use."""

    def __init__(self, policy: Policy) -> None:
        self._rules: Mapping[str, MetricRule] = policy.metrics
        self._made: dict[str, Any] = {}

    def get(self, kind: str, name: str) -> Any:
        """Return the instrument of a kind (`counter`, `up_down_counter`, `histogram`, `gauge`) and name.

        Raises:
            PazPazOtelError: the policy declares no instrument of this kind and name.
        """
        made = self._made.get(name)
        if made is not None:
            return made
        rule = self._rule(name)
        if rule.type != kind:
            raise PazPazOtelError(f"the policy declares `{name}` as {rule.type}, not as {kind}")
        self._made[name] = made = _create(rule)
        return made

    def observe(self, name: str, callback: Callable[[CallbackOptions], Any] | Callable[[], Any]) -> None:
        """Observe a declared observable instrument.

        The callback returns the value, None, or `Observation`s, and may take the `CallbackOptions` or nothing. It is
        called at each export, so it must not block.

        Raises:
            PazPazOtelError: the policy declares no observable instrument of that name.
        """
        rule = self._rule(name)
        if not rule.type.startswith("observable_"):
            raise PazPazOtelError(f"the policy declares `{name}` as {rule.type}; `observe` needs an observable type")
        self._made[name] = _create(rule, callbacks=[_observer(callback)])

    def _rule(self, name: str) -> MetricRule:
        rule = self._rules.get(name)
        if rule is None:
            raise PazPazOtelError(f"the policy declares no metric `{name}`; add it under `metrics`")
        return rule


def _create(rule: MetricRule, **arguments: Any) -> Any:
    # The guards prove a scope's name by the statement that gets it, and follow no names in this package.
    meter = get_meter("pazpaz_otel.instruments", __version__)
    return getattr(meter, f"create_{rule.type}")(rule.name, unit=rule.unit, description=rule.description, **arguments)


def _observer(callback: Callable[..., Any]) -> Callable[[CallbackOptions], list[Observation]]:
    takes_options = bool(signature(callback).parameters)

    def observe(options: CallbackOptions) -> list[Observation]:
        found = callback(options) if takes_options else callback()
        if found is None:
            return []
        return list(found) if isinstance(found, Iterable) else [Observation(found)]

    return observe


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
