"""Which texts an expression in the source can make: its literals, and the forms that it composes."""

from __future__ import annotations

import ast
from itertools import islice, product
from typing import TYPE_CHECKING, Any, Final, Protocol

from pazpaz_otel.redact.provenance.bindings import Choice
from pazpaz_otel.redact.provenance.changes import FUNCTIONS, METHODS, REWRITERS, changed, rewritten
from pazpaz_otel.redact.provenance.forms import (
    Hole,
    Parts,
    Piece,
    brace_parts,
    dollar_parts,
    labelled,
    percent_parts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pazpaz_otel.redact.provenance.gathering import Gathered


class Follow(Protocol):
    """Resolve the names of one scope."""

    def __call__(self, node: ast.expr) -> tuple[Parts, ...]:
        """Return the forms of what a name, attribute, item or call refers to."""

    def bound(self, name: ast.Name) -> tuple[ast.expr, ...]:
        """Return what a local name is bound to."""

    def gathered(self, name: ast.Name) -> Gathered | None:
        """Return what a list holds that the function fills."""


_MAX_FORMS: Final = 16
_MAX_REPEATED: Final = 256


def dotted(node: ast.AST) -> str | None:
    """Return the text of a plain dotted name (`slot.start`), or None."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else None


def forms_of(node: ast.expr, follow: Follow) -> tuple[Parts, ...]:
    """Return the forms of the text that `node` makes, or none if the source doesn't tell.

    Args:
        node: the expression.
        follow: resolves the names in the expression.
    """
    if isinstance(node, ast.Constant):
        return ((Piece(node.value, node.value),),) if type(node.value) is str else ()
    maker = _MAKERS.get(type(node))
    return maker(node, follow) if maker is not None else ()


def _operation(node: ast.BinOp, follow: Follow) -> tuple[Parts, ...]:
    if isinstance(node.op, ast.Add):
        return _sum(node, follow)
    if isinstance(node.op, ast.Mult):
        return _repeated(node)
    return _percent(node, follow) if isinstance(node.op, ast.Mod) else ()


def _repeated(node: ast.BinOp) -> tuple[Parts, ...]:
    """Return a line such as `"=" * 60`, which the compiler evaluates."""
    match node:
        case ast.BinOp(left=ast.Constant(value=str() as text), right=ast.Constant(value=int() as times)):
            made = text * times if 0 < times * len(text) <= _MAX_REPEATED else ""
            return ((Piece(made, made),),) if made else ()
    return ()


def _call(node: ast.Call, follow: Follow) -> tuple[Parts, ...]:
    match node:
        case ast.Call(func=ast.Attribute(value=receiver, attr=name), args=[], keywords=[]) if name in METHODS:
            return changed(forms_of(receiver, follow), name)
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[inner]) if name in FUNCTIONS:
            return changed(forms_of(inner, follow), name)
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


def _template_call(node: ast.Call, follow: Follow) -> tuple[Parts, ...]:
    match node:
        case ast.Call(func=ast.Attribute(value=receiver, attr="format" | "format_map")):
            return _formatted(node, receiver, follow)
        case ast.Call(func=ast.Attribute(attr="join"), args=[ast.Call(func=ast.Name(id="filter"), args=[_, items])]):
            return _template_call(ast.Call(func=node.func, args=[items], keywords=[]), follow)
        case ast.Call(func=ast.Attribute(value=receiver, attr="join"), args=[ast.List() | ast.Tuple() as items]):
            return _joined(receiver, items.elts, follow)
        case ast.Call(func=ast.Attribute(value=receiver, attr="join"), args=[ast.Name() as items]):
            return _joined_later(receiver, items, follow)
        case ast.Call(func=ast.Attribute(value=receiver, attr="substitute" | "safe_substitute")):
            return _substituted(node, receiver, follow)
    return follow(node)


def _choice(node: Choice, follow: Follow) -> tuple[Parts, ...]:
    found = [forms_of(value, follow) for value in node.values]
    return tuple(form for forms in found for form in forms) if all(found) else ()


def _followed(node: ast.expr, follow: Follow) -> tuple[Parts, ...]:
    return follow(node)


_MAKERS: Final[dict[type, Callable[[Any, Follow], tuple[Parts, ...]]]] = {
    ast.JoinedStr: lambda node, _: (tuple(_interpolated(node)),),
    ast.BinOp: _operation,
    ast.Call: _call,
    ast.IfExp: lambda node, follow: forms_of(node.body, follow) + forms_of(node.orelse, follow),
    ast.BoolOp: lambda node, follow: tuple(form for value in node.values for form in forms_of(value, follow)),
    Choice: _choice,
    ast.NamedExpr: lambda node, follow: forms_of(node.value, follow),
    ast.Name: _followed,
    ast.Attribute: _followed,
    ast.Subscript: _followed,
}


def _interpolated(node: ast.JoinedStr) -> Iterator[Piece | Hole]:
    for value in node.values:
        if isinstance(value, ast.Constant) and type(value.value) is str:
            yield Piece(value.value, value.value)
        else:
            yield labelled(dotted(value.value) if isinstance(value, ast.FormattedValue) else None)


def _sum(node: ast.BinOp, follow: Follow) -> tuple[Parts, ...]:
    # Long sums lean to the left; Python's parser limits their depth.
    left, right = forms_of(node.left, follow), forms_of(node.right, follow)
    if not left and not right:
        return ()
    lefts = _or_value(node.left, left)
    rights = _or_value(node.right, right)
    return tuple(one + other for one, other in islice(product(lefts, rights), _MAX_FORMS))


def _or_value(node: ast.expr, forms: tuple[Parts, ...]) -> tuple[Parts, ...]:
    """Return the forms of one side of a sum, and the hole that it leaves where it may be of no known form."""
    return forms if forms and not isinstance(node, ast.Call) else (*forms, (labelled(dotted(node)),))


def _percent(node: ast.BinOp, follow: Follow) -> tuple[Parts, ...]:
    values = node.right
    named: dict[str, str | None] = {}
    positional = [dotted(value) for value in (values.elts if isinstance(values, ast.Tuple) else [values])]
    if isinstance(values, ast.Dict):
        named = {
            key.value: dotted(value) or ""
            for key, value in zip(values.keys, values.values, strict=True)
            if isinstance(key, ast.Constant) and type(key.value) is str
        }
    return _filled(_templates(node.left, follow), lambda template: percent_parts(template, positional, named))


def _formatted(node: ast.Call, receiver: ast.expr, follow: Follow) -> tuple[Parts, ...]:
    starred = any(isinstance(value, ast.Starred) for value in node.args)
    positional = None if starred else [dotted(value) for value in node.args]
    named: dict[str, str | None] = {item.arg: dotted(item.value) or "" for item in node.keywords if item.arg}
    return _filled(_templates(receiver, follow), lambda template: brace_parts(template, positional, named))


def _filled(templates: Iterable[Piece], fill: Callable[[str], Parts | None]) -> tuple[Parts, ...]:
    """Split templates into parts, which count as checked if the templates do."""
    made: list[Parts] = []
    for template in templates:
        parts = fill(template.text)
        if parts is not None:
            made.append(
                tuple(part if isinstance(part, Hole) else part._replace(checked=template.checked) for part in parts)
            )
    return tuple(made)


def _substituted(node: ast.Call, receiver: ast.expr, follow: Follow) -> tuple[Parts, ...]:
    """Fill a `string.Template` that is created in place, or held by a name of the same function."""
    if isinstance(receiver, ast.Name):
        made = follow.bound(receiver)
        receiver = made[0] if len(made) == 1 else receiver
    match receiver:
        case ast.Call(func=ast.Attribute(attr="Template") | ast.Name(id="Template"), args=[template]):
            named: dict[str, str | None] = {item.arg: dotted(item.value) or "" for item in node.keywords if item.arg}
            return _filled(_templates(template, follow), lambda text: dollar_parts(text, named))
    return ()


def _joined_later(receiver: ast.expr, items: ast.Name, follow: Follow) -> tuple[Parts, ...]:
    """Join a list that the function fills line by line, as far as the source tells its contents."""
    gathered = follow.gathered(items)
    if gathered is None:
        return ()
    joined = tuple(form for variant in gathered.variants if variant for form in _joined(receiver, variant, follow))
    return tuple((*parts, Hole()) for parts in joined) if gathered.is_open else joined


def _joined(receiver: ast.expr, items: list[ast.expr], follow: Follow) -> tuple[Parts, ...]:
    made: list[Parts] = []
    for separator in _templates(receiver, follow):
        between: Parts = (separator,) if separator.text else ()
        choices = [forms_of(item, follow) or ((labelled(dotted(item)),),) for item in items]
        for chosen in islice(product(*choices), _MAX_FORMS):
            parts: Parts = ()
            for index, item in enumerate(chosen):
                parts += (between if index else ()) + item
            made.append(parts)
    return tuple(made)


def _templates(node: ast.expr, follow: Follow) -> Iterator[Piece]:
    """Yield the texts without holes that `node` makes."""
    for parts in forms_of(node, follow)[:_MAX_FORMS]:
        pieces = [part for part in parts if isinstance(part, Piece)]
        if len(pieces) == len(parts):
            text = "".join(piece.text for piece in pieces)
            yield Piece(text, text, checked=all(piece.checked for piece in pieces))
