"""Proves the names of instruments where they are made, so that those which no policy declares can leave."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.redact import drops, undeclared

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.policy.model import MetricType
    from pazpaz_otel.redact.guards import Guard

KINDS: Final[dict[str, MetricType]] = {
    "create_counter": "counter",
    "create_up_down_counter": "up_down_counter",
    "create_histogram": "histogram",
    "create_gauge": "gauge",
    "create_observable_counter": "observable_counter",
    "create_observable_up_down_counter": "observable_up_down_counter",
    "create_observable_gauge": "observable_gauge",
}
"""What each method of a meter makes."""

_created: set[str] = set()


def prove_instruments(guard: Guard) -> None:
    """Wrap the methods that make instruments."""
    for method, kind in KINDS.items():
        patches.install(f"meter.{method}", _proving(guard, kind))


def is_created(name: str) -> bool:
    """Return whether the process has made an instrument of this name."""
    return name in _created


def _proving(guard: Guard, kind: MetricType) -> Callable[[Any], Callable[..., Any]]:
    def around(original: Any) -> Callable[..., Any]:
        def create(self: Any, name: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                if isinstance(name, str) and len(_created) < _MOST:
                    _created.add(name)
                if guard.policy.undeclared_metrics == "keep" and name not in guard.policy.metrics:
                    # Behind the name come the unit and the description; the callbacks before them, if there are any.
                    rest = args[1:] if kind.startswith("observable_") else args
                    unit, description = (*rest, "", "")[:2]
                    unit, description = kwargs.get("unit", unit), kwargs.get("description", description)
                    undeclared.prove(name, kind, unit, description, sys._getframe(1))  # noqa: SLF001
            except Exception as error:  # noqa: BLE001 - nothing proven, nothing broken
                drops.fail("metric", error)
            _tell(guard, name, kind)
            return original(self, name, *args, **kwargs)

        return create

    return around


def _tell(guard: Guard, name: Any, kind: MetricType) -> None:
    """Tell of an instrument that won't leave where it is made; what it records comes from anywhere."""
    if drops.watched() and isinstance(name, str) and name not in guard.policy.metrics and undeclared.rule(name) is None:
        drops.tell("metric", "undeclared", name, None, {"instrument": kind})


_MOST: Final = 10_000
