"""What each variant adds to a request, drawn."""

from __future__ import annotations

from typing import Any, Final
from xml.sax.saxutils import escape

_ROUTES: Final = {
    "/ping": "no work",
    "/db": "one query",
    "/log": "one log line",
    "84 routes": "84 routes, traced caller",
}
_SHOWN: Final = {
    "stock": ("#b0413e", "stock opentelemetry-instrument"),
    "settings": ("#d9a441", "stock, best by settings"),
    "guide": ("#7a7a8c", "prometheus-fastapi-instrumentator + sentry-sdk"),
    "ours": ("#2f7d6d", "pazpaz-opentelemetry, all guards on"),
}
_WIDTH: Final = 760
_LEFT: Final = 170
_BAR: Final = 13


def drawn(results: dict[str, Any]) -> str:
    """Return the picture as SVG: added CPU a request, as a share of what stock adds.

    Args:
        results: as `report.as_json` gives them.
    """
    rows: list[str] = []
    y = 62
    for route, words in _ROUTES.items():
        measured = results["cpu"].get(route)
        if measured is None:
            continue
        rows.append(_text(_LEFT - 12, y + 2.6 * _BAR, words, "end", 13))
        for name, (colour, _) in _SHOWN.items():
            if name not in measured:
                continue
            share = measured[name]["added"] / measured["stock"]["added"]
            width = max(2, share * (_WIDTH - _LEFT - 70))
            rows.append(f'<rect x="{_LEFT}" y="{y}" width="{width:.0f}" height="{_BAR - 2}" fill="{colour}"/>')
            rows.append(_text(_LEFT + width + 6, y + 9, f"{share:.2f}", "start", 10))
            y += _BAR
        y += 14
    for index, (colour, words) in enumerate(_SHOWN.values()):
        x, row = 12 + index % 2 * 380, y + 10 + index // 2 * 20
        rows.append(f'<rect x="{x}" y="{row}" width="12" height="12" fill="{colour}"/>')
        rows.append(_text(x + 20, row + 10, words, "start", 12))
    height = y + 60
    title = f"CPU that telemetry adds to a request, as a share of the stock distribution's (Python {results['python']})"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" font-family="sans-serif">',
            f'<rect width="{_WIDTH}" height="{height:.0f}" fill="#ffffff"/>',
            _text(12, 26, title, "start", 14),
            _text(12, 44, "Whole process, export included, no span dropped; less is better.", "start", 11),
            *rows,
            "</svg>\n",
        )
    )


def _text(x: float, y: float, words: str, anchor: str, size: int) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="{size}" fill="#222222">{escape(words)}</text>'
    )
