"""`deploy/kubernetes` against a real API server that knows the definitions of both operators' objects."""

from __future__ import annotations

import copy
import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from monitoring.alerting import render_rules
from pazpaz_otel import yaml_text
from scripts.kubernetes.long_term import in_metricsql
from scripts.kubernetes.prometheus import shown
from tests.programs.golang import ROOT, kubeconform_binary
from tests.programs.kubernetes import ApiServer, RefusedError
from tests.stack import kubernetes_schemas
from tests.stack.cluster import built, definitions, named, pod_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """One API server for all of these."""
    with ApiServer(tmp_path_factory.mktemp("kubernetes")) as server:
        server.define(definitions())
        yield server


@pytest.fixture(scope="module")
def production() -> list[dict[str, Any]]:
    """Everything that the production overlay comes to."""
    return built(ROOT / "deploy/kubernetes/overlays/production")


@pytest.fixture(scope="module")
def stored(server: ApiServer, production: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The production overlay, applied server-side and strictly, as the API server gives it back."""
    for item in production:
        server.apply(item)
    return [server.read(item) for item in production]


def test_everything_is_accepted_and_kept(production: list[dict[str, Any]], stored: list[dict[str, Any]]):
    """A strict API server takes each object, and keeps of each all that was sent: no key is pruned."""
    assert len(production) > 30
    lost = [
        f"{sent['kind']} {sent['metadata']['name']}: {path}"
        for sent, kept in zip(production, stored, strict=True)
        if sent["kind"] != "Secret"
        for path in _missing(sent, kept, sent["kind"])
    ]
    assert lost == []


def test_it_can_be_applied_again(server: ApiServer, production: list[dict[str, Any]], stored: list[dict[str, Any]]):
    """Applying what is there already changes nothing."""
    before = [item["metadata"]["resourceVersion"] for item in stored]
    assert [server.apply(item)["metadata"]["resourceVersion"] for item in production] == before


def _with_component(name: str, folder: Path) -> list[dict[str, Any]]:
    relative = os.path.relpath(ROOT / "deploy/kubernetes", folder)
    kustomization = {"resources": [f"{relative}/overlays/production"], "components": [f"{relative}/components/{name}"]}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return built(folder)


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "deploy/kubernetes/components").iterdir()))
def test_every_object_of_a_component_is_accepted(
    name: str, server: ApiServer, stored: list[dict[str, Any]], tmp_path: Path
):
    """With any of the components, the strict API server takes each object of the whole."""
    assert stored
    overlay = ROOT / "deploy/kubernetes/overlays/production"
    has_it = f"../../components/{name}" in yaml_text.load((overlay / "kustomization.yaml").read_text())["components"]
    for item in built(overlay) if has_it else _with_component(name, tmp_path):
        server.apply(item, dry_run=True)


def test_the_component_for_sentry_fits(server: ApiServer, stored: list[dict[str, Any]], tmp_path: Path):
    """With the component, the gateway samples whole traces for Sentry, beside all that it did before."""
    assert stored
    gateway = named(_with_component("sentry", tmp_path), "OpenTelemetryCollector", "pazpaz-gateway")
    kept = server.apply(gateway, dry_run=True)["spec"]["config"]
    assert kept["service"]["pipelines"]["traces/sentry"]["processors"] == ["tail_sampling"]
    assert kept["service"]["pipelines"]["metrics/out"]["exporters"] == ["prometheusremotewrite"]


def test_gateways_scale_by_what_waits_for_them(server: ApiServer, stored: list[dict[str, Any]], tmp_path: Path):
    """With the component, an autoscaler of ours takes the place of the Operator's, by CPU and by the agents' queues."""
    assert stored
    objects = _with_component("queue-scaling", tmp_path)
    assert "autoscaler" not in named(objects, "OpenTelemetryCollector", "pazpaz-gateway")["spec"]
    scaler = server.apply(named(objects, "HorizontalPodAutoscaler", "pazpaz-gateway"), dry_run=True)["spec"]
    assert scaler["scaleTargetRef"]["kind"] == "OpenTelemetryCollector"
    folder = ROOT / "deploy/kubernetes/components/queue-scaling"
    [rule] = yaml_text.load((folder / "adapter-rules.yaml").read_text())
    asked = [metric["external"]["metric"]["name"] for metric in scaler["metrics"] if metric["type"] == "External"]
    assert asked == [rule["name"]["as"]]


MISSPELT: dict[str, Callable[[dict[str, dict[str, Any]]], dict[str, Any]]] = {
    "spec.replica": lambda of: _set(of["OpenTelemetryCollector"], ["spec", "replica"], 2),
    "spec.podDisruptionBudget.maxUnavailible": lambda of: _set(
        of["OpenTelemetryCollector"], ["spec", "podDisruptionBudget", "maxUnavailible"], 1
    ),
    "spec.python.imag": lambda of: _set(of["Instrumentation"], ["spec", "python", "imag"], "x"),
    "spec.groups.rules.exprr": lambda of: _set(of["PrometheusRule"], ["spec", "groups", 0, "rules", 0, "exprr"], "1"),
    "spec.endpoints.intervall": lambda of: _set(of["ServiceMonitor"], ["spec", "endpoints", 0, "intervall"], "1s"),
    "spec.enableRemoteWriteReciever": lambda of: _set(of["Prometheus"], ["spec", "enableRemoteWriteReciever"], True),
    "spec.podSelectr": lambda of: _set(of["NetworkPolicy"], ["spec", "podSelectr"], {}),
    "spec.port": lambda of: _set(of["Service"], ["spec", "port"], []),
    "rules.verb": lambda of: _set(of["Role"], ["rules", 0, "verb"], ["get"]),
    "roleReff": lambda of: _set(of["RoleBinding"], ["roleReff"], {}),
    "imagePullSecret": lambda of: _set(of["ServiceAccount"], ["imagePullSecret"], []),
    "stringdata": lambda of: _set(of["Secret"], ["stringdata"], {}),
    "datas": lambda of: _set(of["ConfigMap"], ["datas"], {}),
    "spec.finalizer": lambda of: _set(of["Namespace"], ["spec"], {"finalizer": []}),
    "spec.template.spec.container": lambda of: _set(of["StatefulSet"], ["spec", "template", "spec", "container"], []),
}
"""A field that nobody knows, in each kind of object."""


@pytest.mark.parametrize("field", MISSPELT)
def test_a_misspelt_field_is_refused(field: str, server: ApiServer, production: list[dict[str, Any]], stored):
    """What an API server would drop in silence is refused by name."""
    assert stored
    of = {item["kind"]: copy.deepcopy(item) for item in production}
    of["OpenTelemetryCollector"] = copy.deepcopy(named(production, "OpenTelemetryCollector", "pazpaz-gateway"))
    with pytest.raises(RefusedError, match=field.rpartition(".")[2]):
        server.apply(MISSPELT[field](of), dry_run=True)


def test_kubeconform_finds_nothing(server: ApiServer, production: list[dict[str, Any]], tmp_path: Path) -> None:
    """Strict by the schemas that the API server publishes, kubeconform takes each object, and sees a misspelt field."""
    kubernetes_schemas.write(server, production, tmp_path)
    wrong = copy.deepcopy(next(item for item in production if item["kind"] == "Prometheus"))
    wrong["spec"]["retentoin"] = "1d"
    for objects, invalid in ((production, 0), ([wrong], 1)):
        file = tmp_path / "objects.yaml"
        file.write_text(yaml.safe_dump_all(objects))
        command = [str(kubeconform_binary()), "-strict", "-summary", "-output", "json", "-schema-location"]
        done = subprocess.run(
            [*command, str(tmp_path / kubernetes_schemas.TEMPLATE), str(file)],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        said = json.loads(done.stdout)
        expected = {"valid": len(objects) - invalid, "invalid": invalid, "errors": 0, "skipped": 0}
        assert said["summary"] == expected, sorted({item["msg"] for item in said["resources"]})


def test_every_pod_is_restricted(server: ApiServer, production: list[dict[str, Any]], stored: list[dict[str, Any]]):
    """The namespace takes each pod that comes of these objects; one right more, and it is refused."""
    assert stored
    pods = [pod for item in production if (pod := pod_of(item))]
    assert {pod["metadata"]["name"] for pod in pods} == {"pazpaz-agent", "pazpaz-gateway", "long-term"}
    for pod in pods:
        server.create(pod)
        greedy = copy.deepcopy(pod)
        greedy["spec"]["containers"][0]["securityContext"]["capabilities"] = {"drop": [], "add": ["NET_ADMIN"]}
        with pytest.raises(RefusedError, match="restricted"):
            server.create(greedy)


def test_the_gateway_fits_where_its_configuration_goes(production: list[dict[str, Any]]):
    """The operator makes a ConfigMap of the wall, which takes 1 MiB; a policy of one's own has room to grow."""
    config = named(production, "OpenTelemetryCollector", "pazpaz-gateway")["spec"]["config"]
    assert len(yaml.safe_dump(config, width=10_000).encode()) < 900_000


def test_every_shipped_rule_is_there(production: list[dict[str, Any]]):
    """The rules are the shipped ones but for those that watch for a second Collector behind one scrape."""
    sources = {path.rpartition("/")[2].removesuffix(".yml"): text for path, text in render_rules().items()}
    here = {item["metadata"]["name"].removeprefix("pazpaz-") for item in production if item["kind"] == "PrometheusRule"}
    assert sources.keys() - here == {"database", "frontend", "infrastructure", "uptime"}
    for rule in (item for item in production if item["kind"] == "PrometheusRule"):
        shipped = yaml_text.load(sources[rule["metadata"]["name"].removeprefix("pazpaz-")])["groups"]
        names = [_name(entry) for group in shipped for entry in group["rules"]]
        kept = [_name(entry) for group in rule["spec"]["groups"] for entry in group["rules"]]
        assert set(names) - set(kept) <= {"CollectorReplicas"}
        assert 'job="otel-collector"' not in json.dumps(rule)


def test_dashboards_of_the_long_term_store_have_its_expressions(production: list[dict[str, Any]]):
    """Each dashboard is there twice: as it is shipped, and in the language of the store."""
    maps = {item["metadata"]["name"]: item["data"] for item in production if item["kind"] == "ConfigMap"}
    for file, text in shown().items():
        name = f"pazpaz-dashboard-{file.removesuffix('.json')}"
        assert maps[name] == {file: text}
        (long_term,) = maps[f"{name}-long-term"].values()
        assert "anchored" not in long_term
        assert json.loads(long_term)["uid"] != json.loads(text)["uid"]
        assert json.loads(long_term)["panels"] == json.loads(in_metricsql(json.dumps(json.loads(text)["panels"])))


def _name(rule: dict[str, Any]) -> str:
    return rule.get("alert") or rule["record"]


def _set(item: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    inner: Any = item
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return item


def _missing(sent: Any, kept: Any, path: str = "spec") -> Iterator[str]:
    if isinstance(sent, dict) and isinstance(kept, dict):
        for key, value in sent.items():
            if key in kept:
                yield from _missing(value, kept[key], f"{path}.{key}")
            elif value is not None:
                yield f"{path}.{key}"
    elif isinstance(sent, list) and isinstance(kept, list) and len(sent) == len(kept):
        for number, (one, other) in enumerate(zip(sent, kept, strict=True)):
            yield from _missing(one, other, f"{path}[{number}]")
    elif sent != kept:
        yield path
