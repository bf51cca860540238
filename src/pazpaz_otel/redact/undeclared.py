"""Instruments that the policy doesn't declare and the program's source names: they leave under a default rule.

The name is proven where the instrument is made. Of the attributes, the policy's keys leave; the values are within the
default range; `LIMIT` series are kept apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pazpaz_otel.policy.model import MetricRule
from pazpaz_otel.redact import text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from pazpaz_otel.policy.model import MetricType

LIMIT: Final = 2000
"""Series of an undeclared metric; the rest go to the overflow series."""
_INSTRUMENTS: Final = 1000
"""The greatest number of undeclared instruments in a process: a program that makes them of data has no end of them."""
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,254}")
_UNIT: Final = re.compile(r"[A-Za-z0-9_./%{}\[\]*^-]{0,63}")

_rules: dict[str, MetricRule] = {}


def prove(name: object, kind: MetricType, unit: object, description: object, frame: FrameType | None) -> None:
    """Give an instrument the default rule if the running source names it.

    Args:
        name: of the instrument; a constant of the statement that makes it, or of one that called it.
        kind: of the instrument.
        unit: leaves if it is such a constant, too.
        description: leaves if it is such a constant, too.
        frame: of the statement that makes the instrument.
    """
    if not isinstance(name, str) or name in _rules or len(_rules) >= _INSTRUMENTS or not _NAME.fullmatch(name):
        return
    if not text.prove(name, frame):
        return
    _rules[str(name)] = MetricRule(
        name=str(name),
        type=kind,
        unit=unit if isinstance(unit, str) and _UNIT.fullmatch(unit) and text.prove(unit, frame) else "",
        description=description if isinstance(description, str) and text.prove(description, frame) else "",
        limit=LIMIT,
        undeclared="drop",
    )


def prove_parts(
    name: str, parts: Iterable[str], kind: MetricType, description: object, frame: FrameType | None
) -> None:
    """Give a metric of `prometheus_client` the default rule if the running source has every part of its name.

    Args:
        name: as Prometheus shows it.
        parts: what the library made it of.
        kind: of the metric.
        description: leaves if it is such a constant, too.
        frame: of the statement that makes the metric.
    """
    if name in _rules or len(_rules) >= _INSTRUMENTS or not _NAME.fullmatch(name):
        return
    if all(text.prove(part, frame) for part in parts):
        documented = description if isinstance(description, str) and text.prove(description, frame) else ""
        _rules[name] = MetricRule(
            name, kind, description=documented, limit=LIMIT, undeclared="drop", source="prometheus_client"
        )


def rule(name: str) -> MetricRule | None:
    """Return the default rule of an instrument whose name was proven."""
    return _rules.get(name)


def types() -> dict[str, str]:
    """Return the undeclared instruments that leave, and the type of each."""
    return {name: _rules[name].type for name in sorted(_rules)}
