"""The second wall for metrics, and the guide's names made from the semantic conventions' ones.

A metric that the policy doesn't declare, or of another type than declared, is dropped. Descriptions and units are the
policy's own. A data point that loses an attribute is added to the others of what is left, so that totals stay right.

Not reachable from the transformation language: what is inside exemplars. Data points of untrusted senders that
have exemplars are dropped and counted; those of trusted senders were rebuilt by their guards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.compile.collector.ottl import (
    DROPPED,
    TRUSTED,
    UNTRUSTED,
    attribute,
    bounded,
    rebuilt,
    text,
)
from pazpaz_otel.compile.collector.wall import connectors, resource_and_scope, ways

if TYPE_CHECKING:
    from pazpaz_otel.policy import MetricRule, Policy

_HTTP: Final = "http.server.request.duration"
_GUIDE: Final = {
    "http.requests": {"method": "http.request.method", "handler": "http.route", "status": "http.response.status_code"},
    "http.request.duration": {"method": "http.request.method", "handler": "http.route"},
}
"""The guide's metrics: label → attribute of `http.server.request.duration`."""

_OVERFLOW: Final = "otel.metric.overflow"
"""Stands on any metric that has more series than its limit."""

_NAME: Final = "^[A-Za-z][A-Za-z0-9_.:/-]{0,254}$"
_PLAUSIBLE: Final = 99_999_999
"""The greatest value of a gauge that the policy doesn't declare, as the guards have it."""
_OWN_KEY: Final = "pazpaz_otel.own"
_OWN: Final = attribute("metric.metadata", _OWN_KEY)
"""Marks a metric that the policy doesn't declare, while its data points are judged."""

_TYPES: Final = {
    "counter": "metric.type == METRIC_DATA_TYPE_SUM and metric.is_monotonic == true",
    "up_down_counter": "metric.type == METRIC_DATA_TYPE_SUM and metric.is_monotonic == false",
    "histogram": "metric.type == METRIC_DATA_TYPE_HISTOGRAM",
    "gauge": "metric.type == METRIC_DATA_TYPE_GAUGE",
}


def wall(policy: Policy) -> dict[str, Any]:
    """Return the configuration layer."""
    changed = f"{attribute('metric.metadata', DROPPED)} != nil or {attribute('resource.attributes', DROPPED)} != nil"
    exemplars = {TRUSTED: "Len(datapoint.exemplars) > 128", UNTRUSTED: "Len(datapoint.exemplars) > 0"}
    processors: dict[str, Any] = {}
    for sender in (TRUSTED, UNTRUSTED):
        processors[f"filter/{sender}_metric_names"] = {
            "error_mode": "propagate",
            "metric_conditions": _undeclared(policy, keep=_keeps_undeclared(policy, sender)),
        }
        processors[f"filter/{sender}_metric_values"] = {
            "error_mode": "propagate",
            "metric_conditions": [
                exemplars[sender],
                *_out_of_range(policy),
                *(_default_range(policy) if _keeps_undeclared(policy, sender) else []),
            ],
        }
        processors[f"transform/{sender}_metrics"] = _transform(policy, sender)
    processors["filter/metrics_changed"] = {"error_mode": "propagate", "metric_conditions": [changed]}
    processors["transform/prometheus_names"] = _prometheus_names(policy)
    return {
        "processors": processors,
        "connectors": connectors("metrics"),
        "service": {"pipelines": ways("metrics", before=["filter/{}_metric_names", "filter/{}_metric_values"])},
    }


def _keeps_undeclared(policy: Policy, sender: str) -> bool:
    # Only a guard has seen the source that names the instrument.
    return sender == TRUSTED and policy.undeclared_metrics == "keep"


def _is_declared(policy: Policy) -> str:
    return " or ".join(f"metric.name == {text(name)}" for name in policy.metrics) or "false"


def _undeclared(policy: Policy, *, keep: bool) -> list[str]:
    declared = []
    for kind, condition in _TYPES.items():
        names = [rule.name for rule in policy.metrics.values() if rule.type.removeprefix("observable_") == kind]
        if names:
            one_of = " or ".join(f"metric.name == {text(name)}" for name in names)
            declared.append(f"({condition} and ({one_of}))")
    as_declared = f"({' or '.join(declared)})"
    if keep:
        return [f"({_is_declared(policy)}) and not {as_declared}", f"not IsMatch(metric.name, {text(_NAME)})"]
    return [f"not {as_declared}"]


def _default_range(policy: Policy) -> list[str]:
    beyond = " or ".join(
        f"{value} < -{_PLAUSIBLE} or {value} > {_PLAUSIBLE}"
        for value in ("datapoint.value_double", "datapoint.value_int")
    )
    return [f"metric.type == METRIC_DATA_TYPE_GAUGE and ({beyond}) and not ({_is_declared(policy)})"]


def _out_of_range(policy: Policy) -> list[str]:
    conditions = []
    for rule in policy.metrics.values():
        if rule.type == "histogram" or (rule.minimum is None and rule.maximum is None):
            continue
        for value in ("datapoint.value_double", "datapoint.value_int"):
            # A whole number's value_double is 0, and the other way round.
            low = [] if rule.minimum is None else [f"({value} != 0 and {value} < {rule.minimum})"]
            high = [] if rule.maximum is None else [f"({value} != 0 and {value} > {rule.maximum})"]
            conditions.append(f"metric.name == {text(rule.name)} and ({' or '.join([*low, *high])})")
    return conditions


def _transform(policy: Policy, sender: str) -> dict[str, Any]:
    metrics_of: dict[str, list[str]] = {}
    for rule in policy.metrics.values():
        for key in rule.attributes:
            metrics_of.setdefault(key, []).append(f"metric.name == {text(rule.name)}")
    keys = {key: " or ".join(names) for key, names in metrics_of.items()}
    own: list[str] = []
    judged_own: list[dict[str, Any]] = []
    if _keeps_undeclared(policy, sender):
        own = [f"set({_OWN}, true) where not ({_is_declared(policy)})", *_about_own()]
        judged_own = [
            {
                "conditions": [f"{_OWN} == true"],
                "statements": rebuilt("datapoint", policy, sender, count="metric.metadata", only=_own_keys(policy)),
            }
        ]
    if _OVERFLOW in policy.attributes:
        keys[_OVERFLOW] = ""
    return {
        "error_mode": "propagate",
        "metric_statements": [
            *resource_and_scope(policy, sender),
            {
                "statements": [
                    "set(metric.metadata, metric.cache)",
                    *own,
                    *(statement for rule in policy.metrics.values() for statement in _about(rule)),
                ]
            },
            {
                **({"conditions": [f"{_OWN} == nil"]} if own else {}),
                "statements": rebuilt("datapoint", policy, sender, count="metric.metadata", only=keys),
            },
            *judged_own,
            {"statements": [bounded("datapoint.flags", 0, 1)]},
            {"statements": _merged()},
            *([{"statements": [f"delete_key(metric.metadata, {text(_OWN_KEY)})"]}] if own else []),
        ],
    }


def _merged() -> list[str]:
    # Aggregating makes the metric anew, without its metadata.
    kept, count = attribute("metric.cache", DROPPED), attribute("metric.metadata", DROPPED)
    return [
        f"set({kept}, {count}) where {count} != nil",
        f"aggregate_on_attributes({text('sum')}) where {kept} != nil",
        f"set({count}, {kept}) where {kept} != nil",
    ]


def _own_keys(policy: Policy) -> dict[str, str]:
    return {key: "" for key, rule in policy.attributes.items() if rule.fits("metric")}


def _about_own() -> list[str]:
    # A guard has proven them; here only their shape is known.
    shapes = {"description": r"^[^\x00-\x1f\x7f]{0,1000}$", "unit": r"^[A-Za-z0-9_./%{}\[\]*^-]{0,63}$"}
    return [
        f"set(metric.{field}, {text('')}) where {_OWN} == true and not IsMatch(metric.{field}, {text(shape)})"
        for field, shape in shapes.items()
    ]


def _about(rule: MetricRule) -> list[str]:
    where = f"where metric.name == {text(rule.name)}"
    return [
        f"set(metric.description, {text(rule.description)}) {where}",
        f"set(metric.unit, {text(rule.unit)}) {where}",
    ]


def _prometheus_names(policy: Policy) -> dict[str, Any]:
    groups: list[dict[str, Any]] = []
    if _HTTP in policy.metrics:
        groups += _guide_names()
    renamed = []
    for rule in policy.attributes.values():
        if rule.label is not None and rule.label != rule.key:
            source, target = attribute("datapoint.attributes", rule.key), attribute("datapoint.attributes", rule.label)
            renamed += [
                f"set({target}, {source}) where {source} != nil",
                f"delete_key(datapoint.attributes, {text(rule.key)})",
            ]
    if renamed:
        groups.append({"statements": renamed})
    return {"error_mode": "propagate", "metric_statements": groups}


def _guide_names() -> list[dict[str, Any]]:
    source = f"where metric.name == {text(_HTTP)}"
    counted = f"where metric.name == {text(f'{_HTTP}_count')}"
    derived = " or ".join(f"metric.name == {text(name)}" for name in _GUIDE)
    labels = [
        f"set({attribute('datapoint.cache', label)}, {attribute('datapoint.attributes', key)}) "
        f"where metric.name == {text(name)} and {attribute('datapoint.attributes', key)} != nil"
        for name, sources in _GUIDE.items()
        for label, key in sources.items()
    ]
    duration = 'name="http.request.duration", description="Duration of HTTP requests, by method and route.", unit="s"'
    return [
        {
            "statements": [
                f"extract_count_metric(true) {source}",
                f"copy_metric({duration}) {source}",
                f"set(metric.description, {text('HTTP requests, by method, route and status.')}) {counted}",
                f"set(metric.unit, {text('')}) {counted}",
                f"set(metric.name, {text('http.requests')}) {counted}",
            ]
        },
        {"statements": [*labels, f"set(datapoint.attributes, datapoint.cache) where {derived}"]},
        {"statements": [f"aggregate_on_attributes({text('sum')}) where {derived}"]},
    ]
