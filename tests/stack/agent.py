"""The AI agent's metrics, as an application that keeps them in prometheus_client shows them."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from pazpaz_otel.policy import load_policy

if TYPE_CHECKING:
    from pazpaz_otel.policy.model import AttributeRule, MetricRule

PREFIXES = ("ai_agent_", "ai_retries_", "ai_circuit_")
RARE = re.compile("error|rate_limit|retries|circuit|invalidations")
WEIGHTS = (20, 3, 1)
"""How often each of an attribute's first values is met."""
LABELS = {"environment": "production", "job": "practice_api", "instance": "a"}
WORKSPACE = "6f0c1b9e-5a0f-4d7c-9a57-0d2b8c8a4f11"


class Agent:
    """Every AI metric of the ready policy, with every label that it gives them; `work` moves them, some rarely."""

    def __init__(self) -> None:
        policy = load_policy("pazpaz")
        self._registry = CollectorRegistry()
        self._random = random.Random(7)
        self._metrics = [
            self._metric(rule, [policy.attributes[key] for key in rule.attributes])
            for name, rule in policy.metrics.items()
            if name.startswith(PREFIXES)
        ]

    def _metric(self, rule: MetricRule, keys: list[AttributeRule]) -> tuple[Counter | Histogram, list[list[str]]]:
        labels = {key.prometheus_label: _values(key) for key in keys}
        made = (Counter if rule.type == "counter" else Histogram)(
            rule.name, rule.description, [*LABELS, *labels], registry=self._registry
        )
        return made, list(labels.values())

    def work(self) -> str:
        """Answer a few queries; return the page of metrics."""
        for metric, labels in self._metrics:
            if RARE.search(metric._name) and self._random.random() > 0.1:
                continue
            chosen = (self._random.choices(values, WEIGHTS[: len(values)])[0] for values in labels)
            child = metric.labels(*LABELS.values(), *chosen)
            if isinstance(child, Counter):
                child.inc(self._random.randrange(400, 1600) if "tokens" in metric._name else 1)
            else:
                child.observe(self._random.expovariate(0.5))
        return generate_latest(self._registry).decode()


def _values(rule: AttributeRule) -> list[str]:
    return [WORKSPACE] if rule.key == "workspace.id" else list(rule.kind.values)[: len(WEIGHTS)]
