"""Values as Grafana writes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_DAY = 86_400.0
_TIMES = ((3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
_SHORT = ((1e9, " Bil"), (1e6, " Mil"), (1e3, "K"), (1.0, ""))
_BYTES = ((2.0**30, " GiB"), (2.0**20, " MiB"), (2.0**10, " KiB"), (1.0, " B"))
_WHOLE: dict[str, Callable[[float], str]] = {
    "bool_on_off": lambda value: "On" if value else "Off",
    "locale": lambda value: f"{value:,.0f}",
}
_SUFFIX = {"reqps": " req/s", "ops": " ops/s", "Bps": "/s"}


def written(value: float, unit: str, decimals: int | None = None) -> str:
    """Return a value with its unit."""
    if unit in _WHOLE:
        return _WHOLE[unit](value)
    if unit == "percentunit":
        return f"{_number(value * 100, decimals)}%"
    if value == 0:
        return "0" + _SUFFIX.get(unit, "")
    if unit == "s":
        days = f"{value / _DAY:.0f} days"
        return days if abs(value) >= 2 * _DAY else _scaled(value, _TIMES, decimals, space=" ")
    if unit in {"bytes", "Bps"}:
        return _scaled(value, _BYTES, decimals) + _SUFFIX.get(unit, "")
    return _scaled(value, _SHORT, decimals) + _SUFFIX.get(unit, "")


def _scaled(value: float, steps: tuple[tuple[float, str], ...], decimals: int | None, space: str = "") -> str:
    size, name = next((step for step in steps if abs(value) >= step[0]), steps[-1])
    return f"{_number(value / size, decimals)}{space}{name}"


def _number(value: float, decimals: int | None) -> str:
    if decimals is None:
        digits = 0 if value == 0 else 2 - math.floor(math.log10(abs(value)))
        decimals = min(max(digits, 0), 3)
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
