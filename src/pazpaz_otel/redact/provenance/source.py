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
from contextlib import suppress
from itertools import islice
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.fifo_cache import FifoCache

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NOTHING: Final[frozenset[str]] = frozenset()

_MAX_SOURCE: Final = 4 << 20
_CO_HAS_DOCSTRING: Final = 0x4000000
_MAX_ATTEMPTS: Final = 4

# Keyed by id: hashing a code object costs as much as the look-up saves. The object is kept, so its id stays its own.
_strings: FifoCache[int, tuple[CodeType, frozenset[str]]] = FifoCache(4096)
_places: FifoCache[tuple[int, int], tuple[CodeType, frozenset[str]]] = FifoCache(8192)
_files: FifoCache[str, list[str] | None] = FifoCache(8)


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
    try:
        found = _resolve(code, lasti, module)
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        # The file isn't the one that was compiled, or can't be read as Python: it proves nothing.
        found = NOTHING
    return _places.keep((id(code), lasti), (code, found))[1]


def _resolve(code: CodeType, lasti: int, module: Mapping[str, Any]) -> frozenset[str]:
    if lasti < 0 or code.co_filename.startswith("<") or not _is_own_file(code, module):
        return NOTHING
    lines = _lines(code.co_filename, module)
    if lines is None:
        return _own_strings(code) if _is_sourceless(code, module) else NOTHING
    line, end_line, column, end_column = next(islice(code.co_positions(), lasti // 2, None), (None,) * 4)
    if line is None:
        return NOTHING
    tree, above = _parse(code, lines)
    if column is None or end_line is None or end_column is None:
        statements = list(_on_line(tree, line - above))
    else:
        statements = _around(tree, (line - above, column), (end_line - above, end_column))
    return frozenset(text for statement in statements for text in _constants(statement)) & strings_of(code)


def _parse(code: CodeType, lines: list[str]) -> tuple[ast.Module, int]:
    """The syntax of `code`, and how many of the file's lines lie above it: of its function alone, where that is one.

    Raises:
        SyntaxError: the file isn't the one that was compiled.
    """
    if not code.co_name.startswith("<"):
        start = code.co_firstlineno - 1
        wrapper = "if True:\n" if lines[start][:1] in " \t" else ""
        for end in islice(_ends(code, lines, start), _MAX_ATTEMPTS):
            with suppress(SyntaxError):
                return ast.parse(wrapper + "".join(lines[start:end])), start - bool(wrapper)
    return ast.parse("".join(lines)), 0


def _ends(code: CodeType, lines: list[str], start: int) -> Iterator[int]:
    """Where the block from `start` on may end: before each line that isn't deeper, past the last line of code."""
    depth = _depth(lines[start])
    last = max((line or 0 for inner in _nested(code) for _, _, line in inner.co_lines()), default=0)
    for index in range(max(last, start + 1), len(lines)):
        text = lines[index].strip()
        if text and not text.startswith("#") and _depth(lines[index]) <= depth:
            yield index
    yield len(lines)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _nested(value)


def _around(node: ast.AST, start: tuple[int, int], end: tuple[int, int]) -> list[ast.stmt]:
    """The smallest statement that holds the whole of start…end, in a list; empty if none does."""
    found: list[ast.stmt] = []
    inner: ast.stmt | None = None
    while True:
        statements = _statements_in(inner or node)
        inner = next((one for one in statements if _start(one) <= start and end <= _end(one)), None)
        if inner is None:
            return found
        found = [inner]


def _on_line(node: ast.AST, line: int) -> Iterator[ast.stmt]:
    """Every statement whose own lines (a compound statement's header) hold `line`."""
    for statement in _statements_in(node):
        if _start(statement)[0] <= line <= _end(statement)[0]:
            inner = list(_statements_in(statement))
            if not inner or line <= _start(inner[0])[0] or not any(True for _ in _on_line(statement, line)):
                yield statement
            yield from _on_line(statement, line)


def _statements_in(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif not isinstance(child, ast.expr):
            yield from _statements_in(child)


def _start(statement: ast.stmt) -> tuple[int, int]:
    # A decorated function starts at its `def`; its decorators run as part of the same statement.
    nodes: list[ast.stmt | ast.expr] = [statement, *getattr(statement, "decorator_list", ())]
    return min((node.lineno, node.col_offset) for node in nodes)


def _end(statement: ast.stmt) -> tuple[int, int]:
    return statement.end_lineno or statement.lineno, statement.end_col_offset or 0


def _lines(filename: str, module: Mapping[str, Any]) -> list[str] | None:
    if filename in _files:
        return _files[filename]
    source = _read(filename, module)
    return _files.keep(filename, None if source is None else [line + "\n" for line in source.split("\n")])


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


def _is_own_file(code: CodeType, module: Mapping[str, Any]) -> bool:
    """Is `code` of the file of the loaded module it runs in: `compile` gives code any file's name."""
    name, file = module.get("__name__"), module.get("__file__")
    loaded = sys.modules.get(name) if type(name) is str else None
    if loaded is None or loaded.__dict__ is not module or type(file) is not str:
        return False
    if file == code.co_filename or os.path.realpath(file) == os.path.realpath(code.co_filename):
        return True
    return _is_sourceless(code, module)


def _is_sourceless(code: CodeType, module: Mapping[str, Any]) -> bool:
    """Is `code` part of a loaded module that came without source (so that its constants were compiled into it)."""
    spec: Any = module.get("__spec__")
    loader = getattr(spec, "loader", None)
    if loader is None or isinstance(loader, importlib.machinery.SourceFileLoader) or not hasattr(loader, "get_code"):
        return False
    try:
        compiled = loader.get_code(spec.name)
    except (AttributeError, ImportError, OSError, SyntaxError, ValueError, EOFError):
        return False
    return isinstance(compiled, CodeType) and any(code == inner for inner in _nested(compiled))


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


def _constants(statement: ast.stmt) -> Iterator[str]:
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt):
            yield from _walk(child)


def _walk(node: ast.AST) -> Iterator[str]:
    folded = _fold(node)
    if folded is not None:
        yield folded
        return
    # Of f-strings (and t-strings) neither the pieces between the values nor the formats are texts of their own.
    template = type(node).__name__ in {"JoinedStr", "TemplateStr"}
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt) or (template and isinstance(child, ast.Constant)):
            continue
        if child is not getattr(node, "format_spec", None):
            yield from _walk(child)


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
