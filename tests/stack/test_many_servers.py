"""Two API hosts, three agents and two gateways, with the configurations of `deploy/kubernetes`."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel import yaml_text
from pazpaz_otel.audit.sinks import GrpcSink
from tests.faults import servers
from tests.programs import Prometheus, free_port, wait_until
from tests.programs.golang import ROOT
from tests.programs.tiers import Agent, Gateway, NamedAgent

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.long]


def test_it_is_exact_while_a_gateway_is_killed(tmp_path: Path) -> None:
    """Every event is counted once; every trace is whole and went by one gateway, wherever its spans came from."""
    many = servers.run(tmp_path)
    assert not many.faults(), f"{many.faults()}\n{many.table()}"


def test_a_gateway_that_is_gone_for_good_is_replaced_by_the_other(tmp_path: Path) -> None:
    """As its address leaves the name, what waited for it goes to the other: no trace is lost, none is cut."""
    if os.geteuid() != 0:
        pytest.skip("a hosts file of its own takes root")
    port = free_port()
    hosts = tmp_path / "hosts"
    addresses = {"127.0.0.1": GrpcSink(), "127.0.0.2": GrpcSink()}
    hosts.write_text("".join(f"{address} {NamedAgent.NAME}\n" for address in addresses))
    nowhere = f"http://127.0.0.1:{free_port()}"
    with ExitStack() as stack:
        gateways = [
            stack.enter_context(
                Gateway(
                    tmp_path / address,
                    traces_to=stack.enter_context(tempo).endpoint,
                    metrics_to=nowhere,
                    sentry_to=nowhere,
                    host=address,
                    guarded_port=port,
                )
            )
            for address, tempo in addresses.items()
        ]
        agents = [stack.enter_context(NamedAgent(tmp_path / f"agent-{number}", hosts, port)) for number in range(2)]
        before = servers.send_traces(agents, 30)
        tempos = list(addresses.values())
        wait_until(lambda: set(before) <= servers.whole_traces(tempos, 2), "the first traces")
        assert all(servers.places(tempos, before)), "both gateways take their share"
        gateways[1].kill()
        between = servers.send_traces(agents, 30)
        hosts.write_text(f"127.0.0.1 {NamedAgent.NAME}\n")
        after = servers.send_traces(agents, 30)
        wait_until(lambda: {*before, *between, *after} <= servers.whole_traces(tempos, 2), "all traces", 90)
        assert servers.places(tempos, [*between, *after])[1] == 0


def test_what_waits_for_gateways_is_what_they_scale_by(tmp_path: Path) -> None:
    """Asked as the component for an autoscaler says, Prometheus tells that an agent's queue fills, and empties."""
    file = ROOT / "deploy/kubernetes/components/queue-scaling/adapter-rules.yaml"
    [rule] = yaml_text.load(file.read_text())
    nowhere = f"http://127.0.0.1:{free_port()}"
    with GrpcSink() as tempo:
        gateway = Gateway(tmp_path / "gateway", traces_to=tempo.endpoint, metrics_to=nowhere, sentry_to=nowhere)
        with Agent(tmp_path / "agent", [gateway]) as agent:
            job = {
                "job_name": "otel-collector-internal",
                "scrape_interval": "1s",
                "static_configs": [{"targets": [agent.own_target]}],
            }
            with Prometheus({"scrape_configs": [job]}, tmp_path / "prometheus") as prometheus:

                def used() -> list[float]:
                    known = prometheus.query(rule["seriesQuery"])
                    return [value for _, value in prometheus.query(rule["metricsQuery"])] if known else []

                wait_until(lambda: used() == [0], "an empty queue", 60)
                traces = servers.send_traces([agent], 50)
                wait_until(lambda: used() > [0], "a queue in use", 60)
                with gateway:
                    wait_until(lambda: set(traces) <= servers.whole_traces([tempo], 1), "the traces", 90)
                    wait_until(lambda: used() == [0], "an empty queue again", 60)


def test_the_collector_takes_both_tiers(tmp_path: Path) -> None:
    """The Collector's own validation has nothing against what is rendered, and names a misspelt setting.

    An API server takes any setting below `spec.config`.
    """
    gateway = Gateway(
        tmp_path / "gateway", traces_to="127.0.0.1:1", metrics_to="http://127.0.0.1:1", sentry_to="http://127.0.0.1:1"
    )
    assert gateway.validate() == ""
    assert Agent(tmp_path / "agent", [gateway]).validate() == ""
    gateway.files[1].write_text(gateway.files[1].read_text().replace("decision_wait", "decision_wate"))
    assert "decision_wate" in gateway.validate()
