"""The Infrastructure dashboard: uptime, containers, the server, the monitoring itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.alerting import thresholds
from monitoring.dashboards.frame import choice, dashboard, firing_alerts, row
from monitoring.dashboards.panels import Query, falling, graph, listing, number, rising

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

LIMIT = thresholds()
ANY = 'environment=~"$environment"'
NODE = f'{ANY}, instance=~"$instance"'
CONTAINER = f'{ANY}, name!=""'
MEMORY = float(LIMIT["container_memory_ratio"])
REAL = LIMIT["disks"]
DISK_FREE = float(LIMIT["disk_free_ratio"])
DAYS = float(LIMIT["certificate_days"])
DEVICE = 'device!~"loop.*|ram.*|zram.*|dm-.*"'
LINK = 'device!~"lo|veth.*|br-.*|docker.*"'
USED = " unless on (environment, integration) alertmanager_notifications_total == 0"
"""Leaves out the ways of sending that nothing was ever sent by: Alertmanager counts each that it knows."""


def build() -> Dashboard:
    """Makes the dashboard."""
    out = dashboard(
        "pazpaz-infrastructure",
        "PazPaz / Infrastructure",
        "Is it reachable, and does it have the processor time, memory and disk it needs?",
        [choice("instance", "Server", f"label_values(node_load1{{{ANY}}}, instance)")],
    )
    _uptime(out)
    _containers(out)
    _server(out)
    _monitoring(out)
    return out


def _uptime(out: Dashboard) -> None:
    out.with_row(row("Uptime"))
    out.with_panel(firing_alerts())
    out.with_panel(
        number(
            "Targets down",
            "Scrape targets that don't answer.",
            "short",
            Query(f"sum(1 - up{{{ANY}}})"),
            limits=rising(1),
            height=8,
            runbooks=("TargetDown",),
        )
    )
    out.with_panel(
        number(
            "Certificate",
            "Time until the first certificate expires.",
            "s",
            Query(f"min(last_over_time(probe_ssl_earliest_cert_expiry{{{ANY}}}[15m])) - time()"),
            limits=falling(DAYS * 86_400, 30 * 86_400),
            height=8,
            runbooks=("CertificateExpiring",),
        )
    )
    out.with_panel(
        graph(
            "Probes",
            "1: the probe succeeded.",
            "short",
            Query(f"min by (monitor) (last_over_time(probe_success{{{ANY}}}[15m]))", "{{monitor}}"),
            width=8,
            maximum=1,
            runbooks=("HealthDown", "MonitorDown"),
        )
    )
    out.with_panel(
        graph(
            "Probe duration",
            "How long a probe took.",
            "s",
            Query(f"max by (monitor) (last_over_time(probe_duration_seconds{{{ANY}}}[15m]))", "{{monitor}}"),
            width=8,
        )
    )


def _containers(out: Dashboard) -> None:
    out.with_row(row("Containers"))
    out.with_panel(
        graph(
            "CPU usage",
            "Processors in use by container.",
            "short",
            Query(
                f"sum by (name) (rate(container_cpu_usage_seconds_total{{{CONTAINER}}}[$__rate_interval]))", "{{name}}"
            ),
            stacked=True,
            width=8,
        )
    )
    out.with_panel(
        graph(
            "Memory usage",
            "Working set by container.",
            "bytes",
            Query(f"sum by (name) (container_memory_working_set_bytes{{{CONTAINER}}})", "{{name}}"),
            width=8,
            runbooks=("ContainerMemoryHigh",),
        )
    )
    out.with_panel(
        graph(
            "Memory by limit",
            "Working set as a share of the container's limit.",
            "percentunit",
            Query(
                f"max by (name) (container_memory_working_set_bytes{{{CONTAINER}}}"
                f" / (container_spec_memory_limit_bytes{{{CONTAINER}}} > 0))",
                "{{name}}",
            ),
            width=8,
            maximum=1,
            limits=rising(MEMORY),
            runbooks=("ContainerMemoryHigh",),
        )
    )
    out.with_panel(
        graph(
            "Disk I/O",
            "Bytes a second read and written by container.",
            "Bps",
            Query(
                f"sum by (name) (rate(container_fs_reads_bytes_total{{{CONTAINER}}}[$__rate_interval]))",
                "read {{name}}",
            ),
            Query(
                f"sum by (name) (rate(container_fs_writes_bytes_total{{{CONTAINER}}}[$__rate_interval]))",
                "write {{name}}",
            ),
            width=8,
        )
    )
    out.with_panel(
        graph(
            "Disk I/O in progress",
            "Reads and writes that a disk has not finished, by container.",
            "short",
            Query(f"sum by (name) (container_fs_io_current{{{CONTAINER}}})", "{{name}}"),
            width=8,
        )
    )
    out.with_panel(
        graph(
            "Network",
            "Bytes a second received and sent by container.",
            "Bps",
            Query(
                f"sum by (name) (rate(container_network_receive_bytes_total{{{CONTAINER}}}[$__rate_interval]))",
                "in {{name}}",
            ),
            Query(
                f"sum by (name) (rate(container_network_transmit_bytes_total{{{CONTAINER}}}[$__rate_interval]))",
                "out {{name}}",
            ),
            width=8,
        )
    )
    out.with_panel(
        graph(
            "Restarts",
            "Starts of each container within an hour; more than one is a crash loop.",
            "short",
            Query(f"changes(container_start_time_seconds{{{CONTAINER}}}[1h])", "{{name}}"),
            width=12,
            runbooks=("ContainerRestarting", "ContainerOutOfMemory"),
        )
    )
    out.with_panel(
        listing(
            "Running for",
            "Time since each container started; a short one may have been restarted.",
            "s",
            Query(f"min by (name) (time() - container_start_time_seconds{{{CONTAINER}}})"),
            width=12,
        )
    )


def _server(out: Dashboard) -> None:
    out.with_row(row("Server"))
    busy = f'1 - avg by (instance) (rate(node_cpu_seconds_total{{{NODE}, mode="idle"}}[$__rate_interval]))'
    out.with_panel(
        graph("CPU", "Share of all processors' time.", "percentunit", Query(busy, "{{instance}}"), width=6, maximum=1)
    )
    out.with_panel(
        graph(
            "Memory",
            "Memory that isn't available to new programs.",
            "percentunit",
            Query(
                f"1 - node_memory_MemAvailable_bytes{{{NODE}}} / (node_memory_MemTotal_bytes{{{NODE}}} > 0)",
                "{{instance}}",
            ),
            width=6,
            maximum=1,
            limits=rising(0.85, 0.95),
        )
    )
    out.with_panel(
        graph(
            "Load",
            "Programs that run or wait, for each processor.",
            "short",
            Query(
                f"node_load5{{{NODE}}} / on (environment, instance)"
                f' count by (environment, instance) (node_cpu_seconds_total{{{NODE}, mode="idle"}})',
                "{{instance}}",
            ),
            width=6,
            limits=rising(1, 2),
        )
    )
    out.with_panel(
        graph(
            "Disk free",
            "Free space of each file system.",
            "percentunit",
            Query(
                f"node_filesystem_avail_bytes{{{NODE}, {REAL}}} / (node_filesystem_size_bytes{{{NODE}, {REAL}}} > 0)",
                "{{mountpoint}}",
            ),
            width=6,
            maximum=1,
            limits=falling(DISK_FREE),
            runbooks=("DiskSpaceLow",),
        )
    )
    out.with_panel(
        graph(
            "Disk throughput",
            "Bytes a second.",
            "Bps",
            Query(f"rate(node_disk_read_bytes_total{{{NODE}, {DEVICE}}}[$__rate_interval])", "read {{device}}"),
            Query(f"rate(node_disk_written_bytes_total{{{NODE}, {DEVICE}}}[$__rate_interval])", "write {{device}}"),
        )
    )
    out.with_panel(
        graph(
            "Network",
            "Bytes a second.",
            "Bps",
            Query(f"rate(node_network_receive_bytes_total{{{NODE}, {LINK}}}[$__rate_interval])", "in {{device}}"),
            Query(f"rate(node_network_transmit_bytes_total{{{NODE}, {LINK}}}[$__rate_interval])", "out {{device}}"),
        )
    )


def _monitoring(out: Dashboard) -> None:
    out.with_row(row("Monitoring"))
    out.with_panel(
        listing(
            "Targets",
            "1: the target answers.",
            "short",
            Query(f"min by (job, instance) (up{{{ANY}}})"),
            width=8,
            limits=falling(1),
            runbooks=("TargetDown",),
        )
    )
    out.with_panel(
        graph(
            "Prometheus storage",
            "Space taken by Prometheus.",
            "bytes",
            Query(f"prometheus_tsdb_storage_blocks_bytes{{{ANY}}}", "blocks"),
            Query(f"prometheus_tsdb_wal_storage_size_bytes{{{ANY}}}", "write-ahead log"),
            width=8,
            runbooks=("PrometheusStorageTroubles",),
        )
    )
    out.with_panel(
        graph(
            "Notifications",
            "Sent and failed by Alertmanager, a second, by the ways in use.",
            "ops",
            Query(_by_way("alertmanager_notifications_total"), "{{integration}}"),
            Query(_by_way("alertmanager_notifications_failed_total"), "failed {{integration}}"),
            width=8,
            runbooks=("AlertmanagerNotificationsFailing",),
        )
    )


def _by_way(metric: str) -> str:
    return f"sum by (integration) (rate({metric}{{{ANY}}}[$__rate_interval]){USED})"
