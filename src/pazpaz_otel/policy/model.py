"""The policy as frozen data: what each name may carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Proof = Literal["grammar", "runtime"]

Place = Literal["anywhere", "resource", "signal", "metric"]
"""On a resource; on spans, events, links, log records and data points; on data points only."""

MetricType = Literal[
    "counter",
    "up_down_counter",
    "histogram",
    "gauge",
    "observable_counter",
    "observable_up_down_counter",
    "observable_gauge",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """A closed set of values.

    `proof` says how a value shows that it belongs: `grammar` kinds by the value alone, `runtime` kinds only by what
    the running process knows (its routes, its modules, its source).
    """

    name: str
    proof: Proof
    values: tuple[str, ...] = ()
    """The members of an `enum`."""
    minimum: float | None = None
    """The least `number`, inclusive."""
    maximum: float | None = None
    """The greatest `number`, inclusive."""


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """A key that may leave, and the kind of its values."""

    key: str
    kind: Kind
    label: str | None = None
    """The Prometheus label, where it isn't the key with underscores."""
    place: Place = "anywhere"
    """Where it may stand: a resource's attribute isn't a span's."""

    @property
    def prometheus_label(self) -> str:
        """The label under which Prometheus shows the attribute."""
        return self.label or self.key.replace(".", "_").replace("-", "_")

    def fits(self, place: Place) -> bool:
        """Return whether the attribute may stand on a resource, a signal's item or a metric's data point."""
        return self.place in {"anywhere", place} or (place == "metric" and self.place == "signal")


@dataclass(frozen=True, slots=True)
class MetricRule:
    """An instrument that may leave.

    `unit` is UCUM, as in the OpenTelemetry metrics semantic conventions. `limit` is the number of attribute sets kept
    apart; the rest go to the series with `otel.metric.overflow`.
    """

    name: str
    type: MetricType
    unit: str = ""
    description: str = ""
    attributes: tuple[str, ...] = ()
    limit: int = 2000
    buckets: tuple[float, ...] = ()
    """A histogram's explicit bucket boundaries."""
    minimum: float | None = None
    maximum: float | None = None
    undeclared: Literal["drop", "overflow"] = "overflow"
    """What becomes of a measurement with an attribute that isn't among `attributes`: the attribute is dropped and the
    series merged, or the measurement goes to the overflow series."""
    source: Literal["opentelemetry", "prometheus_client"] = "opentelemetry"
    """`prometheus_client`: the application keeps the metric in that library, under this name."""


@dataclass(frozen=True, slots=True)
class BaggageRule:
    """A baggage key that may go to the named hosts."""

    key: str
    kind: Kind
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SentryRules:
    """What a Sentry event may hold beside its fixed fields."""

    tags: Mapping[str, Kind] = field(default_factory=dict)
    contexts: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    ignore_errors: tuple[str, ...] = ()
    """Exception class names that are never sent."""
    items: tuple[str, ...] = ("event",)
    """Envelope item kinds that may be sent, provided that a filter for the kind exists."""


_CONFIGURED: Final = frozenset({"config", "environment", "instance", "name", "version"})


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy, extensions applied."""

    version: int
    attributes: Mapping[str, AttributeRule]
    metrics: Mapping[str, MetricRule]
    hosts: frozenset[str]
    messages: tuple[str, ...]
    sql_identifiers: frozenset[str]
    baggage: Mapping[str, BaggageRule]
    sentry: SentryRules
    digest: str
    """The first 16 hexadecimal digits of the SHA-256 of the policy's canonical JSON."""
    undeclared_metrics: Literal["keep", "drop"] = "keep"
    """What becomes of an instrument that `metrics` doesn't name, where the program's source proves its name."""
    previous_digests: tuple[str, ...] = ()
    """Digests that the Collector still accepts, for a rolling change of policy."""

    def configures(self, key: str) -> bool:
        """Return whether what the operator configures under this key of the resource is configuration that leaves."""
        rule = self.attributes.get(key)
        return rule is not None and rule.kind.name in _CONFIGURED


def frozen(mapping: Mapping[str, object]) -> Mapping[str, object]:
    """Return a read-only view of `mapping`."""
    return MappingProxyType(dict(mapping))
