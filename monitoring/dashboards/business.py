"""The Business dashboard: appointments, session notes, active workspaces; every count is exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.alerting import thresholds
from monitoring.dashboards.frame import dashboard, row, services
from monitoring.dashboards.panels import WHOLE, Query, graph, number, ranking, rising
from monitoring.dashboards.queries import count

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

SCOPE = 'environment=~"$environment", job=~"$service", instance=~"$instance"'


def build() -> Dashboard:
    """Makes the dashboard."""
    out = dashboard(
        "pazpaz-business",
        "PazPaz / Business",
        "What practices do. Counts are exact (`increase(… anchored)`); a workspace is its id, nobody's name.",
        services(),
        span="now-24h",
    )
    out.with_row(row("In the chosen time"))
    for title, metric in (
        ("Appointments created", "appointments_created_total"),
        ("Appointments cancelled", "appointments_cancelled_total"),
        ("Session notes saved", "session_notes_saved_total"),
    ):
        out.with_panel(number(title, "An exact count.", WHOLE, Query(_count(metric, "$__range"))))
    cancelled, created = (_count(f"appointments_{kind}_total", "$__range") for kind in ("cancelled", "created"))
    out.with_panel(
        number(
            "Cancelled for each created",
            "Cancellations in the chosen time by appointments created in it.",
            "percentunit",
            Query(f"{cancelled} / ({created} > 0)"),
            limits=rising(float(thresholds()["cancellation_ratio"])),
            runbooks=("CancellationRateHigh",),
        )
    )
    out.with_panel(
        number(
            "Active workspaces",
            "Workspaces with a write in the last 24 hours.",
            WHOLE,
            Query(f"max(active_workspaces_24h{{{SCOPE}}})"),
        )
    )
    out.with_panel(
        number(
            "WebSocket sessions",
            "Connections that are open now.",
            WHOLE,
            Query(f"sum(active_websocket_sessions{{{SCOPE}}})"),
        )
    )
    _over_time(out)
    _breakdown(out)
    return out


def _over_time(out: Dashboard) -> None:
    out.with_row(row("Over time"))
    out.with_panel(
        graph(
            "Appointments created, hourly",
            "Each bar is the hour that ends there.",
            WHOLE,
            Query(_count("appointments_created_total", "1h"), "created"),
            step="1h",
            width=8,
        )
    )
    out.with_panel(
        graph(
            "Appointments cancelled, hourly",
            "By reason; each bar is the hour that ends there.",
            WHOLE,
            Query(_count("appointments_cancelled_total", "1h", "reason"), "{{reason}}"),
            step="1h",
            stacked=True,
            width=8,
        )
    )
    out.with_panel(
        graph(
            "Session notes saved, daily",
            "Each bar is the day that ends there.",
            WHOLE,
            Query(_count("session_notes_saved_total", "24h"), "saved"),
            step="24h",
            width=8,
        )
    )
    out.with_panel(
        graph(
            "Active workspaces",
            "Workspaces with a write in the last 24 hours.",
            WHOLE,
            Query(f"max(active_workspaces_24h{{{SCOPE}}})", "workspaces"),
        )
    )
    out.with_panel(
        graph(
            "WebSocket sessions",
            "Open connections.",
            WHOLE,
            Query(f"sum(active_websocket_sessions{{{SCOPE}}})", "sessions"),
        )
    )


def _breakdown(out: Dashboard) -> None:
    out.with_row(row("By workspace and reason, in the chosen time"))
    out.with_panel(
        ranking(
            "Appointments created, by workspace",
            "The ten busiest.",
            WHOLE,
            Query(f"topk(10, {_count('appointments_created_total', '$__range', 'workspace_id')})", "{{workspace_id}}"),
            width=8,
        )
    )
    out.with_panel(
        ranking(
            "Session notes saved, by workspace",
            "The ten busiest.",
            WHOLE,
            Query(f"topk(10, {_count('session_notes_saved_total', '$__range', 'workspace_id')})", "{{workspace_id}}"),
            width=8,
        )
    )
    out.with_panel(
        ranking(
            "Cancellations by reason",
            "Who cancelled.",
            WHOLE,
            Query(f"sort_desc({_count('appointments_cancelled_total', '$__range', 'reason')})", "{{reason}}"),
            width=8,
        )
    )


def _count(metric: str, window: str, by: str = "") -> str:
    return count(metric, SCOPE, window, by)
