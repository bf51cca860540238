"""What the names in a scope are bound to, if the source tells everything they may hold.

A name counts if exactly one assignment binds it, if the two arms of one `if` do (a conditional expression written out),
or if a few assignments all bind it to texts (`Choice`). A parameter's default counts as an assignment, and so does an
element of a tuple assigned to a tuple or returned by a call, and what a loop goes through (`Each`). Other unpacking,
augmented assignments, deletions, `global` and `nonlocal` make a name opaque.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_BLOCKS: Final = ("body", "orelse", "finalbody", "handlers", "cases")
_INNER_FIELDS: Final[dict[type, tuple[str, ...]]] = {}
"""For each kind of node the fields in which its own scope goes on, the last first."""
_ENDS: Final = frozenset({"ctx", "op", "ops", "id", "attr", "kind", "type_comment"})
"""Fields in which no scope goes on: contexts and operators, half of all nodes, tell nothing by themselves."""
_ARMS: Final = 2
_MAX_ADDED: Final = 3
_MAX_CHOICES: Final = 8
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


class Choice(ast.expr):
    """What one of several assignments binds; it makes a text only if all of them do."""

    _fields = ()

    def __init__(self, values: tuple[ast.expr, ...]) -> None:
        super().__init__()
        self.values = values


class Each(ast.expr):
    """What a loop binds, one item after the other."""

    _fields = ()

    def __init__(self, items: ast.expr) -> None:
        super().__init__()
        self.items = items


def bindings_of(scope: ast.AST) -> Mapping[str, tuple[ast.expr, ...]]:
    """Return what each name of a function, class or module is bound to; an empty tuple if the source doesn't tell."""
    return bound_in(own_nodes(getattr(scope, "body", [])), scope.args if isinstance(scope, FUNCTIONS) else None)


def bound_in(nodes: Iterable[ast.AST], parameters: ast.arguments | None) -> Mapping[str, tuple[ast.expr, ...]]:
    """Return what a scope of these nodes and parameters binds its names to, as `bindings_of`."""
    found = _Bindings()
    if parameters is not None:
        found.parameters(parameters)
    conditionals: list[ast.If] = []
    for node in nodes:
        found.node(node)
        if isinstance(node, ast.If):
            conditionals.append(node)
    arms = _arms(conditionals) if any(len(values) >= _ARMS for values in found.values.values()) else {}
    bound = {name: _bound(name, values, arms) for name, values in found.values.items()}
    for name, added in found.added.items():
        bound[name] = _sums(bound.get(name, ()), added)
    return {**bound, **dict.fromkeys(found.opaque, ())}


class _Bindings:
    """What is found while walking through a scope.

    Attributes:
        values: each name's assignments, with their statements.
        added: what `+=` adds to a name.
        opaque: names bound to something the source doesn't tell.
    """

    def __init__(self) -> None:
        self.values: dict[str, list[tuple[ast.AST | None, ast.expr]]] = {}
        self.added: dict[str, list[ast.expr]] = {}
        self.opaque: set[str] = set()
        self._counted: set[int] = set()

    def parameters(self, args: ast.arguments) -> None:
        for name, default in parameters_of(args):
            if default is None:
                self.opaque.add(name)
            else:
                self.values.setdefault(name, []).append((None, default))

    def node(self, node: ast.AST) -> None:
        # Names and other expressions first: they are most of a tree.
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in self._counted:
            self.opaque.add(node.id)
        elif isinstance(node, ast.NamedExpr):
            self._assign(node.target, None, node.value)
        elif isinstance(node, ast.expr):
            pass
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node, node.value)
        elif isinstance(node, ast.AnnAssign):
            self._assign(node.target, node, node.value)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._assign(node.target, node, Each(node.iter))
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and isinstance(node.target, ast.Name):
            self._counted.add(id(node.target))
            self.added.setdefault(node.target.id, []).append(node.value)
        else:
            self.opaque.update(_bound_otherwise(node))

    def _assign(self, target: ast.expr, statement: ast.AST | None, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            self._counted.add(id(target))
            if value is not None:
                self.values.setdefault(target.id, []).append((statement, value))
            return
        match target, value:
            case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values) and _are_plain(values):
                for inner, item in zip(targets, values, strict=True):
                    self._assign(inner, statement, item)
            case ast.Tuple(elts=targets), ast.Call() | Each() if _are_plain(targets):
                for index, inner in enumerate(targets):
                    self._assign(inner, statement, ast.Subscript(value, ast.Constant(index), ast.Load()))


def _are_plain(values: list[ast.expr]) -> bool:
    return not any(isinstance(value, ast.Starred) for value in values)


def _bound_otherwise(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from names
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
            yield from _declared_elsewhere(node)
        case (
            ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name)
        ):
            yield name
        case ast.alias():
            yield node.asname or node.name.partition(".")[0]


def _bound(
    name: str,
    assigned: Iterable[tuple[ast.AST | None, ast.expr]],
    arms: Mapping[int, tuple[int, bool]],
) -> tuple[ast.expr, ...]:
    """Return what a name is bound to if it may be changed afterwards: `text = text.format(who)`."""
    first: list[tuple[ast.AST | None, ast.expr]] = []
    changes: list[ast.expr] = []
    for statement, value in assigned:
        if first and isinstance(value, (ast.Call, ast.BinOp)) and _reads(value, name):
            changes.append(value)
        elif changes:
            return ()
        else:
            first.append((statement, _completed(name, first, value)))
    bound = _once(first, arms)
    for change in changes[:_MAX_ADDED] if bound else ():
        before = bound[-1] if len(bound) == 1 else Choice(bound)
        bound = (*bound, _Renamed(name, before).visit(copy.deepcopy(change)))
    return bound if len(changes) <= _MAX_ADDED else ()


def _completed(name: str, before: list[tuple[ast.AST | None, ast.expr]], value: ast.expr) -> ast.expr:
    """Return what a name is set to, with the literal that it held before: `msg = f"{msg}: {why}"`."""
    match before, value:
        case [(_, ast.Constant(value=str()) as held)], ast.JoinedStr():
            made: ast.expr = _Renamed(name, held).visit(copy.deepcopy(value))
            return made
    return value


def _reads(value: ast.expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(value))


class _Renamed(ast.NodeTransformer):
    """Replace a name by what it held before."""

    def __init__(self, name: str, held: ast.expr) -> None:
        self._name = name
        self._held = held

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._held if node.id == self._name else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        # A hole is labelled by the name itself, so only a literal can stand in its place.
        node.values = [self._held if self._is_spelled_out(value) else value for value in node.values]
        return node

    def _is_spelled_out(self, value: ast.expr) -> bool:
        match value, self._held:
            case (
                ast.FormattedValue(value=ast.Name(id=name), conversion=-1, format_spec=None),
                ast.Constant(value=str()),
            ):
                return name == self._name
        return False


def _once(
    assigned: Iterable[tuple[ast.AST | None, ast.expr]], arms: Mapping[int, tuple[int, bool]]
) -> tuple[ast.expr, ...]:
    # `text = None`, before it is known, makes no text.
    found = [(statement, value) for statement, value in assigned if not _is_none(value)]
    if len(found) == 1:
        return (found[0][1],)
    if len(found) == _ARMS:
        first, second = (arms.get(id(statement)) for statement, _ in found)
        if first is not None and second is not None and first[0] == second[0] and first[1] != second[1]:
            return (found[0][1], found[1][1])
    if 1 < len(found) <= _MAX_CHOICES and all(statement is not None for statement, _ in found):
        return (Choice(tuple(value for _, value in found)),)
    return ()


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _sums(bound: tuple[ast.expr, ...], added: list[ast.expr]) -> tuple[ast.expr, ...]:
    """Return what a name may hold that is bound once and then added to, with and without each addition."""
    if len(bound) != 1 or isinstance(bound[0], Choice) or len(added) > _MAX_ADDED:
        return ()
    sums: list[ast.expr] = [*bound]
    for value in added:
        sums += [ast.BinOp(left=held, op=ast.Add(), right=value) for held in sums]
    return tuple(sums)


def _arms(conditionals: Iterable[ast.If]) -> dict[int, tuple[int, bool]]:
    """For each statement directly in an arm of an `if`, return the `if` and whether it is the first arm."""
    return {
        id(statement): (id(node), is_first)
        for node in conditionals
        for arm, is_first in ((node.body, True), (node.orelse, False))
        for statement in arm
    }


def own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield every node but contexts and operators in source order; an inner scope counts as one node."""
    stack = list(body)[::-1]
    while stack:
        node = stack.pop()
        yield node
        fields = _INNER_FIELDS.get(type(node))
        if fields is None:
            inner = () if isinstance(node, (*_SCOPES, ast.Constant)) else node._fields[::-1]
            fields = _INNER_FIELDS[type(node)] = tuple(name for name in inner if name not in _ENDS)
        # As `ast.iter_child_nodes`, but without its two generators for each node.
        for name in fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                stack.append(value)
            elif isinstance(value, list):
                stack.extend([item for item in reversed(value) if isinstance(item, ast.AST)])


def assignments(body: Iterable[ast.AST]) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield each target of an assignment, annotated or augmented as well, with its value."""
    for node in own_nodes(body):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((target, value) for target in targets)
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
                yield target, value


def _declared_elsewhere(scope: ast.stmt) -> Iterator[str]:
    """Yield the names that inner functions declare as `nonlocal` or `global`."""
    # Declarations are statements, so expressions, which are most of a tree, can be skipped.
    stack: list[ast.stmt] = [scope]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names
        for inner in (inner for block in _BLOCKS for inner in getattr(node, block, ())):
            stack.extend([inner] if isinstance(inner, ast.stmt) else inner.body)


def parameters_of(args: ast.arguments) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the names of parameters, each with its default if it has one."""
    positional = [*args.posonlyargs, *args.args]
    missing = len(positional) - len(args.defaults)
    for index, arg in enumerate(positional):
        yield arg.arg, args.defaults[index - missing] if index >= missing else None
    yield from ((arg.arg, default) for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True))
    yield from ((arg.arg, None) for arg in (args.vararg, args.kwarg) if arg is not None)
