"""Which string constants stand in the statement that a code object is running right now.

The running instruction's position (PEP 657, `code.co_positions()`) is looked up in the file's syntax tree. The smallest
statement around it counts, without the bodies of compound statements (a `with`, `if`, `for` or `def` counts by its
header) and without the pieces of f-strings. A constant counts only if the code object holds it as well
(`co_consts`), so a file edited since it was imported proves nothing new.

Where the interpreter keeps no columns (`-X no_debug_ranges`), every statement that stands on the running line counts.
Where there is no source (sourceless or compiled modules), the strings of the running code object count, without
docstring. Code that stands in no file (`eval`, `exec`, generated code: names such as ``<string>``) proves nothing: its
constants may have been data a moment ago.
"""

from __future__ import annotations

import ast
import importlib.machinery
import os
import stat
import sys
import tokenize
from array import array
from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.enforce.bounded import Bounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import CodeType

NOTHING: Final[frozenset[str]] = frozenset()

_MAX_SOURCE: Final = 4 << 20
_CO_HAS_DOCSTRING: Final = 0x4000000
_COLUMN_BITS: Final = 20
_COLUMN_END: Final = (1 << _COLUMN_BITS) - 1

# Keyed by id: hashing a code object costs as much as the look-up saves. The object is kept, so its id stays its own.
_strings: Bounded[int, tuple[CodeType, frozenset[str]]] = Bounded(4096)
_places: Bounded[tuple[int, int], tuple[CodeType, frozenset[str]]] = Bounded(8192)
_files: Bounded[str, _Statements | None] = Bounded(64)


def strings_of(code: CodeType) -> frozenset[str]:
    """Every string constant of `code`, those in constant tuples and sets included, nested functions' excluded."""
    known = _strings.get(id(code))
    if known is not None:
        return known[1]
    return _strings.keep(id(code), (code, frozenset(_flatten(code.co_consts))))[1]


def constants_at(code: CodeType, lasti: int, module: Mapping[str, Any]) -> frozenset[str]:
    """The string constants that stand in the statement of `code` around its instruction at `lasti`.

    Args:
        code: the running code object.
        lasti: the byte offset of the instruction: `frame.f_lasti` or `traceback.tb_lasti`.
        module: the globals of the frame, for modules whose loader holds their source.
    """
    known = _places.get((id(code), lasti))
    if known is not None:
        return known[1]
    return _places.keep((id(code), lasti), (code, _resolve(code, lasti, module)))[1]


def _resolve(code: CodeType, lasti: int, module: Mapping[str, Any]) -> frozenset[str]:
    if lasti < 0 or code.co_filename.startswith("<"):
        return NOTHING
    statements = _statements(code.co_filename, module)
    if statements is None:
        return _own_strings(code) if _is_sourceless(code, module) else NOTHING
    line, end_line, column, end_column = next(islice(code.co_positions(), lasti // 2, None), (None,) * 4)
    if line is None:
        return NOTHING
    if column is None or end_line is None or end_column is None:
        return statements.on_line(line) & strings_of(code)
    return statements.around(_point(line, column), _point(end_line, end_column)) & strings_of(code)


class _Statements:
    """A file's statements in the order of the source: where each starts and ends, and its constants."""

    def __init__(self, tree: ast.Module) -> None:
        self._starts = array("Q")
        self._ends = array("Q")
        self._constants: list[tuple[str, ...]] = []
        self._heads = array("L")
        for statement in _in_order(tree):
            self._add(statement)

    def _add(self, statement: ast.stmt) -> None:
        # A decorated function starts at its `def`; its decorators run as part of the same statement.
        first: ast.stmt | ast.expr = min(
            (statement, *getattr(statement, "decorator_list", ())), key=lambda node: (node.lineno, node.col_offset)
        )
        self._starts.append(_point(first.lineno, first.col_offset))
        self._ends.append(_point(statement.end_lineno or statement.lineno, statement.end_col_offset or 0))
        self._constants.append(tuple(dict.fromkeys(_constants(statement))))
        self._heads.append(_head_end(statement))

    def around(self, start: int, end: int) -> frozenset[str]:
        """The constants of the smallest statement that holds the whole of start…end."""
        # Inner statements follow the outer ones, so the last that holds the position is the smallest.
        for index in range(bisect_right(self._starts, start) - 1, -1, -1):
            if self._ends[index] >= end:
                return frozenset(self._constants[index])
        return NOTHING

    def on_line(self, line: int) -> frozenset[str]:
        """The constants of every statement whose own lines (a compound statement's header) hold `line`."""
        last = _point(line, _COLUMN_END)
        return frozenset(
            text
            for index in range(bisect_right(self._starts, last))
            if self._heads[index] >= line
            for text in self._constants[index]
        )


def _statements(filename: str, module: Mapping[str, Any]) -> _Statements | None:
    if filename in _files:
        return _files[filename]
    source = _read(filename, module)
    statements: _Statements | None = None
    if source is not None:
        try:
            statements = _Statements(ast.parse(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            statements = None
    return _files.keep(filename, statements)


def _read(filename: str, module: Mapping[str, Any]) -> str | None:
    try:
        if not stat.S_ISREG(os.stat(filename).st_mode):  # noqa: PTH116  # a pipe or terminal would block
            return None
        with tokenize.open(filename) as file:
            source: str | None = file.read(_MAX_SOURCE + 1)
    except (OSError, SyntaxError, UnicodeError, ValueError):
        source = _source_from_loader(filename, module)
    return source if source is not None and len(source) <= _MAX_SOURCE else None


def _source_from_loader(filename: str, module: Mapping[str, Any]) -> str | None:
    spec, loader = module.get("__spec__"), module.get("__loader__")
    name = getattr(spec, "name", None) or module.get("__name__")
    if getattr(spec, "origin", None) != filename and module.get("__file__") != filename:
        return None
    try:
        source = loader.get_source(name)  # type: ignore[union-attr]
    except (AttributeError, ImportError, OSError, SyntaxError, UnicodeError, ValueError):
        return None
    return source if isinstance(source, str) else None


def _is_sourceless(code: CodeType, module: Mapping[str, Any]) -> bool:
    """Is `code` part of a loaded module that came without source (so that its constants were compiled into it)."""
    name = module.get("__name__")
    loaded = sys.modules.get(name) if isinstance(name, str) else None
    loader = getattr(getattr(loaded, "__spec__", None), "loader", None)
    return (
        loaded is not None
        and loaded.__dict__ is module
        and not isinstance(loader, importlib.machinery.SourceFileLoader)
        and hasattr(loader, "get_code")
        and code.co_filename.endswith((str(name).rpartition(".")[2] + ".py", "__init__.py"))
    )


def _own_strings(code: CodeType) -> frozenset[str]:
    constants = code.co_consts
    if sys.version_info >= (3, 13):
        skip = 1 if code.co_flags & _CO_HAS_DOCSTRING else 0
    else:
        skip = 1
    return frozenset(value for value in constants[skip:] if type(value) is str)


def _flatten(value: object) -> Iterator[str]:
    if type(value) is str:
        yield value
    elif type(value) is tuple or type(value) is frozenset:
        for item in value:
            yield from _flatten(item)


def _in_order(node: ast.AST) -> Iterator[ast.stmt]:
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, ast.stmt):
            yield current
        if not isinstance(current, ast.expr):
            stack.extend(reversed(list(ast.iter_child_nodes(current))))


def _constants(statement: ast.stmt) -> Iterator[str]:
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt):
            yield from _walk(child)


def _walk(node: ast.AST) -> Iterator[str]:
    folded = _fold(node)
    if folded is not None:
        yield folded
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            continue
        if _is_template(node) and isinstance(child, ast.Constant):
            continue
        if isinstance(node, ast.FormattedValue) and child is node.format_spec:
            continue
        yield from _walk(child)


def _is_template(node: ast.AST) -> bool:
    return type(node).__name__ in {"JoinedStr", "TemplateStr"}


def _fold(node: ast.AST) -> str | None:
    """The text of a constant string expression: a literal, literals added up, an f-string without a value."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is str else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _fold(node.left), _fold(node.right)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.JoinedStr):
        pieces = [_fold(value) for value in node.values]
        return None if None in pieces else "".join(piece for piece in pieces if piece is not None)
    return None


def _head_end(statement: ast.stmt) -> int:
    last = 0
    for child in ast.walk(statement) if not hasattr(statement, "body") else _header(statement):
        last = max(last, getattr(child, "end_lineno", 0) or 0)
    return max(last, statement.lineno)


def _header(statement: ast.stmt) -> Iterator[ast.AST]:
    stack: list[ast.AST] = [child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt)]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt))


def _point(line: int, column: int) -> int:
    return (line << _COLUMN_BITS) | min(column, _COLUMN_END)
