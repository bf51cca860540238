"""The names that Prometheus shows for an instrument and its series.

Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ (metric metadata).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_UNITS: Final = {
    "d": "days", "h": "hours", "min": "minutes", "s": "seconds", "ms": "milliseconds", "us": "microseconds",
    "ns": "nanoseconds", "By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes",
    "KBy": "kilobytes", "MBy": "megabytes", "GBy": "gigabytes", "m": "meters", "g": "grams", "Cel": "celsius",
    "Hz": "hertz", "%": "percent", "V": "volts", "A": "amperes", "J": "joules", "W": "watts",
}  # fmt: skip
_PER_UNIT: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9_:]+")

OWN_SERIES: Final = frozenset(
    {"up", "target_info", "otel_scope_info", "scrape_duration_seconds", "scrape_samples_scraped"}
    | {"scrape_samples_post_metric_relabeling", "scrape_series_added", "ALERTS", "ALERTS_FOR_STATE"}
)
"""Series that Prometheus and its exporters create for every target."""
_RESERVED_LABELS: Final = frozenset({"le", "quantile", "job", "instance", "exported_job", "exported_instance"})


def is_reserved(label: str) -> bool:
    """Return whether Prometheus or its exporters use the label themselves."""
    return label in _RESERVED_LABELS or label.startswith("__")


def label(name: str) -> str:
    """Return a name as Prometheus shows it: without characters that it doesn't allow."""
    clean = _NOT_IN_A_NAME.sub("_", name)
    return f"_{clean}" if clean[:1].isdigit() else clean


def family(name: str, kind: str, unit: str) -> str:
    """Return the name of an instrument's metric family, with unit and `_total`.

    Args:
        name: the instrument's name.
        kind: its type, such as `counter`; the prefix `observable_` makes no difference.
        unit: its unit, in UCUM.
    """
    kind = kind.removeprefix("observable_")
    base = label(name)
    suffix = _suffix(unit, gauge=kind == "gauge")
    bare = base.removesuffix("_total") if kind == "counter" else base
    if suffix and not bare.endswith(suffix):
        bare = f"{bare}_{suffix}"
    return f"{bare}_total" if kind == "counter" else bare


def series(name: str, kind: str, unit: str) -> Iterator[str]:
    """Yield the name of every series that an instrument creates."""
    shown = family(name, kind, unit)
    yield shown
    if kind.removeprefix("observable_") == "histogram":
        yield from (f"{shown}_{part}" for part in ("bucket", "sum", "count"))


def _suffix(unit: str, *, gauge: bool) -> str:
    bare = re.sub(r"\{[^}]*\}", "", unit)
    if bare == "1":
        return "ratio" if gauge else ""
    over, slash, under = bare.partition("/")
    first = _UNITS.get(over, label(over).strip("_"))
    if not slash:
        return first
    per = f"per_{_PER_UNIT.get(under, label(under).strip('_'))}" if under else ""
    return "_".join(part for part in (first, per) if part)
