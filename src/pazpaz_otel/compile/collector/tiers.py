"""Two tiers of Collectors for many servers: an agent on each server, and gateways that are the second wall.

An agent only routes: all spans of a trace go to one gateway, all sums of a sender to one gateway. Only agents have
queues, on disk. A gateway acknowledges once the store has accepted the data, so what a killed gateway held is still in
an agent's queue.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from pazpaz_otel.compile.collector import logs, metrics, traces
from pazpaz_otel.compile.collector.layers import layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pazpaz_otel.policy import Policy

_NO_QUEUE = {"sending_queue": {"enabled": False}, "retry_on_failure": {"enabled": False}}
_PORTS = {"guarded": "4327", "strict": "4317"}
_RETRY_FOR = {"guarded": "12h", "strict": "5m"}
"""How long an agent retries. There must be a limit: a gateway's permanent error on an item looks like a temporary
one."""


def agent() -> dict[str, Any]:
    """Return an agent's configuration: from trusted and untrusted senders, through a queue on disk, to the gateways."""
    base = layer("base")
    exporters, pipelines = {}, {}
    for sender, port in _PORTS.items():
        for signal, key in (("traces", "traceID"), ("metrics", "resource"), ("logs", "traceID")):
            name = f"load_balancing/{sender}_{signal}"
            exporters[name] = _to_gateways(sender, port, key)
            pipelines[f"{signal}/{sender}"] = {
                "receivers": [f"otlp/{sender}"],
                "processors": ["memory_limiter"],
                "exporters": [name],
            }
    return {
        **base,
        "processors": {"memory_limiter": base["processors"]["memory_limiter"]},
        "exporters": exporters,
        "service": {**base["service"], "pipelines": pipelines},
    }


def gateway(policy: Policy) -> dict[str, Any]:
    """Return a gateway's configuration: the second wall, then Tempo and a store that accepts remote write."""
    walls = (module.wall(policy) for module in (traces, metrics, logs))
    config: dict[str, Any] = reduce(merge, [*walls, layer("exporters")], layer("base"))
    config["extensions"].pop("file_storage")
    config["service"]["extensions"].remove("file_storage")
    config["exporters"] = {
        "otlp_grpc/tempo": {**config["exporters"]["otlp_grpc/tempo"], **_NO_QUEUE},
        "prometheusremotewrite": {
            "endpoint": "${env:REMOTE_WRITE_ENDPOINT:-http://prometheus-operated:9090/api/v1/write}",
            "external_labels": {"environment": "${env:ENVIRONMENT:-production}"},
            "disable_scope_info": True,
            "remote_write_queue": {"enabled": False},
            "retry_on_failure": {"enabled": False},
        },
        "nop": {},
    }
    config["service"]["pipelines"]["metrics/out"]["exporters"] = ["prometheusremotewrite"]
    return config


def sentry() -> dict[str, Any]:
    """Return the layer that a gateway needs for Sentry: whole traces, tail-sampled."""
    config = layer("sentry")
    # After tail sampling nobody waits for an acknowledgement, so a queue in memory loses no more than the sampler
    # itself.
    config["exporters"]["otlp_http/sentry"]["sending_queue"].pop("storage")
    return config


def merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return both configurations merged as the Collector does: maps by key, anything else replaced."""
    merged = dict(under)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def _to_gateways(sender: str, port: str, routing_key: str) -> dict[str, Any]:
    headers = {"headers": {"authorization": "Bearer ${env:COLLECTOR_TOKEN}"}} if sender == "guarded" else {}
    return {
        "routing_key": routing_key,
        "resolver": {"dns": {"hostname": "${env:GATEWAY_HOST:-pazpaz-gateway-collector-headless}", "port": port}},
        # The queue comes before the choice of a gateway, so that data one gateway can't take goes to another.
        "protocol": {"otlp": {"tls": {"insecure": True}, **headers, **_NO_QUEUE, "timeout": "10s"}},
        "sending_queue": layer("exporters")["exporters"]["otlp_grpc/tempo"]["sending_queue"],
        # This exporter has no intervals of its own: it would try again at once, a gateway's absence long, and each time
        # send the other gateways their share anew.
        "retry_on_failure": {
            "enabled": True,
            "initial_interval": "1s",
            "randomization_factor": 0.5,
            "multiplier": 1.5,
            "max_interval": "30s",
            "max_elapsed_time": _RETRY_FOR[sender],
        },
        "timeout": "15s",
    }
