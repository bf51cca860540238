"""Which rendered file holds which objects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pazpaz_otel import yaml_text
from scripts.kubernetes import alertmanager, collectors, instrumentation, long_term, prometheus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pazpaz_otel.policy import Policy

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
_HEAD = "# Rendered by `make generate`; change its source, not this file.\n"


def render(policy: Policy, environment: str = "production") -> Mapping[str, str]:
    """Return the rendered files: path below `deploy/kubernetes` → text."""
    long = "components/long-term-store"
    files: dict[str, list[dict[str, Any]]] = {
        "base/agent.yaml": [collectors.agent()],
        "base/gateway.yaml": [collectors.gateway(policy, environment)],
        "base/instrumentation.yaml": instrumentation.per_version(environment),
        "base/prometheus.yaml": prometheus.server(),
        "base/rules.yaml": prometheus.rules(),
        "base/service-monitors.yaml": prometheus.service_monitors(environment),
        "base/dashboards.yaml": prometheus.dashboards(),
        "components/alertmanager/alertmanager.yaml": alertmanager.server(),
        "components/sentry/gateway.yaml": [collectors.sentry()],
        f"{long}/store.yaml": long_term.store(),
        f"{long}/prometheus.yaml": [long_term.remote_write()],
        f"{long}/dashboards.yaml": long_term.dashboards(),
    }
    return {name: _HEAD + yaml_text.dump(*objects) for name, objects in files.items()}
