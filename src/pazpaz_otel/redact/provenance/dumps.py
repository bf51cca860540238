"""The literal keys of a dictionary in the source, where a function prints it: `json.dumps({"owner": who})`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from pazpaz_otel.redact.provenance.forms import Hole, Piece
from pazpaz_otel.redact.provenance.resolving import name_of_called

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pazpaz_otel.redact.provenance.forms import Parts

    Bound = Callable[[ast.Name], tuple[ast.expr, ...]]


class _Printer(NamedTuple):
    """How a function prints a dictionary.

    Attributes:
        ends: what surrounds all items.
        key: how it prints a key.
        between: what it prints between two items.
        harmless: the arguments that change no key and no order; white space may change.
    """

    ends: tuple[str, str]
    key: str
    between: str
    harmless: frozenset[str] = frozenset()


_MESSAGES: Final = frozenset({"event", "message", "msg"})
"""Keys of a log line that is written as JSON: its message leaves as a line's does, which tells more."""
_JSON: Final = frozenset({"indent", "default", "ensure_ascii", "cls"})
_PRINTERS: Final = {
    "dumps": _Printer(("{", "}"), '"{}": ', ", ", _JSON),
    "str": _Printer(("{", "}"), "'{}': ", ", "),
    "urlencode": _Printer(("", ""), "{}=", "&"),
}


def dumped(call: ast.Call, bound: Bound) -> tuple[Parts, ...]:
    """Return the form of the dictionary that a call prints, or none."""
    name = name_of_called(call.func)
    return printed(call.args[0], bound, name, call.keywords) if name in _PRINTERS and len(call.args) == 1 else ()


def printed(
    value: ast.expr, bound: Bound, printer: str = "str", options: Sequence[ast.keyword] = ()
) -> tuple[Parts, ...]:
    """Return the form of a printed dictionary, with a hole for each value; none if a key isn't a plain literal.

    Args:
        value: the dictionary's display, or the name that it is bound to.
        bound: returns what a name is bound to.
        printer: the name of the function that prints it.
        options: its named arguments.
    """
    made = bound(value) if isinstance(value, ast.Name) else (value,)
    display = made[0] if len(made) == 1 else None
    if not isinstance(display, ast.Dict):
        return ()
    how = _PRINTERS[printer]
    keys = [key.value for key in display.keys if isinstance(key, ast.Constant) and type(key.value) is str]
    is_plain = all(key.replace("-", "_").isidentifier() and key.isascii() for key in keys)
    if not keys or len(keys) != len(display.keys) or not is_plain or {item.arg for item in options} - how.harmless:
        return ()
    if _MESSAGES.intersection(keys):
        return ()
    # White space between the items is a matter of the options.
    between: Piece | Hole = Hole() if options else Piece(how.between, "", checked=True)
    parts: Parts = (Piece(how.ends[0], "", checked=True), *([between] if options else []))
    for index, key in enumerate(keys):
        parts += (*([between] if index and not options else []), Piece(how.key.format(key), key), Hole())
    return ((*parts, Piece(how.ends[1], "", checked=True)),)
