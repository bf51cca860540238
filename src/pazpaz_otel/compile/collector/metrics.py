"""The second wall for metrics, and the guide's metrics derived from the semantic conventions' ones.

Drops metrics that the policy doesn't declare, or declares with another type; sets descriptions and units from the
policy. Data points that become equal when they lose an attribute are merged, so that totals stay correct.

OTTL can't reach the contents of exemplars. Data points of untrusted senders that have exemplars are dropped and
counted; the guards of trusted senders have already rebuilt theirs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.compile.collector.ottl import DROPPED, attribute, bounded, holds, rebuilt, text
from pazpaz_otel.compile.collector.wall import layer, resource_and_scope, unforgiving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pazpaz_otel.policy import MetricRule, Policy

_HTTP_DURATION: Final = "http.server.request.duration"
_GUIDE: Final = {
    "http.requests": {"method": "http.request.method", "handler": "http.route", "status": "http.response.status_code"},
    "http.request.duration": {"method": "http.request.method", "handler": "http.route"},
}
"""The guide's metrics: for each label, the attribute of `http.server.request.duration`."""

_OVERFLOW: Final = "otel.metric.overflow"
"""The SDK sets this on the series that holds what exceeds a metric's limit on series."""

_NAME: Final = "^[A-Za-z][A-Za-z0-9_.:/-]{0,254}$"
_MAX_UNDECLARED_GAUGE: Final = 99_999_999
"""The maximum of a gauge that the policy doesn't declare; the guards have the same."""
_UNDECLARED_KEY: Final = "pazpaz_otel.own"
_UNDECLARED: Final = attribute("metric.metadata", _UNDECLARED_KEY)
"""Marks an undeclared metric while its data points are checked."""

_TYPES: Final = {
    "counter": "metric.type == METRIC_DATA_TYPE_SUM and metric.is_monotonic == true",
    "up_down_counter": "metric.type == METRIC_DATA_TYPE_SUM and metric.is_monotonic == false",
    "histogram": "metric.type == METRIC_DATA_TYPE_HISTOGRAM",
    "gauge": "metric.type == METRIC_DATA_TYPE_GAUGE",
}


def wall(policy: Policy) -> dict[str, Any]:
    """Return the configuration layer."""
    filters: dict[str, Any] = {}
    for sender, most_exemplars in (("guarded", 128), ("strict", 0)):
        # Only a guard can see the source that names an undeclared instrument.
        keep = sender == "guarded" and _keeps_undeclared(policy)
        values = [
            f"Len(datapoint.exemplars) > {most_exemplars}",
            *_out_of_range(policy),
            *(_default_range(policy) if keep else []),
        ]
        filters[f"{sender}_metric_names"] = unforgiving("metric_conditions", _undeclared(policy, keep=keep))
        filters[f"{sender}_metric_values"] = unforgiving("metric_conditions", values)
    config = layer("metrics", _groups(policy), changed_in="metric.metadata", filters=filters)
    config["processors"]["transform/prometheus_names"] = _prometheus_names(policy)
    return config


def _keeps_undeclared(policy: Policy) -> bool:
    return policy.undeclared_metrics == "keep"


def _named(names: Sequence[str]) -> str:
    if len(names) > 1:
        return holds("IsMatch", "metric.name", f"^(?:{'|'.join(map(re.escape, names))})$")
    return f"metric.name == {text(names[0])}" if names else "false"


def _is_declared(policy: Policy) -> str:
    return _named(list(policy.metrics))


def _undeclared(policy: Policy, *, keep: bool) -> list[str]:
    declared = []
    for kind, condition in _TYPES.items():
        names = [rule.name for rule in policy.metrics.values() if rule.type.removeprefix("observable_") == kind]
        if names:
            declared.append(f"({condition} and {_named(names)})")
    as_declared = f"({' or '.join(declared)})"
    if keep:
        return [f"{_is_declared(policy)} and not {as_declared}", f"not {holds('IsMatch', 'metric.name', _NAME)}"]
    return [f"not {as_declared}"]


def _default_range(policy: Policy) -> list[str]:
    beyond = " or ".join(
        f"{value} < -{_MAX_UNDECLARED_GAUGE} or {value} > {_MAX_UNDECLARED_GAUGE}"
        for value in ("datapoint.value_double", "datapoint.value_int")
    )
    return [f"metric.type == METRIC_DATA_TYPE_GAUGE and ({beyond}) and not {_is_declared(policy)}"]


def _out_of_range(policy: Policy) -> list[str]:
    conditions = []
    for rule in policy.metrics.values():
        if rule.type == "histogram" or (rule.minimum is None and rule.maximum is None):
            continue
        for value in ("datapoint.value_double", "datapoint.value_int"):
            # `value_double` is 0 for an integer, and `value_int` is 0 for a double.
            low = [] if rule.minimum is None else [f"({value} != 0 and {value} < {rule.minimum})"]
            high = [] if rule.maximum is None else [f"({value} != 0 and {value} > {rule.maximum})"]
            conditions.append(f"metric.name == {text(rule.name)} and ({' or '.join([*low, *high])})")
    return conditions


def _groups(policy: Policy) -> list[dict[str, Any]]:
    metrics_of: dict[str, list[str]] = {}
    for rule in policy.metrics.values():
        for key in rule.attributes:
            metrics_of.setdefault(key, []).append(rule.name)
    declared = {key: _named(names) for key, names in metrics_of.items()}
    if _OVERFLOW in policy.attributes:
        declared[_OVERFLOW] = ""
    about = [statement for rule in policy.metrics.values() for statement in _about(rule)]
    points = rebuilt("datapoint", policy, count="metric.metadata", only=declared)
    last = [{"statements": [bounded("datapoint.flags", 1)]}, {"statements": _merged()}]
    groups = resource_and_scope(policy)
    if _keeps_undeclared(policy):
        mark = f"set({_UNDECLARED}, true) where not {_is_declared(policy)}"
        fitting = {key: "" for key, rule in policy.attributes.items() if rule.fits("metric")}
        own_points = rebuilt("datapoint", policy, count="metric.metadata", only=fitting)
        groups += [
            {"statements": ["set(metric.metadata, metric.cache)", mark, *_about_own(), *about]},
            {"conditions": [f"{_UNDECLARED} == nil"], "statements": points},
            {"conditions": [f"{_UNDECLARED} == true"], "statements": own_points},
            *last,
            {"statements": [f"delete_key(metric.metadata, {text(_UNDECLARED_KEY)})"]},
        ]
    else:
        groups += [{"statements": ["set(metric.metadata, metric.cache)", *about]}, {"statements": points}, *last]
    return groups


def _merged() -> list[str]:
    # Aggregating rebuilds the metric without its metadata.
    kept, count = attribute("metric.cache", DROPPED), attribute("metric.metadata", DROPPED)
    return [
        f"set({kept}, {count}) where {count} != nil",
        f"aggregate_on_attributes({text('sum')}) where {kept} != nil",
        f"set({count}, {kept}) where {kept} != nil",
    ]


def _about_own() -> list[str]:
    # A guard has proven them; the Collector can only check their shape.
    shapes = {"description": r"^[^\x00-\x1f\x7f]{0,1000}$", "unit": r"^[A-Za-z0-9_./%{}\[\]*^-]{0,63}$"}
    return [
        f"set(metric.{field}, {text('')}) where {_UNDECLARED} == true "
        f"and not {holds('IsMatch', f'metric.{field}', shape)}"
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
    if _HTTP_DURATION in policy.metrics:
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
    return unforgiving("metric_statements", groups)


def _guide_names() -> list[dict[str, Any]]:
    source = f"where metric.name == {text(_HTTP_DURATION)}"
    counted = f"where metric.name == {text(f'{_HTTP_DURATION}_count')}"
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
