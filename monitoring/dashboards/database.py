"""The Database dashboard: PostgreSQL's connections, statements and cache; Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.alerting import thresholds
from monitoring.dashboards.frame import choice, dashboard, row, service
from monitoring.dashboards.panels import Query, falling, graph, number, ranking, rising
from monitoring.dashboards.redis import redis

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

LIMIT = thresholds()
SENDER = 'environment=~"$environment", job=~"$service"'
SCOPE = 'environment=~"$environment", instance=~"$instance"'
TARGET = "environment, job, instance"
CONNECTIONS = float(LIMIT["database_connections_ratio"])
SLOW_STATEMENT = 0.1
"""Seconds that a statement may take on average before it counts as slow."""


def build() -> Dashboard:
    """Makes the dashboard."""
    instances = 'label_values({__name__=~"pg_up|redis_up", environment=~"$environment"}, instance)'
    out = dashboard(
        "pazpaz-database",
        "PazPaz / Database",
        "PostgreSQL and Redis: connections, statements, cache. Statements are shown by their id, never by their text.",
        [service(), choice("instance", "Exporter", instances)],
    )
    _now(out)
    _connections(out)
    _statements(out)
    _throughput(out)
    redis(out, SCOPE)
    return out


def _now(out: Dashboard) -> None:
    out.with_row(row("Now"))
    up = falling(1)
    out.with_panel(
        number(
            "PostgreSQL",
            "On: the exporter is connected.",
            "bool_on_off",
            Query(f"min(pg_up{{{SCOPE}}})"),
            limits=up,
            runbooks=("DatabaseDown",),
        )
    )
    out.with_panel(
        number(
            "Redis",
            "On: the exporter is connected.",
            "bool_on_off",
            Query(f"min(redis_up{{{SCOPE}}})"),
            limits=up,
            runbooks=("RedisDown",),
        )
    )
    out.with_panel(
        number(
            "Connections in use",
            "Share of max_connections.",
            "percentunit",
            Query(_connection_share()),
            limits=rising(CONNECTIONS),
            runbooks=("DatabaseConnectionsHigh",),
        )
    )
    out.with_panel(
        number(
            "Cache hit rate",
            "Share of block reads over five minutes that PostgreSQL's buffers answered.",
            "percentunit",
            Query(_hit_rate("5m")),
            limits=falling(float(LIMIT["database_cache_hit_ratio"]), 0.99),
            runbooks=("DatabaseCacheHitLow",),
        )
    )
    out.with_panel(
        number(
            "Database size",
            "All databases.",
            "bytes",
            Query(f"sum(pg_database_size_bytes{{{SCOPE}}})"),
        )
    )
    out.with_panel(
        number(
            "Longest transaction",
            "The oldest transaction that is open.",
            "s",
            Query(f"max(pg_stat_activity_max_tx_duration{{{SCOPE}}})"),
            limits=rising(60, 300),
        )
    )


def _connections(out: Dashboard) -> None:
    out.with_row(row("Connections"))
    out.with_panel(
        graph(
            "Connection pool usage",
            "Connections as a share of max_connections.",
            "percentunit",
            Query(_connection_share(), "{{instance}}"),
            limits=rising(CONNECTIONS),
            maximum=1,
            width=8,
            runbooks=("DatabaseConnectionsHigh",),
        )
    )
    used, most = (
        f"sum by (job, db_client_connection_pool_name) (db_client_connection_{series}{{{SENDER}{more}}})"
        for series, more in (("count", ', db_client_connection_state="used"'), ("max", ""))
    )
    out.with_panel(
        graph(
            "Application's pool",
            "Connections in use as a share of the most that the application's own pool may open.",
            "percentunit",
            Query(f"{used} / ({most} > 0)", "{{job}} {{db_client_connection_pool_name}}"),
            limits=rising(float(LIMIT["connection_pool_ratio"])),
            width=8,
            maximum=1,
            runbooks=("ConnectionPoolExhausted",),
        )
    )
    out.with_panel(
        graph(
            "Connections by state",
            "idle in transaction holds locks and keeps vacuum from cleaning up.",
            "short",
            Query(
                f'sum by (state) (pg_stat_activity_count{{{SCOPE}, backend_type=~"client backend|"}}) > 0', "{{state}}"
            ),
            width=8,
            stacked=True,
            runbooks=("DatabaseConnectionsHigh",),
        )
    )


def _statements(out: Dashboard) -> None:
    out.with_row(row("Statements"))
    by = "sum by (queryid, datname)"
    mean = (
        f"{by} (rate(pg_stat_statements_seconds_total{{{SCOPE}}}[$__range]))"
        f" / ({by} (rate(pg_stat_statements_calls_total{{{SCOPE}}}[$__range])) > 0)"
    )
    out.with_panel(
        ranking(
            "Slow statements (over 100 ms)",
            "Mean time of a call. Look the id up with pg_stat_statements as an administrator.",
            "s",
            Query(f"topk(10, {mean} > {SLOW_STATEMENT})", "{{queryid}} in {{datname}}"),
            limits=rising(SLOW_STATEMENT),
            width=8,
        )
    )
    out.with_panel(
        ranking(
            "Most time in total",
            "Share of one processor that the ten most costly statements take.",
            "percentunit",
            Query(
                f"topk(10, {by} (rate(pg_stat_statements_seconds_total{{{SCOPE}}}[$__range])))",
                "{{queryid}} in {{datname}}",
            ),
            width=8,
        )
    )
    out.with_panel(
        graph(
            "Query rate",
            "Transactions a second, committed and rolled back.",
            "ops",
            Query(
                f"sum by (datname) (rate(pg_stat_database_xact_commit{{{_databases()}}}[$__rate_interval]))",
                "commits {{datname}}",
            ),
            Query(
                f"sum by (datname) (rate(pg_stat_database_xact_rollback{{{_databases()}}}[$__rate_interval]))",
                "rollbacks {{datname}}",
            ),
            width=8,
        )
    )


def _throughput(out: Dashboard) -> None:
    out.with_row(row("Cache, rows, locks"))
    out.with_panel(
        graph(
            "Cache hit rate",
            "Share of block reads that PostgreSQL's buffers answered.",
            "percentunit",
            Query(_hit_rate("$__rate_interval", "datname"), "{{datname}}"),
            limits=falling(float(LIMIT["database_cache_hit_ratio"]), 0.99),
            width=8,
            maximum=1,
            runbooks=("DatabaseCacheHitLow",),
        )
    )
    rows = [
        Query(f"sum(rate(pg_stat_database_tup_{kind}{{{_databases()}}}[$__rate_interval]))", kind)
        for kind in ("returned", "fetched", "inserted", "updated", "deleted")
    ]
    out.with_panel(graph("Rows", "Rows a second.", "ops", *rows, width=8))
    out.with_panel(
        graph(
            "Deadlocks and locks",
            "Locks held by mode; deadlocks in five minutes.",
            "short",
            Query(f"sum by (mode) (pg_locks_count{{{SCOPE}}}) > 0", "{{mode}}"),
            Query(f"sum(increase(pg_stat_database_deadlocks{{{_databases()}}}[5m]))", "deadlocks"),
            width=8,
        )
    )


def _databases() -> str:
    """Databases that somebody uses: PostgreSQL also counts what belongs to none, and its templates."""
    return f'{SCOPE}, datname!~"template.*|"'


def _connection_share() -> str:
    used = f"sum by ({TARGET}) (pg_stat_database_numbackends{{{SCOPE}}})"
    return f"{used} / on ({TARGET}) max by ({TARGET}) (pg_settings_max_connections{{{SCOPE}}})"


def _hit_rate(window: str, by: str = "") -> str:
    grouped = f"sum by ({by}) " if by else "sum"
    hit, read = (
        f"{grouped}(rate(pg_stat_database_blks_{kind}{{{_databases()}}}[{window}]))" for kind in ("hit", "read")
    )
    return f"{hit} / ({hit} + {read} > 0)"
