"""The Application dashboard: rate, errors, duration of each route; service levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.alerting import thresholds
from monitoring.dashboards.evidence import evidence
from monitoring.dashboards.frame import choice, dashboard, firing_alerts, row, source
from monitoring.dashboards.panels import WHOLE, Query, falling, graph, number, ranking, rising
from monitoring.dashboards.requests import BUCKET, COUNT, SERVER_ERROR, SUM, routed, share

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

LIMIT = thresholds()
SECONDS = float(LIMIT["latency_seconds"])
SCOPE = 'environment=~"$environment", job=~"$service", instance=~"$instance", http_route=~"$route"'
BUDGET_COLOURS = falling(0, 0.25)
BURN_COLOURS = rising(float(LIMIT["burn_page_slow"]), float(LIMIT["burn_page_fast"]))


def build() -> Dashboard:
    """Makes the dashboard."""
    out = dashboard(
        "pazpaz-application",
        "PazPaz / Application",
        "How the application answers: requests, errors and durations of each route, and the service levels.",
        [
            choice("service", "Service", f'label_values({COUNT}{{environment=~"$environment"}}, job)'),
            choice(
                "instance",
                "Instance",
                f'label_values({COUNT}{{environment=~"$environment", job=~"$service"}}, instance)',
            ),
            choice("route", "Route", f'label_values({COUNT}{{environment=~"$environment"}}, http_route)'),
            source("traces", "Traces", "tempo"),
            source("logs", "Logs", "loki"),
        ],
    )
    _overview(out)
    _routes(out)
    _latency(out)
    _errors(out)
    _service_levels(out)
    evidence(out, COUNT, SCOPE, SECONDS)
    return out


def _overview(out: Dashboard) -> None:
    out.with_row(row("Now"))
    out.with_panel(firing_alerts())
    out.with_panel(
        number(
            "Requests",
            "Requests in the chosen time: an exact count.",
            WHOLE,
            Query(f"sum(increase({COUNT}{{{SCOPE}}}[$__range] anchored))"),
        )
    )
    out.with_panel(
        number(
            "Request rate",
            "Requests a second over five minutes.",
            "reqps",
            Query(f"sum(rate({COUNT}{{{SCOPE}}}[5m]))"),
        )
    )
    out.with_panel(
        number(
            "p95",
            f"The 95th percentile of request durations over five minutes; the service level is {SECONDS} s.",
            "s",
            Query(f"histogram_quantile(0.95, sum by (le) (rate({BUCKET}{{{SCOPE}}}[5m])))"),
            limits=rising(SECONDS),
            runbooks=("ApiLatencyHigh",),
        )
    )
    out.with_panel(
        number(
            "Server errors",
            "Share of requests answered with a 5xx over five minutes.",
            "percentunit",
            Query(share(SERVER_ERROR, "5m", SCOPE)),
            limits=rising(float(LIMIT["error_ratio"])),
            runbooks=("ApiErrorRateHigh",),
        )
    )
    out.with_panel(
        number(
            "In progress",
            "Requests that are being answered now.",
            "short",
            Query('sum(http_requests_inprogress{environment=~"$environment", instance=~"$instance"})'),
        )
    )
    out.with_panel(
        number(
            "Availability budget left",
            "Share of the 30 days' error budget that is left.",
            "percentunit",
            Query(f"1 - ({share(SERVER_ERROR, '30d', _everything())}) / (1 - {LIMIT['availability_objective']})"),
            limits=BUDGET_COLOURS,
            runbooks=("AvailabilityBudgetBurnFast", "AvailabilityBudgetBurnSlow"),
        )
    )


def _routes(out: Dashboard) -> None:
    out.with_row(row("Each route: rate, errors, duration"))
    out.with_panel(
        graph(
            "Request rate by route",
            "Requests a second.",
            "reqps",
            Query(
                routed(f"sum by (http_request_method, http_route) (rate({COUNT}{{{SCOPE}}}[$__rate_interval]))"),
                "{{http_request_method}} {{http_route}}",
            ),
            width=8,
        )
    )
    out.with_panel(
        graph(
            "Server errors by route",
            "Share of a route's requests answered with a 5xx.",
            "percentunit",
            Query(routed(share(SERVER_ERROR, "$__rate_interval", SCOPE, by="http_route")), "{{http_route}}"),
            width=8,
            limits=rising(float(LIMIT["error_ratio"])),
            runbooks=("ApiErrorRateHigh",),
        )
    )
    out.with_panel(
        graph(
            "p95 by route",
            "The 95th percentile of request durations.",
            "s",
            Query(
                routed(
                    f"histogram_quantile(0.95, sum by (le, http_route) (rate({BUCKET}{{{SCOPE}}}[$__rate_interval])))"
                ),
                "{{http_route}}",
                exemplars=True,
            ),
            width=8,
            limits=rising(SECONDS),
            runbooks=("ApiLatencyHigh",),
        )
    )


def _latency(out: Dashboard) -> None:
    out.with_row(row("Latency"))
    quantiles = [
        Query(
            f"histogram_quantile({q}, sum by (le) (rate({BUCKET}{{{SCOPE}}}[$__rate_interval])))", name, exemplars=True
        )
        for q, name in (("0.50", "p50"), ("0.95", "p95"), ("0.99", "p99"))
    ]
    out.with_panel(
        graph(
            "Response time",
            "Percentiles of request durations; a dot is a request with a trace.",
            "s",
            *quantiles,
            limits=rising(SECONDS),
            runbooks=("ApiLatencyHigh", "LatencyBudgetBurnFast"),
        )
    )
    out.with_panel(
        ranking(
            "Slowest ten routes",
            "Mean duration of the requests in the chosen time.",
            "s",
            Query(
                f"topk(10, sum by (http_request_method, http_route) (increase({SUM}{{{SCOPE}}}[$__range] anchored))"
                f" / (sum by (http_request_method, http_route) (increase({COUNT}{{{SCOPE}}}[$__range] anchored)) > 0))",
                "{{http_request_method}} {{http_route}}",
            ),
            limits=rising(SECONDS),
            runbooks=("ApiLatencyHigh",),
        )
    )


def _errors(out: Dashboard) -> None:
    out.with_row(row("Errors"))
    for title, status in (("Client errors (4xx)", "4.."), ("Server errors (5xx)", "5..")):
        out.with_panel(
            graph(
                title,
                "Answers a second by status.",
                "reqps",
                Query(
                    "sum by (http_response_status_code)"
                    f' (rate({COUNT}{{{SCOPE}, http_response_status_code=~"{status}"}}[$__rate_interval]))',
                    "{{http_response_status_code}}",
                ),
                width=8,
                stacked=True,
                runbooks=("ApiErrorRateHigh",),
            )
        )
    out.with_panel(
        ranking(
            "Routes with most server errors",
            "5xx answers in the chosen time: exact counts.",
            WHOLE,
            Query(
                f"topk(10, sum by (http_request_method, http_route) (increase({COUNT}{{{SCOPE}, {SERVER_ERROR}}}"
                "[$__range] anchored)) > 0)",
                "{{http_request_method}} {{http_route}}",
            ),
            width=8,
            runbooks=("ApiErrorRateHigh",),
        )
    )


def _service_levels(out: Dashboard) -> None:
    out.with_row(row("Service levels"))
    objective, seconds = float(LIMIT["latency_objective"]), LIMIT["latency_seconds"]
    out.with_panel(
        number(
            "Availability",
            "Share of requests in the chosen time that got no 5xx.",
            "percentunit",
            Query(f"1 - ({share(SERVER_ERROR, '$__range', _everything())})"),
            limits=falling(float(LIMIT["availability_objective"])),
            height=8,
            decimals=3,
            runbooks=("AvailabilityBudgetBurnFast",),
        )
    )
    out.with_panel(
        number(
            f"Within {seconds} s",
            "Share of requests in the chosen time that were fast enough.",
            "percentunit",
            Query(_fast_share("$__range")),
            limits=falling(objective),
            height=8,
            decimals=2,
            runbooks=("LatencyBudgetBurnFast",),
        )
    )
    out.with_panel(
        number(
            "Latency budget left",
            "Share of the 30 days' latency budget that is left.",
            "percentunit",
            Query(f"1 - (1 - {_fast_share('30d')}) / (1 - {objective})"),
            limits=BUDGET_COLOURS,
            height=8,
            runbooks=("LatencyBudgetBurnFast", "LatencyBudgetBurnSlow"),
        )
    )
    for slo, series, kept in (
        ("availability", "failed", LIMIT["availability_objective"]),
        ("latency", "slow", LIMIT["latency_objective"]),
    ):
        queries = [
            Query(
                f"service:http_requests_{series}:ratio_rate{window}{{{_everything()}}} / (1 - {kept})",
                f"{{{{job}}}} over {window}",
            )
            for window in ("5m", "1h", "6h")
        ]
        out.with_panel(
            graph(
                f"Burn rate: {slo}",
                "How many times faster than over 30 days the budget is being spent.",
                "short",
                *queries,
                width=6,
                limits=BURN_COLOURS,
                runbooks=(f"{slo.capitalize()}BudgetBurnFast", f"{slo.capitalize()}BudgetBurnSlow"),
            )
        )


def _everything() -> str:
    """The selector of a service level: it is the service's, whatever route or instance is chosen."""
    return 'environment=~"$environment", job=~"$service"'


def _fast_share(window: str) -> str:
    fast = f'sum(rate({BUCKET}{{{_everything()}, le="{LIMIT["latency_seconds"]}"}}[{window}]))'
    return f"{fast} / (sum(rate({COUNT}{{{_everything()}}}[{window}])) > 0)"
