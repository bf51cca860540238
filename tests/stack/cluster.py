"""What `deploy/kubernetes` comes to, and an API server that knows the operators' objects."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pazpaz_otel import yaml_text
from tests.programs.golang import kustomize_binary, prometheus_operator_crds

if TYPE_CHECKING:
    from collections.abc import Iterable


class _Loader(yaml_text.LOADER):  # type: ignore[misc]
    """Reads `=` as text, which a definition has among the values of a field."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: loader.construct_scalar(node))
OWN = Path(__file__).parent / "kubernetes_definitions"
_PROMETHEUS = ("alertmanagers", "prometheuses", "prometheusrules", "servicemonitors")
ORDER = ("Namespace", "ServiceAccount", "Role", "Secret", "ConfigMap")
"""Kinds that others need first."""


def built(folder: Path) -> list[dict[str, Any]]:
    """Return the objects of a folder, as Kustomize puts them together."""
    command = [str(kustomize_binary()), "build", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return ordered(yaml.load_all(done.stdout, Loader=_Loader))


def ordered(objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return objects in an order in which they can be applied."""
    place = {kind: number for number, kind in enumerate(ORDER)}
    return sorted(objects, key=lambda item: place.get(item["kind"], len(place)))


def definitions(prometheus: Iterable[str] = _PROMETHEUS) -> list[dict[str, Any]]:
    """Return the definitions of the OpenTelemetry Operator's objects, and of prometheus-operator's by their names."""
    folder = prometheus_operator_crds()
    files = [folder / f"monitoring.coreos.com_{name}.yaml" for name in prometheus]
    ours = [json.loads(file.read_text()) for file in sorted(OWN.glob("*.json"))]
    return [*ours, *(yaml.load(file.read_text(), Loader=_Loader) for file in files)]


def named(objects: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """Return the object of a kind and name."""
    return next(item for item in objects if item["kind"] == kind and item["metadata"]["name"] == name)


def pod_of(item: dict[str, Any]) -> dict[str, Any] | None:
    """Return the pod that comes of an object: of a StatefulSet its template, of a Collector what its operator makes.

    The operator takes image, rights, limits, environment and volumes as they stand, adds a volume of the
    configuration, and no rights.
    """
    spec = item.get("spec", {})
    if item["kind"] == "StatefulSet":
        inner = spec["template"]["spec"]
        volumes = [{"name": claim["metadata"]["name"], "emptyDir": {}} for claim in spec["volumeClaimTemplates"]]
        inner = {**inner, "volumes": [*inner.get("volumes", []), *volumes]}
    elif item["kind"] == "OpenTelemetryCollector":
        container = {"name": "otc-container", "image": spec["image"], "env": spec["env"]}
        container |= {key: spec[key] for key in ("securityContext", "resources", "volumeMounts")}
        inner = {"containers": [container], "securityContext": spec["podSecurityContext"], "volumes": spec["volumes"]}
    else:
        return None
    metadata = {"name": item["metadata"]["name"], "namespace": item["metadata"]["namespace"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": inner}
