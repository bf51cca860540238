"""What every dashboard keeps to: variables, links, deploys as annotations, not editable in Grafana."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from monitoring.alerting import thresholds
from monitoring.dashboards.panels import PROMETHEUS

if TYPE_CHECKING:
    from grafana_foundation_sdk.cog.builder import Builder

ALERTMANAGER = models.DataSourceRef(type_val="alertmanager", uid="alertmanager")
COLUMNS = 24
"""The width of Grafana's grid."""
_SENDERS = 'target_info{telemetry_sdk_name!="", environment=~"$environment"'


def firing_alerts(width: int = COLUMNS) -> builders.Panel:
    """What Alertmanager holds now: alerting has one home, Grafana only shows it."""
    return (
        builders.Panel()
        .type("alertGroups")
        .title("Alerts")
        .datasource(ALERTMANAGER)
        .span(width)
        .height(5)
        .description("Alerts that fire now, as Alertmanager groups them. Silence them there.")
        .options({"alertmanager": "Alertmanager", "expandAll": False, "labels": ""})
    )


def dashboard(
    uid: str, title: str, description: str, variables: list[Builder[models.VariableModel]], *, span: str = "now-3h"
) -> builders.Dashboard:
    """An empty dashboard that can't be edited in Grafana, with links to the others and deploys as annotations."""
    others = (
        builders.DashboardLink("Dashboards")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags(["pazpaz"])
        .as_dropdown(True)
        .keep_time(True)
        .include_vars(True)
    )
    runbooks = (
        builders.DashboardLink("Runbooks")
        .type(models.DashboardLinkType.LINK)
        .url(thresholds()["runbook_url"])
        .target_blank(True)
        .icon("doc")
    )
    deploys = (
        builders.AnnotationQuery()
        .name("Deploys")
        .datasource(PROMETHEUS)
        .enable(True)
        .icon_color("blue")
        .expr(
            'sum by (service_version) (target_info{service_version!="", environment=~"$environment"})'
            ' unless sum by (service_version) (target_info{service_version!="", environment=~"$environment"} offset 2m)'
        )
    )
    out = (
        builders.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["pazpaz", "generated"])
        .readonly()
        .timezone("browser")
        .time(span, "now")
        .refresh("1m")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .links([others, runbooks])
        .annotation(deploys)
    )
    out.with_variable(source("datasource", "Metrics", "prometheus"))
    for variable in [choice("environment", "Environment", "label_values(up, environment)"), *variables]:
        out.with_variable(variable)
    return out


def source(name: str, label: str, kind: str) -> builders.DatasourceVariable:
    """A variable that chooses a data source of a kind; the provisioned one has the kind's name as its uid."""
    provisioned = models.VariableOption(text=kind.title(), value=kind, selected=True)
    return builders.DatasourceVariable(name).label(label).type(kind).current(provisioned)


def choice(name: str, label: str, query: str) -> builders.QueryVariable:
    """A variable of which several values can be chosen; all of them at first."""
    every = models.VariableOption(text="All", value="$__all", selected=True)
    return (
        builders.QueryVariable(name)
        .label(label)
        .datasource(PROMETHEUS)
        .query({"query": query, "refId": name})
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(every)
    )


def service() -> Builder[models.VariableModel]:
    """A variable that chooses services, of those that send metrics."""
    return choice("service", "Service", f"label_values({_SENDERS}}}, job)")


def services() -> list[Builder[models.VariableModel]]:
    """Variables that choose services and their processes."""
    return [service(), choice("instance", "Instance", f'label_values({_SENDERS}, job=~"$service"}}, instance)')]


def row(title: str) -> builders.Row:
    """A heading over the panels that follow."""
    return builders.Row(title)
