"""Our Collector with its rendered configuration, on free ports, sending traces and logs to given sinks."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from pazpaz_otel.compile.collector import ALWAYS, render
from pazpaz_otel.policy import load_policy
from tests.programs.golang import ROOT
from tests.programs.ports import free_port
from tests.programs.running import Collector, get

if TYPE_CHECKING:
    from pathlib import Path

    from pazpaz_otel.policy import Policy

_COMPOSED = (ROOT / "deploy" / "compose" / "telemetry.yml").read_text(encoding="utf-8")
FEATURES = re.findall(r"- (--enable-feature=\S+)", _COMPOSED)[0]
"""The features that the shipped Prometheus is started with."""
TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
"""The bearer token that the guarded receiver takes."""


class WallCollector(Collector):
    """The Collector as it is shipped: only addresses differ.

    Args:
        folder: a folder of its own; the rendered configuration, queue and log are in it.
        policy: the default one if not given.
        traces_to: the gRPC endpoint that plays Tempo, as `http://host:port`.
        logs_to: the HTTP endpoint that plays Loki; loads `logs.yaml`.
        sentry_to: the traces endpoint that plays Sentry, for the layer `sentry.yaml`.
        layers: optional layers to load besides.
        extra: a last layer.
    """

    def __init__(
        self,
        folder: Path,
        *,
        policy: Policy | None = None,
        traces_to: str | None = None,
        logs_to: str | None = None,
        sentry_to: str | None = None,
        layers: tuple[str, ...] = (),
        extra: dict[str, Any] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (render(policy) if policy else _shipped()).items():
            (folder / name).write_text(text)
        (folder / "token").write_text(TOKEN)
        names = (*ALWAYS, *(("logs.yaml",) if logs_to else ()), *layers)
        ports = {
            name: free_port() for name in ("grpc", "http", "guarded_grpc", "guarded_http", "prometheus", "own", "nginx")
        }
        self.strict_grpc = f"127.0.0.1:{ports['grpc']}"
        self.strict_http = f"http://127.0.0.1:{ports['http']}"
        self.guarded_grpc = f"127.0.0.1:{ports['guarded_grpc']}"
        self.guarded_http = f"http://127.0.0.1:{ports['guarded_http']}"
        self.prometheus_target = f"127.0.0.1:{ports['prometheus']}"
        self.nginx_target = f"127.0.0.1:{ports['nginx']}"
        self.statuses = f"127.0.0.1:{free_port()}"
        self.own_target = f"127.0.0.1:{ports['own']}"
        self.storage = folder / "storage"
        health = free_port()
        environment = {
            "COLLECTOR_TOKEN_FILE": str(folder / "token"),
            "COLLECTOR_STORAGE": str(self.storage),
            "TEMPO_ENDPOINT": (traces_to or f"http://127.0.0.1:{free_port()}").removeprefix("http://"),
            "LOKI_ENDPOINT": logs_to or "",
            "SENTRY_OTLP_TRACES_ENDPOINT": sentry_to or "",
            "SENTRY_OTLP_AUTH": "sentry sentry_key=test",
        }
        super().__init__(
            [*(folder / name for name in names), _addresses(ports, health, self.statuses), *([extra] if extra else [])],
            folder,
            environment=environment,
            health_url=f"http://127.0.0.1:{health}/",
        )

    def exposed(self) -> str:
        """What Prometheus would scrape."""
        return get(f"http://{self.prometheus_target}/metrics")[1]

    def own_metrics(self) -> str:
        """What the Collector says of itself."""
        return get(f"http://{self.own_target}/metrics")[1]


@functools.cache
def _shipped() -> dict[str, str]:
    return render(load_policy())


def _addresses(ports: dict[str, int], health: int, statuses: str) -> dict[str, Any]:
    def receiver(prefix: str) -> dict[str, Any]:
        protocols = {name: {"endpoint": f"127.0.0.1:{ports[prefix + name]}"} for name in ("grpc", "http")}
        return {"protocols": protocols}

    # A list is replaced whole, so the shipped reader's other settings are said again.
    own = {"host": "127.0.0.1", "port": ports["own"], "without_type_suffix": False, "without_units": True}
    reader = {"pull": {"exporter": {"prometheus": own}}}
    return {
        "extensions": {"health_check": {"endpoint": f"127.0.0.1:{health}"}},
        "receivers": {
            "otlp/strict": receiver(""),
            "otlp/guarded": receiver("guarded_"),
            "udplog/nginx": {"listen_address": statuses},
        },
        "exporters": {
            "prometheus": {"endpoint": f"127.0.0.1:{ports['prometheus']}"},
            "prometheus/nginx": {"endpoint": f"127.0.0.1:{ports['nginx']}"},
        },
        "service": {"telemetry": {"metrics": {"readers": [reader]}}},
    }
