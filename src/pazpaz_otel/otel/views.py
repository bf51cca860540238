"""The policy's metrics as SDK views: allowed attributes and bucket boundaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation, View

if TYPE_CHECKING:
    from pazpaz_otel.policy import MetricRule, Policy


class PolicyView(View):
    """A view from the policy, not from the application."""


def policy_views(policy: Policy) -> list[View]:
    """Return a view for each declared instrument that needs one."""
    return [view for rule in policy.metrics.values() if (view := _view(rule)) is not None]


def _view(rule: MetricRule) -> View | None:
    aggregation = ExplicitBucketHistogramAggregation(boundaries=rule.buckets) if rule.buckets else None
    keys = set(rule.attributes) if rule.undeclared == "drop" else None
    if aggregation is None and keys is None:
        return None
    return PolicyView(instrument_name=rule.name, attribute_keys=keys, aggregation=aggregation)
