"""The two tiers of `deploy/kubernetes` as processes on loopback: the rendered configurations, other addresses."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pazpaz_otel import yaml_text
from pazpaz_otel.audit.sinks import GrpcSink, HttpSink
from tests.programs.golang import ROOT
from tests.programs.ports import free_port
from tests.programs.running import Collector, get
from tests.programs.stack import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def rendered(file: str) -> dict[str, Any]:
    """Return the Collector's configuration in a rendered file below `deploy/kubernetes`."""
    text = (ROOT / "deploy/kubernetes" / file).read_text(encoding="utf-8")
    return dict(yaml_text.load(text)["spec"]["config"])


class _Tier(Collector):
    def __init__(
        self,
        folder: Path,
        configs: list[dict[str, Any]],
        environment: dict[str, str],
        host: str = "127.0.0.1",
        guarded_port: int | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "token").write_text(TOKEN)
        ports = {name: free_port() for name in ("grpc", "http", "guarded_grpc", "guarded_http")}
        ports["guarded_grpc"] = guarded_port or ports["guarded_grpc"]
        health, own = free_port(), free_port()
        self.host, self.guarded_port = host, ports["guarded_grpc"]
        self.strict_grpc = f"{host}:{ports['grpc']}"
        self.guarded_grpc = f"{host}:{ports['guarded_grpc']}"
        self.guarded_http = f"http://{host}:{ports['guarded_http']}"
        self.own_target = f"127.0.0.1:{own}"
        configs = copy.deepcopy(configs)
        first = configs[0]
        first["extensions"]["health_check"]["endpoint"] = f"127.0.0.1:{health}"
        for sender, prefix in (("otlp/strict", ""), ("otlp/guarded", "guarded_")):
            for protocol in ("grpc", "http"):
                settings = first["receivers"][sender]["protocols"][protocol]
                settings["endpoint"] = f"{host}:{ports[prefix + protocol]}"
        reader = first["service"]["telemetry"]["metrics"]["readers"][0]["pull"]["exporter"]["prometheus"]
        reader |= {"host": "127.0.0.1", "port": own}
        super().__init__(
            list(configs),
            folder,
            environment={"COLLECTOR_TOKEN_FILE": str(folder / "token"), **environment},
            health_url=f"http://127.0.0.1:{health}/",
        )

    def own_metrics(self) -> str:
        """What the Collector says of itself."""
        return get(f"http://{self.own_target}/metrics")[1]


class Gateway(_Tier):
    """A gateway with the component for Sentry.

    Args:
        folder: of its own.
        traces_to: the gRPC endpoint that plays Tempo.
        metrics_to: the URL of a store that takes remote write.
        sentry_to: the traces endpoint that plays Sentry.
        host: the loopback address to listen on.
        guarded_port: for OTLP of guarded senders; a free one if not given.
    """

    def __init__(
        self,
        folder: Path,
        *,
        traces_to: str,
        metrics_to: str,
        sentry_to: str,
        host: str = "127.0.0.1",
        guarded_port: int | None = None,
    ) -> None:
        super().__init__(
            folder,
            [rendered("base/gateway.yaml"), rendered("components/sentry/gateway.yaml")],
            {
                "TEMPO_ENDPOINT": traces_to.removeprefix("http://"),
                "REMOTE_WRITE_ENDPOINT": metrics_to,
                "SENTRY_OTLP_TRACES_ENDPOINT": sentry_to,
                "SENTRY_OTLP_AUTH": "sentry sentry_key=test",
            },
            host,
            guarded_port,
        )


class Agent(_Tier):
    """An agent; it is told the gateways' addresses, where a cluster's DNS would tell it.

    Args:
        folder: of its own; the queue is in it.
        gateways: all of them.
    """

    def __init__(self, folder: Path, gateways: Sequence[Gateway]) -> None:
        config = rendered("base/agent.yaml")
        for name, exporter in config["exporters"].items():
            targets = [one.guarded_grpc if "/guarded_" in name else one.strict_grpc for one in gateways]
            exporter["resolver"] = {"static": {"hostnames": targets}}
        super().__init__(folder, [config], {"COLLECTOR_TOKEN": TOKEN, "COLLECTOR_STORAGE": str(folder / "queue")})


@contextmanager
def one_of_each(folder: Path, store: str) -> Iterator[tuple[Agent, Gateway, GrpcSink]]:
    """Run an agent before a gateway; what plays Tempo is given beside them.

    Args:
        folder: for both.
        store: the URL of a store that takes remote write at `/api/v1/write`.
    """
    with (
        GrpcSink() as tempo,
        HttpSink() as sentry,
        Gateway(
            folder / "gateway",
            traces_to=tempo.endpoint,
            metrics_to=f"{store}/api/v1/write",
            sentry_to=f"{sentry.endpoint}/v1/traces",
        ) as gateway,
        Agent(folder / "agent", [gateway]) as agent,
    ):
        yield agent, gateway, tempo


class NamedAgent(_Tier):
    """An agent that finds gateways by name, as in a cluster: all on one port, each on an address of its own.

    The name is in a hosts file that only this process sees, which takes root.

    Args:
        folder: of its own.
        hosts: the file; change it in place, as the DNS of a cluster changes.
        port: of the gateways.
    """

    NAME = "gateways.test"

    def __init__(self, folder: Path, hosts: Path, port: int) -> None:
        config = rendered("base/agent.yaml")
        for name, exporter in config["exporters"].items():
            if "/guarded_" in name:
                exporter["resolver"]["dns"]["port"] = str(port)
        environment = {"COLLECTOR_TOKEN": TOKEN, "COLLECTOR_STORAGE": str(folder / "queue"), "GATEWAY_HOST": self.NAME}
        super().__init__(folder, [config], environment)
        own_hosts = f'mount --bind {hosts} /etc/hosts && exec "$@"'
        self.command = ["unshare", "--mount", "sh", "-c", own_hosts, "sh", *self.command]
