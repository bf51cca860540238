"""One board as a picture: its panels where Grafana puts them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from PIL import Image

from monitoring.pictures.panels import DRAWN, INK, PAGE, PANEL, WEAK

if TYPE_CHECKING:
    from pathlib import Path

    from monitoring.pictures.answers import Source

_COLUMN, _ROW = 0.66, 0.36
"""Inches of Grafana's grid of 24 columns."""
_COLOURS = 96
_GAP = 0.07
_TITLE = 0.30
_HEAD = 0.5


def draw(board: dict[str, Any], source: Source, target: Path) -> None:
    """Draw a board.

    Args:
        board: the dashboard, as Grafana reads it.
        source: where its queries are asked.
        target: the picture, a PNG file.
    """
    panels = board["panels"]
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels)
    width, height = 24 * _COLUMN + 2 * _GAP, rows * _ROW + _HEAD
    with rc_context({"font.family": ["DejaVu Sans"], "font.size": 7.5, "text.color": INK, "text.parse_math": False}):
        figure = Figure(figsize=(width, height), facecolor=PAGE)
        figure.text(0.15 / width, 1 - 0.32 / height, board["title"], size=13, weight="bold")
        for panel in panels:
            _place(figure, panel, source, (width, height))
        drawn = io.BytesIO()
        figure.savefig(drawn, dpi=80)
    # A picture of lines has few colours: with a palette it takes a third of the room.
    Image.open(drawn).convert("RGB").quantize(_COLOURS).save(target, optimize=True)


def _place(figure: Figure, panel: dict[str, Any], source: Source, size: tuple[float, float]) -> None:
    width, height = size
    at = panel["gridPos"]
    left, top = at["x"] * _COLUMN + _GAP, _HEAD + at["y"] * _ROW
    wide, high = at["w"] * _COLUMN, at["h"] * _ROW
    if panel["type"] == "row":
        figure.text((left + 0.08) / width, 1 - (top + 0.25) / height, panel["title"], size=9.5, weight="bold")
        return
    box = (left + _GAP / 2, top + _GAP / 2, wide - _GAP, high - _GAP)
    x, y, w, h = box[0] / width, 1 - (box[1] + box[3]) / height, box[2] / width, box[3] / height
    figure.patches.append(
        FancyBboxPatch(
            (x, y),
            w,
            h,
            boxstyle="square,pad=0",
            transform=figure.transFigure,
            facecolor=PANEL,
            edgecolor="#2a2c33",
            zorder=-1,
        )
    )
    figure.text((box[0] + 0.09) / width, 1 - (box[1] + 0.2) / height, panel["title"], size=8, color=INK)
    inner = (x, y, w, h - _TITLE / height)
    if panel["type"] not in DRAWN or not _asks_prometheus(panel):
        kind = {"alertGroups": "Alertmanager", "logs": "Loki"}.get(panel["type"], "Tempo")
        figure.text(x + w / 2, y + h / 2, f"shown by Grafana from {kind}", ha="center", va="center", color=WEAK)
        return
    DRAWN[panel["type"]](figure, inner, (box[2], box[3] - _TITLE), panel, source.panel(panel))


def _asks_prometheus(panel: dict[str, Any]) -> bool:
    return any(target["datasource"]["type"] == "prometheus" for target in panel.get("targets", []))
