"""The policy as immutable data: what each name may carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Proof = Literal["grammar", "runtime"]

Place = Literal["anywhere", "resource", "signal", "metric"]
"""On a resource; on spans, events, links, log records and data points; or only on data points."""

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

    `proof` says how a value proves that it belongs: by itself (`grammar`), or by what the running process knows, such
    as its routes, modules and source (`runtime`).
    """

    name: str
    proof: Proof
    values: tuple[str, ...] = ()
    """The members of an `enum`."""
    minimum: float | None = None
    """The minimum of a `number`, inclusive."""
    maximum: float | None = None
    """The maximum of a `number`, inclusive."""


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """A key that may leave, and the kind of its values."""

    key: str
    kind: Kind
    label: str | None = None
    """The Prometheus label, if it isn't the key with underscores."""
    place: Place = "anywhere"
    """Where the attribute may be."""

    @property
    def prometheus_label(self) -> str:
        """The label that Prometheus shows for the attribute."""
        return self.label or self.key.replace(".", "_").replace("-", "_")

    def fits(self, place: Place) -> bool:
        """Return whether the attribute may be on a resource, a signal's item or a metric's data point."""
        return self.place in {"anywhere", place} or (place == "metric" and self.place == "signal")


@dataclass(frozen=True, slots=True)
class MetricRule:
    """A metric that may leave.

    `unit` is in UCUM, as in OpenTelemetry's semantic conventions. `limit` is the number of attribute sets with a series
    of their own; the rest are counted in the series with `otel.metric.overflow`.
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
    """How to treat a measurement with an attribute that isn't in `attributes`: drop the attribute and merge the series,
    or count the measurement in the overflow series."""
    source: Literal["opentelemetry", "prometheus_client"] = "opentelemetry"
    """`prometheus_client` if the application keeps the metric in that library, under this name."""


@dataclass(frozen=True, slots=True)
class BaggageRule:
    """A baggage key that may be sent to the named hosts."""

    key: str
    kind: Kind
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SentryRules:
    """What a Sentry event may hold beside its fixed fields."""

    tags: Mapping[str, Kind] = field(default_factory=dict)
    contexts: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    ignore_errors: tuple[str, ...] = ()
    """Names of exception classes that are never sent."""
    items: tuple[str, ...] = ("event",)
    """Envelope item kinds that may be sent, provided that a filter for the kind exists."""


_CONFIGURED: Final = frozenset({"config", "environment", "instance", "name", "version"})


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy, with its extensions applied."""

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
    """How to treat a metric that isn't in `metrics`, if the program's source proves its name."""
    previous_digests: tuple[str, ...] = ()
    """Digests of earlier policies that the Collector still accepts during a rollout."""

    def configures(self, key: str) -> bool:
        """Return whether the operator's value for this resource key may leave as configured."""
        rule = self.attributes.get(key)
        return rule is not None and rule.kind.name in _CONFIGURED
