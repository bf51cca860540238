"""A row of the table of patches."""

from __future__ import annotations

import re
import sys
from typing import Final, NamedTuple

CONTRIB: Final = "https://github.com/open-telemetry/opentelemetry-python-contrib/issues"
_ALWAYS_LOADED: Final = frozenset(
    {"CPython", "opentelemetry-api", "opentelemetry-sdk", "opentelemetry-instrumentation-logging"}
)
_OPENTELEMETRY: Final = re.compile(r"opentelemetry\.(?:sdk|instrumentation\.\w+|exporter\.otlp\.(?:common|proto\.\w+))")


class Patch(NamedTuple):
    """A replaced attribute of another package.

    Attributes:
        name: the name by which `install` selects it.
        target: `module:Class.attribute` or `module:attribute`.
        why: what the replacement does.
        missing: the missing public seam that would make the patch unnecessary.
        link: the upstream request, or the specification that leaves it open.
        until: when the patch can go.
        required: whether nothing may leave if the target has moved.
        inherited: whether to also replace an inherited attribute, on the target's own class.
        subclasses: whether to replace the attribute in every subclass that overrides it.
    """

    name: str
    target: str
    why: str
    missing: str
    link: str
    until: str
    required: bool = False
    inherited: bool = False
    subclasses: bool = False

    @property
    def distribution(self) -> str:
        """The distribution whose release may move the target; `CPython` for the standard library."""
        root = self.module.partition(".")[0]
        if root in sys.stdlib_module_names:
            return "CPython"
        part = _OPENTELEMETRY.match(self.module)
        told = part[0] if part else "opentelemetry.api" if root == "opentelemetry" else root
        return told.replace(".", "-").replace("_", "-")

    @property
    def optional_library(self) -> bool:
        """Whether the library may be imported later, or never."""
        return self.distribution not in _ALWAYS_LOADED

    @property
    def module(self) -> str:
        """The name of the target's module."""
        return self.target.partition(":")[0]

    @property
    def path(self) -> list[str]:
        """The names that lead from the module to the attribute."""
        return self.target.partition(":")[2].split(".")


def rows(
    where: str, missing: str, link: str, until: str, *given: tuple[str, str, str], **how: bool
) -> tuple[Patch, ...]:
    """Return patches that wait for the same seam.

    Args:
        where: what all their targets begin with.
        missing: the missing public seam.
        link: the upstream request, or the specification that leaves it open.
        until: when the patches can go.
        given: for each its name, the rest of its target, and what it does.
        how: what `Patch` takes besides.
    """
    return tuple(Patch(name, where + target, why, missing, link, until, **how) for name, target, why in given)
