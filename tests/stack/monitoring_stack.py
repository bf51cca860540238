"""The monitoring stack as real processes, under the very files that are shipped.

Replaced are addresses, paths of secrets, and time: `SCALE` divides every duration of rules, routes and scrapes, so
that a month's alerts happen within a minute. Grafana doesn't run, Tempo and Loki are OTLP sinks, and cadvisor, which
needs containers, is a page in its own format.
"""

from __future__ import annotations

import json
import re
import time
import urllib.request
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import yaml

from monitoring.alerting import render_rules, thresholds
from monitoring.durations import scale_duration
from pazpaz_otel import yaml_text
from pazpaz_otel.policy import load_policy
from tests.integration.backend import Backend
from tests.programs import (
    GrpcSink,
    HttpSink,
    Program,
    Prometheus,
    alertmanager_binary,
    debian_binary,
    free_port,
    node_exporter_binary,
)
from tests.programs.running import get
from tests.programs.stack import FEATURES, TOKEN, WallCollector
from tests.stack.mailbox import PASSWORD, Mailbox
from tests.stack.pages import Page, Webhooks
from tests.stack.shipped import ShippedNginx, ShippedPostgres, ShippedRedis, postgres_exporter

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "monitoring"
POLICY = ROOT / "examples" / "practice_api" / "policy.yaml"
RECORDED = Path(__file__).parent / "recorded"
SCALE = 30
"""An hour of production is two minutes here."""
ABSENT = {"grafana", "tempo"}
"""Scrape jobs of programs that don't run in the tests."""


class Alertmanager(Program):
    """Alertmanager with the shipped configuration, in scaled time; it is always working hours unless `quiet`."""

    def __init__(self, folder: Path, mailbox: Mailbox, webhooks: str, scale: float, *, quiet: bool = False) -> None:
        folder.mkdir(parents=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        secrets = {
            "smtp_password": PASSWORD,
            "slack_webhook_url": f"{webhooks}/slack",
            "dead_mans_switch_url": f"{webhooks}/dead-mans-switch",
        }
        for name, secret in secrets.items():
            (folder / name).write_text(secret)
        text = (MONITORING / "alertmanager" / "alertmanager.yml").read_text()
        config = yaml_text.load(text.replace("/run/secrets/", f"{folder}/"))
        config["global"]["smtp_smarthost"] = f"localhost:{mailbox.port}"
        config["global"]["smtp_tls_config"] = {"ca_file": str(mailbox.certificate)}
        config["templates"] = [str(MONITORING / "alertmanager" / pattern) for pattern in config["templates"]]
        [hours] = config["time_intervals"]
        today = datetime.now(UTC).strftime("%A").lower()
        other = "monday" if today not in {"sunday", "monday", "tuesday"} else "thursday"
        every_day = [{"weekdays": ["sunday:saturday"]}]
        hours["time_intervals"] = every_day if quiet else [{"weekdays": [other]}]
        for route in (config["route"], *config["route"]["routes"]):
            for key in ("group_wait", "group_interval", "repeat_interval"):
                if key in route and route[key] != "0s":
                    route[key] = scale_duration(route[key], scale)
        self.config_file = folder / "alertmanager.yml"
        self.config_file.write_text(yaml.safe_dump(config))
        command = [str(alertmanager_binary()), f"--config.file={self.config_file}", f"--storage.path={folder / 'data'}",
                   f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="]  # fmt: skip
        super().__init__(command, folder, name="alertmanager")

    def ready(self) -> bool:
        """Whether it takes alerts."""
        return get(f"{self.url}/-/ready")[0] == 200


class Exporter(Program):
    """An exporter on a free port."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.target = f"127.0.0.1:{free_port()}"
        super().__init__(
            [*command, f"--web.listen-address={self.target}"], folder, environment, name=Path(command[0]).name
        )

    def ready(self) -> bool:
        """Whether it has a page."""
        return get(f"http://{self.target}/metrics", timeout=20)[0] == 200


class MonitoringStack:
    """Everything, started in order; every program is an attribute. `instead`: other thresholds for all of its life.

    With a scale of 1 all is scraped and sent as often as shipped.
    """

    def __init__(self, folder: Path, scale: float = SCALE, **instead: str) -> None:
        self.folder = folder
        self.scale = scale
        # The database's exporter needs five seconds whatever the scale, so probes are as much slower, for the cause to
        # be seen first; a busy machine scrapes late by seconds; and neither its speed at the rules is tested, nor what
        # else is written to its disks.
        unseen = {"rule_duration_ratio": "100", "disk_filling_ratio": "0"}
        unseen["starting"] = thresholds()["starting"].replace("300", str(300 / scale))
        self._instead = {"probe_window": "450s", "probe_lag": "4m", "silent_window": "150s"} | unseen | instead
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            self._start(starting.enter_context)
            self._exit = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    def _start(self, enter: Any) -> None:
        self.mailbox = enter(Mailbox(self.folder / "mail"))
        self.webhooks = enter(Webhooks())
        self.database = enter(ShippedPostgres(self.folder / "postgres"))
        self.redis = enter(ShippedRedis(self.folder / "redis"))
        self.tempo, self.loki = enter(GrpcSink()), enter(HttpSink())
        self.collector = enter(
            WallCollector(
                self.folder / "collector",
                policy=load_policy(POLICY),
                traces_to=self.tempo.endpoint,
                logs_to=self.loki.endpoint,
            )
        )
        self.backend = enter(Backend(self.folder / "backend", self._application(), instrumented=True))
        self.nginx = enter(ShippedNginx(self.folder / "nginx", self.backend.port, collector=self.collector.statuses))
        command, environment = postgres_exporter(self.database.port, self.database)
        self.postgres_exporter = enter(Exporter(command, self.folder / "pg-exporter", environment))
        self.redis_exporter = enter(self._redis_exporter())
        self.blackbox = enter(self._blackbox())
        collectors = ["cpu", "diskstats", "filesystem", "loadavg", "meminfo", "netdev"]
        arguments = ["--collector.disable-defaults", *(f"--collector.{name}" for name in collectors)]
        node = [str(node_exporter_binary()), *arguments]
        self.node = enter(Exporter(node, self.folder / "node", {}))
        backup = f"pazpaz_backup_last_success_timestamp_seconds {time.time()}\n"
        self.cadvisor = enter(Page((RECORDED / "cadvisor.prom").read_text() + backup))
        self.spare = enter(Page(""))
        self.alertmanager = enter(Alertmanager(self.folder / "am", self.mailbox, self.webhooks.url, self.scale))
        self.prometheus = self._prometheus()
        enter(self.prometheus)

    def _application(self) -> dict[str, str]:
        return {
            "DATABASE_URL": f"postgresql://pazpaz@127.0.0.1:{self.database.port}/pazpaz?ssl=disable",
            "DATABASE_PASSWORD_FILE": str(_file(self.folder / "app-password", self.database.app_password)),
            "REDIS_URL": f"redis://app@127.0.0.1:{self.redis.port}/0",
            "REDIS_PASSWORD_FILE": str(_file(self.folder / "redis-password", self.redis.app_password)),
            "ACTIVE_WORKSPACES_REFRESH_SECONDS": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.guarded_http,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer {TOKEN}",
            "OTEL_METRIC_EXPORT_INTERVAL": "1000" if self.scale > 1 else "60000",
            "OTEL_SERVICE_NAME": "practice_api",
            "OTEL_RESOURCE_ATTRIBUTES": "service.version=1.2.3,deployment.environment.name=production",
        }

    def _redis_exporter(self) -> Exporter:
        passwords = self.folder / "redis-exporter.json"
        address = f"redis://127.0.0.1:{self.redis.port}"
        _file(passwords, json.dumps({address: self.redis.exporter_password, f"exporter@{address}": ""}))
        environment = {
            "REDIS_ADDR": address, "REDIS_USER": "exporter", "REDIS_PASSWORD": self.redis.exporter_password,
            "REDIS_EXPORTER_CONFIG_COMMAND": "-", "REDIS_EXPORTER_SET_CLIENT_NAME": "false",
        }  # fmt: skip
        command = [str(debian_binary("prometheus-redis-exporter"))]
        return Exporter(command, self.folder / "redis-exporter", environment)

    def _blackbox(self) -> Exporter:
        config = yaml_text.load((MONITORING / "blackbox" / "blackbox.yml").read_text())
        for module in config["modules"].values():
            probe = module.get("http") or module["tcp"]
            probe["tls_config"] = {"server_name": "pazpaz.test", "insecure_skip_verify": True}
        file = _file(self.folder / "blackbox.yml", yaml.safe_dump(config))
        command = [str(debian_binary("prometheus-blackbox-exporter")), f"--config.file={file}"]
        return Exporter(command, self.folder / "blackbox", {})

    def _prometheus(self) -> Prometheus:
        folder = self.folder / "prometheus"
        self.write_rules()
        shipped = MONITORING / "prometheus"
        config = yaml_text.load((shipped / "prometheus.yml").read_text())
        probes = yaml_text.load((shipped / "uptime.yml").read_text())
        config["scrape_configs"] = [job for job in config["scrape_configs"] if job["job_name"] not in ABSENT]
        config["scrape_configs"] += probes["scrape_configs"]
        config["scrape_configs"].append({"job_name": "spare", "honor_labels": True,
                                         "static_configs": [{"targets": [self.spare.target]}]})  # fmt: skip
        if self.scale > 1:
            _hurry(config)
        del config["scrape_config_files"]
        text = yaml.safe_dump(config)
        self.addresses = {
            "otel-collector:8889": self.collector.prometheus_target, "otel-collector:8888": self.collector.own_target,
            "otel-collector:8887": self.collector.nginx_target,
            "postgres-exporter:9187": self.postgres_exporter.target, "redis-exporter:9121": self.redis_exporter.target,
            "blackbox-exporter:9115": self.blackbox.target, "node-exporter:9100": self.node.target,
            "cadvisor:8080": self.cadvisor.target, "alertmanager:9093": self.alertmanager.url.removeprefix("http://"),
            "https://pazpaz.app/": f"https://127.0.0.1:{self.nginx.https}/",
            "pazpaz.app:443": f"127.0.0.1:{self.nginx.https}",
        }  # fmt: skip
        for there, here in self.addresses.items():
            assert there in text, f"prometheus.yml has no {there} any more"
            text = text.replace(there, here)
        text = re.sub(r"(?m)^  scrape_timeout: 12s\n", "", text)
        prometheus = Prometheus({}, folder, arguments=(FEATURES, "--web.enable-lifecycle"))
        prometheus.config_file.write_text(text.replace("localhost:9090", f"127.0.0.1:{prometheus.port}"))
        return prometheus

    def write_rules(self, **instead: str) -> None:
        """Render the rules in scaled time, with other thresholds where given; a running Prometheus reads them anew."""
        for name, text in render_rules(self.scale, self._instead | instead).items():
            _file(self.folder / name, text)
        if hasattr(self, "prometheus"):
            request = urllib.request.Request(f"{self.prometheus.url}/-/reload", method="POST")
            urllib.request.urlopen(request, timeout=30).close()

    def firing(self) -> set[str]:
        """Names of the alerts that fire in Prometheus."""
        return {labels["alertname"] for labels, _ in self.prometheus.query('ALERTS{alertstate="firing"}')}


def _hurry(config: dict[str, Any]) -> None:
    for job in config["scrape_configs"]:
        job.setdefault("scrape_interval", "1s")
        if job["job_name"] == "uptime":
            job["scrape_interval"] = "3s"
        if job["job_name"] == "postgres":
            job["scrape_interval"] = "5s"  # the exporter tries again for three seconds before it says pg_up 0
    config["global"] |= {"scrape_interval": "5s", "evaluation_interval": "1s", "scrape_timeout": "5s"}


def _file(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
