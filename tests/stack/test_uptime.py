"""The uptime monitors: one file, rendered for blackbox-exporter and Prometheus, and probing the shipped nginx."""

from __future__ import annotations

import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from pazpaz_otel import yaml_text
from pazpaz_otel.cli import main
from pazpaz_otel.errors import SettingsError
from pazpaz_otel.tools.uptime.files import render_files
from pazpaz_otel.tools.uptime.monitors import load_monitors
from tests.architecture.compose import services
from tests.programs import Program, Prometheus, debian_binary, free_port, promtool_binary, wait_until
from tests.programs.running import get
from tests.stack.shipped import ROOT, ShippedNginx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MONITORS = ROOT / "monitoring/uptime/monitors.yaml"


def test_rendered_files_are_not_stale() -> None:
    """What is committed is what the monitors render to."""
    assert main(["uptime", "render", "--check", "--monitors", str(MONITORS)]) == 0


def test_a_changed_monitor_makes_them_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A change to the monitors is noticed, and rendering again settles it."""
    for folder in ("uptime", "blackbox", "prometheus"):
        shutil.copytree(ROOT / "monitoring" / folder, tmp_path / folder)
    monitors = tmp_path / "uptime/monitors.yaml"
    monitors.write_text(monitors.read_text().replace("every: 15s", "every: 20s"))
    assert main(["uptime", "render", "--check", "--monitors", str(monitors)]) == 1
    assert "prometheus/uptime.yml" in capsys.readouterr().out
    assert main(["uptime", "render", "--monitors", str(monitors)]) == 0
    assert main(["uptime", "render", "--check", "--monitors", str(monitors)]) == 0
    assert "scrape_interval: 20s" in (tmp_path / "prometheus/uptime.yml").read_text()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("https://pazpaz.app", "http://pazpaz.app"), "site: must be https://"),
        (("every: 5m", "every: often"), "every: must be a number and s, m or h"),
        (("every: 5m", "every: 10s"), "every: must be 30s or more"),
        (("every: 15s", "every: 5s"), "inside.every: must be at least two seconds more than timeout"),
        (("failures: 3", "failures: 0"), "failures: must be an integer of 1 or more"),
        (("path: /health", "path: /health?name=x"), "path: must be a path without a query"),
        (("type: certificate", "type: ping"), "must be http, keyword or certificate"),
        (("status: 200", "statsu: 200"), "unknown field statsu"),
        (("contains: '", "contains: 7 #'"), "must be text that the response contains"),
        (("plan: free", "plan: gold"), "must be free or paid"),
        (("site:", "sight:"), "unknown field sight"),
        (("  email: alerts@pazpaz.app", "  mail: x"), "needs 'email'"),
        (("version: 1", "version: ["), "is not YAML"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_a_mistake_is_named(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    """A mistake in the monitors is an error that names the field and what it takes."""
    file = tmp_path / "monitors.yaml"
    file.write_text(MONITORS.read_text().replace(*change))
    with pytest.raises(SettingsError, match=says) as error:
        load_monitors(file)
    assert str(file) in str(error.value)


def test_the_three_monitors_are_the_guide_s() -> None:
    """Health, page and certificate, every five minutes, three failures, seven days."""
    uptime = load_monitors(MONITORS)
    assert (uptime.every, uptime.failures, uptime.email, uptime.recovery) == (300, 3, "alerts@pazpaz.app", True)
    assert uptime.inside == 15
    assert [(m.type, m.url, m.status, m.days) for m in uptime.monitors] == [
        ("keyword", "https://pazpaz.app/health", 200, None),
        ("http", "https://pazpaz.app/", 200, None),
        ("certificate", "https://pazpaz.app", None, 7),
    ]


def test_one_number_for_the_certificate() -> None:
    """UptimeRobot, the dashboard's colour and the alert change at the same number of days, for the same monitor."""
    thresholds = yaml_text.load((ROOT / "monitoring/thresholds.yaml").read_text())
    days = {monitor.days for monitor in load_monitors(MONITORS).monitors if monitor.days}
    assert days == {thresholds["certificate_days"]["value"]}
    (certificate,) = (monitor.name for monitor in load_monitors(MONITORS).monitors if monitor.type == "certificate")
    assert f'{{monitor="{certificate}"}}' in (ROOT / "monitoring/alerts/uptime.yaml").read_text()


@pytest.mark.stack
def test_the_probes_find_the_site_inside_the_stack() -> None:
    """The monitors' host is the name under which nginx is known on the network that blackbox-exporter is on."""
    (host,) = {urlsplit(monitor.url).hostname for monitor in load_monitors(MONITORS).monitors}
    assert services()["frontend"]["networks"]["frontend"]["aliases"] == [host]
    assert "frontend" in services()["blackbox-exporter"]["networks"]


@pytest.mark.stack
def test_the_job_is_one_that_prometheus_takes() -> None:
    """Promtool takes the rendered job as part of the shipped configuration."""
    done = subprocess.run(
        [str(promtool_binary()), "check", "config", str(ROOT / "monitoring/prometheus/prometheus.yml")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture
def probing(tmp_path: Path) -> Iterator[tuple[dict[str, Any], Prometheus, ShippedNginx]]:
    """The shipped nginx, probed by a real blackbox-exporter for a real Prometheus, all as rendered, only faster."""
    api = free_port()
    with ShippedNginx(tmp_path / "nginx", api, "localhost") as nginx:
        monitors = tmp_path / "monitors.yaml"
        text = MONITORS.read_text().replace("https://pazpaz.app", f"https://localhost:{nginx.https}")
        monitors.write_text(text.replace("timeout: 10s", "timeout: 2s"))
        port = free_port()
        files = render_files(load_monitors(monitors), exporter=f"127.0.0.1:{port}")
        (tmp_path / "blackbox.yml").write_text(files["blackbox/blackbox.yml"])
        command = [
            str(debian_binary("prometheus-blackbox-exporter")), f"--config.file={tmp_path / 'blackbox.yml'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]  # fmt: skip
        trust = {"SSL_CERT_DIR": f"/etc/ssl/certs:{nginx.folder / 'secrets/ca'}"}
        job = yaml_text.load(files["prometheus/uptime.yml"])["scrape_configs"][0]
        job |= {"scrape_interval": "5s", "scrape_timeout": "4s"}
        config = {"global": {"scrape_interval": "5s"}, "scrape_configs": [job]}
        with (
            Program(command, tmp_path / "blackbox", trust, name="blackbox") as exporter,
            Prometheus(config, tmp_path / "prometheus") as prometheus,
        ):
            wait_until(lambda: get(f"http://127.0.0.1:{port}/-/healthy")[0] == 200, "blackbox-exporter")
            yield {"exporter": exporter, "port": port, "api": api}, prometheus, nginx


@pytest.mark.stack
@pytest.mark.slow
def test_probes_tell_up_from_down(probing: tuple[dict[str, Any], Prometheus, ShippedNginx]) -> None:
    """The page and the certificate are up while the API is down; each series has its monitor's name."""
    _, prometheus, nginx = probing

    def up() -> dict[str, float] | None:
        rows = {labels["monitor"]: value for labels, value in prometheus.query("probe_success")}
        return rows if len(rows) == 3 else None

    assert wait_until(up, "three probes", 60) == {"api-health": 0.0, "page": 1.0, "certificate": 1.0}
    labels, expiry = prometheus.query('probe_ssl_earliest_cert_expiry{monitor="certificate"} - time()')[0]
    assert 29 * 86400 < expiry <= 30 * 86400
    assert labels["environment"] == "production"
    assert labels["instance"] == f"localhost:{nginx.https}"


@pytest.mark.stack
def test_a_certificate_of_nobody_s_is_down(probing: tuple[dict[str, Any], Prometheus, ShippedNginx]) -> None:
    """A certificate that no trusted authority signed, or that is another name's, counts as down."""
    running, _, nginx = probing
    other = f"http://127.0.0.1:{running['port']}/probe?module=page&target=https://127.0.0.1:{nginx.https}/"
    assert "\nprobe_success 0" in get(other)[1]
    same = other.replace("https://127.0.0.1", "https://localhost")
    assert "\nprobe_success 1" in get(same)[1]


class Answers(BaseHTTPRequestHandler):
    """An API that answers 200 to everything, with what `body` says."""

    body = b"{}"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.mark.stack
@pytest.mark.parametrize(
    ("body", "up"),
    [
        (b'{"status":"healthy"}', 1),
        (b'{"status":"unhealthy"}', 0),
        (b"<title>the page, and 200 to everything</title>", 0),
    ],
)
def test_a_200_without_the_keyword_is_down(
    probing: tuple[dict[str, Any], Prometheus, ShippedNginx], body: bytes, up: int
) -> None:
    """The health check is up only where its answer says healthy."""
    running, _, nginx = probing
    handler = type("_Answers", (Answers,), {"body": body})
    with ThreadingHTTPServer(("127.0.0.1", running["api"]), handler) as api:
        threading.Thread(target=api.serve_forever, args=(0.02,), daemon=True).start()
        target = f"https://localhost:{nginx.https}/health"
        said = get(f"http://127.0.0.1:{running['port']}/probe?module=api-health&target={target}")[1]
        api.shutdown()
    assert f"\nprobe_success {up}" in said
