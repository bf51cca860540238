"""Business metrics by name, as declared in the policy."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import signature
from typing import TYPE_CHECKING, Any

from opentelemetry.metrics import Observation, get_meter

from pazpaz_otel._version import __version__
from pazpaz_otel.errors import PazPazOtelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.metrics import CallbackOptions

    from pazpaz_otel.policy import MetricRule, Policy


class Instruments:
    """The instruments of one process, created on first use."""

    def __init__(self, policy: Policy) -> None:
        self._rules: Mapping[str, MetricRule] = policy.metrics
        self._made: dict[str, Any] = {}

    def get(self, kind: str, name: str) -> Any:
        """Return the instrument `name`.

        Args:
            kind: `counter`, `up_down_counter`, `histogram` or `gauge`.
            name: its name in the policy.

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
