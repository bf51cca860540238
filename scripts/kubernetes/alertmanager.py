"""Alertmanager as an object of its operator, with the shipped routes, receivers and texts."""

from __future__ import annotations

from typing import Any

from scripts.kubernetes.objects import RESTRICTED, ROOT, claim, image, kubernetes_object, pod_security, resources

_NAME = "pazpaz"
_SECRETS = "pazpaz-alerting"
_USER = 65534


def server() -> list[dict[str, Any]]:
    """Alertmanager, and its configuration in the secret that its operator looks for by this name."""
    folder = ROOT / "monitoring/alertmanager"
    configuration = (folder / "alertmanager.yml").read_text(encoding="utf-8")
    # Where the operator mounts a secret that is named, and the other keys of the configuration's own.
    for shipped, here in (
        ("/run/secrets/", f"/etc/alertmanager/secrets/{_SECRETS}/"),
        ("- templates/*.tmpl", "- /etc/alertmanager/config/*.tmpl"),
    ):
        assert shipped in configuration
        configuration = configuration.replace(shipped, here)
    data = {"alertmanager.yaml": configuration}
    data |= {file.name: file.read_text(encoding="utf-8") for file in sorted((folder / "templates").glob("*.tmpl"))}
    spec = {
        "image": image("ALERTMANAGER_IMAGE"),
        "version": image("ALERTMANAGER_IMAGE").rpartition(":")[2],
        "replicas": 1,
        "secrets": [_SECRETS],
        "automountServiceAccountToken": False,
        "securityContext": pod_security(_USER),
        "containers": [{"name": "alertmanager", "securityContext": RESTRICTED}],
        "resources": resources("50m", "128Mi"),
        "storage": {"volumeClaimTemplate": {"spec": claim("1Gi")}},
    }
    return [
        kubernetes_object("v1", "Secret", f"alertmanager-{_NAME}", stringData=data),
        kubernetes_object("monitoring.coreos.com/v1", "Alertmanager", _NAME, spec=spec),
    ]
