"""What a function's body says of its names, read when it is first asked for and once for all who follow them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

from pazpaz_otel.redact.fifo_cache import remembered_property
from pazpaz_otel.redact.provenance.bindings import FUNCTIONS, bound_in, own_nodes
from pazpaz_otel.redact.provenance.resolving import dotted, name_of_called

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from pazpaz_otel.redact.provenance.calls import Function

_TAKING: Final = frozenset({"clear", "pop", "popitem", "remove"})
_MOVING: Final = _TAKING | {"insert", "reverse", "rotate", "sort"}
_READING: Final = frozenset({"all", "any", "enumerate", "iter", "len", "list", "repr", "sorted", "str", "tuple"})
_MAX_VARIANTS: Final = 8


class FunctionBody:
    """The body of a function, or of none.

    Args:
        function: its definition; None for what is at the level of a module or class.
    """

    def __init__(self, function: Function | None) -> None:
        # Not the function itself: whoever remembers a body by its function would keep both for ever.
        self._statements = function.body if function is not None else []
        self._parameters = function.args if function is not None else None

    @remembered_property
    def bindings(self) -> Mapping[str, tuple[ast.expr, ...]]:
        """What its names are bound to; an empty tuple if the source doesn't tell."""
        return bound_in(self.nodes, self._parameters)

    @remembered_property
    def changed(self) -> frozenset[str]:
        """The names that it sets or deletes."""
        stored = (node for node in self.nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load))
        return frozenset(name.id for name in stored)

    @remembered_property
    def defaults(self) -> frozenset[int]:
        """The ids of its default values, which are compiled outside it."""
        parameters = self._parameters
        values = [] if parameters is None else [*parameters.defaults, *parameters.kw_defaults]
        return frozenset(id(value) for value in values if value is not None)

    @remembered_property
    def nodes(self) -> Sequence[ast.AST]:
        """Its nodes in source order; an inner scope counts as one."""
        return list(own_nodes(self._statements))

    @remembered_property
    def assigned(self) -> Mapping[str, list[ast.expr]]:
        """What it assigns, adds or appends to names and attributes, by `name` and `.attribute`."""
        found: dict[str, list[ast.expr]] = {}
        for node in self.nodes:
            match node:
                case ast.Assign(targets=targets, value=value):
                    pairs = [pair for target in targets for pair in _unpacked(target, value)]
                case (
                    ast.AnnAssign(target=target, value=ast.expr() as value)
                    | ast.AugAssign(target=target, op=ast.Add(), value=value)
                    | ast.NamedExpr(target=target, value=value)
                ):
                    pairs = [(target, value)]
                case ast.Call(func=ast.Attribute(value=target, attr="append"), args=[value]):
                    pairs = [(target, ast.List([value], ast.Load()))]
                case _:
                    continue
            for target, value in pairs:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(value)
                elif isinstance(target, ast.Attribute):
                    found.setdefault(f".{target.attr}", []).append(value)
        return found

    @remembered_property
    def returned(self) -> Sequence[ast.expr | None]:
        """What its `return` statements return."""
        return [node.value for node in self.nodes if isinstance(node, ast.Return)]

    @remembered_property
    def definitions(self) -> Mapping[str, Function | ast.ClassDef]:
        """Its inner functions and classes by name, without names that are defined twice."""
        found: dict[str, Function | ast.ClassDef] = {}
        twice: set[str] = set()
        for node in self.nodes:
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                if node.name in found:
                    twice.add(node.name)
                found[node.name] = node
        return {name: node for name, node in found.items() if name not in twice}

    @remembered_property
    def reordered(self) -> frozenset[str]:
        """The lists whose items it moves, or passes to a function that may: no item has a place of its own."""
        found = set(self._changed(_MOVING))
        for node in self.nodes:
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(), attr=method)) if method in _MOVING:
                    pass
                case ast.Call(func=func, args=args) if dotted(func) not in _READING:
                    found.update(arg.id for arg in args if isinstance(arg, ast.Name))
        return frozenset(found)

    @remembered_property
    def reduced(self) -> frozenset[str]:
        """The lists and dictionaries that it takes items from: which are left, data may have picked."""
        return frozenset(self._changed(_TAKING))

    def _changed(self, methods: Container[str]) -> Iterator[str]:
        """Yield the names whose methods of these it calls, or whose items it deletes."""
        for node in self.nodes:
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in methods:
                    yield name
                case ast.Subscript(value=ast.Name(id=name), ctx=ast.Del()):
                    yield name

    @remembered_property
    def gathered(self) -> Mapping[str, Gathered]:
        """The lists that it fills line by line, by name."""
        return gathered_in(self._statements)

    @remembered_property
    def kept(self) -> Mapping[str, list[tuple[ast.expr | None, ast.expr]]]:
        """What it puts into containers, with the keys, by the container's name."""
        return kept_in(self.nodes)

    @remembered_property
    def given(self) -> Mapping[str, list[ast.expr]]:
        """What it gives to the methods of objects in statements of their own, by the object's name."""
        found: dict[str, list[ast.expr]] = {}
        for node in self.nodes:
            match node:
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=args, keywords=named)):
                    found.setdefault(name, []).extend([*args, *(item.value for item in named)])
        return found


_BODIES: Final[WeakKeyDictionary[ast.AST, FunctionBody]] = WeakKeyDictionary()
"""The body of each function whose source is remembered."""


def body_of(function: Function | None) -> FunctionBody:
    """Return the body of a function; it is read once for all who follow its names."""
    if function is None:
        return FunctionBody(None)
    found = _BODIES.get(function)
    if found is None:
        found = _BODIES[function] = FunctionBody(function)
    return found


def _unpacked(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    match target, value:
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            return list(zip(targets, values, strict=True))
    return [(target, value)]


class Gathered(NamedTuple):
    """What a list may hold.

    Attributes:
        variants: its first items in order, for each way conditions may have gone.
        is_open: whether more items may follow, from a loop.
    """

    variants: list[list[ast.expr]]
    is_open: bool = False


def gathered_in(body: Iterable[ast.stmt]) -> Mapping[str, Gathered]:
    """Return the lists that statements start with a display and append to, by name."""
    found: dict[str, Gathered] = {}
    for statement in body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=items))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.List(elts=items))
            ) if name not in found:
                found[name] = Gathered([list(items)])
            case _:
                for name in _used(statement) & found.keys():
                    found[name] = _after(statement, name, found[name])
    return found


def kept_in(nodes: Iterable[ast.AST]) -> Mapping[str, list[tuple[ast.expr | None, ast.expr]]]:
    """Return what nodes put into containers, with the keys, by the container's dotted name.

    `problems[name] = "…"`, `problems[name].append("…")`, `problems.setdefault(name, []).append("…")`.
    """
    found: dict[str, list[tuple[ast.expr | None, ast.expr]]] = {}
    for node in nodes:
        key: ast.expr | None = None
        match node:
            case ast.Assign(targets=[ast.Subscript(value=owner, slice=key)], value=value):
                pass
            case ast.Call(func=ast.Attribute(value=owner, attr="append" | "add" | "extend"), args=[value]):
                pass
            case ast.Call(func=ast.Attribute(value=owner, attr="setdefault"), args=[key, value]):
                pass
            case _:
                continue
        match owner:
            case ast.Subscript(value=owner, slice=key):
                pass
            case ast.Call(func=ast.Attribute(value=owner, attr="setdefault"), args=[key, *_]):
                pass
        name = dotted(owner)
        if name is not None:
            found.setdefault(name, []).extend((key, item) for item in getattr(value, "elts", [value]))
    return found


def _after(statement: ast.stmt, name: str, before: Gathered) -> Gathered:
    """Return what the list may hold after a statement that mentions it."""
    added = None if before.is_open else _added([statement], name)
    if added is None or len(added) * len(before.variants) > _MAX_VARIANTS:
        first = [] if before.is_open else list(_first_of(statement, name))
        repeated = [[*items, item] for items in before.variants for item in first][:_MAX_VARIANTS]
        return Gathered([*before.variants, *repeated], is_open=True)
    return Gathered([[*items, *more] for items in before.variants for more in added])


def _first_of(statement: ast.stmt, name: str) -> Iterator[ast.expr]:
    """Yield the items that a loop may append first."""
    for node in own_nodes([statement]) if isinstance(statement, (ast.For, ast.AsyncFor, ast.While)) else ():
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="append"), args=[item]) if owner == name:
                yield item


def _added(body: list[ast.stmt], name: str) -> list[list[ast.expr]] | None:
    """Return what statements may add to the list, or None if they do anything else with it."""
    ways: list[list[ast.expr]] = [[]]
    for statement in body:
        match statement:
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(owner), "append" | "extend" as how), [item])) if (
                owner == name
            ):
                appended = [[item]] if how == "append" else None
                more = [item.elts] if how == "extend" and isinstance(item, ast.List) else appended
            case ast.If(test=test, body=first, orelse=other) if name not in _used(ast.If(test, [], [])):
                arms = _added(first, name), _added(other, name)
                more = None if arms[0] is None or arms[1] is None else [*arms[0], *arms[1]]
                more = [[]] if more == [[], []] else more
            case _:
                more = None if name in _used(statement) else [[]]
        if more is None or len(ways) * len(more) > _MAX_VARIANTS:
            return None
        ways = [[*way, *items] for way in ways for items in more]
    return ways


def _used(statement: ast.stmt) -> set[str]:
    """Return the names that a statement uses, except those it only joins, counts, tests or ends with."""
    nodes = list(own_nodes([statement]))
    read = {id(node.args[0]) for node in nodes if isinstance(node, ast.Call) and _is_join(node)}
    tests = (node.test for node in nodes if isinstance(node, ast.If))
    read |= {id(test.operand if isinstance(test, ast.UnaryOp) else test) for test in tests}
    ends = (node for node in nodes if isinstance(node, (ast.Raise, ast.Return)))
    read |= {id(inner) for node in ends for inner in own_nodes([node])}
    return {node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in read}


def _is_join(call: ast.Call) -> bool:
    return name_of_called(call.func) in {"join", "len"} and len(call.args) == 1
