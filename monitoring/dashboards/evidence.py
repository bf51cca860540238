"""Panels of traces and logs, beside the metrics that they explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import common, logs, loki, table, tempo
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.loki import LokiQueryType
from grafana_foundation_sdk.models.tempo import SearchTableType

from monitoring.dashboards.frame import row
from monitoring.dashboards.panels import WHOLE, Query, ranking

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

TEMPO = models.DataSourceRef(type_val="tempo", uid="${traces}")
LOKI = models.DataSourceRef(type_val="loki", uid="${logs}")


def evidence(out: Dashboard, count: str, scope: str, seconds: float) -> None:
    """Traces and logs of what the panels above count, with links to each other."""
    out.with_row(row("Traces and logs"))
    out.with_panel(
        ranking(
            "Errors by type and route",
            "Failed requests in the chosen time: the exception, or the status where none was raised, and its route.",
            WHOLE,
            Query(
                "topk(20, sum by (error_type, http_route) "
                f'(increase({count}{{{scope}, error_type!=""}}[$__range] anchored)))',
                "{{error_type}} {{http_route}}",
            ),
            width=24,
            runbooks=("ApiFailures",),
        )
    )
    out.with_panel(
        found_traces(
            "Failed requests",
            "The newest traces with an error. A trace has a link to its logs.",
            '{ resource.service.name =~ "$service" && resource.deployment.environment.name =~ "$environment" '
            "&& status = error }",
        )
    )
    out.with_panel(
        found_traces(
            "Slow requests",
            "The newest traces that took longer than the service level.",
            '{ resource.service.name =~ "$service" && resource.deployment.environment.name =~ "$environment" '
            f"&& kind = server && duration > {seconds}s }}",
        )
    )
    out.with_panel(
        found_logs(
            "Warnings and errors",
            "The services' logs from warning on, where the profile `logs` runs. A line has a link to its trace.",
            '{service_name=~"$service", service_name!=""} | severity_number >= 13',
        )
    )


def found_traces(title: str, description: str, traceql: str) -> table.Panel:
    """Traces that TraceQL finds, one a row; a click opens one."""
    query = (
        tempo.TempoQuery()
        .ref_id("A")
        .datasource(TEMPO)
        .query_type("traceql")
        .query(traceql)
        .limit(20)
        .table_type(SearchTableType.TRACES)
    )
    return (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(TEMPO)
        .unit("short")
        .span(12)
        .height(9)
        .sort_by([common.TableSortByFieldState().display_name("Start time").desc(True)])
        .with_target(query)
    )


def found_logs(title: str, description: str, logql: str) -> logs.Panel:
    """Lines that LogQL finds, newest first."""
    query = loki.Dataquery().ref_id("A").datasource(LOKI).expr(logql).query_type(LokiQueryType.RANGE).max_lines(200)
    return (
        logs.Panel()
        .title(title)
        .description(description)
        .datasource(LOKI)
        .unit("short")
        .span(24)
        .height(10)
        .show_time(True)
        .enable_log_details(True)
        .sort_order(options.LogsSortOrder.DESCENDING)
        .with_target(query)
    )
