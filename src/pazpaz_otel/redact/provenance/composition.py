"""Which texts an expression in the source can make: its literals, and the forms that it composes."""

from __future__ import annotations

import ast
from itertools import islice, product
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.provenance.bindings import Choice, Each
from pazpaz_otel.redact.provenance.changes import FUNCTIONS, METHODS, REWRITERS, TRANSLATORS, changed, rewritten
from pazpaz_otel.redact.provenance.dumps import dumped, printed
from pazpaz_otel.redact.provenance.forms import (
    Hole,
    Parts,
    Piece,
    brace_parts,
    dollar_parts,
    has_word,
    labelled,
    percent_parts,
)
from pazpaz_otel.redact.provenance.resolving import Operands, as_operation, items_by_key, label_of
from pazpaz_otel.redact.provenance.samples import messages_among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pazpaz_otel.redact.provenance.following import Follower

MAX_FORMS: Final = 16
_MAX_REPEATED: Final = 256


def forms_of(node: ast.expr, follow: Follower) -> tuple[Parts, ...]:
    """Return the forms of the text that `node` makes, or none if the source doesn't tell.

    Args:
        node: the expression.
        follow: resolves the names in the expression.
    """
    if isinstance(node, ast.Constant):
        return ((Piece(node.value, node.value),),) if type(node.value) is str else ()
    maker = _MAKERS.get(type(node))
    return maker(node, follow) if maker is not None else ()


def forms_of_each(nodes: Iterable[ast.expr], follow: Follower) -> tuple[Parts, ...]:
    """Return the forms of the texts that each of `nodes` makes."""
    return tuple(form for node in nodes for form in forms_of(node, follow))


def _operation(node: ast.BinOp, follow: Follower) -> tuple[Parts, ...]:
    match node:
        case ast.BinOp(op=ast.Add()):
            return _sum(node, follow)
        case ast.BinOp(op=ast.Mod()):
            return _percent(node, follow)
        case ast.BinOp(ast.Constant(value=str() as text), ast.Mult(), ast.Constant(value=int() as times)):
            # A line such as `"=" * 60`, which the compiler evaluates.
            made = text * times if 0 < times * len(text) <= _MAX_REPEATED else ""
            return ((Piece(made, made),),) if made else ()
    return ()


def _call(node: ast.Call, follow: Follower) -> tuple[Parts, ...]:
    match node:
        case ast.Call(func=ast.Attribute(value=receiver, attr=name), args=[], keywords=[]) if name in METHODS:
            return changed(forms_of(receiver, follow), name)
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[inner]) if name in FUNCTIONS:
            return changed(forms_of(inner, follow), name)
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[_, *_]) if name in TRANSLATORS:
            texts = node.args[TRANSLATORS[name]]
            return (*forms_of_each(texts, follow), *follow(node))
        case ast.Call(
            func=ast.Attribute(attr="indent") | ast.Name(id="indent"), args=[inner, ast.Constant(value=str())]
        ):
            return rewritten(forms_of(inner, follow), "indent", [node.args[1].value])  # type: ignore[attr-defined]
        case ast.Call(func=ast.Attribute(value=receiver, attr=name), args=[_, *_], keywords=[]) if name in REWRITERS:
            given = [value.value for value in node.args if isinstance(value, ast.Constant)]
            constants = [value for value in given if isinstance(value, (str, int))]
            if len(constants) == len(node.args):
                return rewritten(forms_of(receiver, follow), name, constants)
    return _template_call(node, follow)


def _template_call(node: ast.Call, follow: Follower) -> tuple[Parts, ...]:
    match node:
        case ast.Call(func=ast.Attribute(value=receiver, attr="format" | "format_map")):
            return _formatted(node, receiver, follow)
        case ast.Call(func=ast.Attribute(value=receiver, attr="join"), args=[items]):
            return follow.joined(receiver, items)
        case ast.Call(func=ast.Attribute(value=receiver, attr="substitute" | "safe_substitute")):
            return _substituted(node, receiver, follow)
    operation = as_operation(node)
    made = dumped(node, follow.bound) or (_operation(operation, follow) if operation is not None else ())
    return made or follow(node)


def _item(node: ast.Subscript, follow: Follower) -> tuple[Parts, ...]:
    match node.slice:
        case ast.Slice(lower=None, step=None):
            # Only a text that isn't cut matches: `message[:500]`.
            return forms_of(node.value, follow)
    return follow(node)


def _choice(node: Choice, follow: Follower) -> tuple[Parts, ...]:
    found = [forms_of(value, follow) for value in node.values]
    return tuple(form for forms in found for form in forms) if all(found) else ()


def _interpolated(node: ast.JoinedStr, follow: Follower) -> tuple[Parts, ...]:
    """Return the form with a hole for each value first, then those with what the values are composed of."""
    literals = [value.value for value in node.values if isinstance(value, ast.Constant)]
    is_worded = any(has_word(text) for text in literals if isinstance(text, str))
    choices: list[list[Parts]] = []
    for value in node.values:
        if isinstance(value, ast.Constant) and type(value.value) is str:
            choices.append([(Piece(value.value, value.value),)])
        elif isinstance(value, ast.FormattedValue):
            is_plain = value.conversion == -1 and value.format_spec is None
            told = shown(value.value, follow, whole=not is_worded) if is_plain else ()
            choices.append([(labelled(label_of(value.value)), *_unit(value)), *told])
        else:
            choices.append([(Hole(),)])
    return _product(choices)


def _product(choices: Iterable[Sequence[Parts]]) -> tuple[Parts, ...]:
    """Return the forms of one of each choice after the other."""
    combined = islice(product(*choices), MAX_FORMS)
    return tuple(tuple(part for parts in chosen for part in parts) for chosen in combined)


def _unit(value: ast.FormattedValue) -> Parts:
    """Return the sign that a format puts after each value: `f"{share:.0%}"`."""
    match value.format_spec:
        case ast.JoinedStr(values=[ast.Constant(value=str() as spec)]) if spec.endswith("%"):
            return (Piece("%", "%", checked=True),)
    return ()


def shown(value: ast.expr, follow: Follower, *, whole: bool = False) -> Iterator[Parts]:
    """Yield the compositions that a value in a text may be, and with `whole` the constant that it is."""
    yield from messages_among(follow.bound(value) if isinstance(value, ast.Name) else (value,))
    if isinstance(value, ast.Name):
        whole = follow.is_passed(value)
    elif isinstance(value, ast.IfExp):
        whole = isinstance(value.body, ast.Constant) or isinstance(value.orelse, ast.Constant)
    elif isinstance(value, ast.Call):
        whole = isinstance(value.func, ast.Attribute) and value.func.attr == "format"
    else:
        whole = whole and isinstance(value, ast.Attribute) and follow.is_constant(value)
    whole = whole or follow.folds
    # A caller's message may be in any of them: `{long or short}`.
    operands = value.values if isinstance(value, ast.BoolOp) else ()
    yield from ((labelled(name),) for name in map(label_of, operands) if name is not None)
    yield from printed(value, follow.bound)
    yield from (form for form in forms_of(value, follow) if whole or any(isinstance(part, Hole) for part in form))


_MAKERS: Final[dict[type, Callable[[Any, Follower], tuple[Parts, ...]]]] = {
    ast.JoinedStr: _interpolated,
    ast.BinOp: _operation,
    ast.Call: _call,
    ast.IfExp: lambda node, follow: forms_of_each((node.body, node.orelse), follow),
    ast.BoolOp: lambda node, follow: forms_of_each(node.values, follow),
    Choice: _choice,
    Each: lambda node, follow: follow.listed(node.items),
    ast.NamedExpr: lambda node, follow: forms_of(node.value, follow),
    ast.Name: lambda node, follow: follow(node),
    ast.Attribute: lambda node, follow: follow(node),
    ast.Subscript: _item,
}


def _sum(node: ast.BinOp, follow: Follower) -> tuple[Parts, ...]:
    # Long sums lean to the left; Python's parser limits their depth.
    left, right = forms_of(node.left, follow), forms_of(node.right, follow)
    if not left and not right:
        return ()
    lefts = or_value(node.left, left)
    rights = or_value(node.right, right)
    return tuple(one + other for one, other in islice(product(lefts, rights), MAX_FORMS))


def or_value(node: ast.expr, forms: tuple[Parts, ...]) -> tuple[Parts, ...]:
    """Return the forms of a part, and the hole that it leaves where it may be of no known form."""
    return forms if forms and not isinstance(node, ast.Call) else (*forms, (labelled(label_of(node)),))


def _percent(node: ast.BinOp, follow: Follower) -> tuple[Parts, ...]:
    values = node.right
    held = follow.bound(values)[0] if isinstance(values, ast.Name) and len(follow.bound(values)) == 1 else None
    values = held if isinstance(held, ast.Tuple) else values
    given = Operands(values.elts if isinstance(values, ast.Tuple) else [values], items_by_key(values))
    return _filled(templates(node.left, follow), given, percent_parts, follow)


def _formatted(node: ast.Call, receiver: ast.expr, follow: Follower) -> tuple[Parts, ...]:
    starred = any(isinstance(value, ast.Starred) for value in node.args)
    given = Operands([] if starred else node.args, {item.arg: item.value for item in node.keywords if item.arg})
    return _filled(templates(receiver, follow), given, brace_parts, follow)


def _filled(
    templates: Iterable[Piece],
    given: Operands,
    split: Callable[[str, Sequence[Hole], Mapping[str, Hole]], Parts | None],
    follow: Follower,
) -> tuple[Parts, ...]:
    """Split templates into parts, which count as checked if the templates do."""
    made: list[Parts] = []
    for template in templates:
        is_whole = not any(sign in template.text for sign in "{%$")
        parts = (template,) if is_whole else split(template.text, given.positional, given.named) or ()
        choices: list[list[Parts]] = []
        for part in parts:
            value = given.value_of(part)
            kept = part if isinstance(part, Hole) else part._replace(checked=template.checked)
            choices.append([(kept,), *(shown(value, follow) if value is not None else ())])
        made += _product(choices) if choices else ()
    return tuple(made)


def _substituted(node: ast.Call, receiver: ast.expr, follow: Follower) -> tuple[Parts, ...]:
    """Fill a `string.Template` that is created in place, or held by a name of the function, module or class."""
    made = follow.bound(receiver) if isinstance(receiver, ast.Name) else ()
    receiver, inner = (made[0], follow) if len(made) == 1 else follow.kept(receiver) or (receiver, follow)
    match receiver:
        case ast.Call(func=ast.Attribute(attr="Template") | ast.Name(id="Template"), args=[template]):
            named = {item.arg: item.value for item in node.keywords if item.arg}
            given = Operands([], named | items_by_key(node.args[0] if node.args else node))
            is_own = inner is follow
            texts = templates(template, inner)
            found = texts if is_own else (piece._replace(checked=True) for piece in texts)
            return _filled(found, given, lambda text, _, holes: dollar_parts(text, holes), follow)
    return ()


def templates(node: ast.expr, follow: Follower) -> Iterator[Piece]:
    """Yield the texts without holes that `node` makes."""
    for parts in forms_of(node, follow)[:MAX_FORMS]:
        pieces = [part for part in parts if isinstance(part, Piece)]
        if len(pieces) == len(parts):
            text = "".join(piece.text for piece in pieces)
            yield Piece(text, text, checked=all(piece.checked for piece in pieces))
