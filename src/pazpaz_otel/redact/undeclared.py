"""Instruments that aren't in the policy but named in the program's source: they leave under a default rule.

The name is proven where the instrument is created. Only the policy's attribute keys leave, values are limited to the
default range, and there are at most `MAX_SERIES` series.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from pazpaz_otel.policy.model import MetricRule
from pazpaz_otel.redact import text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from pazpaz_otel.policy.model import MetricType

MAX_SERIES: Final = 2000
"""The maximum number of series of an undeclared metric; the rest goes to the overflow series."""
_MAX_INSTRUMENTS: Final = 1000
"""The maximum number of undeclared instruments in a process, for programs that derive their names from data."""
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,254}")
_UNIT: Final = re.compile(r"[A-Za-z0-9_./%{}\[\]*^-]{0,63}")

_rules: dict[str, MetricRule] = {}
labels: Final[set[str]] = set()
"""Names of labels of `prometheus_client` that the source proves: where one is dropped, no statement has it."""


def prove(  # noqa: PLR0913 - what a library knows of an instrument
    name: object,
    kind: MetricType,
    description: object,
    frame: FrameType | None,
    *,
    unit: object = "",
    parts: Iterable[str] | None = None,
    source: Literal["opentelemetry", "prometheus_client"] = "opentelemetry",
) -> None:
    """Give an instrument the default rule if the running source contains its name.

    Args:
        name: the instrument's name, a constant of the statement that creates it or of one that called it.
        kind: the instrument's type.
        description: its description, which leaves only if it is such a constant.
        frame: the frame that creates the instrument.
        unit: its unit, which leaves only if it is such a constant.
        parts: what the name was composed from, each a constant instead of the name.
        source: the library that measures it.
    """
    if not isinstance(name, str) or name in _rules or len(_rules) >= _MAX_INSTRUMENTS or not _NAME.fullmatch(name):
        return
    if not all(text.prove_identifier(part, frame) for part in (parts or (name,))):
        return
    _rules[str(name)] = MetricRule(
        name=str(name),
        type=kind,
        unit=unit if isinstance(unit, str) and _UNIT.fullmatch(unit) and text.prove(unit, frame) else "",
        description=description if isinstance(description, str) and text.prove(description, frame) else "",
        limit=MAX_SERIES,
        undeclared="drop",
        source=source,
    )


def rule(name: str) -> MetricRule | None:
    """Return the default rule of an instrument whose name was proven, or None."""
    return _rules.get(name)


def rules() -> dict[str, MetricRule]:
    """Return the default rules of the undeclared instruments that leave, by name."""
    return {name: _rules[name] for name in sorted(_rules)}
