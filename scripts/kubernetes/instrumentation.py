"""What the OpenTelemetry Operator puts into pods that ask for it, one object for each version of Python."""

from __future__ import annotations

import tomllib
from typing import Any

from scripts.kubernetes.collectors import AGENT
from scripts.kubernetes.objects import NAMESPACE, ROOT, kubernetes_object

IMAGE = "pazpaz/otel-python"
"""Made by `deploy/kubernetes/instrumentation/Dockerfile`, once for each version, as `IMAGE:3.13`."""


def python_versions() -> list[str]:
    """Return the versions of Python that the package says it runs on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    prefix = "Programming Language :: Python :: "
    return [line.removeprefix(prefix) for line in project["classifiers"] if line.startswith(f"{prefix}3.")]


def per_version(environment: str) -> list[dict[str, Any]]:
    """Return an `Instrumentation` for each version: compiled packages fit one version of Python only."""
    return [
        kubernetes_object(
            "opentelemetry.io/v1alpha1",
            "Instrumentation",
            f"python-{version.replace('.', '-')}",
            spec={
                # The Service of a DaemonSet stays on its node.
                "exporter": {"endpoint": f"http://{AGENT}-collector.{NAMESPACE}.svc.cluster.local:4328"},
                "propagators": ["tracecontext"],
                "resource": {"resourceAttributes": {"deployment.environment.name": environment}},
                "env": [
                    {
                        "name": "PAZPAZ_COLLECTOR_TOKEN",
                        "valueFrom": {"secretKeyRef": {"name": "pazpaz-collector-token", "key": "token"}},
                    },
                    {"name": "OTEL_EXPORTER_OTLP_HEADERS", "value": "authorization=Bearer%20$(PAZPAZ_COLLECTOR_TOKEN)"},
                    # Another distribution in the application's image must not win by the order of paths.
                    {"name": "OTEL_PYTHON_DISTRO", "value": "pazpaz_otel"},
                    {"name": "OTEL_PYTHON_CONFIGURATOR", "value": "pazpaz_otel"},
                ],
                "python": {
                    "image": f"{IMAGE}:{version}",
                    "volumeLimitSize": "300Mi",
                    "resourceRequirements": {
                        "requests": {"cpu": "50m", "memory": "64Mi"},
                        "limits": {"memory": "128Mi"},
                    },
                },
                "initContainerSecurityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "runAsNonRoot": True,
                    "runAsUser": 10001,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
            },
        )
        for version in python_versions()
    ]
