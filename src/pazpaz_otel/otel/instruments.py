"""Business metrics by name, as declared in the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.metrics import get_meter

from pazpaz_otel._version import __version__
from pazpaz_otel.errors import PazPazOtelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.metrics import CallbackOptions, Counter, Histogram, Observation, UpDownCounter
    from opentelemetry.metrics import _Gauge as Gauge

    from pazpaz_otel.policy import MetricRule, Policy

_METER = "pazpaz_otel.instruments"


class Instruments:
    """The instruments of one process, created on first use.

    Args:
        policy: the policy that declares them.
    """

    def __init__(self, policy: Policy) -> None:
        self._rules: Mapping[str, MetricRule] = policy.metrics
        self._made: dict[str, Any] = {}

    def counter(self, name: str) -> Counter:
        """Return the counter `name`.

        Raises:
            PazPazOtelError: the policy declares no counter of this name.
        """
        return self._get(name, "counter")  # type: ignore[no-any-return]

    def up_down_counter(self, name: str) -> UpDownCounter:
        """Return the up-down counter `name`; raises like `counter`."""
        return self._get(name, "up_down_counter")  # type: ignore[no-any-return]

    def histogram(self, name: str) -> Histogram:
        """Return the histogram `name`; raises like `counter`."""
        return self._get(name, "histogram")  # type: ignore[no-any-return]

    def gauge(self, name: str) -> Gauge:
        """Return the gauge `name`; raises like `counter`."""
        return self._get(name, "gauge")  # type: ignore[no-any-return]

    def observe(self, name: str, callback: Callable[[CallbackOptions], Any] | Callable[[], Any]) -> None:
        """Observe the declared observable instrument `name`.

        Args:
            name: the name of an observable counter, up-down counter or gauge.
            callback: returns the value, `None`, or `Observation`s. It is called at each export, so it must
                not block. It may take the `CallbackOptions` or nothing.

        Raises:
            PazPazOtelError: the policy declares no observable instrument of that name.
        """
        rule = self._rule(name)
        if not rule.type.startswith("observable_"):
            raise PazPazOtelError(f"the policy declares `{name}` as {rule.type}; `observe` needs an observable type")
        make = getattr(get_meter(_METER, __version__), f"create_{rule.type}")
        self._made[name] = make(name, callbacks=[_observer(callback)], unit=rule.unit, description=rule.description)

    def _get(self, name: str, kind: str) -> Any:
        made = self._made.get(name)
        if made is not None:
            return made
        rule = self._rule(name)
        if rule.type != kind:
            raise PazPazOtelError(f"the policy declares `{name}` as {rule.type}, not as {kind}")
        make = getattr(get_meter(_METER, __version__), f"create_{kind}")
        self._made[name] = made = make(name, unit=rule.unit, description=rule.description)
        return made

    def _rule(self, name: str) -> MetricRule:
        rule = self._rules.get(name)
        if rule is None:
            raise PazPazOtelError(f"the policy declares no metric `{name}`; add it under `metrics`")
        return rule


def _observer(callback: Callable[..., Any]) -> Callable[[CallbackOptions], list[Observation]]:
    from collections.abc import Iterable  # noqa: PLC0415
    from inspect import signature  # noqa: PLC0415

    from opentelemetry.metrics import Observation  # noqa: PLC0415

    takes_options = bool(signature(callback).parameters)

    def observe(options: CallbackOptions) -> list[Observation]:
        found = callback(options) if takes_options else callback()
        if found is None:
            return []
        return list(found) if isinstance(found, Iterable) else [Observation(found)]

    return observe
