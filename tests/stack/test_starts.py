"""Does it start? Every service of the compose file as a container, under runc, as Docker would make it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.architecture.compose import ROOT, resolved, services
from tests.programs import debian_binary, wait_until
from tests.stack.bundles import Container, Sandbox
from tests.stack.images import image
from tests.stack.shipped import nginx_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

PROBE = r"""
for file in $READABLE; do
  find "$file" -type f -o -type l | while read -r name; do
    if ! head -c 1 "$name" >/dev/null 2>&1; then echo "unreadable $name"; fi
  done
done
for folder in / /etc /bin $READABLE; do
  if [ -d "$folder" ] && touch "$folder/written" 2>/dev/null; then echo "writable $folder"; fi
done
for folder in $WRITABLE; do
  if ! touch "$folder/written" 2>/dev/null; then echo "closed $folder"; fi
done
grep -E '^(CapEff|CapPrm|CapBnd|CapAmb|NoNewPrivs|Uid):' /proc/self/status
grep core /proc/self/limits
"""
PROGRAMS = ("db", "redis", "otel-collector", "tempo", "api", "frontend", "postgres-exporter", "redis-exporter",
            "blackbox-exporter", "node-exporter", "prometheus", "alertmanager")  # fmt: skip


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    """The whole stack, every profile on."""
    return resolved()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Where things of the server lie here: secrets made by the two scripts, and empty folders of Docker's."""
    folder = tmp_path_factory.mktemp("server")
    for script in (["secrets.sh", str(folder / "secrets")], ["self-signed.sh", "pazpaz.app", str(folder / "secrets")]):
        subprocess.run(["sh", str(ROOT / "deploy" / script[0]), *script[1:]], check=True, capture_output=True)
    (folder / "docker").mkdir()
    nginx = folder / "nginx"
    subprocess.run(["cp", "-r", str(ROOT / "deploy/nginx"), str(nginx)], check=True)
    if nginx_version(debian_binary("nginx")) < (1, 25, 1):
        file = nginx / "nginx.conf"
        file.write_text(file.read_text().replace("http2 on;", ""))
    return {
        str(ROOT / "secrets"): folder / "secrets",
        str(ROOT / "deploy/nginx"): nginx,
        "/var/lib/docker": folder / "docker",
    }


@pytest.fixture(scope="module")
def sandbox(
    tmp_path_factory: pytest.TempPathFactory, stack: dict[str, Any], sources: dict[str, Path]
) -> Iterator[Sandbox]:
    """Namespaces with a bridge for each network of the compose file."""
    with Sandbox(tmp_path_factory.mktemp("containers"), stack, sources) as made:
        yield made


@pytest.mark.parametrize("name", sorted(services()))
def test_every_mount_is_made(name: str, sandbox: Sandbox) -> None:
    """The container starts; its user can read all that is mounted, and write to its volumes and memory alone."""
    service = sandbox.stack["services"][name]
    binds = [mount["target"] for mount in service.get("volumes", []) if mount["type"] == "bind"]
    binds = [] if name in {"cadvisor", "node-exporter"} else binds
    readable = [*binds, *(secret["target"] for secret in service.get("secrets", []))]
    volumes = [mount["target"] for mount in service.get("volumes", []) if mount["type"] == "volume"]
    writable = [*volumes, *(text.partition(":")[0] for text in service.get("tmpfs", []))]
    script = f"READABLE='{' '.join(readable)}'\nWRITABLE='{' '.join(writable)}'\n{PROBE}"
    container = Container(sandbox, name, image(name), ["/bin/sh", "-c", script])
    done = subprocess.run(container.command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert not [line for line in said if line.startswith(("unreadable", "writable", "closed"))], done.stdout
    status = {line.partition(":")[0]: line.partition(":")[2].split() for line in said if ":" in line}
    assert {status[kind][0].strip("0") for kind in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {""}
    assert status["NoNewPrivs"] == ["1"]
    assert status["Uid"][0] == str(image(name).user(str(service["user"]))[0])
    assert said[-1].split()[4:6] == ["0", "0"], "a core dump"


@pytest.fixture(scope="module")
def running(sandbox: Sandbox) -> Iterator[dict[str, Container]]:
    """All of them together, started in the order that they wait for each other."""
    containers: dict[str, Container] = {}
    try:
        for name in PROGRAMS:
            container = Container(sandbox, name, image(name))
            containers[name] = container.start()
            if name in {"db", "redis"}:
                container.wait()
        yield containers
    finally:
        for container in reversed(containers.values()):
            container.stop()


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_becomes_healthy(name: str, running: dict[str, Container]) -> None:
    """The health check of the compose file, run inside the container by its user, succeeds."""
    running[name].wait()


def test_prometheus_reaches_every_target(running: dict[str, Container]) -> None:
    """By the names and networks of the compose file Prometheus finds each program that runs here."""
    for container in running.values():
        container.wait()
    wanted = {
        "alertmanager",
        "blackbox",
        "node",
        "otel-collector",
        "otel-collector-internal",
        "postgres",
        "prometheus",
        "redis",
    }

    def up() -> bool:
        done = running["prometheus"].exec("/bin/wget", "-q", "-O", "-", "http://127.0.0.1:9090/api/v1/query?query=up")
        rows = json.loads(done.stdout or '{"data": {"result": []}}')["data"]["result"]
        return wanted <= {row["metric"]["job"] for row in rows if row["value"][1] == "1"}

    wait_until(up, "every target to be up", 60)
