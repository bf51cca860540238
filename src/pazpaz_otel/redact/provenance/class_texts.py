"""The texts in an object's own class: literal attributes, and those in its constructor and other methods."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.displays import looked_up
from pazpaz_otel.redact.provenance.following import class_attribute, follower_of
from pazpaz_otel.redact.provenance.forms import Hole, compiled_into
from pazpaz_otel.redact.provenance.handing import Filling
from pazpaz_otel.redact.provenance.mentions import texts_in
from pazpaz_otel.redact.provenance.picking import OBJECT, held_by, picked_from
from pazpaz_otel.redact.provenance.places import Texts
from pazpaz_otel.redact.provenance.resolving import dotted
from pazpaz_otel.redact.provenance.source import expressions_of, statements_inside
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from pazpaz_otel.redact.provenance.calls import Function
    from pazpaz_otel.redact.provenance.forms import Parts
    from pazpaz_otel.redact.provenance.source_index import SourceIndex

_TABLES: Final = frozenset({"MappingProxyType", "OrderedDict", "SimpleNamespace", "dict"})
_CALLED: Final = frozenset({"filter", "format", "process"})
"""Methods that `logging` calls."""
_FILLING: Final = Filling(None)
_known: FifoCache[int, tuple[type, Texts]] = FifoCache(1024)


def class_texts(cls: type) -> Texts:
    """Return the texts of a class and its bases that their methods use.

    Data may pick one of the others: `getattr(self, code)`, `Closed(getattr(Closed, code))`.
    """
    known = _known.get(id(cls))
    if known is not None:
        return known[1]
    indexes = [(base, index_of(base.__module__)) for base in cls.__mro__ if base.__module__ != "builtins"]
    bases = [(base, index, list(index.methods_of(base))) for base, index in indexes if index is not None]
    methods = [function for _, _, functions in bases for function in functions]
    picked = picked_from(methods)
    tables = {table for function in methods for table in _tables_in(function, picked)}
    used = {name for function in methods for name in _named_in(function, tables)} - picked
    texts = (
        parts
        for base, index, functions in bases
        for parts in (
            *(_attributes_of(cls, base, index, used) if OBJECT not in picked else ()),
            *_of(functions, index, used, picked, tables),
        )
    )
    found = Texts(texts, _FILLING)
    return _known.keep(id(cls), (cls, found))[1]


def _named_in(function: Function, tables: Container[int]) -> Iterator[str]:
    """Yield the attributes that a method reads, also by `getattr(self, "message")`."""
    waiting: list[ast.AST] = [function]
    while waiting:
        node = waiting.pop()
        if id(node) in tables:
            continue
        match node:
            case ast.Attribute(attr=name):
                yield name
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str() as name), *_]):
                yield name
        waiting.extend(ast.iter_child_nodes(node))


def _attributes_of(cls: type, base: type, index: SourceIndex, used: Container[str]) -> Iterator[Parts]:
    for name in index.attributes_of(base.__qualname__):
        if name in used:
            yield from class_attribute(cls, name)


def _of(
    functions: Iterable[Function], index: SourceIndex, used: Container[str], picked: set[str], tables: Container[int]
) -> Iterator[Parts]:
    for function in functions:
        is_used = function.name in used or function.name in _CALLED or function.name.startswith("__")
        follower = follower_of(index.module, function, without=picked)
        nodes = (node for statement in statements_inside(function) for node in expressions_of(statement))
        nodes = (node for node in nodes if id(node.value if isinstance(node, ast.NamedExpr) else node) not in tables)
        for parts in texts_in(nodes, follower):
            # What surrounds values may be any method's, as in `raise Failed.of(job)`.
            if (is_used or any(isinstance(part, Hole) for part in parts)) and compiled_into(parts, index.strings):
                yield parts


def _tables_in(function: Function, picked: set[str]) -> set[int]:
    """Return the identities of what data may pick from: what loops go through, displays, and what fills `picked`."""
    tables = set(held_by(function, picked))
    for node in ast.walk(function):
        match node:
            case ast.For(iter=table) | ast.AsyncFor(iter=table):
                tables.add(id(table))
            case ast.Assign(targets=[ast.Name() as target], value=table) if _is_display(table):
                tables.update((id(target), id(table)))
            case ast.expr() if (found := looked_up(node)) is not None and not isinstance(found[1], ast.Constant):
                tables.add(id(found[0]))
    return tables


def _is_display(node: ast.expr) -> bool:
    """Return whether an expression is a table that is written out: `{…}`, `dict(…)`."""
    if isinstance(node, ast.Call):
        return (dotted(node.func) or "").rpartition(".")[2] in _TABLES
    return isinstance(node, (ast.Dict, ast.List, ast.Set, ast.Tuple))
