"""Does it start? Every service of the compose file as a container, under runc, as Docker would make it."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from pazpaz_otel import yaml_text
from tests.architecture.compose import ROOT, config, services
from tests.programs import debian_binary, wait_until
from tests.programs.frontend import frontend_folder
from tests.stack.bundles import Container, Sandbox, address
from tests.stack.images import SITE, image
from tests.stack.mailbox import make_certificate
from tests.stack.shipped import for_this_nginx

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
PROGRAMS = ("db", "redis", "backup", "otel-collector", "tempo", "api", "frontend", "postgres-exporter",
            "redis-exporter", "blackbox-exporter", "node-exporter", "prometheus", "alertmanager")  # fmt: skip


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    """The whole stack, every profile on, as a staging server's `.env` makes it."""
    settings = {
        "ENVIRONMENT": "staging",
        "SITE_DOMAIN": SITE,
        "RELEASE": "2026.11.1",
        "OTEL_METRIC_EXPORT_INTERVAL": "2000",
    }
    return dict(json.loads(config("--profile", "*", format_="json", COMPOSE_PROFILES="logs", **settings)))


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Where things of the server lie here: secrets made by the two scripts, and empty folders of Docker's."""
    folder = tmp_path_factory.mktemp("server")
    for script in (["secrets.sh", str(folder / "secrets")], ["self-signed.sh", SITE, str(folder / "secrets")]):
        subprocess.run(["sh", str(ROOT / "deploy" / script[0]), *script[1:]], check=True, capture_output=True)
    (folder / "docker").mkdir()
    nginx = folder / "nginx"
    subprocess.run(["cp", "-r", str(ROOT / "deploy/nginx"), str(nginx)], check=True)
    file = nginx / "nginx.conf"
    file.write_text(for_this_nginx(debian_binary("nginx"), file.read_text()))
    prometheus = folder / "prometheus"
    subprocess.run(["cp", "-r", str(ROOT / "monitoring/prometheus"), str(prometheus)], check=True)
    return {
        str(ROOT / "monitoring/prometheus"): prometheus,
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
    volumes = [
        mount["target"]
        for mount in service.get("volumes", [])
        if mount["type"] == "volume" and not mount.get("read_only")
    ]
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


def test_a_certificate_of_an_authority_needs_no_self_signed_one(
    stack: dict[str, Any], sources: dict[str, Path], tmp_path: Path
) -> None:
    """Secrets and a certificate put into its folder are enough: nginx and the prober start without the try-out's."""
    secrets = tmp_path / "secrets"
    subprocess.run(["sh", str(ROOT / "deploy/secrets.sh"), str(secrets)], check=True, capture_output=True)
    make_certificate(SITE, secrets / "tls/fullchain.pem", secrets / "tls/privkey.pem", days=90)
    (secrets / "tls/privkey.pem").chmod(0o644)
    assert list((secrets / "ca").iterdir()) == []
    with Sandbox(tmp_path / "containers", stack, {**sources, str(ROOT / "secrets"): secrets}) as apart:
        for name in ("frontend", "blackbox-exporter"):
            container = Container(apart, name, image(name)).start()
            try:
                container.wait()
            finally:
                container.stop()


def test_the_collector_knows_its_container_s_limit(stack: dict[str, Any], sandbox: Sandbox) -> None:
    """More memory than its container has, less a margin, ends it with one line that names both settings."""
    environment = stack["services"]["otel-collector"]["environment"]
    before = environment["COLLECTOR_MEMORY_MIB"]
    environment["COLLECTOR_MEMORY_MIB"] = "449"
    try:
        start = ["/bin/sh", "/etc/otelcol/start.sh", "/bin/sh", "-c", "echo started"]
        container = Container(sandbox, "otel-collector", image("otel-collector"), start)
        done = subprocess.run(container.command, capture_output=True, text=True, check=False, timeout=60)
    finally:
        environment["COLLECTOR_MEMORY_MIB"] = before
    assert done.returncode == 1, done.stdout + done.stderr
    assert "COLLECTOR_MEMORY_MIB must be 64 below the container's limit of 512 MiB" in done.stderr
    assert "COLLECTOR_MEMORY_LIMIT" in done.stderr


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


def test_a_dump_is_restored_as_the_page_says(running: dict[str, Container]) -> None:
    """The page's commands dump and restore inside the containers, with their users, mounts and environment alone."""
    running["backup"].wait()

    def inside(name: str, script: str, given: bytes = b"") -> bytes:
        command = running[name].sandbox.state("exec", name, "/bin/sh", "-c", script)
        done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, (script, done.stderr)
        return done.stdout

    inside("db", "psql -d pazpaz -c 'SET ROLE pazpaz' -c 'CREATE TABLE kept AS SELECT generate_series(1, 100) AS n'")
    inside("backup", "sh /etc/postgresql/backup.sh once")
    page = (ROOT / "docs/operations.md").read_text()
    [newest] = re.findall(r"exec -T backup sh -c '(.+?)' \| gpg", page)
    [stored] = re.findall(r"exec -T db sh -c '(.+?)' ", page)
    inside("db", stored, inside("backup", newest))
    [restore] = re.findall(r"exec db (sh \S+restore\.sh \S+ look)\b", page)
    inside("db", restore)
    assert inside("db", "psql -At -d look -c 'SELECT sum(n) FROM kept'") == b"5050\n"


def query(running: dict[str, Container], expression: str) -> list[tuple[dict[str, str], float]]:
    """What Prometheus answers, asked inside its own container."""
    url = f"http://127.0.0.1:9090/api/v1/query?{urlencode({'query': expression})}"
    done = running["prometheus"].exec("/bin/wget", "-q", "-O", "-", url)
    rows = json.loads(done.stdout or '{"data": {"result": []}}')["data"]["result"]
    return [(row["metric"], float(row["value"][1])) for row in rows]


def test_prometheus_reaches_every_target(running: dict[str, Container]) -> None:
    """By the names and networks of the compose file Prometheus finds each program that runs here."""
    here = {"alertmanager", "blackbox", "node", "otel-collector", "otel-collector-internal", "postgres", "prometheus",
            "redis"}  # fmt: skip
    wait_until(
        lambda: here <= {labels["job"] for labels, value in query(running, "up") if value == 1}, "every target", 90
    )


LATER = r"otelcol_\w+_(?:failed|refused|sent)_\w+|pg_replication_slots_active|redis_errors_total"
"""Counters that begin with the first failure, or with what a stand-in doesn't take; a slot that nobody has made."""


def test_every_metric_that_is_asked_of_programs_is_there(running: dict[str, Container]) -> None:
    """No alert and no panel waits for a name that the programs, as they are shipped and set up, don't have."""
    files = [yaml_text.load(file.read_text()) for file in (ROOT / "monitoring/prometheus/alerts").glob("*.yml")]
    boards = [json.loads(file.read_text()) for file in (ROOT / "monitoring/grafana/dashboards").glob("*.json")]
    rules = [rule["expr"] for file in files for group in file["groups"] for rule in group["rules"]]
    panels = [
        target.get("expr", "") for board in boards for panel in board["panels"] for target in panel.get("targets", [])
    ]
    expressions = re.sub(r'"[^"]*"', "", "\n".join(rules + panels))
    asked = set(re.findall(r"\b(?:alertmanager|node|otelcol|pg|probe|prometheus|redis)_\w+", expressions))
    asked = {name for name in asked if not re.fullmatch(LATER, name)}
    assert len(asked) > 35

    def missing() -> set[str]:
        return asked - {labels["__name__"] for labels, _ in query(running, 'group by (__name__) ({__name__=~".+"})')}

    running["frontend"].exec("/bin/wget", "-q", "-O", "/dev/null", "http://api:8000/api/v1/clients")
    try:
        wait_until(lambda: not missing(), "each metric", 90)
    except TimeoutError:
        assert missing() == set()


def test_everything_names_the_server_s_environment(running: dict[str, Container]) -> None:
    """ENVIRONMENT is the label of all that Prometheus has, scraped or sent; RELEASE is the API's version."""
    scraped = wait_until(lambda: query(running, "up"), "the first scrape", 90)
    assert {labels["environment"] for labels, _ in scraped} == {"staging"}
    container = running["frontend"]
    container.exec("/bin/wget", "-q", "-O", "/dev/null", "http://api:8000/api/v1/clients")
    sent = 'target_info{job="practice_api", environment="staging", service_version="2026.11.1"}'
    wait_until(lambda: query(running, sent), "the API's metrics", 120)


@pytest.mark.parametrize("target", ["page", "api-health", "certificate"])
def test_the_probes_see_the_site(target: str, running: dict[str, Container]) -> None:
    """blackbox-exporter reaches nginx, and the API behind it, by the site's name, and trusts the stack's authority."""
    for name in ("frontend", "api", "blackbox-exporter"):
        running[name].wait()
    where = {"page": f"https://{SITE}/", "api-health": f"https://{SITE}/health", "certificate": f"{SITE}:443"}
    arguments = urlencode({"module": target, "target": where[target], "debug": "true"})

    def page() -> str:
        url = f"http://127.0.0.1:9115/probe?{arguments}"
        return running["blackbox-exporter"].exec("/bin/wget", "-q", "-O", "-", url).stdout

    wait_until(lambda: "probe_success 1" in page(), f"{target}: {page()[-1500:]}", 60)


def test_the_built_page_is_served(running: dict[str, Container], sandbox: Sandbox, sources: dict[str, Path]) -> None:
    """The container serves the page of its build: its routes, each script, and its Content-Security-Policy."""
    running["frontend"].wait()
    number = next(
        n for n, name in enumerate(sandbox.networks) if name in sandbox.stack["services"]["frontend"]["networks"]
    )
    where = f"{SITE}:443:{address('frontend', number, sandbox.stack)}"
    authority = str(sources[str(ROOT / "secrets")] / "ca/self-signed.pem")

    def ask(path: str) -> tuple[str, str]:
        head = ("curl", "--silent", "--show-error", "--include", "--noproxy", "*", "--cacert", authority)
        answer = sandbox.run(*head, "--resolve", where, f"https://{SITE}{path}").replace("\r\n", "\n")
        status, _, rest = answer.partition("\n")
        headers, _, body = rest.partition("\n\n")
        return f"{status.split()[1]}\n{headers}", body

    page = frontend_folder() / "page"
    start = (page / "dist/index.html").read_text()
    [policy] = re.findall(r'"(.+)"', (page / "csp.conf").read_text())
    for path, status in (("/", "200"), ("/clients", "200"), ("/nothing-of-the-kind", "404")):
        headers, body = ask(path)
        assert (path, headers.splitlines()[0], body) == (path, status, start)
        assert f"Content-Security-Policy: {policy}\n".lower() in headers.lower()
    scripts = re.findall(r'(?:src|href)="(/assets/[^"]+\.(?:js|css))"', start)
    assert scripts
    for script in scripts:
        headers, body = ask(script)
        assert headers.startswith("200"), script
        assert body == (page / f"dist{script}").read_text(), script


def test_the_network_is_the_host_s(running: dict[str, Container]) -> None:
    """node-exporter counts the bytes of the server's devices, which its own container doesn't have."""
    running["node-exporter"].wait()
    url = "http://127.0.0.1:9100/metrics"
    page = running["node-exporter"].exec("/bin/wget", "-q", "-O", "-", url).stdout
    assert 'node_network_receive_bytes_total{device="br0"}' in page
    assert "node_memory_MemAvailable_bytes" in page
    assert "node_load1 " in page
    assert "pazpaz_backup_last_success_timestamp_seconds" in page


def test_a_container_that_is_killed_for_its_memory_is_counted(running: dict[str, Container], sandbox: Sandbox) -> None:
    """node-exporter's count of such kills rises when a container takes more than its limit."""

    def killed() -> float:
        url = "http://127.0.0.1:9100/metrics"
        page = running["node-exporter"].exec("/bin/wget", "-q", "-O", "-", url).stdout
        return float(re.findall(r"(?m)^node_vmstat_oom_kill (\S+)$", page)[0])

    running["node-exporter"].wait()
    before = killed()
    greedy = "x=0123456789abcdef; while true; do x=$x$x; done"
    container = Container(sandbox, "blackbox-exporter", image("blackbox-exporter"), ["/bin/sh", "-c", greedy])
    done = subprocess.run(container.command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 137, done.stderr
    wait_until(lambda: killed() > before, "the kill to be counted")


def test_a_replaced_file_is_read(running: dict[str, Container], sources: dict[str, Path]) -> None:
    """What a pull replaces, file by file, Prometheus reads after a SIGHUP, without a restart."""
    running["prometheus"].wait()
    rules = sources[str(ROOT / "monitoring/prometheus")] / "alerts/uptime.yml"
    fresh = rules.with_suffix(".new")
    fresh.write_text(rules.read_text().replace("alert: MonitorDown", "alert: AnotherName"))
    fresh.rename(rules)

    def names() -> str:
        url = "http://127.0.0.1:9090/api/v1/rules"
        return running["prometheus"].exec("/bin/wget", "-q", "-O", "-", url).stdout

    assert "AnotherName" not in names()
    subprocess.run(running["prometheus"].sandbox.state("kill", "prometheus", "HUP"), check=True)
    wait_until(lambda: "AnotherName" in names(), "the new rule", 30)
    scraped = wait_until(lambda: query(running, "up"), "the first scrape", 90)
    assert {labels["environment"] for labels, _ in scraped} == {"staging"}
