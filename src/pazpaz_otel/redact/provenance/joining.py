"""What `join` makes: of a display, a comprehension, a list that a function fills, or one that it was passed."""

from __future__ import annotations

import ast
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance.composition import MAX_FORMS, forms_of, or_value, templates
from pazpaz_otel.redact.provenance.forms import Hole, compiled_into
from pazpaz_otel.redact.provenance.lookups import checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pazpaz_otel.redact.provenance.following import Follower
    from pazpaz_otel.redact.provenance.forms import Parts

_DISPLAYS: Final = (ast.GeneratorExp, ast.List, ast.ListComp, ast.Tuple)


def joined(receiver: ast.expr, items: ast.expr, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of what `join` makes, as far as the source tells the items.

    Args:
        receiver: the text between them.
        items: what is joined.
        follower: resolves the names in both.
    """
    match items:
        case ast.Call(func=ast.Name(id="filter" | "map"), args=[ast.Name(id="str") | ast.Constant(), inner]):
            return joined(receiver, inner, follower)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return _of_each(receiver, elements, follower)
        case ast.GeneratorExp(elt=item) | ast.ListComp(elt=item):
            return _amid_others(forms_of(item, follower))
        case ast.Name():
            return _named(receiver, items, follower)
        case ast.Attribute():
            return _kept(receiver, items, follower) or _amid_others(follower.listed(items))
    return _amid_others(follower.listed(items))


def _named(receiver: ast.expr, name: ast.Name, follower: Follower) -> tuple[Parts, ...]:
    if (passed := follower.passed(name)) is not None:
        return _passed(receiver, *passed)
    gathered, bound = follower.body.gathered.get(name.id), follower.bound(name)
    if gathered is None:
        is_display = len(bound) == 1 and isinstance(bound[0], _DISPLAYS)
        if is_display:
            return joined(receiver, bound[0], follower)
        return _kept(receiver, name, follower) or _amid_others(follower.listed(name))
    forms = tuple(form for variant in gathered.variants if variant for form in _of_each(receiver, variant, follower))
    if not gathered.is_open:
        return forms
    return tuple(parts if parts[-1] == Hole() else (*parts, Hole()) for parts in forms)


def _kept(receiver: ast.expr, name: ast.expr, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the literals that a module or class keeps under a name."""
    kept = follower.kept(name)
    lines = getattr(kept[0], "elts", []) if kept is not None else []
    is_literal = all(isinstance(line, ast.Constant) for line in lines)
    return tuple(map(checked, _of_each(receiver, lines, follower))) if lines and is_literal else ()


def _passed(receiver: ast.expr, value: ast.expr, caller: Follower) -> tuple[Parts, ...]:
    """Return the forms of a parameter's items, which are composed by the caller."""
    index = caller.index()
    if index is None or not isinstance(receiver, ast.Constant):
        return ()
    strings = index.strings | {str(receiver.value)}
    return tuple(checked(form) for form in joined(receiver, value, caller) if compiled_into(form, strings))


def _amid_others(forms: Sequence[Parts]) -> tuple[Parts, ...]:
    """Return the forms of items before and after which there may be others."""
    return tuple((*before, *form, Hole()) for before in ((), (Hole(),)) for form in forms)


def _of_each(receiver: ast.expr, items: list[ast.expr], follower: Follower) -> tuple[Parts, ...]:
    made: list[Parts] = []
    for separator in templates(receiver, follower):
        between: Parts = (separator,) if separator.text else ()
        choices = [or_value(item, forms_of(item, follower)) for item in items]
        for chosen in islice(product(*choices), MAX_FORMS):
            parts: Parts = ()
            for index, item in enumerate(chosen):
                parts += (between if index else ()) + item
            made.append(parts)
    return tuple(made)
