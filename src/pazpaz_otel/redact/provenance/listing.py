"""The texts in lists and generators that a function goes through or joins.

`for problem in validate(row): …`, `", ".join(problems)`: displays, comprehensions, lists that a function fills or
was passed.
"""

from __future__ import annotations

import ast
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance import calls
from pazpaz_otel.redact.provenance.bindings import Each
from pazpaz_otel.redact.provenance.composition import MAX_FORMS, forms_of, forms_of_each, or_value, templates
from pazpaz_otel.redact.provenance.displays import is_constant, items_of
from pazpaz_otel.redact.provenance.forms import Hole, Piece, compiled_into
from pazpaz_otel.redact.provenance.lookups import checked, compiled_in
from pazpaz_otel.redact.provenance.resolving import arguments_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pazpaz_otel.redact.provenance.following import Follower
    from pazpaz_otel.redact.provenance.forms import Parts

_COPIES: Final = frozenset({"iter", "list", "reversed", "set", "sorted", "tuple"})
"""Functions that return the items of their argument."""
_DISPLAYS: Final = (ast.GeneratorExp, ast.List, ast.ListComp, ast.Tuple)


def listed(node: ast.expr, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the items, or none if they may be chosen from several literals.

    Args:
        node: the list, or the call that makes it.
        follower: resolves the names in it.
    """
    match node:
        case ast.Name():
            return _named(node, follower)
        case ast.Attribute(attr=attribute):
            return _filled_by_methods(attribute, follower)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (*listed(left, follower), *listed(right, follower))
        case ast.Call():
            inner = _copied(node)
            return listed(inner, follower) if inner is not None else calls.called(node, follower, of=_returned)
        case ast.ListComp(elt=item) | ast.GeneratorExp(elt=item) | ast.SetComp(elt=item):
            items = [item]
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Dict(values=items):
            pass
        case _:
            items = []
    told = [forms for item in items if (forms := forms_of(item, follower))]
    # Of several, data may pick one.
    return calls.composed(told[0]) if len(told) == 1 else ()


def _copied(call: ast.Call) -> ast.expr | None:
    """Return the list or dictionary whose items a call returns."""
    match call:
        case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in _COPIES:
            return inner
        case ast.Call(func=ast.Name(id="map" | "filter"), args=[ast.Name(id="str") | ast.Constant(), inner]):
            return inner
        case ast.Call(func=ast.Attribute(attr="from_iterable"), args=[inner]):
            return inner
        case ast.Call(func=ast.Attribute(value=inner, attr="values"), args=[]):
            return inner
    return None


def _filled_by_methods(attribute: str, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of what the methods of the module put into an attribute: `self.problems.append(f"…")`."""
    index = follower.index() if follower.is_own() else None
    found: list[Parts] = []
    if index is not None:
        for method, value in index.filled.get(f"self.{attribute}", ()):
            found += compiled_in(forms_of(value, follower.of_function(index, method, {})), index)
    return calls.composed(found)


def kept_under(name: ast.Name, key: object, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of what a function puts into a container of its own; any key may be meant that isn't literal."""
    kept = [
        value
        for at, value in follower.body.kept.get(name.id, ())
        if type(key) is int or not isinstance(at, ast.Constant) or at.value == key
    ]
    return calls.chosen(forms_of_each(kept, follower.deeper()))


def item_returned(call: ast.Call | Each, key: object, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of one item of the tuples that a function returns or a loop goes through.

    `is_valid, problem = check(name)`, `for field, problem in problems.items(): …`.
    """
    if isinstance(call, Each):
        match call.items:
            case ast.Call(func=ast.Attribute(value=inner, attr="items")) if key == 1:
                return listed(inner, follower)
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]) if key == 1:
                return listed(inner, follower)
            case ast.List(elts=rows) | ast.Tuple(elts=rows) if all(map(_has_condition, rows)):
                return calls.composed(forms_of_each((item for row in rows for item in items_of(row, key)), follower))
        return ()

    def of(inner: Follower) -> tuple[Parts, ...]:
        items = [item for end in inner.body.returned if end is not None for item in items_of(end, key)]
        return calls.chosen(forms_of_each(items, inner))

    return calls.called(call, follower, of)


def _has_condition(row: ast.expr) -> bool:
    """Return whether a row says when its text counts, `(age < 0, f"an age of {age}")`; by a key, data picks one."""
    return any(map(_is_condition, row.elts if isinstance(row, ast.Tuple) else ()))


def _is_condition(value: ast.expr) -> bool:
    # What constants alone make is a key: `-1`, `Code("late")`.
    given = arguments_of(value) if isinstance(value, ast.Call) else []
    is_made = bool(given) and all(map(is_constant, given))
    is_not = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
    return is_not or (isinstance(value, (ast.BoolOp, ast.Call, ast.Compare)) and not is_made)


def sentences(given: Iterable[ast.expr], follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the texts that an object was given, without single words, which could be keys or values.

    An object that is given several literals is a table, from which data picks.
    """
    forms = forms_of_each(given, follower.deeper())
    worded = [form for form in forms if any(part.text.count(" ") > 1 for part in form if type(part) is Piece)]
    return calls.chosen(worded, most=1)


def is_made(bound: Sequence[ast.expr]) -> bool:
    """Return whether a name is bound to what one call makes."""
    return len(bound) == 1 and isinstance(bound[0], ast.Call)


def _named(name: ast.Name, follower: Follower) -> tuple[Parts, ...]:
    if (passed := follower.passed(name)) is not None:
        value, outer = passed
        return compiled_in(listed(value, outer), outer.index())
    gathered, bound = follower.body.gathered.get(name.id), follower.bound(name)
    if gathered is None:
        kept = calls.composed(kept_under(name, 0, follower))
        return kept or listed(bound[0], follower.deeper()) if len(bound) == 1 else ()
    first = [item for value in bound for item in getattr(value, "elts", ()) if forms_of(item, follower)]
    items = {id(item): item for variant in gathered.variants for item in variant}
    # Each that is added has a condition; of those that the list begins with, data may pick one.
    return calls.chosen(forms_of_each(items.values(), follower)) if len(first) <= 1 else ()


def _returned(follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the items that a function yields or returns."""
    items = [node.value for node in follower.body.nodes if isinstance(node, ast.Yield) and node.value is not None]
    if items:
        return calls.chosen(forms_of_each(items, follower))
    ends = follower.body.returned
    return calls.chosen([form for end in ends if end is not None for form in listed(end, follower)])


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
            return _joined_name(receiver, items, follower)
        case ast.Attribute():
            return _kept(receiver, items, follower) or _amid_others(follower.listed(items))
    return _amid_others(follower.listed(items))


def _joined_name(receiver: ast.expr, name: ast.Name, follower: Follower) -> tuple[Parts, ...]:
    if (passed := follower.passed(name)) is not None:
        return _passed(receiver, *passed)
    gathered, bound = follower.body.gathered.get(name.id), follower.bound(name)
    if gathered is None:
        if len(bound) == 1 and isinstance(bound[0], _DISPLAYS):
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
