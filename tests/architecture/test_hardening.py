"""Every service of the stack, whichever it is, keeps the same rules; an exception stands here with its reason."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

from pazpaz_otel import yaml_text
from tests.architecture.compose import ROOT, resolved, services

pytestmark = pytest.mark.stack

SERVICES = (
    "alertmanager", "api", "backup", "blackbox-exporter", "cadvisor", "db", "frontend", "grafana", "loki",
    "node-exporter", "otel-collector", "postgres-exporter", "prometheus", "redis", "redis-exporter", "tempo",
)  # fmt: skip

ROOT_ALLOWED = {"cadvisor": "reads other containers' control groups and asks Docker's socket for their names"}
HOST_MOUNTS = {
    "cadvisor": {"/": "control groups", "/var/run": "Docker's socket", "/sys": "control groups", "/var/lib/docker": ""},
    "node-exporter": {
        "/": "file systems and /sys of the host",
        **dict.fromkeys(
            (
                "/proc/1/net",
                "/proc/1/mountinfo",
                "/proc/diskstats",
                "/proc/loadavg",
                "/proc/meminfo",
                "/proc/stat",
                "/proc/sys/fs/file-nr",
                "/proc/vmstat",
            ),
            "the host's, where /proc below / would be the container's own",
        ),
    },
}
PUBLIC = {"frontend": {"80", "443"}}
CHECKS = {
    # What each image holds that a health check can call; an image of another name has to be looked into first.
    "pazpaz/api": {"python"},
    "pazpaz/frontend": {"wget"},  # alpine
    "pazpaz/otel-collector": {"/bin/wget"},  # put there by its Dockerfile
    "pazpaz/tempo": {"/bin/wget"},  # likewise
    "postgres": {"pg_isready", "/bin/sh"},
    "redis": {"redis-cli"},
    "prom/prometheus": {"/bin/promtool", "wget"},
    "prom/alertmanager": {"/bin/amtool", "wget"},
    "grafana/grafana": {"wget"},  # alpine
    "grafana/loki": {"/usr/bin/loki"},  # distroless: asks itself
    "prometheuscommunity/postgres-exporter": {"wget"},  # busybox
    "oliver006/redis_exporter": {"wget"},  # its alpine variant
    "prom/blackbox-exporter": {"wget"},  # busybox
    "ghcr.io/google/cadvisor": {"wget"},  # alpine
    "prom/node-exporter": {"wget"},  # busybox
}
NEIGHBOURS = {
    # Who is reached by whom: the only pairs that may share a network for it.
    "frontend": {"blackbox-exporter", "frontend"},
    "backend": {"api", "frontend", "otel-collector"},
    "database": {"api", "backup", "db", "postgres-exporter", "redis", "redis-exporter"},
    "monitoring": {
        "alertmanager", "blackbox-exporter", "cadvisor", "grafana", "loki", "node-exporter", "otel-collector",
        "postgres-exporter", "prometheus", "redis-exporter", "tempo",
    },
}  # fmt: skip
SECRET = re.compile(r"PASS(WORD)?|SECRET|TOKEN|KEY(?!S)", re.IGNORECASE)


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param, services()[request.param]


def image(service: dict[str, Any]) -> tuple[str, str]:
    name, _, tag = service["image"].partition("@")[0].rpartition(":")
    return name, tag


def test_every_service_is_looked_at() -> None:
    """A service that is added to the stack is added to these tests too."""
    assert tuple(sorted(services())) == SERVICES


def test_images_are_pinned(service: tuple[str, dict[str, Any]]) -> None:
    """A tag with a whole version, or a digest; never `latest`. What is built here is built from pinned images."""
    name, definition = service
    repository, tag = image(definition)
    if "build" in definition:
        assert (repository, tag) == (f"pazpaz/{name}", "local")
        bases = [value for key, value in definition["build"]["args"].items() if key.endswith("IMAGE") or key == "BASE"]
    else:
        bases = [definition["image"]]
    assert bases
    for base in bases:
        assert re.search(r":v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)*(@sha256:[0-9a-f]{64})?$", base), base
        assert "latest" not in base


def test_images_have_one_home(service: tuple[str, dict[str, Any]]) -> None:
    """No file names an image but `monitoring/versions.env`, and each there is used."""
    _, definition = service
    lines = (ROOT / "monitoring/versions.env").read_text().splitlines()
    named = {line.partition("=")[2] for line in lines if re.match(r"[A-Z_]+_IMAGE=", line)}
    used = set(definition.get("build", {}).get("args", {}).values()) & named or {definition["image"]}
    assert used <= named
    for file in (ROOT / "deploy/compose").glob("*.yml"):
        for entry in yaml_text.load(file.read_text()).get("services", {}).values():
            assert str(entry.get("image", "${")).startswith(("${", "pazpaz/")), file.name


def test_nothing_runs_as_root(service: tuple[str, dict[str, Any]]) -> None:
    """Every service names a user that isn't root."""
    name, definition = service
    user = str(definition.get("user", "")).partition(":")[0]
    assert user, "no user"
    assert (user in {"0", "root"}) == (name in ROOT_ALLOWED)


def test_nothing_can_be_changed_or_gained(service: tuple[str, dict[str, Any]]) -> None:
    """Read-only root, no new privileges, no capabilities, no namespaces of the host, no devices, no core dumps."""
    _, definition = service
    assert definition["read_only"] is True
    assert definition["security_opt"] == ["no-new-privileges:true"]
    assert definition["cap_drop"] == ["ALL"]
    for forbidden in ("cap_add", "privileged", "devices", "network_mode", "pid", "ipc", "userns_mode", "env_file"):
        assert not definition.get(forbidden), forbidden
    assert set(definition["ulimits"]) == {"core"}
    source = yaml_text.load((ROOT / "deploy/compose/hardened.yml").read_text())
    assert source["services"]["hardened"]["ulimits"]["core"] in (0, {"soft": 0, "hard": 0})


def test_nothing_takes_the_server_down(service: tuple[str, dict[str, Any]]) -> None:
    """Memory, CPU and processes are limited and reserved, logs rotate, and what dies is started again."""
    _, definition = service
    limits, reservations = (definition["deploy"]["resources"][kind] for kind in ("limits", "reservations"))
    assert int(limits["memory"]) >= int(reservations["memory"]) > 0
    assert float(limits["cpus"]) >= float(reservations["cpus"]) > 0
    assert int(limits["pids"]) > 0
    assert definition["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}}
    assert definition["restart"] == "unless-stopped"


def test_limits_are_the_guide_s() -> None:
    """Prometheus gets 1 CPU and 1 GB, Grafana half a CPU and what its release needs, and all fit a server of 8 GB."""
    limits = {name: entry["deploy"]["resources"]["limits"] for name, entry in services().items()}
    gigabyte = 1024**3
    assert (float(limits["prometheus"]["cpus"]), int(limits["prometheus"]["memory"])) == (1.0, gigabyte)
    assert (float(limits["grafana"]["cpus"]), int(limits["grafana"]["memory"])) == (0.5, gigabyte)
    assert sum(int(limit["memory"]) for limit in limits.values()) < 8 * gigabyte


def test_health_can_be_asked(service: tuple[str, dict[str, Any]]) -> None:
    """Every service has a health check that calls a program which its image holds, at the service itself."""
    _, definition = service
    check = definition["healthcheck"]
    repository, _ = image(definition)
    kind, *command = check["test"]
    words = command if kind == "CMD" else command[0].split()
    assert words[0] in CHECKS[repository], f"{words[0]} isn't known to be in {repository}"
    assert kind == "CMD" or words[0] == "redis-cli"
    urls = [word for word in command if "://" in word]
    assert all("://127.0.0.1" in url for url in urls)
    assert "timeout" in check
    assert "interval" in check
    assert check["retries"] >= 3


def test_what_is_written_to_is_a_volume_or_memory(service: tuple[str, dict[str, Any]]) -> None:
    """Files of the project and of the host are mounted read-only; the host's only where that is the service's work."""
    name, definition = service
    for mount in definition.get("volumes", []):
        if mount["type"] == "volume":
            continue
        assert mount["type"] == "bind"
        assert mount.get("read_only") is True, mount["source"]
        if not mount["source"].startswith(str(ROOT)):
            assert mount["source"] in HOST_MOUNTS.get(name, {}), mount["source"]
        assert "docker.sock" not in mount["source"]


def test_only_the_page_is_public(service: tuple[str, dict[str, Any]]) -> None:
    """Ports are bound to 127.0.0.1, for an SSH tunnel, except the page's."""
    name, definition = service
    for port in definition.get("ports", []):
        if port.get("host_ip") != "127.0.0.1":
            assert port["published"] in PUBLIC.get(name, set()), port


def test_the_guide_s_tunnel_finds_something() -> None:
    """Prometheus, Grafana and Alertmanager are at the ports that the guide's SSH tunnels ask for."""
    published = {
        name: {(port["host_ip"], port["published"]) for port in services()[name]["ports"]}
        for name in ("prometheus", "grafana", "alertmanager")
    }
    assert published == {
        "prometheus": {("127.0.0.1", "9090")},
        "grafana": {("127.0.0.1", "3000")},
        "alertmanager": {("127.0.0.1", "9093")},
    }


def test_networks_hold_those_who_must_talk() -> None:
    """Each network has the members that reach each other over it, and the database's has no way out."""
    members: dict[str, set[str]] = {name: set() for name in NEIGHBOURS}
    for name, definition in services().items():
        for network in definition["networks"]:
            members[network].add(name)
    assert members == NEIGHBOURS
    assert resolved()["networks"]["database"]["internal"] is True


def test_secrets_are_files(service: tuple[str, dict[str, Any]]) -> None:
    """No variable holds a password or a token: those that name one point to a file under /run/secrets."""
    _, definition = service
    for variable, value in definition.get("environment", {}).items():
        if SECRET.search(variable) and not variable.startswith("GF_SECURITY_COOKIE"):
            assert str(value).startswith("/run/secrets/"), variable
    assert not any("password=" in str(part).lower() for part in definition.get("command") or [])


def test_secrets_are_used_and_made() -> None:
    """Each secret is mounted by some service, and `deploy/secrets.sh` makes its file."""
    declared = set(resolved()["secrets"])
    mounted = {secret["source"] for entry in services().values() for secret in entry.get("secrets", [])}
    script = (ROOT / "deploy/secrets.sh").read_text()
    assert mounted == declared
    assert not [name for name in declared if name not in script]


def test_everything_is_labelled() -> None:
    """Services, volumes and networks say whose they are; services say what they are for."""
    stack = resolved()
    for kind in ("services", "volumes", "networks"):
        for name, entry in stack[kind].items():
            assert entry.get("labels", {}).get("app") == "pazpaz", f"{kind} {name}"
    assert all("component" in entry["labels"] for entry in stack["services"].values())
    assert all("type" in entry["labels"] for entry in stack["volumes"].values())


def test_starting_waits_for_what_is_needed() -> None:
    """`depends_on` has conditions, telemetry isn't needed by the application, and nothing needs an inactive profile."""
    for name, entry in services().items():
        for other, how in entry.get("depends_on", {}).items():
            assert how["condition"] in {"service_healthy", "service_started"}
            if other in {"loki", "otel-collector", "tempo"}:
                assert how.get("required") is False, f"{name} needs {other}"
    assert services()["api"]["depends_on"]["db"]["condition"] == "service_healthy"


def test_nginx_s_workers_fit_into_its_limit_on_any_server() -> None:
    """A number of them, not the server's cores, of which some have more than the container may have processes."""
    [workers] = re.findall(r"^worker_processes (\d+);", (ROOT / "deploy/nginx/nginx.conf").read_text(), re.MULTILINE)
    assert 2 * int(workers) + 8 < int(services()["frontend"]["deploy"]["resources"]["limits"]["pids"])


@pytest.mark.parametrize(("name", "threads"), [("tempo", 400), ("loki", 4 * 150)])
def test_a_program_that_reads_many_files_may_have_a_thread_for_each(name: str, threads: int) -> None:
    """A Go program ends where the system gives it no thread, and one that waits for a disk needs one of its own.

    The numbers are the releases' defaults: `storage.trace.pool.max_workers` of Tempo (modules/storage/config.go), and
    of Loki `querier.max_concurrent` (pkg/querier/querier.go) times `max_parallel_get_chunk` (pkg/storage/factory.go).
    """
    assert int(services()[name]["deploy"]["resources"]["limits"]["pids"]) > threads + 50


def test_no_credential_is_committed() -> None:
    """No file under version control holds a private key, a password in a URL, or the usual shapes of tokens."""
    shapes = (
        r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|xox[abprs]-[0-9A-Za-z-]{10}"
        r"|hooks\.slack\.com/services/T[0-9A-Z]|gh[pousr]_[0-9A-Za-z]{36}|ur?[0-9]{6,}-[0-9a-f]{24}"
    )
    found = subprocess.run(
        ["git", "grep", "-nIE", "-e", shapes, "--", ":!tests", ":!*.lock", ":!*package-lock.json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.stdout == ""
    assert found.returncode == 1
    ignored = subprocess.run(["git", "check-ignore", "secrets/x", ".env"], cwd=ROOT, capture_output=True, check=False)
    assert len(ignored.stdout.split()) == 2
    urls = subprocess.run(
        ["git", "grep", "-nIE", r"://[A-Za-z0-9_.-]+:[^@/ {}$\"'<>]+@", "--", "deploy", "monitoring", "docs",
         "collector", "*.yml", "*.env", ".env.example"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert urls.stdout == ""
