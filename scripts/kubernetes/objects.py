"""What every object of `deploy/kubernetes` has in common: its namespace, its labels, its images, its rights."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NAMESPACE = "telemetry"

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
}
"""A container's rights, as the restricted Pod Security Standard wants them, with a root that can't be written."""

SECCOMP = {"type": "RuntimeDefault"}


def pod_security(user: int) -> dict[str, Any]:
    """Return the rights of a pod whose processes and files are `user`'s."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": SECCOMP,
    }


def kubernetes_object(version: str, kind: str, name: str, **parts: Any) -> dict[str, Any]:
    """Return an object of our namespace with the recommended labels."""
    labels = {"app.kubernetes.io/part-of": "pazpaz-opentelemetry", **parts.pop("labels", {})}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **parts}


def image(name: str) -> str:
    """Return an image of `monitoring/versions.env`, the one place where images are named."""
    text = (ROOT / "monitoring/versions.env").read_text(encoding="utf-8")
    found = re.search(rf"^{name}=(.+)$", text, re.MULTILINE)
    assert found, f"{name} isn't in monitoring/versions.env"
    return found[1]


def claim(size: str) -> dict[str, Any]:
    """Return the specification of a volume that one pod writes."""
    return {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}


def resources(cpu: str, memory: str, cpu_limit: str | None = None) -> dict[str, Any]:
    """Return requests and limits; memory's are the same, so that a full node ends none of these first."""
    limits = {"memory": memory, **({"cpu": cpu_limit} if cpu_limit else {})}
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": limits}
