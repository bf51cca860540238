"""How text methods and functions change a form: white space around its pieces, and case."""

from __future__ import annotations

import inspect
import textwrap
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance.forms import Hole, Parts, Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MAX_FORMS: Final = 16
_MARK: Final = "\ue000"
"""Stands for a value while the white space around it is removed."""

_SPACES: Final[dict[str, Callable[[str], str]]] = {
    "strip": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
    "dedent": textwrap.dedent,
    "cleandoc": inspect.cleandoc,
}
_CASES: Final[dict[str, Callable[[str], str]]] = {
    "lower": str.lower,
    "upper": str.upper,
    "casefold": str.casefold,
    "capitalize": str.capitalize,
    "title": str.title,
    "swapcase": str.swapcase,
}
REWRITERS: Final = frozenset(
    {"replace", "removeprefix", "removesuffix", "ljust", "rjust", "center", "strip", "lstrip", "rstrip", "expandtabs"}
)
_MAX_WIDTH: Final = 256
_BY_PIECE: Final = frozenset({"lower", "upper", "casefold", "swapcase"})
TRANSLATORS: Final = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "lazy_gettext", "ugettext"), slice(0, 1)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), slice(0, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), slice(1, 2)),
}
"""Functions that return a text as it is if there is no translation, and which of their arguments are texts."""
FUNCTIONS: Final = frozenset({"dedent", "cleandoc"})
METHODS: Final = frozenset({*_SPACES, *_CASES}) - FUNCTIONS


def changed(forms: Sequence[Parts], name: str) -> tuple[Parts, ...]:
    """Return the forms of a text after a method or function of this name.

    Args:
        forms: the forms of the text before.
        name: one of `METHODS` or `FUNCTIONS`.
    """
    if name in _SPACES:
        return _around_values(forms, _SPACES[name])
    # A word's first letter may belong to a value, so forms with values are changed piece by piece or not followed.
    return tuple(
        tuple(part._replace(text=_CASES[name](part.text)) if isinstance(part, Piece) else part for part in parts)
        for parts in forms
        if len(parts) == 1 or name in _BY_PIECE
    )


def rewritten(forms: Sequence[Parts], name: str, arguments: Sequence[str | int]) -> tuple[Parts, ...]:
    """Return texts after a method with constant arguments: `"one, two".replace(",", ";")`.

    Forms with values aren't followed.
    """
    if any(type(value) is int and not 0 <= value <= _MAX_WIDTH for value in arguments):
        return ()
    return tuple(
        (parts[0]._replace(text=getattr(textwrap if name == "indent" else str, name)(parts[0].text, *arguments)),)
        for parts in forms
        if len(parts) == 1 and isinstance(parts[0], Piece)
    )


def _around_values(forms: Sequence[Parts], change: Callable[[str], str]) -> tuple[Parts, ...]:
    """Apply a method that only removes white space."""
    made = []
    for parts in forms[:_MAX_FORMS]:
        runs: list[list[Piece]] = [[]]
        holes = [part for part in parts if isinstance(part, Hole)]
        for part in parts:
            if isinstance(part, Hole):
                runs.append([])
            else:
                runs[-1].append(part)
        texts = change(_MARK.join("".join(piece.text for piece in run) for run in runs)).split(_MARK)
        # Several constants in a run can no longer be told apart; the result is checked only if all of them were.
        if len(texts) != len(runs) or any(len(run) > 1 and not all(piece.checked for piece in run) for run in runs):
            continue
        made_of: Parts = ()
        for index, (run, text) in enumerate(zip(runs, texts, strict=True)):
            made_of += ((holes[index - 1],) if index else ()) + ((run[0]._replace(text=text),) if run else ())
        made.append(made_of)
    return tuple(made)
