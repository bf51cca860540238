"""The kinds of values, one file for each family; a file is found by being in this folder.

Each module has `KINDS`, a tuple of `KindType`. Everything that deals with kinds (schema, documentation, guards,
Collector, browser, audit, vectors) reads `KIND_TYPES`.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy.kind_type import exact
from pazpaz_otel.policy.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.policy.kind_type import KindType, Scalar

SIGNIFICANT_DIGITS: Final = 6
"""How many digits of a fraction are kept: nine digits can identify a person after a decimal point, too."""


_ROUNDED_FORMAT: Final = f"%.{SIGNIFICANT_DIGITS}g"


def _collect() -> dict[str, KindType]:
    found: dict[str, KindType] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        for kind_type in importlib.import_module(f"{__name__}.{module.name}").KINDS:
            if kind_type.name in found:
                raise ValueError(f"two kinds are called `{kind_type.name}`")
            found[kind_type.name] = kind_type
    return found


KIND_TYPES: Final = _collect()
"""All kinds, by name."""

KIND_NAMES: Final = tuple(sorted(name for name, kind_type in KIND_TYPES.items() if kind_type.parameter is None))
"""The kinds that a policy selects by name, without a parameter."""


def make_kind(
    name: str, *, values: tuple[str, ...] = (), minimum: float | None = None, maximum: float | None = None
) -> Kind:
    """Return the kind with this name.

    Raises:
        KeyError: there is no such kind.
    """
    kind_type = KIND_TYPES[name]
    return Kind(name, "runtime" if kind_type.needs_process else "grammar", values, minimum, maximum)


def accept(kind: Kind, value: object) -> Scalar | None:
    """Return the value in its kind's type, or None if the value by itself doesn't prove that it belongs.

    Always returns None for kinds with a runtime proof.
    """
    judge = _judge(kind)
    return None if judge is None else judge(value)


def pattern(kind: Kind) -> str | None:
    """Return the anchored pattern that every text of the kind matches, or None for booleans and numbers."""
    if kind.name == "enum":
        return "^(?:" + "|".join(re.escape(value) for value in kind.values) + ")$"
    return KIND_TYPES[kind.name].shape


def bounds(kind: Kind) -> tuple[float, float] | None:
    """Return the inclusive minimum and maximum, or None if the kind isn't numeric."""
    if KIND_TYPES[kind.name].parameter == "bounds" and kind.minimum is not None and kind.maximum is not None:
        return kind.minimum, kind.maximum
    return KIND_TYPES[kind.name].bounds


def text_of(kind: Kind) -> str:
    """Return the kind in the syntax of a policy."""
    if kind.name == "enum":
        return "{enum: [" + ", ".join(kind.values) + "]}"
    if kind.name == "number":
        return f"{{number: [{kind.minimum:.15g}, {kind.maximum:.15g}]}}"
    return kind.name


def describe(kind: Kind) -> str:
    """Return what happens to a value of this kind, completing the sentence "its value …"."""
    if kind.name == "enum":
        return "leaves if it is one of: " + ", ".join(kind.values)
    if kind.name == "number":
        return f"leaves if it is a number from {kind.minimum:.15g} to {kind.maximum:.15g}"
    return KIND_TYPES[kind.name].handling or f"leaves if it is {KIND_TYPES[kind.name].belongs}"


@lru_cache(maxsize=1024)
def _judge(kind: Kind) -> Callable[[object], Scalar | None] | None:
    kind_type = KIND_TYPES[kind.name]
    if kind_type.needs_process:
        return None
    if kind_type.boolean:
        return lambda value: value if type(value) is bool else None
    if kind_type.parameter == "values":
        members = {member: member for member in kind.values}
        return lambda value: None if (plain := exact(value)) is None else members.get(plain)
    if kind_type.shape is not None:
        return _text_judge(kind_type)
    limits = bounds(kind)
    return None if limits is None else _number_judge(*limits, whole=kind_type.whole)


def _text_judge(kind_type: KindType) -> Callable[[object], str | None]:
    shape = str(kind_type.shape).removeprefix("^").removesuffix("$")
    refused = "" if kind_type.refused is None else f"(?!{kind_type.refused.removeprefix('^').removesuffix('$')}\\Z)"
    match = re.compile(f"{refused}{shape}\\Z").match
    lower = kind_type.lower

    def judge(value: object) -> str | None:
        plain = value if type(value) is str else exact(value)
        if plain is None or match(plain) is None:
            return None
        return plain.lower() if lower else plain

    return judge


def _number_judge(low: float, high: float, *, whole: bool) -> Callable[[object], int | float | None]:
    def judge(value: Any) -> int | float | None:
        # Not `isinstance`: an object may claim any class.
        cls = type(value)
        if cls is bool:
            return None
        # Comparing rejects NaN, and doesn't convert an integer that is too large for a float.
        if issubclass(cls, int):
            integer = value if cls is int else int.__int__(value)
            return integer if low <= integer <= high else None
        if whole or not issubclass(cls, float):
            return None
        plain = value if cls is float else float.__float__(value)
        if not low <= plain <= high:
            return None
        if plain.is_integer():
            return plain
        short = float(_ROUNDED_FORMAT % plain)
        # Rounding at a bound may cross it.
        return short if low <= short <= high else float(low if short < low else high)

    return judge
