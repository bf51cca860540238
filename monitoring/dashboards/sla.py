"""The Service levels dashboard: what was promised, what was kept, each day and on each route; for a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.alerting import thresholds
from monitoring.dashboards.frame import choice, dashboard, row
from monitoring.dashboards.panels import WHOLE, Query, falling, graph, number, ranking, rising
from monitoring.dashboards.queries import count
from monitoring.dashboards.requests import BUCKET, COUNT, SERVER_ERROR

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

LIMIT = thresholds()
ANY = 'environment=~"$environment"'
SCOPE = f'{ANY}, job=~"$service", instance=~"$instance"'
FAILED = f"{SCOPE}, {SERVER_ERROR}"
SECONDS = LIMIT["latency_seconds"]
AVAILABILITY, LATENCY = float(LIMIT["availability_objective"]), float(LIMIT["latency_objective"])
PROMISES = (
    ("Answered without a 5xx", f"The objective is {AVAILABILITY:.1%} over 30 days.", AVAILABILITY, 3),
    (f"Within {SECONDS} s", f"The objective is {LATENCY:.0%} over 30 days.", LATENCY, 2),
)


def build() -> Dashboard:
    """Makes the dashboard."""
    out = dashboard(
        "pazpaz-service-levels",
        "PazPaz / Service levels",
        "What was promised and what was kept. The limits are those of the alerts: monitoring/thresholds.yaml.",
        [
            choice("service", "Service", f"label_values({COUNT}{{{ANY}}}, job)"),
            choice("instance", "Instance", f'label_values({COUNT}{{{ANY}, job=~"$service"}}, instance)'),
        ],
        span="now-30d",
    )
    out.with_row(row("In the chosen time"))
    _kept(out)
    out.with_row(row("Each day"))
    _daily(out)
    out.with_row(row("What the API never saw"))
    _unanswered(out)
    out.with_row(row("Each route, in the chosen time"))
    _routes(out)
    return out


def _kept(out: Dashboard) -> None:
    for (title, description, objective, decimals), share in zip(PROMISES, (_answered, _fast), strict=True):
        out.with_panel(
            number(
                title,
                description,
                "percentunit",
                Query(share("$__range")),
                limits=falling(objective),
                decimals=decimals,
                width=6,
                runbooks=("AvailabilityBudgetBurnFast", "LatencyBudgetBurnFast"),
            )
        )
    out.with_panel(
        number(
            "Health check answered",
            "Share of the probes in the chosen time that found the API healthy.",
            "percentunit",
            Query(f'avg(avg_over_time(probe_success{{{ANY}, monitor=~".*health.*"}}[$__range]))'),
            limits=falling(AVAILABILITY),
            decimals=3,
            width=6,
            runbooks=("HealthDown",),
        )
    )
    out.with_panel(
        number(
            "Requests",
            "An exact count: what the shares are made of.",
            WHOLE,
            Query(count(COUNT, SCOPE, "$__range")),
            width=6,
        )
    )


def _daily(out: Dashboard) -> None:
    for (title, _, objective, _), share in zip(PROMISES, (_answered, _fast), strict=True):
        out.with_panel(
            graph(
                f"{title}, daily",
                "Share of a day's requests; each bar is the day that ends there.",
                "percentunit",
                Query(share("24h"), "kept"),
                step="24h",
                width=8,
                maximum=1,
                limits=falling(objective),
            )
        )
    out.with_panel(
        graph(
            "Probes that succeeded, daily",
            "Share of a day's probes, by monitor.",
            "percentunit",
            Query(f"avg by (monitor) (avg_over_time(probe_success{{{ANY}}}[24h]))", "{{monitor}}"),
            width=8,
            maximum=1,
            limits=falling(AVAILABILITY),
            runbooks=("HealthDown", "MonitorDown"),
        )
    )


def _unanswered(out: Dashboard) -> None:
    out.with_panel(
        graph(
            "Answered by nginx in the API's place",
            "502: the API couldn't be reached or hung up; 504: it took too long; 499: the client had gone by then."
            " Health checks are left out. Empty until the first.",
            WHOLE,
            Query(count("nginx_failures_total", ANY, "15m", "status"), "{{status}}"),
            step="15m",
            width=24,
            runbooks=("RequestsUnanswered", "VisitorsGiveUp"),
        )
    )


def _routes(out: Dashboard) -> None:
    out.with_panel(
        ranking(
            "p95",
            "The 95th percentile of request durations, the ten slowest routes.",
            "s",
            Query(
                "topk(10, histogram_quantile(0.95, sum by (le, http_request_method, http_route)"
                f' (increase({BUCKET}{{{SCOPE}, http_route!=""}}[$__range] anchored))))',
                "{{http_request_method}} {{http_route}}",
            ),
            limits=rising(float(SECONDS)),
            runbooks=("ApiLatencyHigh",),
        )
    )
    route = "http_request_method, http_route"
    every, failed = (count(COUNT, labels, "$__range", route) for labels in (SCOPE, FAILED))
    out.with_panel(
        ranking(
            "Answered with a 5xx",
            "Share of a route's requests, the ten worst.",
            "percentunit",
            Query(
                f"topk(10, {failed} / ({every} > 0) > 0)",
                "{{http_request_method}} {{http_route}}",
            ),
            limits=rising(1 - AVAILABILITY),
            runbooks=("ApiErrorRateHigh",),
        )
    )


def _answered(window: str) -> str:
    every, failed = (count(COUNT, labels, window) for labels in (SCOPE, FAILED))
    return f"1 - ({failed} or 0 * {every}) / ({every} > 0)"


def _fast(window: str) -> str:
    fast = count(BUCKET, f'{SCOPE}, le="{SECONDS}"', window)
    return f"{fast} / ({count(COUNT, SCOPE, window)} > 0)"
