"""Programs built from Go modules; no binaries are downloaded."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.programs.cache import cached
from tests.programs.missing import unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]

PROMETHEUS = "v0.316.0"
"""Prometheus 3.16, as a Go module."""
ALERTMANAGER = "v0.34.2"
COMPOSE = "v5.6.0"
NODE_EXPORTER = "v1.12.1"
"""The version that is shipped: Debian's lacks flags on which the shipped configuration depends."""
POSTGRES_EXPORTER = "v0.19.1"
"""The last before the shipped 0.20, whose module can't be had everywhere; its test says what 0.20 has moved."""
ACTIONLINT = "v1.7.12"
KUBERNETES = "v1.37.2"
ETCD = "v3.7.3"
KUSTOMIZE = "v5.7.1"
KUBECONFORM = "v0.7.0"
PROMETHEUS_OPERATOR = "v0.85.0"
PROMETHEUS_ADAPTER = "v0.12.0"
VICTORIAMETRICS = "v1.148.9"
"""The version that is shipped, of the line with long-term support."""


def collector_binary() -> Path:
    """The Collector of `collector/builder.yaml`."""
    script = ROOT / "scripts" / "build-collector.sh"
    manifest = ROOT / "collector" / "builder.yaml"
    _need_go("the Collector", f"{script.relative_to(ROOT)} OUTPUT_FILE, after installing Go 1.25 or newer")
    made_from = manifest.read_text() + script.read_text()

    def build(folder: Path) -> None:
        _run([str(script), str(folder / "pazpaz-collector")], "the Collector")

    return cached("collector", made_from, build) / "pazpaz-collector"


def prometheus_binary() -> Path:
    """Prometheus 3; its web pages are absent, its API is whole."""
    return _prometheus_folder() / "prometheus"


def promtool_binary() -> Path:
    """Prometheus 3's promtool."""
    return _prometheus_folder() / "promtool"


def alertmanager_binary() -> Path:
    """Alertmanager as production runs it, without its web pages, which its Go module lacks."""
    module = f"github.com/prometheus/alertmanager@{ALERTMANAGER}"
    commands = (
        f"go mod download {module} && cp -r $GOMODCACHE/{module} alertmanager && cd alertmanager && "
        "mkdir -p ui/app/dist && touch ui/app/dist/index.html && go build ./cmd/alertmanager"
    )
    _need_go("Alertmanager", commands)

    def build(folder: Path) -> None:
        source = folder / "source"
        shutil.copytree(json.loads(_run(["go", "mod", "download", "-json", module], "Alertmanager"))["Dir"], source)
        for path in (source, *source.rglob("*")):
            path.chmod(path.stat().st_mode | stat.S_IWUSR)
        pages = source / "ui" / "app" / "dist"
        pages.mkdir(parents=True, exist_ok=True)
        (pages / "index.html").touch()
        _run(["go", "build", "-ldflags=-s -w", "-o", "../alertmanager", "./cmd/alertmanager"], "Alertmanager", source)
        shutil.rmtree(source)

    return cached("alertmanager", commands, build) / "alertmanager"


def amtool_binary() -> Path:
    """Alertmanager's amtool."""
    return _go_install("amtool", "github.com/prometheus/alertmanager/cmd/amtool", ALERTMANAGER)


def actionlint_binary() -> Path:
    """The linter of GitHub's workflows; its package for Python downloads a binary as it is installed."""
    return _go_install("actionlint", "github.com/rhysd/actionlint/cmd/actionlint", ACTIONLINT)


def kustomize_binary() -> Path:
    """Kustomize."""
    return _go_install("kustomize", "sigs.k8s.io/kustomize/kustomize/v5", KUSTOMIZE)


def kubeconform_binary() -> Path:
    """The judge of Kubernetes' objects by JSON schemas."""
    return _go_install("kubeconform", "github.com/yannh/kubeconform/cmd/kubeconform", KUBECONFORM)


def victoriametrics_binary() -> Path:
    """VictoriaMetrics as one program."""
    package = "github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics"
    return _go_install("victoria-metrics", package, VICTORIAMETRICS)


def etcd_binary() -> Path:
    """Etcd, by its server's module: the one that is named etcd stands for an older version."""
    return _built_in_a_module("etcd", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3", ETCD)


def kube_apiserver_binary() -> Path:
    """Kubernetes' API server: minutes of CPU, once.

    Its module takes its parts from a folder of its own repository, which is no part of the module; here each comes as
    the module that is published from that folder.
    """

    def replaced() -> list[str]:
        module = json.loads(_run(["go", "mod", "download", "-json", f"k8s.io/kubernetes@{KUBERNETES}"], "Kubernetes"))
        text = (Path(module["Dir"]) / "go.mod").read_text(encoding="utf-8")
        version = KUBERNETES.replace("v1.", "v0.")
        parts = re.findall(r"^\s*(k8s\.io/\S+) => \./staging/", text, re.MULTILINE)
        return [f"replace {part} => {part} {version}" for part in parts]

    package = "k8s.io/kubernetes/cmd/kube-apiserver"
    return _built_in_a_module("kube-apiserver", "k8s.io/kubernetes", package, KUBERNETES, replaced)


def prometheus_operator_binary() -> Path:
    """The operator that makes a Prometheus and its configuration of objects."""
    module = "github.com/prometheus-operator/prometheus-operator"
    return _built_in_a_module("prometheus-operator", module, f"{module}/cmd/operator", PROMETHEUS_OPERATOR)


def prometheus_adapter_binary() -> Path:
    """What answers Kubernetes' autoscaler with what Prometheus says."""
    module = "sigs.k8s.io/prometheus-adapter"
    return _built_in_a_module("prometheus-adapter", module, f"{module}/cmd/adapter", PROMETHEUS_ADAPTER)


def prometheus_operator_crds() -> Path:
    """The folder with the definitions of prometheus-operator's objects, of its Go module."""
    module = f"github.com/prometheus-operator/prometheus-operator@{PROMETHEUS_OPERATOR}"
    command = ["go", "mod", "download", "-json", module]
    _need_go("prometheus-operator's definitions", " ".join(command))

    def build(folder: Path) -> None:
        downloaded = json.loads(_run(command, "prometheus-operator's definitions"))
        for file in (Path(downloaded["Dir"]) / "example" / "prometheus-operator-crd").glob("*.yaml"):
            (folder / file.name).write_bytes(file.read_bytes())

    return cached("prometheus-operator-definitions", module, build)


def node_exporter_binary() -> Path:
    """node-exporter."""
    return _go_install("node_exporter", "github.com/prometheus/node_exporter", NODE_EXPORTER)


def postgres_exporter_binary() -> Path:
    """postgres_exporter."""
    module = "github.com/prometheus-community/postgres_exporter"
    return _built_in_a_module("postgres_exporter", module, f"{module}/cmd/postgres_exporter", POSTGRES_EXPORTER)


def compose_binary() -> Path:
    """Docker Compose as a program of its own (`docker-compose -f … config`); `config` needs no daemon.

    Its module excludes versions of others, which `go install` refuses; so a module of ours requires it.
    """
    package = "github.com/docker/compose/v5/cmd"
    steps = [
        ["go", "mod", "init", "compose"],
        ["go", "get", f"{package}@{COMPOSE}"],
        ["go", "build", "-mod=mod", "-ldflags=-s -w", "-o", "docker-compose", package],
    ]
    commands = " && ".join(" ".join(step) for step in steps)
    _need_go("Docker Compose", commands)

    def build(folder: Path) -> None:
        (folder / "tools.go").write_text(f'//go:build tools\n\npackage tools\n\nimport _ "{package}"\n')
        for step in steps:
            _run(step, "Docker Compose", folder)

    return cached("compose", commands, build) / "docker-compose"


def _built_in_a_module(
    name: str, module: str, package: str, version: str, more: Callable[[], list[str]] = list
) -> Path:
    """Build a package whose module `go install` refuses, in a module of ours that requires it."""
    _need_go(name, f"go build {package}, in a module that requires {module} {version}")

    def build(folder: Path) -> None:
        lines = [f"module {name}", "go 1.25.0", f"require {module} {version}", *more()]
        (folder / "go.mod").write_text("\n".join(lines) + "\n")
        (folder / "tools.go").write_text(f'//go:build tools\n\npackage tools\n\nimport _ "{package}"\n')
        command = ["go", "build", "-mod=mod", "-ldflags=-s -w", "-o", f"{name}.built", package]
        _run(command, name, folder)
        (folder / f"{name}.built").rename(folder / name)

    return cached(name, f"{package} {version}", build) / name


def _prometheus_folder() -> Path:
    tags = "netgo,remove_all_sd"
    modules = [f"github.com/prometheus/prometheus/cmd/{name}@{PROMETHEUS}" for name in ("prometheus", "promtool")]
    return _install("prometheus", modules, tags)


def _go_install(name: str, module: str, version: str) -> Path:
    return _install(name, [f"{module}@{version}"], "") / name


def _install(name: str, modules: list[str], tags: str) -> Path:
    command = ["go", "install", *(["-tags", tags] if tags else []), *modules]
    _need_go(name, " ".join(command))

    def build(folder: Path) -> None:
        _run(command, name, GOBIN=str(folder))

    return cached(name, " ".join(command), build)


def _need_go(program: str, command: str) -> None:
    if shutil.which("go") is None:
        unavailable(program, "Go is not installed", command)


def _run(command: list[str], program: str, folder: Path | None = None, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        unavailable(program, f"the build failed: {done.stderr.strip()[-800:]}", " ".join(command))
    return done.stdout
