"""A row of the table of patches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patch:
    """One replaced attribute.

    Attributes:
        name: what rooms call it.
        target: `module:Class.attribute` or `module:attribute`.
        distribution: whose release may move it; `CPython` for the standard library.
        why: what the replacement does.
        missing: the public seam that would do the same, and isn't there.
        link: the request upstream, or the specification that leaves it open.
        until: when the row can go.
        required: whether nothing may leave where the target has moved.
        optional_library: whether the library may be imported later, or never.
        inherited: whether an inherited attribute is replaced, too, on the target's own class.
        subclasses: whether the attribute is replaced in every subclass that has its own.
    """

    name: str
    target: str
    distribution: str
    why: str
    missing: str
    link: str
    until: str
    required: bool = False
    optional_library: bool = False
    inherited: bool = False
    subclasses: bool = False

    @property
    def module(self) -> str:
        """The module that has the target."""
        return self.target.partition(":")[0]

    @property
    def path(self) -> list[str]:
        """The names that lead from the module to the attribute."""
        return self.target.partition(":")[2].split(".")
