"""Scales the durations in rules, so that a test can see within seconds what takes days in production."""

from __future__ import annotations

import re

DURATION = re.compile(r"(\d+)(ms|[smhdwy])")
RANGE = re.compile(r"\[([0-9a-z]+)(:[0-9a-z]*)?\]|\boffset\s+([0-9a-z]+)")
MILLISECONDS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}


def scale_duration(text: str, scale: float) -> str:
    """Divides a Prometheus duration (`1h30m`) by `scale`; scale 1 leaves the text as it is."""
    if scale == 1:
        return text
    return f"{round(milliseconds(text) / scale)}ms"


def milliseconds(text: str) -> int:
    """The length of a Prometheus duration (`1h30m`) in ms."""
    return sum(int(amount) * MILLISECONDS[unit] for amount, unit in DURATION.findall(text))


def scale_ranges(expression: str, scale: float) -> str:
    """Divides every range (`[5m]`), step and offset in a PromQL expression by `scale`."""

    def scaled(match: re.Match[str]) -> str:
        window, step, offset = match.groups()
        if offset:
            return f"offset {scale_duration(offset, scale)}"
        step = f":{scale_duration(step[1:], scale) if step[1:] else ''}" if step else ""
        return f"[{scale_duration(window, scale)}{step}]"

    return expression if scale == 1 else RANGE.sub(scaled, expression)
