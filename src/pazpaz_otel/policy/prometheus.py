"""The names under which Prometheus shows an instrument.

Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ (metric metadata).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNITS: Final = {
    "d": "days", "h": "hours", "min": "minutes", "s": "seconds", "ms": "milliseconds", "us": "microseconds",
    "ns": "nanoseconds", "By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes",
    "KBy": "kilobytes", "MBy": "megabytes", "GBy": "gigabytes", "m": "meters", "g": "grams", "Cel": "celsius",
    "Hz": "hertz", "%": "percent", "V": "volts", "A": "amperes", "J": "joules", "W": "watts",
}  # fmt: skip
_PER: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9_:]+")

OWN_SERIES: Final = frozenset(
    {"up", "target_info", "otel_scope_info", "scrape_duration_seconds", "scrape_samples_scraped"}
    | {"scrape_samples_post_metric_relabeling", "scrape_series_added", "ALERTS", "ALERTS_FOR_STATE"}
)
"""Series that Prometheus and its exporters make of every target."""
_RESERVED_LABELS: Final = frozenset({"le", "quantile", "job", "instance", "exported_job", "exported_instance"})


def is_reserved(label: str) -> bool:
    """Return whether Prometheus and its exporters give a label a meaning of their own."""
    return label in _RESERVED_LABELS or label.startswith("__")


def label(key: str) -> str:
    """Return the label under which Prometheus shows an attribute."""
    return _sanitised(key)


def family(name: str, kind: str, unit: str) -> str:
    """Return the name of an instrument's family, with unit and `_total`.

    Args:
        name: the instrument's.
        kind: its type, such as `counter`; `observable_` makes no difference.
        unit: in UCUM.
    """
    kind = kind.removeprefix("observable_")
    base = _sanitised(name)
    suffix = _suffix(unit, gauge=kind == "gauge")
    bare = base.removesuffix("_total") if kind == "counter" else base
    if suffix and not bare.endswith(suffix):
        bare = f"{bare}_{suffix}"
    return f"{bare}_total" if kind == "counter" else bare


def series(name: str, kind: str, unit: str) -> Iterator[str]:
    """Yield every name of a series that an instrument makes."""
    shown = family(name, kind, unit)
    yield shown
    if kind.removeprefix("observable_") == "histogram":
        yield from (f"{shown}_{part}" for part in ("bucket", "sum", "count"))


def _sanitised(name: str) -> str:
    clean = _NOT_IN_A_NAME.sub("_", name)
    return f"_{clean}" if clean[:1].isdigit() else clean


def _suffix(unit: str, *, gauge: bool) -> str:
    bare = re.sub(r"\{[^}]*\}", "", unit)
    if bare == "1":
        return "ratio" if gauge else ""
    over, slash, under = bare.partition("/")
    first = _UNITS.get(over, _sanitised(over).strip("_"))
    if not slash:
        return first
    per = f"per_{_PER.get(under, _sanitised(under).strip('_'))}" if under else ""
    return "_".join(part for part in (first, per) if part)
