"""Which string constants running code has that was loaded without its source.

Of `.pyc` files and archives, those that the expression loads. Of extension modules, which an installed package compiled
from its Python files, those of the statement in the file beside: Cython records the function and the line in the
traceback, but keeps no constants.
"""

from __future__ import annotations

import ast
import dis
import sys
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.provenance.code_index import is_loaded
from pazpaz_otel.redact.provenance.displays import CHOOSERS, GETTERS, PICKERS
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.source import NOTHING, is_own_file, is_sourceless, parse_file, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import CodeType

_CO_HAS_DOCSTRING: Final = 0x4000000
_BUILDS: Final = ("BUILD_LIST", "BUILD_SET", "BUILD_TUPLE", "BUILD_MAP", "BUILD_CONST_KEY_MAP")

_CALL: Final = "CALL"
_SUBSCRIPTS: Final = ("BINARY_SUBSCR", "BINARY_SLICE")

_Place = tuple[int, int, int, int]
"""Line, column, end line and end column."""
_WHOLE: Final = 0, 0, sys.maxsize, 0


def compiled_strings(code: CodeType, lasti: int, module: Mapping[str, Any]) -> frozenset[str]:
    """Return the strings that the expression at `lasti` loads, in a module without source.

    Of a function in an installed package, every string but its docstring counts.
    """
    if code.co_filename.startswith("<") or not is_own_file(code, module):
        return NOTHING
    if read_lines(code.co_filename, module) is not None or not is_sourceless(code, module):
        return NOTHING
    if is_installed(code.co_filename):
        skip = 1 if sys.version_info < (3, 13) or code.co_flags & _CO_HAS_DOCSTRING else 0
        return frozenset(value for value in code.co_consts[skip:] if type(value) is str)
    line, end_line, column, end_column = next(islice(code.co_positions(), lasti // 2, None), (None,) * 4)
    if line is None or end_line is None or column is None or end_column is None:
        return NOTHING
    running = line, column, end_line, end_column
    inside = [one for one in dis.get_instructions(code) if _is_within(one.positions, running)]
    # Data may pick an item of a display. What is built at the place of a call are its arguments.
    calls = {_place_of(one.positions) for one in inside if one.opname.startswith(_CALL)}
    built = {_place_of(one.positions) for one in inside if one.opname.startswith(_BUILDS)} - calls
    tables = built.union(*(_picked_from(one, calls) for one in inside))
    return frozenset(
        one.argval
        for one in inside
        if type(one.argval) is str
        and one.opcode in dis.hasconst
        and not any(_is_within(one.positions, table) for table in tables)
    )


def _picked_from(one: dis.Instruction, calls: set[_Place]) -> Iterable[_Place]:
    """Yield the place of an expression in which data picks: an item by its index, what a method or function returns."""
    place = _place_of(one.positions)
    if one.opname in _SUBSCRIPTS or one.argrepr == "[]":
        yield place
    if one.opcode in dis.hasconst or type(one.argval) is not str:
        return
    if one.argval in PICKERS:
        yield place
    from_here = sorted(call for call in calls if call[:2] == place[:2])
    made = from_here[0] if from_here else None
    if one.argval in GETTERS:
        yield from from_here[1:2]
    if one.argval in CHOOSERS:
        yield made or _WHOLE
    elif one.argval == "getattr" and made is not None:
        # What it returns if there is no such attribute is said by the program.
        yield from (call for call in calls if call != made and made[:2] <= call[:2] and call[2:] <= made[2:])


def _place_of(positions: dis.Positions | None) -> _Place:
    line, end_line, column, end_column = positions or (None,) * 4
    return line or 0, column or 0, end_line or sys.maxsize, end_column or 0


def _is_within(positions: dis.Positions | None, place: _Place) -> bool:
    line, column, end_line, end_column = _place_of(positions)
    return positions is not None and place[:2] <= (line, column) and (end_line, end_column) <= place[2:]


def extension_texts(code: CodeType, module: Mapping[str, Any]) -> frozenset[str]:
    """Return the texts of a compiled function's statement, or none for any other code."""
    file = module.get("__file__")
    if type(file) is not str or not is_installed(file) or not is_loaded(module):
        return NOTHING
    if not isinstance(module.get("__loader__"), ExtensionFileLoader) or code.co_consts:
        return NOTHING
    beside = next((file.removesuffix(suffix) + ".py" for suffix in EXTENSION_SUFFIXES if file.endswith(suffix)), "")
    if beside.rpartition("/")[2] != code.co_filename.rpartition("/")[2]:
        return NOTHING
    try:
        lines = read_lines(beside, {})
        tree = parse_file(beside, lines) if lines is not None else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return NOTHING
    statement = _statement(tree, code.co_firstlineno) if tree is not None else None
    if statement is None:
        return NOTHING
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
