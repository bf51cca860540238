"""The Privacy & telemetry dashboard: what guards and the Collector's wall hold back, what arrives, what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.alerting import thresholds
from monitoring.dashboards.frame import dashboard, row, services
from monitoring.dashboards.panels import WHOLE, Query, graph, listing, number, ranking, rising

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

LIMIT = thresholds()
ANY = 'environment=~"$environment"'
SCOPE = f'{ANY}, job=~"$service", instance=~"$instance"'
DROPPED, FAILED = "pazpaz_otel_guard_dropped_total", "pazpaz_otel_guard_failed_total"
WALL = "pazpaz_otel_wall_dropped_total"
SIGNALS = (("spans", "traces"), ("metric_points", "metrics"), ("log_records", "logs"))


def build() -> Dashboard:
    """Makes the dashboard."""
    out = dashboard(
        "pazpaz-privacy",
        "PazPaz / Privacy & telemetry",
        "What doesn't leave, and whether everything else arrives. A drop is no leak: it is telemetry held back.",
        services(),
    )
    _now(out)
    _guards(out)
    _delivery(out)
    _cost(out)
    return out


def _now(out: Dashboard) -> None:
    out.with_row(row("Now"))
    out.with_panel(
        number(
            "Dropped by guards",
            "Items in the chosen time that the guards in the application held back.",
            WHOLE,
            Query(f"sum(increase({DROPPED}{{{SCOPE}}}[$__range] anchored))"),
            runbooks=("GuardDropping",),
        )
    )
    out.with_panel(
        number(
            "Guard failures",
            "A guard raised an error; its item was dropped.",
            WHOLE,
            Query(f"sum(increase({FAILED}{{{SCOPE}}}[$__range] anchored)) or 0 * sum(up{{{ANY}}})"),
            limits=rising(1),
            runbooks=("GuardFailing",),
        )
    )
    out.with_panel(
        number(
            "Wall hits",
            "Items of guarded senders that the Collector still had to cut. Should be 0.",
            WHOLE,
            Query(
                f'sum(increase({WALL}{{{ANY}, filter!~"filter/strict_.*"}}[$__range] anchored)) or 0 * sum(up{{{ANY}}})'
            ),
            limits=rising(1),
            runbooks=("PrivacyWallHit",),
        )
    )
    out.with_panel(
        number(
            "Policies in use",
            "Different policy digests of the senders. More than one is a deploy, or drift.",
            "short",
            Query(
                f'count(count by (pazpaz_otel_policy_digest) (target_info{{{SCOPE}, pazpaz_otel_policy_digest!=""}}))'
            ),
            limits=rising(2),
            runbooks=("PolicyDigestMismatch",),
        )
    )
    out.with_panel(
        number(
            "Series over their limit",
            "Series that hold what no longer got one of its own.",
            "short",
            Query(f'count({{otel_metric_overflow="true", {SCOPE}}}) or 0 * sum(up{{{ANY}}})'),
            limits=rising(1),
            runbooks=("CardinalityLimitHit",),
        )
    )
    out.with_panel(
        number(
            "Fullest queue",
            "The fullest of the Collector's sending queues.",
            "percentunit",
            Query(f"max(otelcol_exporter_queue_size{{{ANY}}} / (otelcol_exporter_queue_capacity{{{ANY}}} > 0))"),
            limits=rising(float(LIMIT["collector_queue_ratio"])),
            runbooks=("CollectorQueueFilling",),
        )
    )


def _guards(out: Dashboard) -> None:
    out.with_row(row("Held back"))
    for title, label in (("surface", "pazpaz_otel_guard_surface"), ("reason", "pazpaz_otel_guard_reason")):
        out.with_panel(
            graph(
                f"Guard drops by {title}",
                "Items a second.",
                "ops",
                Query(f"sum by ({label}) (rate({DROPPED}{{{SCOPE}}}[$__rate_interval]))", f"{{{{{label}}}}}"),
                width=8,
                runbooks=("GuardDropping", "TelemetryDropped"),
            )
        )
    out.with_panel(
        listing(
            "Policies",
            "Which policy each service runs with, and what the Collector thinks of it.",
            "short",
            Query(
                "count by (job, service_version, pazpaz_otel_policy_digest, pazpaz_otel_policy_state)"
                f' (target_info{{{SCOPE}, pazpaz_otel_policy_state!=""}})'
            ),
            width=8,
            runbooks=("PolicyDigestMismatch",),
            columns=(("pazpaz_otel_policy_digest", "policy"), ("pazpaz_otel_policy_state", "is")),
        )
    )


def _delivery(out: Dashboard) -> None:
    out.with_row(row("Delivery by the Collector"))
    out.with_panel(
        graph(
            "Received",
            "Items a second.",
            "ops",
            *_by_signal("otelcol_receiver_accepted_{}_total", "receiver"),
            width=6,
            runbooks=("TelemetryMissing",),
        )
    )
    out.with_panel(
        graph(
            "Sent",
            "Items a second.",
            "ops",
            *_by_signal("otelcol_exporter_sent_{}_total", "exporter"),
            width=6,
            runbooks=("CollectorExportFailing",),
        )
    )
    out.with_panel(
        graph(
            "Refused, failed, lost",
            "Items a second. Nothing here is the good case.",
            "ops",
            *_by_signal("otelcol_receiver_refused_{}_total", "receiver", "refused "),
            *_by_signal("otelcol_exporter_send_failed_{}_total", "exporter", "failed "),
            *_by_signal("otelcol_exporter_enqueue_failed_{}_total", "exporter", "lost "),
            width=6,
            runbooks=("CollectorRefusingData", "CollectorExportFailing", "CollectorDroppingData"),
        )
    )
    out.with_panel(
        graph(
            "Queues",
            "How full the sending queues are.",
            "percentunit",
            Query(
                f"otelcol_exporter_queue_size{{{ANY}}} / (otelcol_exporter_queue_capacity{{{ANY}}} > 0)",
                "{{exporter}} {{data_type}}",
            ),
            width=6,
            maximum=1,
            limits=rising(float(LIMIT["collector_queue_ratio"])),
            runbooks=("CollectorQueueFilling",),
        )
    )


def _cost(out: Dashboard) -> None:
    out.with_row(row("Cost"))
    out.with_panel(
        graph(
            "Processor time",
            "Share of one processor.",
            "percentunit",
            Query(f"rate(otelcol_process_cpu_seconds_total{{{ANY}}}[$__rate_interval])", "Collector"),
            Query(f'rate(process_cpu_seconds_total{{{ANY}, job="prometheus"}}[$__rate_interval])', "Prometheus"),
            width=6,
        )
    )
    out.with_panel(
        graph(
            "Memory",
            "Resident memory.",
            "bytes",
            Query(f"otelcol_process_memory_rss_bytes{{{ANY}}}", "Collector"),
            Query(f'process_resident_memory_bytes{{{ANY}, job="prometheus"}}', "Prometheus"),
            width=6,
        )
    )
    out.with_panel(
        graph(
            "Series and samples",
            "Series that Prometheus holds; samples a second that it takes in.",
            "short",
            Query(f"prometheus_tsdb_head_series{{{ANY}}}", "series"),
            Query(
                f"rate(prometheus_tsdb_head_samples_appended_total{{{ANY}}}[$__rate_interval])", "samples/s {{type}}"
            ),
            width=6,
        )
    )
    out.with_panel(
        ranking(
            "Metrics with most series",
            "The application's ten largest metrics.",
            "short",
            Query(f'topk(10, count by (__name__) ({{__name__!="", {SCOPE}, job!~"{_JOBS}"}}))', "{{__name__}}"),
            width=6,
            runbooks=("CardinalityLimitHit",),
        )
    )


_JOBS = "otel-collector.*|postgres|redis|cadvisor|node|blackbox|uptime.*|alertmanager|grafana|tempo|prometheus|"
"""Scrape jobs that aren't the application."""


def _by_signal(metric: str, by: str, prefix: str = "") -> list[Query]:
    return [
        Query(
            f"sum by ({by}) (rate({metric.format(items)}{{{ANY}}}[$__rate_interval]))", f"{prefix}{signal} {{{{{by}}}}}"
        )
        for items, signal in SIGNALS
    ]
