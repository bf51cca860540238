"""The Database dashboard's part on Redis: memory, persistence, commands, hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.dashboards.frame import row
from monitoring.dashboards.panels import Query, falling, graph

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard


def redis(out: Dashboard, scope: str) -> None:
    """Add its panels for the exporters in a scope."""
    out.with_row(row("Redis"))
    out.with_panel(
        graph(
            "Memory",
            "Memory in use, and the limit where one is set.",
            "bytes",
            Query(f"redis_memory_used_bytes{{{scope}}}", "used"),
            Query(f"redis_memory_max_bytes{{{scope}}} > 0", "maxmemory"),
            width=8,
            runbooks=("RedisMemoryHigh",),
        )
    )
    out.with_panel(
        graph(
            "Persistence",
            "1 while the last snapshot, the last write and the last rewrite of the append-only file succeeded.",
            "short",
            Query(f"redis_rdb_last_bgsave_status{{{scope}}}", "snapshot"),
            Query(f"redis_aof_last_write_status{{{scope}}}", "append"),
            Query(f"redis_aof_last_bgrewrite_status{{{scope}}}", "rewrite"),
            width=8,
            limits=falling(1),
            maximum=1,
            runbooks=("RedisPersistenceFailing",),
        )
    )
    out.with_panel(
        graph(
            "Commands",
            "Commands a second.",
            "ops",
            Query(f"sum(rate(redis_commands_processed_total{{{scope}}}[$__rate_interval]))", "commands"),
            width=8,
        )
    )
    hits, misses = (
        f"sum(rate(redis_keyspace_{kind}_total{{{scope}}}[$__rate_interval]))" for kind in ("hits", "misses")
    )
    out.with_panel(
        graph(
            "Key hit rate",
            "Share of look-ups that found a key.",
            "percentunit",
            Query(f"{hits} / ({hits} + {misses} > 0)", "hits"),
            width=12,
            maximum=1,
        )
    )
    out.with_panel(
        graph(
            "Clients and evictions",
            "Connected clients; keys a second that Redis threw out for lack of memory.",
            "short",
            Query(f"redis_connected_clients{{{scope}}}", "clients"),
            Query(f"sum(rate(redis_evicted_keys_total{{{scope}}}[$__rate_interval]))", "evictions"),
            width=12,
            runbooks=("RedisMemoryHigh",),
        )
    )
