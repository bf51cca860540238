"""The compose file: valid in every form, and what it tells each program is what the real program takes."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pazpaz_otel import yaml_text
from pazpaz_otel.tools.uptime.files import EXPORTER
from tests.architecture.compose import FILE, ROOT, config, resolved, services
from tests.programs import (
    Program,
    alertmanager_binary,
    amtool_binary,
    compose_binary,
    debian_binary,
    free_port,
    node_exporter_binary,
    postgres_folder,
    prometheus_binary,
    promtool_binary,
)
from tests.programs.running import get
from tests.stack.shipped import ShippedPostgres, ShippedRedis

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("profiles", ["", "logs", "*"])
def test_the_file_is_valid(profiles: str) -> None:
    """`docker compose config` takes the file with and without its profile, in a checkout without any `.env`."""
    stack = yaml_text.load(config(*(["--profile", profiles] if profiles else [])))
    assert ("loki" in stack["services"]) == bool(profiles)
    assert stack["name"] == "pazpaz"


def test_a_profile_changes_no_other_container() -> None:
    """With and without a profile a service is the same container, but for the variable that names the profiles.

    So the containers that `test_starts.py` makes of all profiles are those of each.
    """
    plain = yaml_text.load(config())["services"]
    whole = yaml_text.load(config("--profile", "*", COMPOSE_PROFILES="logs"))["services"]
    assert whole.keys() - plain.keys() == {"loki"}
    told = {name for name, service in plain.items() if service.get("environment", {}).pop("STACK_PROFILES", None) == ""}
    assert told == {"api", "otel-collector"}
    for name in told:
        assert whole[name]["environment"].pop("STACK_PROFILES") == "logs"
    assert {name: whole[name] for name in plain} == plain


def test_nobody_else_feeds_loki() -> None:
    """Loki is reached by the Collector and Grafana alone, and no container's output or log file is mounted."""
    mounts = [mount["source"] for entry in services().values() for mount in entry.get("volumes", [])]
    assert not [source for source in mounts if "containers" in source or "/var/log" in source]
    assert "ports" not in services()["loki"]


def test_the_user_s_file_comes_last(tmp_path: Path) -> None:
    """What stands in the extras file wins, and it is shipped empty."""
    assert yaml_text.load((ROOT / "docker-compose.extras.yml").read_text()) == {"services": {}}
    extras = tmp_path / "extras.yml"
    extras.write_text("services: {grafana: {image: grafana/grafana:0.0.1}, mine: {image: mine:1.0}}")
    stack = resolved(extras=str(extras))
    assert stack["services"]["grafana"]["image"] == "grafana/grafana:0.0.1"
    assert "mine" in stack["services"]
    included = yaml_text.load((ROOT / FILE).read_text())["include"][0]["path"]
    assert included[-1] == "docker-compose.extras.yml"


def test_a_version_can_be_set_for_one_server() -> None:
    """A variable wins over versions.env, so that one server can run ahead of it."""
    assert "image: grafana/grafana:99.0" in config(GRAFANA_IMAGE="grafana/grafana:99.0")


def test_what_is_mounted_is_there(tmp_path: Path) -> None:
    """Each file and folder that a service mounts is in the checkout, or is made by the two scripts that set up."""
    made = tmp_path / "secrets"
    for command in (["deploy/secrets.sh", str(made)], ["deploy/self-signed.sh", "pazpaz.test", str(made)]):
        subprocess.run(["sh", *command], cwd=ROOT, check=True, capture_output=True)
    stack = resolved()
    sources = [mount["source"] for entry in stack["services"].values() for mount in entry.get("volumes", [])]
    sources += [secret["file"] for secret in stack["secrets"].values()]
    here = [Path(source).relative_to(ROOT) for source in sources if source.startswith(f"{ROOT}/")]
    assert len(here) > 20
    for path in here:
        actual = made / path.relative_to("secrets") if path.parts[0] == "secrets" else ROOT / path
        assert actual.exists(), path


def test_secrets_are_made_once_and_closed(tmp_path: Path) -> None:
    """Secrets are random, stay as they are on a second run, and lie in a folder that others can't enter."""
    one, two = tmp_path / "one", tmp_path / "two"
    outputs = [
        subprocess.run(["sh", str(ROOT / "deploy/secrets.sh"), str(folder)], check=True, capture_output=True, text=True)
        for folder in (one, two, one)
    ]
    assert stat.S_IMODE(one.stat().st_mode) == 0o700
    password = (one / "postgres_app_password").read_text()
    assert len(password) == 64
    assert password != (two / "postgres_app_password").read_text()
    assert password == (one / "postgres_app_password").read_text()
    assert outputs[2].stdout == ""
    assert not [line for done in outputs for line in done.stdout.splitlines() if password in line]
    assert set(json.loads((one / "redis_exporter_passwords.json").read_text()).values()) == {
        (one / "redis_exporter_password").read_text()
    }


def test_digests_are_pinned_by_one_command(tmp_path: Path) -> None:
    """Each image gets the digest that the registry names, once, and everything else in the file stays."""
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text('#!/bin/sh\necho "sha256:$(printf %s "$4" | sha256sum | cut -d" " -f1)"\n')
    docker.chmod(0o755)
    file = tmp_path / "versions.env"
    file.write_text((ROOT / "monitoring/versions.env").read_text())
    environment = {**os.environ, "PATH": f"{docker.parent}:{os.environ['PATH']}"}
    for _ in range(2):
        subprocess.run(["sh", str(ROOT / "deploy/pin-digests.sh"), str(file)], check=True, env=environment)
    before = (ROOT / "monitoring/versions.env").read_text().splitlines()
    after = file.read_text().splitlines()
    assert [line.partition("@")[0] for line in after] == [line.partition("@")[0] for line in before]
    images = [line for line in after if "_IMAGE=" in line]
    assert all(line.count("@sha256:") == 1 for line in images)
    assert "grafana/grafana" in config(
        GRAFANA_IMAGE=next(line for line in images if "GRAFANA" in line).partition("=")[2]
    )


def test_prometheus_takes_its_flags(tmp_path: Path) -> None:
    """Prometheus starts with the compose file's flags, keeps 30 days and at most 8 GB, and stores exemplars."""
    port = free_port()
    folders = {"/run/prometheus/current": ROOT / "monitoring/prometheus", "/prometheus": tmp_path / "data"}
    flags = _flags("prometheus", folders)[1:]
    command = [str(prometheus_binary()), *flags, f"--web.listen-address=127.0.0.1:{port}"]
    with _Served(command, tmp_path, f"http://127.0.0.1:{port}/-/ready", "prometheus"):
        status = json.loads(get(f"http://127.0.0.1:{port}/api/v1/status/flags")[1])["data"]
        runtime = json.loads(get(f"http://127.0.0.1:{port}/api/v1/status/runtimeinfo")[1])["data"]
        assert "30d" in runtime["storageRetention"]
        assert "8GB" in runtime["storageRetention"].replace("GiB", "GB")
        assert "exemplar-storage" in status["enable-feature"]
        assert get(f"http://127.0.0.1:{port}/api/v1/query_exemplars?query=up&start=0&end=1")[0] == 200
        assert status["web.enable-lifecycle"] == status["web.enable-admin-api"] == "false"
        _check("prometheus", {"/bin/promtool": promtool_binary()}, {"9090": port})


def test_alertmanager_takes_its_flags(tmp_path: Path) -> None:
    """Alertmanager starts with the compose file's flags, and its health check finds it."""
    port = free_port()
    folder = {"/etc/alertmanager": ROOT / "monitoring/alertmanager", "/alertmanager": tmp_path / "data"}
    command = [str(alertmanager_binary()), *_flags("alertmanager", folder), f"--web.listen-address=127.0.0.1:{port}"]
    with _Served(command, tmp_path, f"http://127.0.0.1:{port}/-/ready", "alertmanager"):
        _check("alertmanager", {"/bin/amtool": amtool_binary()}, {"9093": port})


def test_blackbox_takes_its_modules(tmp_path: Path) -> None:
    """blackbox-exporter starts with the rendered modules; its health check's address answers."""
    port = free_port()
    binary = str(debian_binary("prometheus-blackbox-exporter"))
    flags = _flags("blackbox-exporter", {"/etc/blackbox": ROOT / "monitoring/blackbox"})
    with _Served(
        [binary, *flags, f"--web.listen-address=127.0.0.1:{port}"], tmp_path, f"http://127.0.0.1:{port}/", "blackbox"
    ):
        url = services()["blackbox-exporter"]["healthcheck"]["test"][-1]
        assert get(url.replace("9115", str(port)))[0] == 200


def test_disks_are_watched_and_containers_mounts_are_not(tmp_path: Path) -> None:
    """The engine's folder, where the database is, may be a disk of its own; what the engine mounts below is none."""
    port = free_port()
    disks = ("/", "/var/lib/docker", "/var/lib/containers", "/srv")
    mounted = ("/var/lib/docker/zfs/graph/1f", "/var/lib/containers/storage/zfs/1f", "/run/user/0", "/dev/shm", "/sys")
    lines = [f"{n} 1 8:{n} / {path} rw,relatime - ext4 /dev/sda{n} rw\n" for n, path in enumerate(disks + mounted)]
    for path in disks + mounted:
        (tmp_path / "host" / path[1:]).mkdir(parents=True, exist_ok=True)
    (tmp_path / "proc/1").mkdir(parents=True)
    (tmp_path / "proc/1/mountinfo").write_text("".join(lines))
    folders = {"/host": tmp_path / "host", "/host-proc": tmp_path / "proc"}
    command = [str(node_exporter_binary()), *_flags("node-exporter", folders), f"--web.listen-address=127.0.0.1:{port}"]
    command = [part.replace("$$", "$") for part in command]
    with _Served(command, tmp_path, f"http://127.0.0.1:{port}/", "node"):
        page = get(f"http://127.0.0.1:{port}/metrics?collect[]=filesystem")[1]
    watched = set(re.findall(r'^node_filesystem_avail_bytes\{.*mountpoint="([^"]+)"', page, re.MULTILINE))
    assert watched == set(disks)


def test_the_databases_health_checks_tell_up_from_down(tmp_path: Path) -> None:
    """PostgreSQL's and Redis' health checks succeed on the running server and fail on a stopped one."""
    with ShippedPostgres(tmp_path / "pg") as database, ShippedRedis(tmp_path / "redis") as redis:
        pg_isready = {"pg_isready": postgres_folder() / "pg_isready"}
        redis_cli = {"redis-cli": debian_binary("redis-cli")}
        _check("db", pg_isready, {}, PGPORT=str(database.port))
        _check("redis", redis_cli, {"redis-cli": f"redis-cli -p {redis.port}"})
        ports = database.port, redis.port
    assert _run_check("db", pg_isready, {}, PGPORT=str(ports[0])) != 0
    assert _run_check("redis", redis_cli, {"redis-cli": f"redis-cli -p {ports[1]}"}) != 0


def test_prometheus_reaches_what_it_scrapes() -> None:
    """Each target of the shipped configuration, and each address that Grafana asks, is a service on its network."""
    prometheus = yaml_text.load((ROOT / "monitoring/prometheus/prometheus.yml").read_text())
    jobs = [entry for job in prometheus["scrape_configs"] for entry in job["static_configs"]]
    jobs += [entry for manager in prometheus["alerting"]["alertmanagers"] for entry in manager["static_configs"]]
    hosts = {target.partition(":")[0] for entry in jobs for target in entry["targets"]}
    for file in (ROOT / "monitoring/grafana/provisioning/datasources").glob("*.yml"):
        hosts |= {urlsplit(source["url"]).hostname or "" for source in yaml_text.load(file.read_text())["datasources"]}
    hosts.add(EXPORTER.partition(":")[0])
    reached = {name for name, entry in services().items() if "monitoring" in entry["networks"]}
    assert hosts - {"localhost"} <= reached
    assert {"otel-collector", "postgres-exporter", "redis-exporter", "cadvisor", "node-exporter"} <= hosts


def test_grafana_keeps_to_itself() -> None:
    """The guide's privacy settings and more are set, the password is a file, and alerts are evaluated elsewhere."""
    settings = services()["grafana"]["environment"]
    off = (
        "ANALYTICS_REPORTING_ENABLED", "ANALYTICS_CHECK_FOR_UPDATES", "ANALYTICS_CHECK_FOR_PLUGIN_UPDATES",
        "AUTH_ANONYMOUS_ENABLED", "NEWS_NEWS_FEED_ENABLED", "SNAPSHOTS_EXTERNAL_ENABLED", "SNAPSHOTS_ENABLED",
        "USERS_ALLOW_SIGN_UP", "PUBLIC_DASHBOARDS_ENABLED", "PLUGINS_PLUGIN_ADMIN_ENABLED",
        "UNIFIED_ALERTING_EXECUTE_ALERTS",
    )  # fmt: skip
    assert {settings[f"GF_{name}"] for name in off} == {"false"}
    assert settings["GF_SECURITY_DISABLE_GRAVATAR"] == "true"
    assert settings["GF_SECURITY_ADMIN_PASSWORD__FILE"] == "/run/secrets/grafana_admin_password"


def test_container_labels_stay_with_docker() -> None:
    """Cadvisor keeps no label and no variable of any container."""
    flags = services()["cadvisor"]["command"]
    assert {"--store_container_labels=false", "--whitelisted_container_labels=", "--env_metadata_whitelist="} <= set(
        flags
    )


def test_stores_tell_nobody_and_forget() -> None:
    """Tempo and Loki report to nobody and keep what they have for a bounded time."""
    tempo = yaml_text.load((ROOT / "monitoring/tempo/tempo.yaml").read_text())
    loki = yaml_text.load((ROOT / "monitoring/loki/loki.yaml").read_text())
    assert tempo["usage_report"] == {"reporting_enabled": False}
    assert tempo["compactor"]["compaction"]["block_retention"] == "168h"
    assert loki["analytics"] == {"reporting_enabled": False}
    assert loki["limits_config"]["retention_period"] == "720h"
    assert loki["compactor"]["retention_enabled"] is True


class _Served(Program):
    def __init__(self, command: list[str], folder: Path, url: str, name: str) -> None:
        self.url = url
        super().__init__(command, folder, name=name)

    def ready(self) -> bool:
        return get(self.url)[0] == 200


def _flags(service: str, folders: dict[str, Path]) -> list[str]:
    flags = list(services()[service]["command"])
    for inside, here in folders.items():
        flags = [flag.replace(f"={inside}/", f"={here}/").removesuffix("\n") for flag in flags]
        flags = [f"{flag.removesuffix(inside)}{here}" if flag.endswith(f"={inside}") else flag for flag in flags]
    return flags


def _check(service: str, programs: dict[str, Path], replace: dict[str, Any], **environment: str) -> None:
    assert _run_check(service, programs, replace, **environment) == 0


def _run_check(service: str, programs: dict[str, Path], replace: dict[str, Any], **environment: str) -> int:
    kind, *command = services()[service]["healthcheck"]["test"]
    for old, new in {**{str(old): str(new) for old, new in replace.items()}}.items():
        command = [part.replace(old, new) for part in command]
    if kind == "CMD":
        command[0] = str(programs[command[0]])
    else:
        command = ["sh", "-c", *command]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=False).returncode


def test_compose_itself_is_the_real_one() -> None:
    """The validity above was judged by Docker Compose, not by a reading of ours."""
    done = subprocess.run([str(compose_binary()), "version"], capture_output=True, text=True, check=True)
    assert "Docker Compose version" in done.stdout
