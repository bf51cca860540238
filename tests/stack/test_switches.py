"""What one variable of the compose file changes, and all that it has to change with it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pazpaz_otel import yaml_text
from pazpaz_otel.parameters import PARAMETERS
from tests.architecture.compose import ROOT, config, services
from tests.programs import compose_binary

pytestmark = pytest.mark.stack


def test_logs_are_one_switch() -> None:
    """With the profile logs, alone or among others, Loki runs, the Collector feeds it and the API sends."""
    for profiles, wanted in (("logs", True), ("logs,x", True), ("x,logs", True), ("x", False), ("", False)):
        stack = yaml_text.load(config(COMPOSE_PROFILES=profiles))["services"]
        assert ("loki" in stack) == wanted
        assert ("--config=/etc/otelcol/logs.yaml" in collector_arguments(stack)) == wanted
        environment = {key: str(value) for key, value in stack["api"]["environment"].items() if value is not None}
        done = subprocess.run(
            ["sh", str(ROOT / "deploy/api/start.sh"), "printenv", "OTEL_LOGS_EXPORTER"],
            env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.stdout == "none\n") != wanted


@pytest.mark.parametrize(
    ("layer", "loaded"),
    [("", []), ("sentry", ["sentry"]), ("debug,sentry", ["sentry", "debug"]), ("extras", [])],
)
def test_layers_combine(layer: str, loaded: list[str]) -> None:
    """COLLECTOR_LAYER takes several, beside the profile logs, each once, and the checkout's own file is last."""
    sentry = {
        "SENTRY_OTLP_TRACES_ENDPOINT": "https://sentry.invalid/v1/traces",
        "SENTRY_OTLP_AUTH": "sentry sentry_key=0",
    }
    stack = yaml_text.load(config(COMPOSE_PROFILES="logs", COLLECTOR_LAYER=layer, **sentry))["services"]
    arguments = collector_arguments(stack)
    assert arguments[7:] == [
        *(f"--config=/etc/otelcol/{name}.yaml" for name in ("logs", *loaded)),
        f"--config={ROOT}/collector/extras.yaml",
    ]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"COLLECTOR_MEMORY_MIB": "100"}, "COLLECTOR_MEMORY_MIB must be 192 or more"),
        ({"COLLECTOR_MEMORY_MIB": "much"}, "COLLECTOR_MEMORY_MIB must be a whole number"),
        ({"COLLECTOR_LAYER": "sentry"}, "needs SENTRY_OTLP_TRACES_ENDPOINT and SENTRY_OTLP_AUTH"),
        ({"COLLECTOR_LAYER": "logs,patients"}, "COLLECTOR_LAYER takes logs, sentry and debug"),
    ],
)
def test_the_collector_says_what_it_can_t_run_with(settings: dict[str, str], said: str) -> None:
    """A setting under which it would take nothing in, or not start, ends it with one line that names the setting."""
    done = start_collector(yaml_text.load(config(**settings))["services"])
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def start_collector(stack: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run the Collector's start script in the compose file's environment, with `echo` as the Collector."""
    collector = stack["otel-collector"]
    environment = {key: str(value) for key, value in collector["environment"].items() if value is not None}
    return subprocess.run(
        ["sh", str(ROOT / "deploy/otel-collector/start.sh"), "echo", *collector["command"]],
        env={"PATH": os.environ["PATH"], "COLLECTOR_EXTRAS": str(ROOT / "collector/extras.yaml"), **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def collector_arguments(stack: dict[str, Any]) -> list[str]:
    """The Collector's command line, as its start script makes it."""
    done = start_collector(stack)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_api_and_its_policy_are_two_variables(tmp_path: Path) -> None:
    """API_IMAGE takes the place of the example and of its build, POLICY_FOLDER is what API and Collector are given."""
    mine = {
        "API_IMAGE": "registry.practice.example/api:4.5.6",
        "API_COMMAND": "uvicorn main:app",
        "POLICY_FOLDER": str(tmp_path),
    }
    stack = yaml_text.load(config(**mine))["services"]
    assert stack["api"]["image"] == mine["API_IMAGE"]
    assert "build" not in stack["api"]
    assert stack["api"]["command"] == ["uvicorn", "main:app"]
    mounts = {mount["target"]: mount["source"] for mount in stack["api"]["volumes"]}
    assert (Path(mounts["/etc/pazpaz/api"]) / Path(stack["api"]["entrypoint"][-1]).name).is_file()
    assert mounts["/etc/pazpaz/policy"] == str(tmp_path)
    assert stack["otel-collector"]["build"]["additional_contexts"] == {"policy": str(tmp_path)}
    example = services()["api"]
    assert (example["image"], example["build"]["dockerfile"]) == ("pazpaz/api:local", "deploy/api/Dockerfile")


def test_settings_of_opentelemetry_reach_the_api() -> None:
    """A variable of the distribution or the SDK that is set for the stack is the API's too; unset, it isn't there."""
    stack_s_own = {
        "ENVIRONMENT",
        "PAZPAZ_OTEL_POLICY",
        "OTEL_CONFIG_FILE",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "PAZPAZ_OTEL_EXPLAIN",
    }
    elsewhere = ("SENTRY_URL", "SENTRY_ORG", "SENTRY_PROJECT", "SENTRY_AUTH_TOKEN", "OTEL_EXPORTER_PROMETHEUS_")
    names = [p.name for p in PARAMETERS if p.name not in stack_s_own and not p.name.startswith(elsewhere)]
    assert len(names) > 15
    environment = yaml_text.load(config(**dict.fromkeys(names, "given=here")))["services"]["api"]["environment"]
    assert [name for name in names if "given=here" not in str(environment.get(name))] == []
    plain = services()["api"]["environment"]
    assert not [name for name in names if plain[name] == "" and name.startswith(("OTEL_", "PAZPAZ_"))]


def test_one_variable_names_the_environment_and_one_the_release() -> None:
    """ENVIRONMENT and RELEASE reach telemetry, the page's build and Prometheus."""
    stack = yaml_text.load(config(ENVIRONMENT="staging", RELEASE="2026.11.1"))["services"]
    attributes = stack["api"]["environment"]["OTEL_RESOURCE_ATTRIBUTES"].split(",")
    assert attributes == ["deployment.environment.name=staging", "service.version=2026.11.1"]
    page = stack["frontend"]["build"]["args"]
    assert (page["VITE_SENTRY_ENVIRONMENT"], page["VITE_SENTRY_RELEASE"]) == ("staging", "2026.11.1")
    assert stack["prometheus"]["environment"]["ENVIRONMENT"] == "staging"


def test_no_file_is_mounted_singly() -> None:
    """A file that is mounted by itself stays the old one when a pull replaces it; folders show what is in them."""
    single = [
        mount["source"]
        for entry in services().values()
        for mount in entry.get("volumes", [])
        if Path(mount["source"]).is_file() and not mount["source"].startswith("/proc/")
    ]
    assert single == []


def example_names() -> list[str]:
    """The variables of `.env.example`."""
    return re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_the_example_names_what_the_compose_file_reads() -> None:
    """`.env.example` has every variable of the compose files but images', and no other."""
    files = [*(ROOT / "deploy/compose").glob("*.yml"), ROOT / "docker-compose.prod.yml"]
    text = "".join(file.read_text() for file in files)
    found = set(re.findall(r"\$\{([A-Z_]+)", text)) - {"COMPOSE_PROJECT_NAME"}
    read = {name for name in found if not name.endswith("_IMAGE") or name == "API_IMAGE"}
    absent = {name for name, value in services()["api"]["environment"].items() if value is None}
    assert set(example_names()) == read | absent


Made = Callable[..., str]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """What Compose makes of the file in a checkout whose `.env` has the given lines."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "deploy", "monitoring/versions.env", "*.yml"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, names.split("\0")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())

    def make(*lines: str) -> str:
        (tmp_path / ".env").write_text("".join(f"{line}\n" for line in lines))
        return subprocess.run(
            [str(compose_binary()), "-f", "docker-compose.prod.yml", "config"],
            cwd=tmp_path, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    return make


def test_the_example_s_values_are_the_stack_s(made: Made) -> None:
    """A line of `.env.example` that is taken over as it stands changes nothing: it shows the stack's own default."""
    absent = {name for name, value in services()["api"]["environment"].items() if value is None}
    lines = re.findall(r"^#([A-Z_]+=.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    taken = [line for line in lines if line.partition("=")[0] not in absent]
    assert len(taken) > 25
    assert made(*taken) == made()


@pytest.mark.slow
def test_every_variable_of_the_example_changes_something(made: Made) -> None:
    """A line of `.env.example` that is filled in changes what Compose makes of the file: no variable is idle."""
    command = "API_COMMAND=serve"
    values = {
        "COLLECTOR_MEMORY_LIMIT": "99M", "COMPOSE_PROFILES": "logs", "POLICY_FOLDER": "./mine", "TLS_FOLDER": "./mine",
    }  # fmt: skip
    plain = made(command)
    # What is read within another variable's place may be read only if that one is set, so it's filled in by itself.
    files = [*(ROOT / "deploy/compose").glob("*.yml"), ROOT / "docker-compose.prod.yml"]
    within = set(re.findall(r"\$\{[A-Z_]+:?[-+?][^}$]*\$\{([A-Z_]+)", "".join(file.read_text() for file in files)))
    numbers = {name: str(20_000 + number) for number, name in enumerate(example_names())}
    together = {name: n for name, n in numbers.items() if name not in {*within, *values, "API_COMMAND", "API_IMAGE"}}
    filled = made(command, *(f"{name}={number}" for name, number in together.items()))
    seen = {name for name, number in together.items() if number in filled and number not in plain}
    assert len(seen) > 30
    idle = []
    for name in (name for name in example_names() if name not in seen):
        rest = ["API_IMAGE=mine:1.0"] if name == "API_COMMAND" else [command]
        if made(*rest, f"{name}={values.get(name, '7')}") == (made(*rest, command) if name == "API_COMMAND" else plain):
            idle.append(name)
    assert idle == []


def test_a_team_s_own_file_includes_monitoring_alone(tmp_path: Path) -> None:
    """An invented team's file includes telemetry and exporters as the page says, and nothing of the example."""
    page = (ROOT / "docs/operations.md").read_text()
    (include,) = re.findall(r"^```yaml\n(include:.*?)^```$", page, re.DOTALL | re.MULTILINE)
    (tmp_path / "pazpaz").symlink_to(ROOT)
    (tmp_path / "compose.yml").write_text(
        include + "services:\n"
        "  web: {image: 'team/web:3.1', networks: [frontend, backend]}\n"
        "  api: {image: 'team/api:3.1', networks: [backend, database]}\n"
        "  postgres: {image: 'postgres:18.6', networks: [database]}\n"
    )
    settings = {"POSTGRES_ADDRESS": "postgres:5432/team?sslmode=disable", "BACKEND_NETWORK": "team_inner"}
    done = subprocess.run(
        [str(compose_binary()), "-p", "team", "-f", "compose.yml", "config", "--format", "json"],
        cwd=tmp_path, env={**os.environ, **settings}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    stack = json.loads(done.stdout)
    assert {"otel-collector", "prometheus", "grafana", "postgres-exporter", "blackbox-exporter"} < set(
        stack["services"]
    )
    assert stack["services"]["api"]["image"] == "team/api:3.1"
    assert not {"db", "redis", "frontend", "backup"} & set(stack["services"])
    assert not {"db-data", "redis-data"} & set(stack.get("volumes", {}))
    assert stack["networks"]["backend"]["name"] == "team_inner"
    assert stack["networks"]["database"]["name"] == "team_database"
    exporter = stack["services"]["postgres-exporter"]["environment"]
    assert exporter["DATA_SOURCE_URI"] == settings["POSTGRES_ADDRESS"]
