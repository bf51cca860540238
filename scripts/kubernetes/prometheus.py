"""Prometheus as objects of its operator: the server, its rules, what it scrapes, and Grafana's dashboards."""

from __future__ import annotations

import re
from typing import Any

import yaml

from monitoring.alerting import render_rules, thresholds
from monitoring.dashboards import render_dashboards
from pazpaz_otel import yaml_text
from scripts.kubernetes.collectors import AGENT, GATEWAY
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

_RULES = ("application", "business", "ai", "telemetry", "monitoring", "recording")
"""Sources of rules whose series exist here. Those of databases, hosts, probes, nginx come with their exporters."""

_ONE_COLLECTOR = "CollectorReplicas"
"""Alerts of more than one Collector behind a scrape: gateways push, each sender's sums by way of one of them."""

_USER = 65534


def server() -> list[dict[str, Any]]:
    """Prometheus with the flags of the one-server stack, a receiver for what gateways push, and its account."""
    name = "pazpaz"
    account = kubernetes_object("v1", "ServiceAccount", f"{name}-prometheus")
    rights = [
        {"apiGroups": [""], "resources": ["services", "endpoints", "pods"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list", "watch"]},
    ]
    role = kubernetes_object("rbac.authorization.k8s.io/v1", "Role", f"{name}-prometheus", rules=rights)
    binding = kubernetes_object(
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        f"{name}-prometheus",
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": f"{name}-prometheus"},
        subjects=[{"kind": "ServiceAccount", "name": f"{name}-prometheus", "namespace": NAMESPACE}],
    )
    relabel = yaml.safe_dump(_configuration()["alerting"]["alert_relabel_configs"], sort_keys=False)
    alerts = kubernetes_object("v1", "Secret", f"{name}-alert-relabeling", stringData={"relabel.yaml": relabel})
    return [account, role, binding, alerts, _prometheus(name)]


def rules() -> list[dict[str, Any]]:
    """The shipped rules, a `PrometheusRule` for each file."""
    objects = []
    for path, text in render_rules().items():
        name = path.rpartition("/")[2].removesuffix(".yml")
        if name not in _RULES:
            continue
        groups = yaml_text.load(text)["groups"]
        for group in groups:
            group["rules"] = [_here(rule) for rule in group["rules"] if rule.get("alert") != _ONE_COLLECTOR]
        objects.append(
            kubernetes_object(
                "monitoring.coreos.com/v1",
                "PrometheusRule",
                f"pazpaz-{name}",
                spec={"groups": [group for group in groups if group["rules"]]},
            )
        )
    return objects


def service_monitors(environment: str) -> list[dict[str, Any]]:
    """What the Collectors, Prometheus and Alertmanager count of themselves, under the jobs that the alerts know."""
    jobs = {job["job_name"]: job for job in _configuration()["scrape_configs"]}
    renamed = [_camel(step) for step in jobs["otel-collector-internal"]["metric_relabel_configs"]]
    service = {"operator.opentelemetry.io/collector-service-type": "monitoring"}
    collectors = [
        _monitor(
            tier,
            {"app.kubernetes.io/instance": f"{NAMESPACE}.{tier}", **service},
            {"port": "monitoring", **_named("otel-collector-internal", environment), "metricRelabelings": renamed},
        )
        for tier in (AGENT, GATEWAY)
    ]
    # The services that prometheus-operator makes, one for each kind of its own.
    operated = [
        _monitor(f"pazpaz-{job}", {f"operated-{job}": "true"}, {"port": "web", **_named(job, environment)})
        for job in ("prometheus", "alertmanager")
    ]
    return collectors + operated


def _named(job: str, environment: str) -> dict[str, Any]:
    labels = {"job": job, "environment": environment}
    return {
        "interval": "15s",
        "relabelings": [{"targetLabel": name, "replacement": value} for name, value in labels.items()],
    }


def _monitor(name: str, labels: dict[str, str], endpoint: dict[str, Any]) -> dict[str, Any]:
    spec = {"selector": {"matchLabels": labels}, "endpoints": [endpoint]}
    return kubernetes_object("monitoring.coreos.com/v1", "ServiceMonitor", name, spec=spec)


def dashboards() -> list[dict[str, Any]]:
    """The dashboards, as ConfigMaps that Grafana's sidecar picks up by their label."""
    return [dashboard(path, text, folder="pazpaz") for path, text in shown().items()]


def shown() -> dict[str, str]:
    """Return the dashboards that are of use here: file name → text. Nodes and containers have Kubernetes' own."""
    files = {path.rpartition("/")[2]: text for path, text in render_dashboards().items()}
    return {name: text for name, text in files.items() if name != "infrastructure.json"}


def dashboard(file: str, text: str, folder: str) -> dict[str, Any]:
    """Return the ConfigMap of one dashboard."""
    name = f"pazpaz-dashboard-{file.removesuffix('.json')}"
    config_map = kubernetes_object("v1", "ConfigMap", name, labels={"grafana_dashboard": "1"}, data={file: text})
    config_map["metadata"]["annotations"] = {"grafana_folder": folder}
    return config_map


def _prometheus(name: str) -> dict[str, Any]:
    features = re.search(r"--enable-feature=(\S+)", _text())
    assert features, "monitoring/prometheus/prometheus.yml names the features that it needs"
    tag = image("PROMETHEUS_IMAGE").rpartition(":")[2]
    return kubernetes_object(
        "monitoring.coreos.com/v1",
        "Prometheus",
        name,
        spec={
            "image": image("PROMETHEUS_IMAGE"),
            "version": tag,
            "replicas": 1,
            "serviceAccountName": f"{name}-prometheus",
            "enableRemoteWriteReceiver": True,
            "enableFeatures": features[1].split(","),
            # A gateway that is replaced leaves requests behind that come after those of the next.
            "tsdb": {"outOfOrderTimeWindow": "10m"},
            "retention": "30d",
            "retentionSize": "40GB",
            "scrapeInterval": "15s",
            "evaluationInterval": "15s",
            "serviceMonitorSelector": {},
            "ruleSelector": {},
            "alerting": {
                "alertmanagers": [{"name": "alertmanager-operated", "namespace": NAMESPACE, "port": "web"}],
            },
            "additionalAlertRelabelConfigs": {"name": f"{name}-alert-relabeling", "key": "relabel.yaml"},
            "securityContext": pod_security(_USER),
            "containers": [{"name": "prometheus", "securityContext": RESTRICTED}],
            "resources": resources("500m", "4Gi"),
            "storage": {"volumeClaimTemplate": {"spec": claim("50Gi")}},
        },
    )


def _here(rule: dict[str, Any]) -> dict[str, Any]:
    """Return the rule as it holds where the senders' metrics are pushed.

    The Collectors' own scrape is in place of that of the metrics, and as no scrape shows those of a sender for a while
    after its last export, its silence lasts longer.
    """
    shown = f"[{thresholds()['silent_window']}]"
    pushed = rule["expr"].replace('job="otel-collector"', 'job="otel-collector-internal"').replace(shown, "[90s]")
    return {**rule, "expr": pushed}


def _camel(step: dict[str, Any]) -> dict[str, Any]:
    return {re.sub(r"_(\w)", lambda match: match[1].upper(), key): value for key, value in step.items()}


def _text() -> str:
    return (ROOT / "monitoring/prometheus/prometheus.yml").read_text(encoding="utf-8")


def _configuration() -> dict[str, Any]:
    return dict(yaml_text.load(_text()))
