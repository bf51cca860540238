"""Texts that `join` makes of a list that is written out, filled line by line, or yielded by a generator."""

from __future__ import annotations

import ast
from enum import Enum
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance import calls
from pazpaz_otel.redact.provenance.bindings import renamed
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.composition import MAX_FORMS, forms_of, or_value, templates_of
from pazpaz_otel.redact.provenance.forms import Hole, compiled_into
from pazpaz_otel.redact.provenance.gathering import yielded_in
from pazpaz_otel.redact.provenance.lookups import checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pazpaz_otel.redact.provenance.calls import Function
    from pazpaz_otel.redact.provenance.following import Follower
    from pazpaz_otel.redact.provenance.forms import Parts
    from pazpaz_otel.redact.provenance.gathering import Gathered

_MAX_ITEMS: Final = 32


def joined(separator: ast.expr, items: ast.expr, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the items one after the other, as far as the source tells them.

    Args:
        separator: what is put between the items.
        items: the list or generator.
        follower: resolves the names in both.
    """
    between = [(piece,) if piece.text else () for piece in templates_of(separator, follower)]
    gathered = follower.gathered(items) if isinstance(items, ast.Name) else None
    if gathered is not None:
        return _gathered(between, gathered, follower)
    made = (follower.bound(items) if isinstance(items, ast.Name) else ()) or (items,)
    elements = _elements(made[0], follower) if len(made) == 1 else []
    if elements is not None:
        return _joined(between, elements, follower)
    found: tuple[Parts, ...] = ()
    match made[0]:
        case ast.GeneratorExp() | ast.ListComp() as each if (inner := _copied(each)) is not None:
            return joined(separator, inner, follower)
        case ast.GeneratorExp(elt=item) | ast.ListComp(elt=item):
            found = forms_of(item, follower)
        case ast.Call() as call if yielded := _yielded(between, call, follower):
            return yielded
        case _:
            found = follower.listed(items)
    # Others may stand before the items that the source tells, and after them.
    return tuple((*before, *form, Hole()) for before in ((), (Hole(),)) for form in found)


def _copied(node: ast.GeneratorExp | ast.ListComp) -> ast.expr | None:
    """Return what a comprehension only goes through: `[problem async for problem in problems()]`."""
    match node.elt, node.generators:
        case ast.Name(id=item), [ast.comprehension(target=ast.Name(id=name), iter=inner, ifs=[])] if item == name:
            return inner
    return None


def _elements(node: ast.expr, follower: Follower) -> list[ast.expr] | None:
    """Return the elements of a display or an enum, as they are or as a comprehension changes each of them."""
    found: list[ast.expr] | None = None
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            found = elements
        case (
            ast.GeneratorExp(elt=item, generators=[ast.comprehension(target=ast.Name(id=name), iter=inner, ifs=[])])
            | ast.ListComp(elt=item, generators=[ast.comprehension(target=ast.Name(id=name), iter=inner, ifs=[])])
        ):
            before = _elements(inner, follower)
            found = None if before is None else [renamed(item, name, each) for each in before]
        case ast.Name() | ast.Attribute():
            value = follower.callable(node)
            is_enum = is_a(value, type) and issubclass(value, Enum)
            found = [ast.Attribute(node, name, ast.Load()) for name in value.__members__] if is_enum else None
    return found if found is None or len(found) <= _MAX_ITEMS else None


def _yielded(between: Sequence[Parts], call: ast.Call, follower: Follower) -> tuple[Parts, ...]:
    index = follower.index()
    # The generator's code doesn't contain the separator.
    proven = [checked(parts) for parts in between if index is not None and compiled_into(parts, index.strings)]

    def of(function: Function, inner: Follower) -> tuple[Parts, ...]:
        return _gathered(proven, yielded_in(function), inner)

    return calls.called(call, follower, of)


def _gathered(between: Iterable[Parts], gathered: Gathered, follower: Follower) -> tuple[Parts, ...]:
    made = tuple(form for variant in gathered.variants if variant for form in _joined(between, variant, follower))
    if not gathered.is_open:
        return made
    return tuple(parts if parts[-1] == Hole() else (*parts, Hole()) for parts in made)


def _joined(between: Iterable[Parts], items: Sequence[ast.expr], follower: Follower) -> tuple[Parts, ...]:
    made: list[Parts] = []
    choices = [or_value(item, forms_of(item, follower)) for item in items]
    for separator in between:
        for chosen in islice(product(*choices), MAX_FORMS):
            parts: Parts = ()
            for index, item in enumerate(chosen):
                parts += (separator if index else ()) + item
            made.append(parts)
    return tuple(made)
