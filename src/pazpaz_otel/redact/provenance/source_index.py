"""An index of a loaded module's source: constants, class attributes, function parameters."""

from __future__ import annotations

import ast
import inspect
from importlib.util import resolve_name
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.containment import in_doubt
from pazpaz_otel.redact.fifo_cache import FifoCache, remembered_property
from pazpaz_otel.redact.provenance.bindings import FUNCTIONS, bindings_of, own_nodes
from pazpaz_otel.redact.provenance.code_index import code_of, flatten, imported, loaded, nested
from pazpaz_otel.redact.provenance.function_body import kept_in
from pazpaz_otel.redact.provenance.installed import file_of
from pazpaz_otel.redact.provenance.source import parse_file, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import CodeType, ModuleType

_LOCALS: Final = "<locals>"


class SourceIndex:
    """The index of one module.

    Attributes:
        module: the module's dictionary.
        names: what its names are bound to.
        imports: the module and name behind each imported name.
        stars: the modules from which every name is imported.
        classes: its classes, by qualified name.
        functions: its functions, by qualified name.
        methods: its classes' functions, by unqualified name.
        size: characters of its source.
    """

    def __init__(self, module: dict[str, Any], tree: ast.Module, code: CodeType, size: int) -> None:
        self.module = module
        self.size = size
        self.names = bindings_of(tree)
        self.imports: dict[str, tuple[str, str]] = {}
        self.stars: list[str] = []
        self.classes: dict[str, ast.ClassDef] = {}
        self._attributes: dict[str, Mapping[str, tuple[ast.expr, ...]]] = {}
        self.functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self.methods: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] = {}
        self._read(tree.body, "")
        self._code = code

    @remembered_property
    def strings(self) -> frozenset[str]:
        """Every string that the module was compiled with."""
        found: set[str] = set()
        for inner in nested(self._code):
            found.update(flatten(inner.co_consts))
            if not inner.co_flags & inspect.CO_OPTIMIZED:
                # In a class body, an enum member's name is also a text.
                found.update(inner.co_names)
        return frozenset(found)

    @remembered_property
    def filled(self) -> Mapping[str, list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.expr]]]:
        """What its functions put into containers, by the container's dotted name: `self.problems`."""
        found: dict[str, list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.expr]]] = {}
        for function in self.functions.values():
            for name, kept in kept_in(own_nodes(function.body)).items():
                found.setdefault(name, []).extend((function, value) for _, value in kept)
        return found

    def has_literal(self, value: object) -> bool:
        """Return whether the module's source contains a text or number."""
        if type(value) is not str:
            return value in self._numbers
        # Annotations may be compiled as texts themselves: `"Literal['small', 'large']"`.
        return value in self.strings or any(repr(value) in text for text in self.strings)

    @remembered_property
    def tabled(self) -> Mapping[object, set[object]]:
        """The constants that the module has in tables only, which data may pick from, with the keys of each."""
        items = [item for node in self._nodes() for item in _items_of(node)]
        inside = {id(value) for _, value in items}
        written = {n.value for n in self._nodes() if isinstance(n, ast.Constant) and id(n) not in inside}
        found: dict[object, set[object]] = {}
        for key, value in items:
            if isinstance(value, ast.Constant) and value.value not in written:
                found.setdefault(value.value, set()).add(key.value if isinstance(key, ast.Constant) else key)
        return found

    @remembered_property
    def _numbers(self) -> frozenset[object]:
        constants = (node.value for node in self._nodes() if isinstance(node, ast.Constant))
        return frozenset(value for value in constants if type(value) in {int, float})

    def _nodes(self) -> Iterator[ast.AST]:
        bound = (value for values in self.names.values() for value in values)
        for node in (*self.classes.values(), *self.functions.values(), *bound):
            yield from ast.walk(node)

    def attributes_of(self, cls: str) -> Mapping[str, tuple[ast.expr, ...]]:
        """Return what a class's attributes are bound to.

        Args:
            cls: the class's qualified name.
        """
        known = self._attributes.get(cls)
        if known is None:
            node = self.classes.get(cls)
            known = self._attributes[cls] = _attributes(node) if node is not None else {}
        return known

    def methods_of(self, cls: type) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Yield the functions of a class that its source defines."""
        found = (self.functions.get(f"{cls.__qualname__}.{name}") for name in vars(cls))
        return (function for function in found if function is not None)

    def _read(self, body: Iterable[ast.AST], prefix: str) -> None:
        for node in body:
            if isinstance(node, FUNCTIONS):
                self.functions[prefix + node.name] = node
                if prefix.rpartition(".")[0] in self.classes:
                    self.methods.setdefault(node.name, []).append(node)
                self._read(node.body, f"{prefix}{node.name}.{_LOCALS}.")
            elif isinstance(node, ast.ClassDef):
                self.classes[prefix + node.name] = node
                self._read(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.ImportFrom) and not prefix:
                self._import(node)
            elif not isinstance(node, ast.expr):
                self._read(ast.iter_child_nodes(node), prefix)

    def _import(self, node: ast.ImportFrom) -> None:
        name = "." * node.level + (node.module or "")
        try:
            source = resolve_name(name, self.module.get("__package__") or "")
        except (ImportError, ValueError):
            return
        if any(alias.name == "*" for alias in node.names):
            self.stars.append(source)
            return
        for alias in node.names:
            self.imports[alias.asname or alias.name] = source, alias.name


def _attributes(cls: ast.ClassDef) -> Mapping[str, tuple[ast.expr, ...]]:
    match cls.body[0]:
        case ast.Expr(value=ast.Constant(value=str()) as docstring):
            return {"__doc__": (docstring,), **bindings_of(cls)}
    return bindings_of(cls)


def _items_of(node: ast.AST) -> Iterable[tuple[object, ast.AST | None]]:
    """Return the keys and items of a display, of `dict(late="…")`, or of an enumeration."""
    match node:
        case ast.Dict(keys=keys, values=items):
            return zip(keys, items, strict=True)
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return ((None, item) for item in items)
        case ast.Call(func=ast.Name(id="dict"), keywords=given):
            return ((keyword.arg, keyword.value) for keyword in given)
        case ast.ClassDef(bases=bases, body=body) if any(ast.unparse(base).endswith("Enum") for base in bases):
            return ((None, getattr(statement, "value", None)) for statement in body)
    return ()


_indexes: FifoCache[str, SourceIndex | None] = FifoCache(128)
_MAX_INDEXED: Final = 512 << 10
"""Characters of source whose syntax trees are kept: a character takes 20 to 40 bytes."""


def index_of(name: str) -> SourceIndex | None:
    """Return the index of the loaded module `name`, or None if its source isn't trustworthy; never raise."""
    if name in _indexes:
        return _indexes[name]
    module = loaded(name)
    if module is None or not imported(name):
        return None
    found = _build(module)
    _indexes.keep(name, found)
    # What a place proves is kept with the place, so what is asked for again is only slow.
    while len(_indexes) > 1 and sum(each.size for each in list(_indexes.values()) if each) > _MAX_INDEXED:
        if not _indexes.discard_oldest():
            break
    return found


def index_of_class(cls: type) -> SourceIndex | None:
    """Return the index of the module whose source has a class; a package may rename the modules of what it exports."""
    methods = (value.__module__ for value in vars(cls).values() if type(value) is FunctionType)
    indexes = (index_of(name) for name in dict.fromkeys((cls.__module__, *methods)) if type(name) is str)
    return next((index for index in indexes if index is not None and cls.__qualname__ in index.classes), None)


@in_doubt(answer=None)
def _build(module: ModuleType) -> SourceIndex | None:
    file, code = file_of(module.__dict__), code_of(module)
    lines = read_lines(file, module.__dict__) if type(file) is str else None
    if type(file) is not str or lines is None or code is None:
        return None
    return SourceIndex(module.__dict__, parse_file(file, lines), code, sum(map(len, lines)))
