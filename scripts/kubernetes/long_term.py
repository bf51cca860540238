"""A store for longer than Prometheus keeps its series: VictoriaMetrics, fed by remote write, and dashboards for it."""

from __future__ import annotations

import json
import re
from typing import Any

from pazpaz_otel import yaml_text
from scripts.kubernetes.objects import (
    NAMESPACE,
    RESTRICTED,
    ROOT,
    claim,
    image,
    kubernetes_object,
    pod_security,
    resources,
)
from scripts.kubernetes.prometheus import dashboard, shown

NAME = "long-term"
_PORT = 8428
_USER = 10001
_ANCHORED = re.compile(r"(\[[^\]]+\]|…) anchored")


def store() -> list[dict[str, Any]]:
    """One VictoriaMetrics with a disk of its own."""
    labels = {"app.kubernetes.io/name": NAME}
    container = {
        "name": "victoria-metrics",
        "image": image("VICTORIAMETRICS_IMAGE"),
        "args": ["-storageDataPath=/data", "-retentionPeriod=5y", f"-httpListenAddr=:{_PORT}"],
        "ports": [{"name": "http", "containerPort": _PORT}],
        "readinessProbe": {"httpGet": {"path": "/health", "port": "http"}},
        "livenessProbe": {"httpGet": {"path": "/health", "port": "http"}, "failureThreshold": 10},
        "resources": resources("250m", "2Gi"),
        "securityContext": RESTRICTED,
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    service = kubernetes_object(
        "v1",
        "Service",
        NAME,
        spec={
            "selector": labels,
            "clusterIP": "None",
            "ports": [{"name": "http", "port": _PORT, "targetPort": "http"}],
        },
    )
    stateful = kubernetes_object(
        "apps/v1",
        "StatefulSet",
        NAME,
        spec={
            "serviceName": NAME,
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "automountServiceAccountToken": False,
                    "securityContext": pod_security(_USER),
                    "containers": [container],
                },
            },
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim("100Gi")}],
        },
    )
    return [service, stateful]


def remote_write() -> dict[str, Any]:
    """What the component lays over Prometheus: where to send, and what of it isn't worth keeping."""
    layer = yaml_text.load((ROOT / "monitoring/prometheus/remote-write.yml").read_text(encoding="utf-8"))
    target = layer["remote_write"][0]
    drop = [
        {"sourceLabels": step["source_labels"], "regex": step["regex"], "action": step["action"]}
        for step in target["write_relabel_configs"]
    ]
    patch = kubernetes_object(
        "monitoring.coreos.com/v1",
        "Prometheus",
        "pazpaz",
        spec={
            "remoteWrite": [
                {
                    "name": target["name"],
                    "url": f"http://{NAME}.{NAMESPACE}.svc.cluster.local:{_PORT}/api/v1/write",
                    "sendExemplars": target["send_exemplars"],
                    "queueConfig": {"maxShards": target["queue_config"]["max_shards"]},
                    "writeRelabelConfigs": drop,
                }
            ]
        },
    )
    del patch["metadata"]["labels"]
    return patch


def dashboards() -> list[dict[str, Any]]:
    """The dashboards with the store's own expressions, in a folder of their own."""
    return [
        dashboard(name.replace(".json", "-long-term.json"), _renamed(text), folder="pazpaz, long term")
        for name, text in shown().items()
    ]


def in_metricsql(text: str) -> str:
    """Return expressions as VictoriaMetrics has them: its `increase` counts from the sample before the window."""
    return _ANCHORED.sub(r"\1", text)


def _renamed(text: str) -> str:
    board = json.loads(text)
    board["uid"] += "-long-term"
    board["title"] += " (long term)"
    return in_metricsql(json.dumps(board, indent=2, ensure_ascii=False)) + "\n"
