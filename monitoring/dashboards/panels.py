"""The kinds of panel, and what every one keeps to: datasource, size, legend, thresholds, links to runbooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import bargauge, common, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import prometheus as promql
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from monitoring.alerting import thresholds

if TYPE_CHECKING:
    from grafana_foundation_sdk.cog.builder import Builder

PROMETHEUS = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
"""The data sources are variables: a board can be imported where they have other names."""

WHOLE = "locale"
"""The unit of what is counted exactly: whole and with separators, where "short" would make 1.2 K of 1,234."""

Limits = tuple[tuple[float | None, str], ...]
"""Threshold steps: (value from which it holds, colour); the first one's value is None."""


@dataclass(frozen=True)
class Query:
    """One PromQL query.

    Attributes:
        expr: PromQL, with Grafana's variables.
        legend: Legend, with `{{label}}`.
        exemplars: Show the exemplars of its metric, which link to traces.
    """

    expr: str
    legend: str = ""
    exemplars: bool = False


def rising(warning: float, critical: float | None = None) -> Limits:
    """Colours for a value that is bad when it is high."""
    steps: list[tuple[float | None, str]] = [(None, "green"), (warning, "orange" if critical is not None else "red")]
    return tuple(steps if critical is None else [*steps, (critical, "red")])


def falling(critical: float, warning: float | None = None) -> Limits:
    """Colours for a value that is bad when it is low."""
    if warning is None:
        return ((None, "red"), (critical, "green"))
    return ((None, "red"), (critical, "orange"), (warning, "green"))


def graph(  # noqa: PLR0913 (a panel's settings, by keyword)
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    limits: Limits = (),
    width: int = 12,
    stacked: bool = False,
    runbooks: tuple[str, ...] = (),
    step: str = "",
    maximum: float | None = None,
) -> timeseries.Panel:
    """Values over time. `step` is the least distance of two points, for counts per hour or day."""
    legend = common.VizLegendOptions().show_legend(True).placement(options.LegendPlacement.BOTTOM)
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(PROMETHEUS)
        .unit(unit)
        .min(0)
        .span(width)
        .height(8)
        .line_width(1)
        .fill_opacity(30 if stacked else 8)
        .show_points(options.VisibilityMode.AUTO)
        .legend(legend.display_mode(options.LegendDisplayMode.LIST))
        .tooltip(common.VizTooltipOptions().mode(options.TooltipDisplayMode.MULTI).sort(options.SortOrder.DESCENDING))
        .links(_runbook_links(runbooks))
    )
    if maximum is not None:
        panel.max(maximum)
    if stacked:
        panel.stacking(common.StackingConfig().mode(options.StackingMode.NORMAL))
    if step:
        panel.interval(step).draw_style(options.GraphDrawStyle.BARS).fill_opacity(60)
    if limits:
        panel.thresholds(_thresholds(limits))
        dashed = common.GraphThresholdsStyleConfig().mode(options.GraphThresholdsStyleMode.DASHED)
        panel.thresholds_style(dashed)
    for number, query in enumerate(queries):
        panel.with_target(_target(query, number).range().exemplar(query.exemplars))
    return panel


def number(  # noqa: PLR0913 (a panel's settings, by keyword)
    title: str,
    description: str,
    unit: str,
    query: Query,
    *,
    limits: Limits = (),
    width: int = 4,
    height: int = 4,
    runbooks: tuple[str, ...] = (),
    decimals: int | None = None,
) -> stat.Panel:
    """One value, as of the end of the chosen time."""
    panel = (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(PROMETHEUS)
        .unit(unit)
        .span(width)
        .height(height)
        .graph_mode(options.BigValueGraphMode.NONE)
        .color_mode(options.BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .links(_runbook_links(runbooks))
        .with_target(_target(query, 0).instant())
        .no_value("no data")
        .thresholds(_thresholds(limits or ((None, "text"),)))
    )
    return panel if decimals is None else panel.decimals(decimals)


def ranking(  # noqa: PLR0913 (a panel's settings, by keyword)
    title: str,
    description: str,
    unit: str,
    query: Query,
    *,
    limits: Limits = (),
    width: int = 12,
    height: int = 8,
    runbooks: tuple[str, ...] = (),
) -> bargauge.Panel:
    """Several values as bars, in the order of the query."""
    return (
        bargauge.Panel()
        .title(title)
        .description(description)
        .datasource(PROMETHEUS)
        .unit(unit)
        .min(0)
        .span(width)
        .height(height)
        .orientation(options.VizOrientation.HORIZONTAL)
        .display_mode(options.BarGaugeDisplayMode.BASIC)
        .links(_runbook_links(runbooks))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(_thresholds(limits or ((None, "blue"),)))
        .with_target(_target(query, 0).instant())
    )


def listing(  # noqa: PLR0913 (a panel's settings, by keyword)
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    width: int = 12,
    limits: Limits = (),
    runbooks: tuple[str, ...] = (),
    columns: tuple[tuple[str, str], ...] = (),
) -> table.Panel:
    """A table with a row for each series; `columns` are labels with a title of their own."""
    hidden = [models.DynamicConfigValue(id_val="custom.hidden", value=True)]
    panel = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(PROMETHEUS)
        .unit(unit)
        .span(width)
        .height(8)
        .links(_runbook_links(runbooks))
        .thresholds(_thresholds(limits or ((None, "text"),)))
        .override_by_name("Time", hidden)
        .sort_by([common.TableSortByFieldState().display_name("Value").desc(True)])
    )
    for label, column in columns:
        panel.override_by_name(label, [models.DynamicConfigValue(id_val="displayName", value=column)])
    for count, query in enumerate(queries):
        panel.with_target(_target(query, count).instant().format(PromQueryFormat.TABLE))
    return panel


def _target(query: Query, count: int) -> promql.Dataquery:
    target = promql.Dataquery().expr(query.expr).ref_id(chr(ord("A") + count)).datasource(PROMETHEUS)
    return target.legend_format(query.legend or "__auto")


def _thresholds(limits: Limits) -> builders.ThresholdsConfig:
    steps = [models.Threshold(value=value, color=color) for value, color in limits]
    return builders.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def _runbook_links(alerts: tuple[str, ...]) -> list[Builder[models.DashboardLink]]:
    base = thresholds()["runbook_url"]
    return [
        builders.DashboardLink(f"Runbook: {alert}")
        .type(models.DashboardLinkType.LINK)
        .url(f"{base}/{alert}.md")
        .target_blank(True)
        for alert in alerts
    ]
