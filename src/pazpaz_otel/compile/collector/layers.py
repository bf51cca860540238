"""The configuration layers that are the same for every policy."""

from __future__ import annotations

from typing import Any

_MAX_REQUEST_MIB = 4
"""Small enough for several decoded requests to fit into the memory limit at once; also gRPC's default."""
_QUEUE = {
    "enabled": True,
    "storage": "file_storage",
    # Limited in bytes, as disks are: items differ in size by a factor of a hundred.
    "sizer": "bytes",
    "queue_size": 512 * 1024 * 1024,
    "num_consumers": 4,
}
_ANYWHERE = "0.0.0.0"  # noqa: S104 - the container's own network; the compose file decides which ports to publish
_OWN_READER = {
    "host": _ANYWHERE,
    "port": 8888,
    "without_type_suffix": False,
    "without_units": True,
    "without_scope_info": True,
}
_BATCH = {"flush_timeout": "1s", "sizer": "items", "min_size": 512, "max_size": 2048}


def base() -> dict[str, Any]:
    """Return receivers, limits, health check and the Collector's own telemetry."""
    return {
        "extensions": {
            "health_check": {"endpoint": f"{_ANYWHERE}:13133"},
            # Tokens of trusted senders, one a line, re-read when the file changes. Without the file the Collector won't
            # start.
            "bearertokenauth": {"filename": "${env:COLLECTOR_TOKEN_FILE:-/run/secrets/collector_token}"},
            "file_storage": {
                "directory": "${env:COLLECTOR_STORAGE:-/var/lib/otelcol/queue}",
                "create_directory": True,
                "timeout": "10s",
            },
        },
        "receivers": {
            "otlp/guarded": _receiver(4327, 4328, authenticator="bearertokenauth"),
            "otlp/strict": _receiver(4317, 4318),
        },
        "processors": {
            # Without keys to group by, it only rebuilds each resource from its attributes. This removes entity
            # references, which OTTL can't reach.
            "groupbyattrs": {"keys": []},
            "memory_limiter": {
                "check_interval": "1s",
                # The soft limit is 20% below. A fixed distance could exceed a small limit.
                "limit_mib": "${env:COLLECTOR_MEMORY_MIB:-400}",
            },
        },
        "service": {
            "extensions": ["health_check", "bearertokenauth", "file_storage"],
            "telemetry": {"logs": {"level": "info", "encoding": "json"}, "metrics": _own_metrics()},
        },
    }


def exporters() -> dict[str, Any]:
    """Return the exporters to Prometheus and Tempo; logs go nowhere unless a layer adds an exporter."""
    return {
        "exporters": {
            "prometheus": {
                "endpoint": f"{_ANYWHERE}:8889",
                "metric_expiration": "2m",
                "without_scope_info": True,
                "enable_open_metrics": True,
            },
            "otlp_grpc/tempo": {
                "endpoint": "${env:TEMPO_ENDPOINT:-tempo:4317}",
                "tls": {"insecure": True},
                # The queue persists data before the sender's request is acknowledged, and batches on the way out.
                "sending_queue": queue(),
                "retry_on_failure": {"enabled": True, "max_elapsed_time": "0s"},
            },
            "nop": None,
        },
        "service": {
            "pipelines": {
                "metrics/out": {
                    "receivers": ["forward/metrics"],
                    "processors": ["transform/prometheus_names"],
                    "exporters": ["prometheus"],
                },
                "traces/out": {"receivers": ["forward/traces"], "exporters": ["otlp_grpc/tempo"]},
                "logs/out": {"receivers": ["forward/logs"], "exporters": ["nop"]},
            }
        },
    }


def nginx() -> dict[str, Any]:
    """Return the layer that counts nginx's answers, of which it sends the status over UDP.

    nginx sends a datagram for each request that the API didn't answer. Only a three-digit status becomes part of a
    metric, and no pipeline exports the message itself.
    """
    status = {
        "type": "regex_parser",
        "regex": "^<[0-9]{1,3}>.{1,64} nginx: (?P<status>499|5[0-9]{2})$$",
        "on_error": "drop_quiet",
    }
    return {
        "receivers": {"udplog/nginx": {"listen_address": f"{_ANYWHERE}:5514", "operators": [status]}},
        "connectors": {
            "count/nginx": {
                "logs": {
                    "nginx.failures": {
                        "description": "Requests that nginx answered instead of the API, or whose client disconnected.",
                        "attributes": [{"key": "status"}],
                    }
                }
            }
        },
        # Failures are rare, and a counter that expires between two of them restarts at 1. Therefore both keep it for a
        # month, and this layer has an exporter of its own.
        "processors": {"deltatocumulative/nginx": {"max_stale": "720h", "max_streams": 100}},
        "exporters": {
            "prometheus/nginx": {
                "endpoint": f"{_ANYWHERE}:8887",
                "metric_expiration": "720h",
                "without_scope_info": True,
                "enable_open_metrics": True,
            }
        },
        "service": {
            "pipelines": {
                "logs/nginx": {"receivers": ["udplog/nginx"], "exporters": ["count/nginx"]},
                "metrics/nginx": {
                    "receivers": ["count/nginx"],
                    "processors": ["deltatocumulative/nginx"],
                    "exporters": ["prometheus/nginx"],
                },
            }
        },
    }


def queue() -> dict[str, Any]:
    """Return the settings of a sending queue that persists to disk and batches on the way out."""
    return {**_QUEUE, "batch": _BATCH}


def logs() -> dict[str, Any]:
    """Return the layer that sends logs to Loki's OTLP endpoint."""
    return {
        "exporters": {
            "otlp_http/loki": {
                "endpoint": "${env:LOKI_ENDPOINT:-http://loki:3100/otlp}",
                "sending_queue": queue(),
                "retry_on_failure": {"enabled": True, "max_elapsed_time": "0s"},
            }
        },
        "service": {"pipelines": {"logs/out": {"receivers": ["forward/logs"], "exporters": ["otlp_http/loki"]}}},
    }


def sentry() -> dict[str, Any]:
    """Return the layer that sends traces to Sentry's OTLP endpoint after tail sampling."""
    return {
        "processors": {
            "tail_sampling": {
                "decision_wait": "10s",
                "num_traces": 50_000,
                "policies": [
                    {"name": "failed", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
                    {
                        "name": "server_error",
                        "type": "numeric_attribute",
                        "numeric_attribute": {"key": "http.response.status_code", "min_value": 500, "max_value": 599},
                    },
                    {"name": "slow", "type": "latency", "latency": {"threshold_ms": 1000}},
                    {"name": "rest", "type": "probabilistic", "probabilistic": {"sampling_percentage": 10}},
                ],
            }
        },
        "exporters": {
            "otlp_http/sentry": {
                "traces_endpoint": "${env:SENTRY_OTLP_TRACES_ENDPOINT}",
                "headers": {"x-sentry-auth": "${env:SENTRY_OTLP_AUTH}"},
                "sending_queue": queue(),
            }
        },
        "service": {
            "pipelines": {
                "traces/sentry": {
                    "receivers": ["forward/traces"],
                    "processors": ["tail_sampling"],
                    "exporters": ["otlp_http/sentry"],
                }
            }
        },
    }


def debug() -> dict[str, Any]:
    """Return the layer that prints everything that passed the wall to stderr."""
    return {
        "exporters": {"debug": {"verbosity": "detailed"}},
        "service": {
            "pipelines": {
                f"{signal}/debug": {"receivers": [f"forward/{signal}"], "exporters": ["debug"]}
                for signal in ("traces", "metrics", "logs")
            }
        },
    }


def _receiver(grpc: int, http: int, authenticator: str | None = None) -> dict[str, Any]:
    auth = {"auth": {"authenticator": authenticator}} if authenticator else {}
    return {
        "protocols": {
            "grpc": {"endpoint": f"{_ANYWHERE}:{grpc}", "max_recv_msg_size_mib": _MAX_REQUEST_MIB, **auth},
            "http": {
                "endpoint": f"{_ANYWHERE}:{http}",
                "max_request_body_size": _MAX_REQUEST_MIB * 1024 * 1024,
                **auth,
            },
        }
    }


def _own_metrics() -> dict[str, Any]:
    counted = [
        {
            "selector": {"instrument_name": f"otelcol_processor_filter_{items}.filtered"},
            "stream": {"name": "pazpaz_otel_wall_dropped", "description": "What the second wall dropped or changed."},
        }
        for items in ("spans", "datapoints", "logs")
    ]
    # Their attributes repeat the Host and User-Agent headers that a client sent.
    clients = [
        {
            "selector": {"meter_name": f"go.opentelemetry.io/contrib/instrumentation/{meter}"},
            "stream": {"aggregation": {"drop": {}}},
        }
        for meter in ("net/http/otelhttp", "google.golang.org/grpc/otelgrpc")
    ]
    return {
        "level": "detailed",
        "readers": [{"pull": {"exporter": {"prometheus": _OWN_READER}}}],
        "views": [*counted, *clients],
    }
