"""The API and the Collector as the compose file connects them: one policy, one token, the addresses of each other."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from pazpaz_otel import yaml_text
from pazpaz_otel.policy import load_policy
from tests.architecture.compose import ROOT, config, services
from tests.integration.backend import Backend
from tests.programs import Collector, GrpcSink, HttpSink, Prometheus, free_port, wait_until
from tests.programs.running import get
from tests.stack.test_switches import collector_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.stack, pytest.mark.slow]

DOCKERFILE = ROOT / "deploy/otel-collector/Dockerfile"
TOKEN = "token-of-this-test"
GUIDES_JOB, RELEASE = "fastapi", "1.4.2"
INSIDE = "/etc/otelcol"


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Collector's configuration, made by the command of its Dockerfile from the file that it copies."""
    text = DOCKERFILE.read_text()
    assert re.search(r"^COPY --from=policy policy\.yaml policy\.yaml$", text, re.MULTILINE)
    policy = Path(services()["otel-collector"]["build"]["additional_contexts"]["policy"]) / "policy.yaml"
    (line,) = re.findall(r"^RUN (pazpaz-otel .+)$", text, re.MULTILINE)
    folder = tmp_path_factory.mktemp("otelcol")
    places = {"policy.yaml": str(policy), INSIDE: str(folder)}
    command = [places.get(part, part) for part in shlex.split(line)]
    subprocess.run([str(Path(sys.executable).parent / command[0]), *command[1:]], check=True, capture_output=True)
    return folder


def layers(rendered: Path, **environment: str) -> list[Path]:
    """The files that the compose file tells the Collector to load, in its order; what it mounts hides what's below."""
    stack = yaml_text.load(config(**environment))["services"]
    files = [flag.removeprefix("--config=") for flag in collector_arguments(stack)[1:]]
    return [rendered / file.removeprefix(f"{INSIDE}/") if file.startswith(INSIDE) else Path(file) for file in files]


class Ports:
    """Where the Collector listens here instead of at its own ports, and the layer that says so."""

    def __init__(self) -> None:
        self.guarded, self.strict, self.health, self.own, self.metrics = (free_port() for _ in range(5))

    def layer(self) -> dict[str, Any]:
        def receiver(grpc: int) -> dict[str, Any]:
            ports = {"grpc": grpc, "http": free_port()}
            return {"protocols": {name: {"endpoint": f"127.0.0.1:{port}"} for name, port in ports.items()}}

        reader = {"pull": {"exporter": {"prometheus": {"host": "127.0.0.1", "port": self.own}}}}
        return {
            "extensions": {"health_check": {"endpoint": f"127.0.0.1:{self.health}"}},
            "receivers": {
                "otlp/strict": receiver(self.strict),
                "otlp/guarded": receiver(self.guarded),
                "udplog/nginx": {"listen_address": f"127.0.0.1:{free_port()}"},
            },
            "exporters": {
                "prometheus": {"endpoint": f"127.0.0.1:{self.metrics}"},
                "prometheus/nginx": {"endpoint": f"127.0.0.1:{free_port()}"},
            },
            "service": {"telemetry": {"metrics": {"readers": [reader]}}},
        }


class Wired(NamedTuple):
    """What runs together."""

    ports: Ports
    tempo: GrpcSink
    loki: HttpSink
    api: str


@pytest.fixture(scope="module")
def wired(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    """The API and the Collector in the compose file's environment, sinks for Tempo and Loki, after some requests.

    The service has the name with which queries of the guide's stack work.
    """
    folder = tmp_path_factory.mktemp("wiring")
    (folder / "token").write_text(TOKEN + "\n")
    ports = Ports()
    chosen = {"COMPOSE_PROFILES": "logs", "OTEL_SERVICE_NAME": GUIDES_JOB, "RELEASE": RELEASE}
    stack = yaml_text.load(config(**chosen))["services"]
    with GrpcSink() as tempo, HttpSink() as loki:
        here = {
            "/run/secrets/collector_token": str(folder / "token"),
            "tempo:4317": tempo.endpoint.removeprefix("http://"),
            "http://loki:3100/otlp": f"{loki.endpoint}/otlp",
            "http://otel-collector:4327": f"http://127.0.0.1:{ports.guarded}",
            "/etc/pazpaz/policy/policy.yaml": str(ROOT / "examples/practice_api/policy.yaml"),
        }
        variables = {
            name: {
                key: here.get(str(value), str(value))
                for key, value in stack[name]["environment"].items()
                if value is not None
            }
            for name in ("otel-collector", "api")
        }
        collector = Collector(
            [*layers(rendered, COMPOSE_PROFILES="logs"), ports.layer()],
            folder / "collector",
            environment=variables["otel-collector"] | {"COLLECTOR_STORAGE": str(folder / "queue")},
            health_url=f"http://127.0.0.1:{ports.health}/",
        )
        own = {
            name: variables["api"][name]
            for name in variables["api"]
            if name.startswith(("OTEL_", "PAZPAZ_", "COLL", "STACK_"))
        }
        with collector, _Api(folder / "api", own | {"OTEL_METRIC_EXPORT_INTERVAL": "500"}) as api:
            for _ in range(5):
                assert get(f"{api.url}/api/v1/clients")[0] == 401
            wait_until(lambda: "http_server_request_duration" in _page(ports.metrics), "the API's metrics", 60)
            yield Wired(ports, tempo, loki, api.url)


class _Api(Backend):
    """The backend, started by the image's entry point, which adds the token."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        super().__init__(folder, environment, instrumented=True)
        self.command = ["sh", str(ROOT / "deploy/api/start.sh"), *self.command]


def _page(port: int) -> str:
    return get(f"http://127.0.0.1:{port}/metrics")[1]


def test_the_collector_takes_its_layers(rendered: Path, tmp_path: Path) -> None:
    """The real Collector takes the files that the compose file gives it, in that order, with every layer and with none.

    It runs with that of logs alone.
    """
    (tmp_path / "token").write_text(TOKEN)
    environment = services()["otel-collector"]["environment"] | {
        "COLLECTOR_TOKEN_FILE": str(tmp_path / "token"), "COLLECTOR_STORAGE": str(tmp_path / "queue"),
    }  # fmt: skip
    sentry = {
        "SENTRY_OTLP_TRACES_ENDPOINT": "https://sentry.invalid/v1/traces",
        "SENTRY_OTLP_AUTH": "sentry sentry_key=0",
    }
    for profile, layer in (("", ""), ("logs,x", "sentry,debug")):
        files = layers(rendered, COMPOSE_PROFILES=profile, COLLECTOR_LAYER=layer, **sentry)
        collector = Collector(files, tmp_path / "collector", environment={**os.environ, **environment, **sentry})
        assert collector.validate() == ""
        assert files[-1].name == "extras.yaml"


def test_the_api_s_metrics_arrive(wired: Wired) -> None:
    """With the compose file's address, protocol and token the API's metrics come out for Prometheus."""
    page = _page(wired.ports.metrics)
    assert re.search(r'http_requests_total\{[^}]*handler="/api/v1/clients"[^}]*status="401"', page)


def test_traces_and_logs_arrive(wired: Wired) -> None:
    """Traces reach what plays Tempo, and logs what plays Loki."""
    assert wired.tempo.wait_for(lambda received: any(one.message.resource_spans for one in received), 60)
    assert wired.loki.wait_for(lambda received: any(one.path == "/otlp/v1/logs" for one in received), 60)


def test_a_deployment_that_has_arrived_is_told_from_another(wired: Wired, tmp_path: Path) -> None:
    """`pazpaz-otel deployed` finds the release at the site and in Prometheus, and misses one that isn't there.

    `OTEL_SERVICE_NAME=fastapi` gives the metrics the job that the guide's queries ask for.
    """

    def deployed(release: str, wait: str) -> subprocess.CompletedProcess[str]:
        asked = ["--prometheus", prometheus.url, "--release", release, "--service", GUIDES_JOB, "--wait", wait]
        command = [str(Path(sys.executable).with_name("pazpaz-otel")), "deployed", wired.api, *asked]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)

    with Prometheus([f"127.0.0.1:{wired.ports.metrics}"], tmp_path) as prometheus:
        done = deployed(RELEASE, "120")
        assert done.returncode == 0, done.stdout + done.stderr
        assert prometheus.query(f'http_requests_total{{job="{GUIDES_JOB}"}}')
        assert deployed("1.4.1", "0").returncode == 1


def test_api_and_collector_have_one_policy(rendered: Path) -> None:
    """The policy that the API enforces is the one that the Collector's configuration calls current."""
    inside = Path(services()["api"]["environment"]["PAZPAZ_OTEL_POLICY"])
    mounts = {mount["target"]: mount["source"] for mount in services()["api"]["volumes"]}
    policy = load_policy(Path(mounts[str(inside.parent)]) / inside.name)
    for name in ("wall-traces.yaml", "wall-metrics.yaml", "wall-logs.yaml"):
        assert (
            f'"current") where resource.attributes["pazpaz_otel.policy.digest"] == "{policy.digest}"'
            in (rendered / name).read_text()
        )


def test_the_health_extension_is_where_the_check_asks(rendered: Path) -> None:
    """The Collector's health check asks the port and path at which its configuration answers."""
    base = yaml_text.load((rendered / "base.yaml").read_text())
    port = base["extensions"]["health_check"]["endpoint"].rpartition(":")[2]
    assert services()["otel-collector"]["healthcheck"]["test"][-1] == f"http://127.0.0.1:{port}/"
