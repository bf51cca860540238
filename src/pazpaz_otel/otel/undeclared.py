"""Prove the names of instruments where they are created, so that undeclared ones can leave."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.redact import drops, undeclared

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.policy.model import MetricType
    from pazpaz_otel.redact.guards import Guard

_KINDS: Final[dict[str, MetricType]] = {
    "_Counter": "counter",
    "_UpDownCounter": "up_down_counter",
    "_Histogram": "histogram",
    "_Gauge": "gauge",
    "_ObservableCounter": "observable_counter",
    "_ObservableUpDownCounter": "observable_up_down_counter",
    "_ObservableGauge": "observable_gauge",
}
"""The policy's names for the SDK's instrument types."""

_MAX_CREATED: Final = 10_000
_created: set[str] = set()


def prove_instruments(guard: Guard) -> None:
    """Prove the name of each instrument that an SDK meter creates from now on."""
    patches.install("meter.register_instrument", functools.partial(_proving, guard))


def is_created(name: str) -> bool:
    """Return whether the process has created an instrument of this name."""
    return name in _created


def _proving(guard: Guard, original: Any) -> Callable[..., Any]:
    def register(self: Any, name: Any, type_: type, unit: str, description: str, *advisory: Any) -> Any:
        with drops.contained("metric"):
            kind = _KINDS[type_.__name__]
            if len(_created) < _MAX_CREATED:
                _created.add(name)
            if guard.policy.undeclared_metrics == "keep" and name not in guard.policy.metrics:
                # The statement that creates the instrument is behind the meter's own method.
                undeclared.prove(name, kind, description, sys._getframe(2), unit=unit)  # noqa: SLF001
            _tell(guard, name, kind)
        return original(self, name, type_, unit, description, *advisory)

    return register


def _tell(guard: Guard, name: Any, kind: MetricType) -> None:
    """Report an instrument that won't leave where it is created, because its measurements come from anywhere."""
    if drops.watched() and isinstance(name, str) and name not in guard.policy.metrics and undeclared.rule(name) is None:
        drops.tell("metric", "undeclared", name, None, {"instrument": kind})
