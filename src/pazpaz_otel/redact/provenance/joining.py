"""Texts that `join` makes of a list that is written out, filled line by line, or yielded by a generator."""

from __future__ import annotations

import ast
from itertools import islice, product
from typing import TYPE_CHECKING

from pazpaz_otel.redact.provenance import calls
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


def joined(separator: ast.expr, items: ast.expr, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the items one after the other, as far as the source tells them.

    Args:
        separator: what is put between the items.
        items: the list or generator.
        follower: resolves the names in both.
    """
    between = [(piece,) if piece.text else () for piece in templates_of(separator, follower)]
    made = follower.bound(items) if isinstance(items, ast.Name) else (items,)
    gathered = follower.gathered(items) if isinstance(items, ast.Name) else None
    if gathered is not None:
        return _gathered(between, gathered, follower)
    if len(made) != 1:
        return ()
    match made[0]:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return _joined(between, elements, follower)
        case ast.GeneratorExp(elt=item) | ast.ListComp(elt=item):
            found = forms_of(item, follower)
        case ast.Call() as call if yielded := _yielded(between, call, follower):
            return yielded
        case _:
            found = follower.listed(items)
    # Others may stand before the items that the source tells, and after them.
    return tuple((*before, *form, Hole()) for before in ((), (Hole(),)) for form in found)


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
