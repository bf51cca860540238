"""A real prometheus-operator makes a Prometheus of `deploy/kubernetes`, and this is what becomes of it."""

from __future__ import annotations

import base64
import gzip
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pazpaz_otel import yaml_text
from tests.programs import alertmanager_binary, amtool_binary, prometheus_binary, promtool_binary, wait_until
from tests.programs.golang import ROOT
from tests.programs.kubernetes import ApiServer, PrometheusOperator, RefusedError
from tests.stack.cluster import built, definitions, named, pod_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

NAMESPACE = "/namespaces/telemetry"
KINDS = (
    "alertmanagerconfigs",
    "alertmanagers",
    "podmonitors",
    "probes",
    "prometheuses",
    "prometheusrules",
    "scrapeconfigs",
    "servicemonitors",
)
"""What the operator asks for to make a Prometheus and an Alertmanager, used here or not."""
SLOW = 180.0


@pytest.fixture(scope="module")
def production() -> list[dict[str, Any]]:
    """What the production overlay comes to."""
    return built(ROOT / "deploy/kubernetes/overlays/production")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, production: list[dict[str, Any]]) -> Iterator[ApiServer]:
    """An API server that was given all of it, and the operator at work on it."""
    folder = tmp_path_factory.mktemp("operator")
    with ApiServer(folder / "server") as server:
        server.define(definitions(KINDS))
        for item in production:
            server.apply(item)
        with PrometheusOperator(folder / "operator", server, "telemetry"):
            yield server


def made(server: ApiServer, path: str) -> dict[str, Any]:
    """What the operator has made at a path, once it has."""

    def there() -> dict[str, Any] | None:
        try:
            return dict(server.call("GET", path))
        except RefusedError:
            return None

    return wait_until(there, path, SLOW)


def configuration(server: ApiServer) -> dict[str, Any]:
    """The configuration that the operator has made for Prometheus."""
    secret = made(server, f"/api/v1{NAMESPACE}/secrets/prometheus-pazpaz")
    return dict(yaml_text.load(gzip.decompress(base64.b64decode(secret["data"]["prometheus.yaml.gz"]))))


def test_every_rule_is_taken(server: ApiServer, production: list[dict[str, Any]]) -> None:
    """Each group of rules that is shipped is in the files that Prometheus reads, as it stands; none is refused."""
    files = made(server, f"/api/v1{NAMESPACE}/configmaps/prometheus-pazpaz-rulefiles-0")["data"]
    taken = [group for text in files.values() for group in yaml_text.load(text)["groups"]]
    shipped = [group for item in production if item["kind"] == "PrometheusRule" for group in item["spec"]["groups"]]
    assert sorted(taken, key=lambda group: group["name"]) == sorted(shipped, key=lambda group: group["name"])


def test_the_configuration_is_what_was_meant(server: ApiServer, tmp_path: Path) -> None:
    """Agents and gateways are scraped under the names that the rules ask for, and no other label leaves an alert.

    The tool promtool finds nothing wrong with it.
    """
    config = configuration(server)
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    scraped = {"pazpaz-agent": "otel-collector-internal", "pazpaz-gateway": "otel-collector-internal"}
    scraped |= {f"pazpaz-{program}": program for program in ("prometheus", "alertmanager")}
    assert set(jobs) == {f"serviceMonitor/telemetry/{name}/0" for name in scraped}
    for name, job in scraped.items():
        written = {
            rule["target_label"]: rule.get("replacement")
            for rule in jobs[f"serviceMonitor/telemetry/{name}/0"]["relabel_configs"]
            if "target_label" in rule
        }
        assert (written["job"], written["environment"]) == (job, "production")
    shipped = yaml_text.load((ROOT / "monitoring/prometheus/prometheus.yml").read_text())
    kept = shipped["alerting"]["alert_relabel_configs"]
    assert [rule for rule in config["alerting"]["alert_relabel_configs"] if rule in kept] == kept
    file = tmp_path / "prometheus.yml"
    file.write_text(yaml.safe_dump(config))
    done = subprocess.run(
        [str(promtool_binary()), "check", "config", "--syntax-only", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_runs_as_it_is_meant_to(server: ApiServer, production: list[dict[str, Any]]) -> None:
    """The pod of the operator's making takes pushed metrics, has the shipped features, and is let in."""
    stateful = made(server, f"/apis/apps/v1{NAMESPACE}/statefulsets/prometheus-pazpaz")
    pod = pod_of(stateful)
    assert pod
    containers = {container["name"]: container for container in pod["spec"]["containers"]}
    arguments = containers["prometheus"]["args"]
    spec = named(production, "Prometheus", "pazpaz")["spec"]
    assert "--web.enable-remote-write-receiver" in arguments
    assert f"--enable-feature={','.join(spec['enableFeatures'])}" in arguments
    assert pod["spec"]["serviceAccountName"] == "pazpaz-prometheus"
    server.create(pod)


def test_prometheus_scrapes_itself(server: ApiServer, production: list[dict[str, Any]]) -> None:
    """The service of the operator's making is the one that the monitor looks for, and has its port."""
    service = made(server, f"/api/v1{NAMESPACE}/services/prometheus-operated")
    monitor = named(production, "ServiceMonitor", "pazpaz-prometheus")["spec"]
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["endpoints"][0]["port"] in {port["name"] for port in service["spec"]["ports"]}


def test_alertmanager_tells_whom_the_one_server_stack_tells(
    server: ApiServer, production: list[dict[str, Any]], tmp_path: Path
) -> None:
    """The operator gives the pod the shipped routes, receivers and texts, and the secrets that they name.

    The pod is let in, Prometheus finds its service, and the tool amtool finds nothing wrong with the files.
    """
    secret = made(server, f"/api/v1{NAMESPACE}/secrets/alertmanager-pazpaz-generated")["data"]
    files = {name: base64.b64decode(text) for name, text in secret.items()}
    files["alertmanager.yaml"] = gzip.decompress(files.pop("alertmanager.yaml.gz"))
    config = files["alertmanager.yaml"].decode()
    shipped = (ROOT / "monitoring/alertmanager/alertmanager.yml").read_text()
    assert yaml_text.load(config)["route"] == yaml_text.load(shipped)["route"]
    stateful = made(server, f"/apis/apps/v1{NAMESPACE}/statefulsets/alertmanager-pazpaz")
    pod = pod_of(stateful)
    assert pod
    [container] = [entry for entry in pod["spec"]["containers"] if entry["name"] == "alertmanager"]
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    named_files = set(re.findall(r"_file: (/\S+)/(\w+)", config))
    assert {name for _, name in named_files} == {"smtp_password", "slack_webhook_url", "dead_mans_switch_url"}
    for folder in {folder for folder, _ in named_files}:
        assert volumes[mounts[folder]]["secret"]["secretName"] == "pazpaz-alerting"
    [texts] = yaml_text.load(config)["templates"]
    assert "alertmanager-pazpaz-generated" in str(volumes[mounts[texts.rpartition("/")[0]]])
    server.create(pod)
    service = made(server, f"/api/v1{NAMESPACE}/services/alertmanager-operated")
    asked = named(production, "Prometheus", "pazpaz")["spec"]["alerting"]["alertmanagers"][0]
    monitor = named(production, "ServiceMonitor", "pazpaz-alertmanager")["spec"]
    assert service["metadata"]["name"] == asked["name"]
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert {asked["port"], monitor["endpoints"][0]["port"]} <= {port["name"] for port in service["spec"]["ports"]}
    for name, text in files.items():
        (tmp_path / name).write_bytes(text.replace(b"/etc/alertmanager/config/", f"{tmp_path}/".encode()))
    done = subprocess.run(
        [str(amtool_binary()), "check-config", str(tmp_path / "alertmanager.yaml")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 templates" in done.stdout


@pytest.mark.parametrize(
    ("program", "binary"), [("prometheus", prometheus_binary), ("alertmanager", alertmanager_binary)]
)
def test_the_programs_know_their_arguments(server: ApiServer, program: str, binary: Callable[[], Path]) -> None:
    """The release that is shipped takes each flag that the operator writes."""
    stateful = made(server, f"/apis/apps/v1{NAMESPACE}/statefulsets/{program}-pazpaz")
    containers = stateful["spec"]["template"]["spec"]["containers"]
    [arguments] = [container["args"] for container in containers if container["name"] == program]
    done = subprocess.run([str(binary()), *arguments, "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_rule_that_is_wrong_is_left_out(server: ApiServer) -> None:
    """The operator itself judges: an expression that can't be read is kept from Prometheus, and the others stay."""
    path = f"/api/v1{NAMESPACE}/configmaps/prometheus-pazpaz-rulefiles-0"
    before = made(server, path)["data"]
    for name, expression in (("wrong", "up =="), ("right", "up == 0")):
        rules = [{"alert": "X", "expr": expression}]
        server.apply(
            {
                "apiVersion": "monitoring.coreos.com/v1",
                "kind": "PrometheusRule",
                "metadata": {"name": name, "namespace": "telemetry"},
                "spec": {"groups": [{"name": name, "rules": rules}]},
            }
        )
    wait_until(lambda: any("-right-" in file for file in made(server, path)["data"]), "the rule beside it", SLOW)
    after = made(server, path)["data"]
    assert set(after) - set(before) == {file for file in after if "-right-" in file}
