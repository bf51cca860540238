"""A row of the table of patches."""

from __future__ import annotations

from typing import Final, NamedTuple

CONTRIB: Final = "https://github.com/open-telemetry/opentelemetry-python-contrib/issues"
_ALWAYS_LOADED: Final = frozenset(
    {"CPython", "opentelemetry-api", "opentelemetry-sdk", "opentelemetry-instrumentation-logging"}
)


class Patch(NamedTuple):
    """A replaced attribute of another package.

    Attributes:
        name: the name by which `install` selects it.
        target: `module:Class.attribute` or `module:attribute`.
        distribution: the distribution whose release may move it; `CPython` for the standard library.
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
    distribution: str
    why: str
    missing: str
    link: str
    until: str
    required: bool = False
    inherited: bool = False
    subclasses: bool = False

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
