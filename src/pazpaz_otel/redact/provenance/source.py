"""Which string constants are in the statement that a code object is running right now.

The running instruction's position (PEP 657, `code.co_positions()`) is looked up in the file's syntax tree. The smallest
enclosing statement counts, without the bodies of compound statements (a `with`, `if`, `for` or `def` counts with its
header) and without the pieces of f-strings. A constant counts only if the code object contains it as well
(`co_consts`), so that a file edited after its import proves nothing new.

If the interpreter keeps no columns (`-X no_debug_ranges`), every statement on the running line counts. If there is no
source, `sourceless` reads the code. Code that isn't in a file (`eval`, `exec`, generated code, with names such as
``<string>``) proves nothing: its constants may have been data a moment ago.
"""

from __future__ import annotations

import ast
import importlib.machinery
import os
import stat
import tokenize
from contextlib import suppress
from itertools import islice
from types import CodeType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pazpaz_otel.imports import without_collection
from pazpaz_otel.redact.fifo_cache import FifoCache, remembering
from pazpaz_otel.redact.provenance.code_index import filename_of, flatten, is_loaded, is_same_file, nested
from pazpaz_otel.redact.provenance.installed import file_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NOTHING: Final[frozenset[str]] = frozenset()

_MAX_SOURCE: Final = 4 << 20
_MAX_ATTEMPTS: Final = 4

# Keyed by id: hashing a code object costs as much as the cache saves. The object is kept, so its id stays unique.
_strings: FifoCache[int, tuple[CodeType, frozenset[str]]] = FifoCache(4096)
_files: FifoCache[str, list[str] | None] = FifoCache(2)
_trees: FifoCache[str, tuple[list[str], ast.Module]] = FifoCache(2)


def strings_of(code: CodeType) -> frozenset[str]:
    """Return the string constants of `code`, including those in tuples and sets, but not of nested functions."""
    known = _strings.get(id(code))
    if known is not None:
        return known[1]
    return _strings.keep(id(code), (code, frozenset(flatten(code.co_consts))))[1]


class Located(NamedTuple):
    """The statement that a running instruction belongs to.

    Attributes:
        nodes: the expressions of the statement, or of several if the interpreter keeps no columns.
        function: the enclosing function; None at module or class level.
    """

    nodes: list[ast.AST]
    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None


def locate(code: CodeType, lasti: int, module: Mapping[str, Any], *, whole: bool = False) -> Located | None:
    """Find the statement of `code` with its instruction at `lasti`.

    Args:
        code: the running code object.
        lasti: the byte offset of the instruction: `frame.f_lasti` or `traceback.tb_lasti`.
        module: the frame's globals, for modules whose loader has their source.
        whole: take every statement of the function, or of the module's outermost block, not only the running one.

    Returns:
        None if there is no trustworthy source: also if the file isn't the one that was compiled.
    """
    try:
        return _locate(code, lasti, module, whole=whole)
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        return None


def _locate(code: CodeType, lasti: int, module: Mapping[str, Any], *, whole: bool) -> Located | None:
    filename = filename_of(code, module)
    if lasti < 0 or filename.startswith("<") or not is_own_file(code, module):
        return None
    lines = read_lines(filename, module)
    line, end_line, column, end_column = next(islice(code.co_positions(), lasti // 2, None), (None,) * 4)
    if lines is None or line is None:
        return None
    tree, above = _parse(code, lines, filename)
    if column is None or end_line is None or end_column is None:
        statements = list(_on_line(tree, line - above))
        return Located([node for statement in statements for node in expressions_of(statement)])
    chain = _around(tree, (line - above, column), (end_line - above, end_column))
    if not chain:
        return None
    functions = [node for node in chain[:-1] if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    function = functions[-1] if functions else None
    statements = [chain[-1]]
    if whole:
        statements = [*([] if function else chain[:1]), *statements_inside(function or chain[0])]
        statements = [one for one in statements if not _is_docstring(one)]
    return Located([node for inner in statements for node in expressions_of(inner)], function)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def expressions_of(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of a statement, without the statements inside it."""
    return (child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt))


def statements_inside(function: ast.stmt) -> Iterator[ast.stmt]:
    """Yield every statement of a function, including those of inner functions."""
    for statement in _statements_in(function):
        yield statement
        yield from statements_inside(statement)


def _parse(code: CodeType, lines: list[str], filename: str) -> tuple[ast.Module, int]:
    """Return the syntax tree of `code`, of its function only if it is one, and the number of lines above it.

    Raises:
        SyntaxError: the file isn't the one that was compiled.
    """
    if not code.co_name.startswith("<"):
        start = code.co_firstlineno - 1
        wrapper = "if True:\n" if lines[start][:1] in " \t" else ""
        for end in islice(_ends(code, lines, start), _MAX_ATTEMPTS):
            with suppress(SyntaxError):
                return _tree_of_function(wrapper + "".join(lines[start:end])), start - bool(wrapper)
    return parse_file(filename, lines), 0


@remembering(16)
def _tree_of_function(text: str) -> ast.Module:
    """Return the syntax tree of a function, kept because each question about a place locates it anew."""
    return _tree(text)


def parse_file(filename: str, lines: list[str]) -> ast.Module:
    """Return a whole file's syntax tree; the last few are cached, because a module's statements follow each other.

    Raises:
        SyntaxError: the file isn't valid Python.
    """
    known = _trees.get(filename)
    if known is not None and known[0] is lines:
        return known[1]
    return _trees.keep(filename, (lines, _tree("".join(lines))))[1]


def _tree(text: str) -> ast.Module:
    """Parse, again if another parse ran in between.

    Raises:
        SyntaxError: the text isn't valid Python, or every attempt was disturbed.
    """
    # Older 3.11 and 3.12 count all threads' depth in one place (python/cpython#106905). A lock would leave
    # the application's own parses out, and a finalizer that imports while it is held could wait for ever.
    for _ in range(_MAX_ATTEMPTS):
        # A tree has tens of thousands of objects, of which none goes.
        with suppress(SystemError), without_collection():
            return ast.parse(text)
    raise SyntaxError


def _ends(code: CodeType, lines: list[str], start: int) -> Iterator[int]:
    """Yield where the block from `start` may end: before each line that isn't indented deeper, or at the very end."""
    depth = _depth(lines[start])
    last = max((line or 0 for inner in nested(code) for _, _, line in inner.co_lines()), default=0)
    for index in range(max(last, start + 1), len(lines)):
        text = lines[index].strip()
        if text and not text.startswith("#") and _depth(lines[index]) <= depth:
            yield index
    yield len(lines)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _around(node: ast.AST, start: tuple[int, int], end: tuple[int, int]) -> list[ast.stmt]:
    """Return the statements that enclose start…end, the smallest last, or none."""
    found: list[ast.stmt] = []
    inner: ast.stmt | None = None
    while True:
        statements = _statements_in(inner or node)
        inner = next((one for one in statements if _start(one) <= start and end <= _end(one)), None)
        if inner is None:
            return found
        found.append(inner)


def _on_line(node: ast.AST, line: int) -> Iterator[ast.stmt]:
    """Yield every statement whose own lines (a compound statement's header) include `line`."""
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


def read_lines(filename: str, module: Mapping[str, Any]) -> list[str] | None:
    """Return the lines of a module's file, or None if it can't be read."""
    if filename in _files:
        return _files[filename]
    source = _read(filename, module)
    return _files.keep(filename, None if source is None else [line + "\n" for line in source.split("\n")])


def _read(filename: str, module: Mapping[str, Any]) -> str | None:
    try:
        status = os.stat(filename)  # noqa: PTH116
        # A pipe or terminal would block.
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_SOURCE:
            return None
        with tokenize.open(filename) as file:
            source: str | None = file.read()
    except (OSError, SyntaxError, UnicodeError, ValueError):
        source = _source_from_loader(filename, module)
    return source if source is not None and len(source) <= _MAX_SOURCE else None


def _source_from_loader(filename: str, module: Mapping[str, Any]) -> str | None:
    spec, loader = module.get("__spec__"), module.get("__loader__")
    name = getattr(spec, "name", None) or module.get("__name__")
    if getattr(spec, "origin", None) != filename and file_of(module) != filename:
        return None
    try:
        source = loader.get_source(name)  # type: ignore[union-attr]
    except (AttributeError, ImportError, OSError, SyntaxError, UnicodeError, ValueError):
        return None
    return source if isinstance(source, str) else None


def is_own_file(code: CodeType, module: Mapping[str, Any]) -> bool:
    """Return whether `code` is from the file of its loaded module; `compile` accepts any file name."""
    file = file_of(module)
    if type(file) is not str or not is_loaded(module):
        return False
    return is_same_file(file, filename_of(code, module)) or is_sourceless(code, module)


def is_sourceless(code: CodeType, module: Mapping[str, Any]) -> bool:
    """Return whether `code` is part of a loaded module without source."""
    spec: Any = module.get("__spec__")
    loader = getattr(spec, "loader", None)
    if loader is None or isinstance(loader, importlib.machinery.SourceFileLoader) or not hasattr(loader, "get_code"):
        return False
    try:
        compiled = loader.get_code(spec.name)
    except (AttributeError, ImportError, OSError, SyntaxError, ValueError, EOFError):
        return False
    return isinstance(compiled, CodeType) and any(code == inner for inner in nested(compiled))
