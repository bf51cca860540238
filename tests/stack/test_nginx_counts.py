"""What nginx answers in the API's place is counted: from the request, through the real Collector, to an alert."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from monitoring.alerting import render_rules
from pazpaz_otel import yaml_text
from tests.architecture.compose import ROOT
from tests.programs import Prometheus, debian_binary, wait_until
from tests.programs.missing import unavailable
from tests.programs.running import get
from tests.programs.stack import WallCollector
from tests.stack.shipped import ShippedNginx, for_this_nginx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.long]

CANARY = "zquithbazin"


class Api(ThreadingHTTPServer):
    """An API that hangs up, waits, or answers with the status that its path names."""

    daemon_threads = True

    def __init__(self) -> None:
        self.waiting = threading.Event()
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        what = self.path.partition("?")[0].rpartition("/")[2]
        if what == "waits":
            self.server.waiting.set()
            self.server.ended.wait(30)
        elif what.isdigit():
            self.send_response(int(what))
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    """The API."""
    server = Api()
    yield server
    server.ended.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallCollector]:
    """The Collector, as it is shipped; it counts on from test to test."""
    if "stream" not in for_this_nginx(debian_binary("nginx"), "\nstream {"):
        unavailable("nginx with streams", "this one has none", "apt-get install libnginx-mod-stream")
    with WallCollector(tmp_path_factory.mktemp("collector")) as running:
        yield running


def connect(nginx: ShippedNginx, path: str) -> ssl.SSLSocket:
    """A connection on which `path` is asked for."""
    context = ssl.create_default_context(cafile=str(nginx.certificate))
    plain = socket.create_connection(("127.0.0.1", nginx.https), timeout=30)
    tls = context.wrap_socket(plain, server_hostname="pazpaz.test")
    tls.sendall(f"GET {path}?q={CANARY} HTTP/1.1\r\nHost: pazpaz.test\r\nConnection: close\r\n\r\n".encode())
    return tls


def ask(nginx: ShippedNginx, path: str) -> int:
    """The status of the answer."""
    with connect(nginx, path) as tls:
        return int(tls.recv(65536).split()[1])


def counted(collector: WallCollector, before: Counter[str] | None = None) -> Counter[str]:
    """What the page for Prometheus says, or has come to say since: status → count."""
    page = get(f"http://{collector.nginx_target}/metrics")[1]
    counts = re.findall(r'nginx_failures_total{status="(\d+)"} (\d+)', page)
    return Counter({status: int(count) for status, count in counts}) - (before or Counter())


def test_each_status_is_counted(api: Api, collector: WallCollector, tmp_path: Path) -> None:
    """502, 504 and 499 are counted exactly; the API's own answers, the page and health checks are not."""
    nginx = ShippedNginx(tmp_path / "nginx", api.server_port, collector=collector.statuses)
    before = counted(collector)
    settings = tmp_path / "nginx/conf/nginx.conf"
    settings.write_text(settings.read_text().replace("location /api/ {", "location /api/ { proxy_read_timeout 1s;"))
    with nginx:
        assert [ask(nginx, "/api/v1/hangs-up") for _ in range(40)] == [502] * 40
        own = ("/api/v1/200", "/api/v1/404", "/api/v1/500", "/api/v1/503", "/", "/assets/none.js", "/health")
        assert [ask(nginx, path) for path in own] == [200, 404, 500, 503, 200, 404, 502]
        assert ask(nginx, "/api/v1/waits") == 504
        for _ in range(3):
            api.waiting.clear()
            with connect(nginx, "/api/v1/waits"):
                assert api.waiting.wait(20)
        expected = {"502": 40, "504": 1, "499": 3}
        wait_until(lambda: counted(collector, before) == expected, f"{expected}", 20)
        log = nginx.written()
    assert log.count('"status":502') == 41, "the access log still has every request"
    assert CANARY not in get(f"http://{collector.nginx_target}/metrics")[1] + collector.log + log


def test_what_is_no_status_is_not_counted(collector: WallCollector) -> None:
    """A datagram of another form, such as one with text for a status, leaves no series and no line in the log."""
    before = counted(collector)
    host, _, port = collector.statuses.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for text in (CANARY, f"<190>Nov 26 04:20:00 nginx: {CANARY}", f"<190>{CANARY} nginx: 200", "", "nginx: 502",
                     f"<190>Nov 26 04:20:00 nginx: 502 {CANARY}", "<190>Nov 26 04:20:00 nginx: 502"):  # fmt: skip
            sender.sendto(text.encode(), (host, int(port)))
    wait_until(lambda: counted(collector, before) == {"502": 1}, "the only status", 20)
    assert CANARY not in get(f"http://{collector.nginx_target}/metrics")[1] + collector.log


def test_nginx_needs_no_collector(api: Api, tmp_path: Path) -> None:
    """Without a Collector, or with a name that nobody knows, nginx starts and answers and logs as ever."""
    for number, where in enumerate(("127.0.0.1:9", "otel-collector.invalid:5514")):
        with ShippedNginx(tmp_path / f"nginx-{number}", api.server_port, collector=where) as nginx:
            assert [ask(nginx, path) for path in ("/api/v1/hangs-up", "/api/v1/200")] == [502, 200]
            wait_until(lambda nginx=nginx: nginx.access_log.read_text().count("\n") == 2, "the access log")
            assert CANARY not in nginx.written()


def test_an_outage_that_nginx_alone_sees_is_told(api: Api, collector: WallCollector, tmp_path: Path) -> None:
    """By the shipped rules, ten times as fast, an API that hangs up on visitors fires the alert, until it stops."""
    scale = 10
    folder = tmp_path / "prometheus"
    files = render_rules(scale)
    for name in ("prometheus/alerts/frontend.yml", "prometheus/rules/recording.yml"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(files[name])
    jobs = [
        {
            "job_name": "nginx",
            "static_configs": [{"targets": [collector.nginx_target], "labels": {"environment": "test"}}],
        }
    ]
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [f"{folder}/alerts/*.yml", f"{folder}/rules/*.yml"],
        "scrape_configs": jobs,
    }

    def firing() -> bool:
        return bool(prometheus.query('ALERTS{alertname="RequestsUnanswered", alertstate="firing"}'))

    with (
        ShippedNginx(tmp_path / "nginx", api.server_port, collector=collector.statuses) as nginx,
        Prometheus(config, folder) as prometheus,
    ):
        began = time.monotonic()

        def fails() -> bool:
            ask(nginx, "/api/v1/hangs-up")
            return firing()

        wait_until(fails, "the alert", 120 / scale + 20)
        assert time.monotonic() - began > 90 / scale, "a deploy would have fired it"
        wait_until(lambda: not firing(), "its end", 60)


def test_the_shipped_files_agree() -> None:
    """Prometheus scrapes the port that the Collector shows the counts on, and nginx sends to the one it listens on."""
    layer = yaml_text.load((ROOT / "collector/nginx.yaml").read_text())
    prometheus = yaml_text.load((ROOT / "monitoring/prometheus/prometheus.yml").read_text())
    targets = {
        target for job in prometheus["scrape_configs"] for entry in job["static_configs"] for target in entry["targets"]
    }
    assert f"otel-collector:{layer['exporters']['prometheus/nginx']['endpoint'].rpartition(':')[2]}" in targets
    port = layer["receivers"]["udplog/nginx"]["listen_address"].rpartition(":")[2]
    assert f"default otel-collector:{port};" in (ROOT / "deploy/nginx/nginx.conf").read_text()
