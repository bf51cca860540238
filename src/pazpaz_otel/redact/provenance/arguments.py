"""What a call passes to a function's parameters: texts, enum members, the object itself."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.composition import forms_of
from pazpaz_otel.redact.provenance.function_body import body_of
from pazpaz_otel.redact.provenance.lookups import NOTHING, Found, compiled_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pazpaz_otel.redact.provenance.calls import Function
    from pazpaz_otel.redact.provenance.following import Follower
    from pazpaz_otel.redact.provenance.forms import Parts

OWNERS: Final = (["self"], ["cls"])
"""What methods call the object or class that they belong to."""


class Passed(NamedTuple):
    """What a parameter holds.

    Attributes:
        found: its value, if that is a constant, an enum member or the method's own object.
        forms: the forms of its text.
        value: the expression that is passed, and what resolves its names.
    """

    found: Found
    forms: tuple[Parts, ...] = ()
    value: tuple[ast.expr, Follower] | None = None


def positional(function: Function) -> list[str]:
    """Return the names of the parameters that a function takes by position."""
    return [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]


def written_for(names: Sequence[str], call: ast.Call) -> dict[str, ast.expr]:
    """Return what a call passes to each parameter, if it spells that out: behind a `*`, by keyword alone."""
    is_plain = not any(isinstance(value, ast.Starred) for value in call.args)
    given = dict(zip(names, call.args if is_plain else (), strict=False))
    return given | {item.arg: item.value for item in call.keywords if item.arg is not None}


def passed_to(
    function: Function, call: ast.Call | None, follower: Follower, owner: Found | None = None
) -> dict[str, Passed]:
    """Return what a call passes to the parameters of a function that doesn't set them anew.

    Args:
        function: what is called.
        call: the call; None for a property.
        follower: resolves the call's arguments.
        owner: the object or class that the first parameter holds, if the call doesn't tell.
    """
    names = positional(function)
    if owner is None and call is not None and isinstance(call.func, ast.Attribute) and names[:1] in OWNERS:
        held = follower.look_up(call.func.value)
        # `Base.check(self, name)` passes the object itself.
        owner = None if names[0] == "self" and is_a(held.value, type) else held
    found = {names.pop(0): Passed(owner)} if names and owner is not None else {}
    if call is not None:
        found |= {name: _argument(value, follower) for name, value in written_for(names, call).items()}
    changed = body_of(function).changed
    return {name: held for name, held in found.items() if name not in changed}


def _argument(value: ast.expr, follower: Follower) -> Passed:
    forms = compiled_in(forms_of(value, follower), follower.index())
    if isinstance(value, ast.Constant):
        return Passed(Found(value.value, None, (value,), {}), forms)
    held = follower.look_up(value)
    return Passed(held if is_a(held.value, Enum) else NOTHING, forms, (value, follower))
