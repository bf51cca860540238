"""Functions that pick by data from what they are passed: `def tell(code, texts): raise Refused(texts[code])`.

The statement that calls such a function doesn't say the texts of the table that it passes.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.bindings import own_nodes
from pazpaz_otel.redact.provenance.displays import PICKERS, is_constant
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.source import locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType

    from pazpaz_otel.redact.provenance.places import Spot

TABLES: Final = 1
"""A function picks from a parameter."""
ARGUMENTS: Final = 2
"""A function picks one of its arguments, from `*texts` or `**texts`."""

_known: FifoCache[int, tuple[CodeType, int]] = FifoCache(4096)


def picked_by(spot: Spot) -> int:
    """Return `TABLES` or `ARGUMENTS` if the running function picks from what it is passed, else 0."""
    known = _known.get(id(spot.code))
    if known is None:
        found = 0 if is_installed(spot.code.co_filename) else max(_picked(spot), default=0)
        known = _known.keep(id(spot.code), (spot.code, found))
    return known[1]


def _picked(spot: Spot) -> Iterator[int]:
    located = locate(spot.code, spot.lasti, spot.module)
    if located is None or located.function is None:
        return
    args = located.function.args
    named = {arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)}
    starred = {arg.arg for arg in (args.vararg, args.kwarg) if arg is not None}
    for node in own_nodes(located.function.body):
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=key):
                pass
            case ast.Call(func=ast.Name(id="getattr"), args=[ast.Name(id=name), key, *_]):
                pass
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method), args=[key, *_]) if (
                method in PICKERS
            ):
                pass
            case _:
                continue
        if not is_constant(key):
            yield ARGUMENTS if name in starred else TABLES if name in named else 0


def passes_several(nodes: Iterable[ast.AST]) -> bool:
    """Return whether a call in a statement passes several literals, one of which a function may pick."""
    for call in (inner for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Call)):
        given = (*call.args, *(item.value for item in call.keywords))
        if sum(isinstance(one, ast.Constant) and type(one.value) is str for one in given) > 1:
            return True
    return False
