"""The policy: a typed allow-list of what may leave, as data.

Reads a policy file and says which kind of value each key may carry. Independent of OpenTelemetry, Sentry and the
environment, so that every compiler and every guard can build on it.
"""

from __future__ import annotations

from pazpaz_otel.policy.kinds import KIND_TYPES, accept, pattern
from pazpaz_otel.policy.load import load_policy
from pazpaz_otel.policy.model import AttributeRule, BaggageRule, Kind, MetricRule, Policy, SentryRules

__all__ = [
    "KIND_TYPES",
    "AttributeRule",
    "BaggageRule",
    "Kind",
    "MetricRule",
    "Policy",
    "SentryRules",
    "accept",
    "load_policy",
    "pattern",
]
