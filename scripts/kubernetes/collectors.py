"""The two tiers of Collectors as objects of the OpenTelemetry Operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel.compile.collector import tiers
from scripts.kubernetes.objects import NAMESPACE, RESTRICTED, image, kubernetes_object, pod_security, resources

if TYPE_CHECKING:
    from pazpaz_otel.policy import Policy

AGENT, GATEWAY = "pazpaz-agent", "pazpaz-gateway"
_USER = 10001
_TOKEN = {"name": "pazpaz-collector-token", "key": "token"}
_AGENT_MIB, _GATEWAY_MIB = 256, 768
_HEADROOM_MIB = 128
"""Between the memory at which a Collector refuses and that at which the kernel ends it."""


def agent() -> dict[str, Any]:
    """One Collector on each node, with a queue on its disk."""
    return kubernetes_object(
        "opentelemetry.io/v1beta1",
        "OpenTelemetryCollector",
        AGENT,
        spec={
            "mode": "daemonset",
            **_common(_AGENT_MIB, cpu="100m"),
            "env": [
                *_environment(_AGENT_MIB),
                {"name": "COLLECTOR_TOKEN", "valueFrom": {"secretKeyRef": _TOKEN}},
                {"name": "GATEWAY_HOST", "value": f"{GATEWAY}-collector-headless.{NAMESPACE}.svc.cluster.local"},
            ],
            "volumes": [
                _token_volume(),
                # Outlives the container, not the pod: the restricted standard forbids the node's own folders.
                {"name": "queue", "emptyDir": {"sizeLimit": "4Gi"}},
            ],
            "volumeMounts": [_token_mount(), {"name": "queue", "mountPath": "/var/lib/otelcol"}],
            # Nodes that take no other pods have pods that send.
            "tolerations": [{"operator": "Exists", "effect": "NoSchedule"}],
            "daemonSetUpdateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
            "config": _without_nulls(tiers.agent()),
        },
    )


def gateway(policy: Policy, environment: str) -> dict[str, Any]:
    """The second wall, as many times as its CPU asks for."""
    return kubernetes_object(
        "opentelemetry.io/v1beta1",
        "OpenTelemetryCollector",
        GATEWAY,
        spec={
            "mode": "deployment",
            **_common(_GATEWAY_MIB, cpu="500m"),
            "env": [
                *_environment(_GATEWAY_MIB),
                {"name": "ENVIRONMENT", "value": environment},
                {"name": "TEMPO_ENDPOINT", "value": f"tempo.{NAMESPACE}.svc.cluster.local:4317"},
                {
                    "name": "REMOTE_WRITE_ENDPOINT",
                    "value": f"http://prometheus-operated.{NAMESPACE}.svc.cluster.local:9090/api/v1/write",
                },
            ],
            "volumes": [_token_volume()],
            "volumeMounts": [_token_mount()],
            # The wall costs CPU and holds nothing back: what it can't take waits on the agents' disks.
            "autoscaler": {
                "minReplicas": 2,
                "maxReplicas": 10,
                "targetCPUUtilization": 60,
                "behavior": {"scaleDown": {"stabilizationWindowSeconds": 600}},
            },
            "podDisruptionBudget": {"maxUnavailable": 1},
            "deploymentUpdateStrategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
            },
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "kubernetes.io/hostname",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": {"app.kubernetes.io/instance": f"{NAMESPACE}.{GATEWAY}"}},
                }
            ],
            "config": _without_nulls(tiers.gateway(policy)),
        },
    )


def sentry() -> dict[str, Any]:
    """What the component `sentry` lays over the gateway."""
    secret = {"name": "pazpaz-sentry"}
    patch = kubernetes_object(
        "opentelemetry.io/v1beta1",
        "OpenTelemetryCollector",
        GATEWAY,
        spec={"envFrom": [{"secretRef": secret}], "config": _without_nulls(tiers.sentry())},
    )
    del patch["metadata"]["labels"]
    return patch


def _common(memory: int, cpu: str) -> dict[str, Any]:
    return {
        "image": image("OTEL_COLLECTOR_IMAGE"),
        "upgradeStrategy": "none",
        "resources": resources(cpu, f"{memory + _HEADROOM_MIB}Mi"),
        "securityContext": RESTRICTED,
        "podSecurityContext": pod_security(_USER),
        "terminationGracePeriodSeconds": 60,
        # A rendered ServiceMonitor with the alerts' labels stands for the Operator's own.
        "observability": {"metrics": {"enableMetrics": False, "disablePrometheusAnnotations": True}},
        "networkPolicy": {"enabled": False},
    }


def _environment(memory: int) -> list[dict[str, Any]]:
    return [
        {"name": "COLLECTOR_MEMORY_MIB", "value": str(memory)},
        {"name": "GOMEMLIMIT", "value": f"{memory}MiB"},
        {"name": "COLLECTOR_TOKEN_FILE", "value": "/run/secrets/pazpaz/token"},
    ]


def _token_volume() -> dict[str, Any]:
    return {"name": "token", "secret": {"secretName": _TOKEN["name"], "defaultMode": 0o440}}


def _token_mount() -> dict[str, Any]:
    return {"name": "token", "mountPath": "/run/secrets/pazpaz", "readOnly": True}


def _without_nulls(value: Any) -> Any:
    """Return the configuration with empty maps for nulls, which an API server may drop together with their keys."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return {} if value is None else value
