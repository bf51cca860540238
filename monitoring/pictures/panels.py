"""The kinds of panels, each drawn into its place of a figure."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from matplotlib.dates import DateFormatter
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from monitoring.pictures.units import written

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from monitoring.pictures.answers import Line

Box = tuple[float, float, float, float]
"""Left, bottom, width and height, as shares of the figure."""
Inches = tuple[float, float]

PAGE, PANEL, INK, WEAK, GRID = "#111217", "#181b1f", "#d5d6da", "#7b8087", "#2c3038"
_COLOURS = (
    "#73bf69",
    "#f2cc0c",
    "#5794f2",
    "#ff9830",
    "#f2495c",
    "#b877d9",
    "#8ab8ff",
    "#37872d",
    "#fade2a",
    "#c4162a",
)
_NAMED = {"green": "#73bf69", "orange": "#ff9830", "red": "#f2495c", "blue": "#5794f2", "text": INK}
_BINARY = (2.0**30, 2.0**20, 2.0**10)
_LEGEND_ROW = 0.17
_LEGEND_ROWS = 2


def _stat(figure: Figure, box: Box, inches: Inches, panel: dict[str, Any], lines: list[Line]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    x, y, w, h = box
    text, colour = defaults.get("noValue", "no data"), WEAK
    if lines:
        text = written(lines[0].last, defaults["unit"], defaults.get("decimals"))
        colour = _colour(lines[0].last, defaults)
    size = min(26.0, 88 * inches[0] / max(len(text), 4))
    figure.text(x + w / 2, y + h / 2, text, ha="center", va="center", size=size, color=colour, weight="bold")


def _timeseries(figure: Figure, box: Box, inches: Inches, panel: dict[str, Any], lines: list[Line]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    custom, unit = defaults["custom"], defaults["unit"]
    shown = _legend_rows(lines, inches)
    axes = _axes(figure, box, inches, 0.24 + _LEGEND_ROW * len(shown))
    stacked = custom.get("stacking", {}).get("mode") == "normal"
    if custom.get("drawStyle") == "bars":
        _bars(axes, lines)
    elif stacked:
        _stacked(axes, lines)
    else:
        for line, colour in zip(lines, _cycle(len(lines)), strict=True):
            times, values = _xy(line)
            axes.plot(times, values, color=colour, linewidth=1.1, marker="." if len(values) == 1 else None)
            axes.fill_between(times, values, color=colour, alpha=0.07, linewidth=0)
    if not lines:
        axes.text(0.5, 0.5, "no data", transform=axes.transAxes, ha="center", color=WEAK)
    _scale(axes, defaults, lines, unit)
    _legend(figure, box, inches, shown)


def _bars(axes: Axes, lines: list[Line]) -> None:
    height: dict[float, float] = {}
    for line, colour in zip(lines, _cycle(len(lines)), strict=True):
        times = [at for at, _ in line.points]
        width = 0.8 * (times[1] - times[0] if len(times) > 1 else 60) / 86400
        below = [height.get(at, 0.0) for at in times]
        axes.bar(_dates(times), [value for _, value in line.points], width, below, color=colour, alpha=0.8)
        for at, value in line.points:
            height[at] = height.get(at, 0.0) + value


def _stacked(axes: Axes, lines: list[Line]) -> None:
    times = sorted({at for line in lines for at, _ in line.points})
    values = [[dict(line.points).get(at, 0.0) for at in times] for line in lines]
    if values:
        axes.stackplot(_dates(times), values, colors=_cycle(len(lines)), alpha=0.55)


def _scale(axes: Axes, defaults: dict[str, Any], lines: list[Line], unit: str) -> None:
    highest = max([value for line in lines for _, value in line.points], default=0.0)
    top = defaults.get("max", max(axes.get_ylim()[1], highest * 1.08) if highest else 1)
    axes.set_ylim(0, top)
    for step in defaults.get("thresholds", {}).get("steps", []):
        if step["value"] is not None and step["value"] <= axes.get_ylim()[1]:
            axes.axhline(step["value"], color=_NAMED.get(step["color"], INK), linestyle=(0, (4, 4)), linewidth=0.8)
    size = next((step for step in _BINARY if top >= step), 1.0) if unit in {"bytes", "Bps"} else 1.0
    axes.yaxis.set_major_locator(FixedLocator([tick * size for tick in MaxNLocator(4).tick_values(0, top / size)]))
    axes.set_ylim(0, top)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: written(value, unit)))
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M:%S"))


def _bargauge(figure: Figure, box: Box, inches: Inches, panel: dict[str, Any], lines: list[Line]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    lines = sorted(lines, key=lambda line: -line.last)[:10]
    x, y, w, h = box
    top = max([line.last for line in lines], default=1) or 1
    step = min(h / max(len(lines), 1), h * 0.30 / inches[1])
    room = int(inches[0] * 7.8)
    for number, line in enumerate(lines):
        middle = y + h - step * (number + 0.6)
        figure.text(x + 0.02 * w, middle, _short(line.legend, room), va="center", size=7)
        wide = 0.22 * w * max(line.last, 0) / top
        rectangle = Rectangle((x + 0.60 * w, middle - step * 0.33), max(wide, w * 0.003), step * 0.66)
        rectangle.set(transform=figure.transFigure, facecolor=_colour(line.last, defaults), alpha=0.85)
        figure.patches.append(rectangle)
        value = written(line.last, defaults["unit"], defaults.get("decimals"))
        figure.text(x + 0.98 * w, middle, value, va="center", ha="right", size=7.5, color=_colour(line.last, defaults))
    if not lines:
        figure.text(x + w / 2, y + h / 2, "no data", ha="center", color=WEAK)


def _table(figure: Figure, box: Box, inches: Inches, panel: dict[str, Any], lines: list[Line]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    x, y, w, h = box
    step = min(h / (len(lines) + 1.5), h * 0.24 / inches[1])
    titles = _titles(panel)
    keys = list(dict.fromkeys(key for line in lines for key in line.labels))
    ranked = sorted(lines, key=lambda line: -line.last)[: int(h / step) - 2]
    columns = {titles.get(key, key): [line.labels.get(key, "") for line in ranked] for key in keys}
    columns["Value"] = [written(line.last, defaults["unit"], defaults.get("decimals")) for line in ranked]
    widths = [max(map(len, (key, *column))) + 2 for key, column in columns.items()]
    room = min(1.0, inches[0] * 16 / sum(widths)) if lines else 1.0
    left = x + 0.02 * w
    for wide, (key, column) in zip(widths, columns.items(), strict=True):
        letters = int(wide * room)
        figure.text(left, y + h - step, _short(key, letters), size=7, color="#6e9fff")
        for number, text in enumerate(column):
            figure.text(left, y + h - step * (number + 2), _short(text, letters), size=7)
        left += w * 0.95 * letters * max(1 / sum(widths), 1 / (inches[0] * 16))


def _titles(panel: dict[str, Any]) -> dict[str, str]:
    """The columns that have a title of their own."""
    return {
        override["matcher"]["options"]: setting["value"]
        for override in panel["fieldConfig"]["overrides"]
        for setting in override["properties"]
        if setting["id"] == "displayName"
    }


DRAWN: dict[str, Callable[[Figure, Box, Inches, dict[str, Any], list[Line]], None]] = {
    "stat": _stat,
    "timeseries": _timeseries,
    "bargauge": _bargauge,
    "table": _table,
}
"""Kind of a panel → what draws it."""


def _axes(figure: Figure, box: Box, inches: Inches, bottom: float) -> Axes:
    x, y, w, h = box
    wide, high = inches
    left, right, top = 0.62, 0.12, 0.06
    axes = figure.add_axes(
        (
            x + w * left / wide,
            y + h * bottom / high,
            w * (wide - left - right) / wide,
            h * (high - bottom - top) / high,
        ),
        facecolor="none",
    )
    axes.tick_params(colors=WEAK, labelsize=6.5, length=0)
    axes.grid(color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    return axes


def _legend_rows(lines: list[Line], inches: Inches) -> list[list[tuple[str, str]]]:
    """The legend's names with their colours, at most two rows of them."""
    rows: list[list[tuple[str, str]]] = [[]]
    used = 0.0
    for line, colour in zip(lines, _cycle(len(lines)), strict=True):
        name = _short(line.legend or "value", 34)
        need = _legend_room(name)
        room = inches[0] - (0.2 if len(rows) < _LEGEND_ROWS else 0.6)
        if used + need > room:
            if len(rows) == _LEGEND_ROWS:
                rows[-1].append((f"+ {len(lines) - sum(map(len, rows))}", WEAK))
                break
            rows.append([])
            used = 0.0
        rows[-1].append((name, colour))
        used += need
    return rows


def _legend(figure: Figure, box: Box, inches: Inches, rows: list[list[tuple[str, str]]]) -> None:
    x, y, w, h = box
    for number, names in enumerate(rows):
        height = y + h * (0.08 + _LEGEND_ROW * (len(rows) - 1 - number)) / inches[1]
        left = 0.1
        for name, colour in names:
            figure.text(x + w * left / inches[0], height, "▬", color=colour, size=6)
            figure.text(x + w * (left + 0.15) / inches[0], height, name, size=6.5, color=INK)
            left += _legend_room(name)


def _legend_room(name: str) -> float:
    return 0.25 + 0.066 * len(name)


def _colour(value: float, defaults: dict[str, Any]) -> str:
    colour = "text"
    for step in defaults.get("thresholds", {}).get("steps", []):
        if step["value"] is None or value >= step["value"]:
            colour = step["color"]
    return _NAMED.get(colour, INK)


def _xy(line: Line) -> tuple[list[datetime], list[float]]:
    """The points, and one without a value where some are missing: a line ends there, as Grafana's does."""
    points: list[tuple[float, float]] = []
    steps = [later[0] - earlier[0] for earlier, later in pairwise(line.points)]
    for at, value in line.points:
        if points and at - points[-1][0] > 1.5 * min(steps):
            points.append((at, math.nan))
        points.append((at, value))
    return _dates([at for at, _ in points]), [value for _, value in points]


def _dates(times: list[float]) -> list[datetime]:
    return [datetime.fromtimestamp(at, UTC) for at in times]


def _cycle(count: int) -> list[str]:
    return [_COLOURS[number % len(_COLOURS)] for number in range(count)]


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 1, 1)] + "…"
