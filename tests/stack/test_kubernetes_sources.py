"""What is written by hand in `deploy/kubernetes` agrees with what is rendered there."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.programs.golang import ROOT, promtool_binary
from tests.stack.cluster import built, named

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.stack

INSTANCES = {
    "pazpaz-agent": {"app.kubernetes.io/instance": "telemetry.pazpaz-agent"},
    "pazpaz-gateway": {"app.kubernetes.io/instance": "telemetry.pazpaz-gateway"},
    "prometheus": {"app.kubernetes.io/name": "prometheus"},
    "tempo": {"app.kubernetes.io/name": "tempo"},
    "long-term": {"app.kubernetes.io/name": "long-term"},
    "alertmanager": {"app.kubernetes.io/name": "alertmanager"},
    "grafana": {"app.kubernetes.io/name": "grafana"},
}
"""Who the pods are, by the labels that their operators and charts give them."""

TALKS = [
    ("pazpaz-agent", "pazpaz-gateway", 4317),
    ("pazpaz-agent", "pazpaz-gateway", 4327),
    ("pazpaz-gateway", "tempo", 4317),
    ("pazpaz-gateway", "prometheus", 9090),
    ("prometheus", "long-term", 8428),
    ("prometheus", "pazpaz-agent", 8888),
    ("prometheus", "pazpaz-gateway", 8888),
    ("prometheus", "prometheus", 9090),
    ("prometheus", "alertmanager", 9093),
    ("alertmanager", "alertmanager", 9094),
    ("grafana", "prometheus", 9090),
    ("grafana", "long-term", 8428),
    ("grafana", "tempo", 3200),
    ("grafana", "alertmanager", 9093),
]
"""Who has to reach whom, by the rendered configurations, and by the data sources of the dashboards."""

OUTSIDE = [("alertmanager", 443), ("alertmanager", 587), ("grafana", 6443), ("prometheus", 6443)]
"""Who has to reach something that has no pod: mail, Slack, the API server."""

PROGRAMS = {"alertmanager": "alertmanager", "otelcol": "otel-collector-internal", "prometheus": "prometheus"}
"""The job that scrapes a program, by the first word of its metrics."""

SILENT = [
    ("pazpaz-agent", "tempo", 4317),
    ("pazpaz-agent", "prometheus", 9090),
    ("pazpaz-gateway", "pazpaz-agent", 4327),
    ("pazpaz-gateway", "long-term", 8428),
    ("tempo", "pazpaz-gateway", 4317),
    ("grafana", "pazpaz-gateway", 4317),
    ("pazpaz-agent", "alertmanager", 9093),
]


@pytest.fixture(scope="module")
def policies() -> list[dict[str, Any]]:
    """The network policies of the production overlay."""
    objects = built(ROOT / "deploy/kubernetes/overlays/production")
    return [item["spec"] for item in objects if item["kind"] == "NetworkPolicy"]


@pytest.mark.parametrize(("source", "target", "port"), TALKS)
def test_who_has_to_talk_may(source: str, target: str, port: int, policies: list[dict[str, Any]]):
    """One policy lets it out, and one lets it in, on the very port."""
    assert _allowed(policies, "egress", source, target, port)
    assert _allowed(policies, "ingress", target, source, port)


@pytest.mark.parametrize(("source", "port"), OUTSIDE)
def test_who_has_to_reach_the_outside_may(source: str, port: int, policies: list[dict[str, Any]]):
    """One policy lets it out to wherever that is."""
    assert any(
        "to" not in rule and _port(rule, port)
        for policy in policies
        if _selects(policy["podSelector"], source)
        for rule in policy.get("egress", [])
    )


@pytest.mark.parametrize(("source", "target", "port"), SILENT)
def test_nobody_else_may(source: str, target: str, port: int, policies: list[dict[str, Any]]):
    """What has no business with another is stopped at one end at least."""
    assert not (
        _allowed(policies, "egress", source, target, port) and _allowed(policies, "ingress", target, source, port)
    )


def test_what_no_policy_names_is_refused(policies: list[dict[str, Any]]):
    """A policy for all pods admits nothing."""
    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in policies


def test_what_the_rules_ask_of_programs_is_scraped():
    """No alert waits for a metric of a program that nothing scrapes, or for a job that has no scrape."""
    objects = built(ROOT / "deploy/kubernetes/base")
    rules = [
        rule["expr"]
        for item in objects
        if item["kind"] == "PrometheusRule"
        for group in item["spec"]["groups"]
        for rule in group["rules"]
    ]
    words = {word for rule in rules for word in re.findall(rf"\b({'|'.join(PROGRAMS)})_\w+", rule)}
    jobs = {job for rule in rules for job in re.findall(r'(?:up|process_\w+)\{job="([^"]+)"\}', rule)}
    assert words == PROGRAMS.keys()
    scraped = {
        step["replacement"]
        for item in objects
        if item["kind"] == "ServiceMonitor"
        for step in item["spec"]["endpoints"][0]["relabelings"]
        if step["targetLabel"] == "job"
    }
    assert jobs | {PROGRAMS[word] for word in words} == scraped


def test_prometheus_takes_the_rules(tmp_path: Path):
    """The rules that go into the objects are rules."""
    for item in built(ROOT / "deploy/kubernetes/base"):
        if item["kind"] == "PrometheusRule":
            (tmp_path / f"{item['metadata']['name']}.yml").write_text(yaml.safe_dump(item["spec"]))
    files = sorted(str(file) for file in tmp_path.glob("*.yml"))
    assert len(files) == 6
    command = [str(promtool_binary()), "check", "rules", "--lint=none", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_policy_and_an_environment_of_ones_own(tmp_path: Path):
    """The command renders all of it for a team's policy and another environment, ready for Kustomize."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nextends: default\nattributes:\n  ward.code: {enum: [north, south]}\n")
    command = [sys.executable, "-m", "scripts.kubernetes", f"--policy={policy}", "--environment=staging"]
    subprocess.run([*command, f"--output={tmp_path / 'out'}"], cwd=ROOT, check=True)
    objects = built(tmp_path / "out/overlays/production")
    gateway = named(objects, "OpenTelemetryCollector", "pazpaz-gateway")["spec"]
    assert "ward.code" in str(gateway["config"])
    assert {"name": "ENVIRONMENT", "value": "staging"} in gateway["env"]
    for item in objects:
        if item["kind"] == "ServiceMonitor":
            relabelings = item["spec"]["endpoints"][0]["relabelings"]
            assert {"targetLabel": "environment", "replacement": "staging"} in relabelings
        if item["kind"] == "Instrumentation":
            attributes = item["spec"]["resource"]["resourceAttributes"]
            assert attributes == {"deployment.environment.name": "staging"}


def _allowed(policies: list[dict[str, Any]], way: str, subject: str, other: str, port: int) -> bool:
    peers = "to" if way == "egress" else "from"
    return any(
        _port(rule, port) and any(_selects(peer.get("podSelector"), other) for peer in rule.get(peers, []))
        for policy in policies
        if _selects(policy["podSelector"], subject)
        for rule in policy.get(way, [])
    )


def _selects(selector: dict[str, Any] | None, name: str) -> bool:
    if selector is None:
        return False
    labels = INSTANCES[name] | ({"app.kubernetes.io/part-of": "opentelemetry"} if "pazpaz" in name else {})
    return selector.get("matchLabels", {}).items() <= labels.items()


def _port(rule: dict[str, Any], port: int) -> bool:
    return any(
        entry["protocol"] == "TCP" and entry["port"] <= port <= entry.get("endPort", entry["port"])
        for entry in rule["ports"]
    )
