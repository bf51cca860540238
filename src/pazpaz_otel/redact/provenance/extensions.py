"""Installed packages whose Python files were compiled to extension modules: the Python file beside has the texts.

Cython records the function and the line in the traceback, but keeps no constants.
"""

from __future__ import annotations

import ast
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.provenance.code_index import is_loaded
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.source import parse_file, read_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType

_NOTHING: Final[frozenset[str]] = frozenset()


def extension_texts(code: CodeType, module: Mapping[str, Any]) -> frozenset[str]:
    """Return the texts of a compiled function's statement, or none for any other code."""
    file = module.get("__file__")
    if type(file) is not str or not is_installed(file) or not is_loaded(module):
        return _NOTHING
    if not isinstance(module.get("__loader__"), ExtensionFileLoader) or code.co_consts:
        return _NOTHING
    beside = next((file.removesuffix(suffix) + ".py" for suffix in EXTENSION_SUFFIXES if file.endswith(suffix)), "")
    if beside.rpartition("/")[2] != code.co_filename.rpartition("/")[2]:
        return _NOTHING
    try:
        lines = read_lines(beside, {})
        tree = parse_file(beside, lines) if lines is not None else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _NOTHING
    statement = _statement(tree, code.co_firstlineno) if tree is not None else None
    if statement is None:
        return _NOTHING
    constants = (node.value for node in ast.walk(statement) if isinstance(node, ast.Constant))
    return frozenset(value for value in constants if type(value) is str)


def _statement(tree: ast.Module, line: int) -> ast.stmt | None:
    """Return the smallest statement on a line that isn't a block."""
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.Raise, ast.Expr, ast.Assign, ast.Return, ast.Assert))
        and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return min(found, key=lambda node: (node.end_lineno or node.lineno) - node.lineno, default=None)
