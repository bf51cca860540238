"""The programs that tests start: each in its own folder, on free ports of 127.0.0.1, ready when `start` returns."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

import yaml

from tests.programs.debian import debian_binary
from tests.programs.golang import collector_binary, prometheus_binary
from tests.programs.ports import free_port
from tests.programs.process import Program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def get(url: str, timeout: float = 5.0) -> tuple[int, str]:
    """The status and body of a GET; an HTTP error is a status too.

    Raises:
        OSError: nothing answers.
    """
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Collector(Program):
    """Our Collector, with the given configuration files merged in order.

    Args:
        configs: configuration files, or configurations as dicts.
        folder: a folder of its own; also gets the dicts as files.
        environment: values of the `${env:…}` in the configuration.
        health_url: asked for readiness.
    """

    def __init__(
        self,
        configs: list[Path | dict[str, Any]],
        folder: Path,
        *,
        environment: Mapping[str, str] | None = None,
        health_url: str | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        files: list[Path] = []
        for number, config in enumerate(configs):
            if isinstance(config, dict):
                file = folder / f"layer-{number}.yaml"
                file.write_text(json.dumps(config, ensure_ascii=False))
                files.append(file)
            else:
                files.append(config)
        self.files = files
        self.health_url = health_url
        command = [str(collector_binary()), *(f"--config=file:{file}" for file in files)]
        # A fifth of a start's CPU is garbage collection. Above 320 MiB, garbage included, the memory limiter refuses
        # what is sent.
        memory = {"GOGC": "400", "GOMEMLIMIT": "280MiB"}
        super().__init__(command, folder, {**memory, **(environment or {})}, name="collector")

    def ready(self) -> bool:
        """Whether its health check says so; without one, whether it says so in its log."""
        if self.health_url:
            return get(self.health_url)[0] == 200
        return "Everything is ready" in self.log

    def validate(self) -> str:
        """What `validate` says against the configuration; empty for a valid one."""
        command = [self.command[0], "validate", *self.command[1:]]
        done = subprocess.run(
            command, cwd=self.folder, env={**self.environment}, capture_output=True, text=True, check=False
        )
        return "" if done.returncode == 0 else done.stderr or "invalid"


class Prometheus(Program):
    """A real Prometheus 3.

    Args:
        config: its configuration as a dict, or a list of targets to scrape every second with `honor_labels`.
        folder: a folder of its own.
        arguments: more of its flags.
        binary: another Prometheus, such as Debian's.
    """

    def __init__(
        self,
        config: dict[str, Any] | list[str],
        folder: Path,
        *,
        arguments: tuple[str, ...] = (),
        binary: Path | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(config, list):
            job = {"job_name": "otel-collector", "honor_labels": True, "static_configs": [{"targets": config}]}
            config = {"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}
        self.config_file = folder / "prometheus.yml"
        self.config_file.write_text(yaml.safe_dump(config))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [
            str(binary or prometheus_binary()),
            f"--config.file={self.config_file}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            *arguments,
        ]
        super().__init__(command, folder, name="prometheus")

    def ready(self) -> bool:
        """Whether it answers queries."""
        return get(f"{self.url}/-/ready")[0] == 200

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """The labels and value of each series of an instant query.

        Raises:
            ValueError: Prometheus refuses the expression.
        """
        status, body = get(f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': expression})}")
        answer = json.loads(body)
        if status != 200:
            raise ValueError(answer.get("error", body))
        data = answer["data"]
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(row["metric"], float(row["value"][1])) for row in data["result"]]


class Redis(Program):
    """A Redis server that keeps nothing on disk."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        super().__init__([str(debian_binary("redis-server")), *options, *arguments], folder, name="redis")

    def ready(self) -> bool:
        """Whether it accepts connections."""
        return "Ready to accept connections" in self.log
