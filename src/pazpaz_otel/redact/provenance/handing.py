"""Fill a composition with the text that its function was passed: `log.info(f"[{self.name}] {message}")`.

The text must be proven where the function was called, and look like a message: the parameter's name says so, or it has
three words. Other values, such as names, stay holes in the template, except names of classes and functions: one leaves
if the object that the expression names, `type(error).__name__`, is a loaded class or function of this name, or is of
such a class.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.code_index import own_attributes
from pazpaz_otel.redact.provenance.forms import MESSAGE_SPACES, UNNAMED, Handed, Hole, Piece, has_word
from pazpaz_otel.redact.provenance.frame_values import values_in
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.lookups import MISSING, name_of
from pazpaz_otel.redact.provenance.samples import is_sample
from pazpaz_otel.redact.provenance.source import strings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from types import CodeType, FrameType

    from pazpaz_otel.redact.provenance.forms import Form, Parts

CALLERS: Final = 3
"""How many of the calling frames are searched."""

_MESSAGES: Final = frozenset({"msg", "message", "text", "event", "fmt", "template", "line", "detail"})
NAME_ENDS: Final = (".__name__", ".__qualname__")
_LABEL: Final = re.compile(
    r"(type\()?(?P<object>[\w.]+?)(?(1)\)|(?P<cls>\.__class__)?)\.(?P<attribute>__(?:qual)?name__)"
)
KNOWN_NAMES: Final[FifoCache[str, str]] = FifoCache(2048)
"""Names that were proven before."""


class Filling(NamedTuple):
    """What may be filled into the forms of a function.

    Attributes:
        names: the variables whose values may be: parameters, and an installed function's local variables; None if any
            plain name may be one.
        constants: an installed function's texts, each of which is proven.
    """

    names: Collection[str] | None = frozenset()
    constants: frozenset[str] = frozenset()


def filled_by(code: CodeType, found: Iterable[Parts] = (), *, is_followed: bool) -> Filling:
    """Return what may be filled into the forms that a function makes, or what it calls.

    Args:
        code: the function's.
        found: the texts that it says, if it is installed.
        is_followed: whether those of what it calls are meant.
    """
    if is_installed(code.co_filename):
        whole = (parts[0] for parts in found if len(parts) == 1)
        constants = strings_of(code).intersection(one.text for one in whole if isinstance(one, Piece))
        return Filling(frozenset(code.co_varnames), constants)
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] + code.co_freevars
    # A method prints what its object was made with in the statement: `Issue(3, f"no room for {name}").render()`.
    return Filling(frozenset((*names, "self") if is_followed else names))


def handed_to(parts: Parts, filling: Filling) -> Handed | None:
    """Return the label of each hole that may be filled, or None; adjacent holes count as one without a label."""
    labels: list[str | None] = []
    is_open = False
    for part in parts:
        if isinstance(part, Hole):
            name = "self" if part.label.startswith("self.") else part.label
            is_handed = part.label != UNNAMED and (filling.names is None or name in filling.names)
            is_handed = is_handed or part.label.endswith(NAME_ENDS)
            labels[-1:] = [None] if is_open else [*labels[-1:], part.label if is_handed else None]
            is_open = True
        else:
            is_open = is_open and not part.text
    messages = frozenset(
        label
        for label in labels
        if label is not None and (label.endswith(NAME_ENDS) or label.rpartition(".")[2] in _MESSAGES)
    )
    is_named = bool(messages) and all(label.endswith(NAME_ENDS) for label in messages)
    return Handed(tuple(labels), messages, filling.constants, is_named) if any(labels) else None


def fill(form: Form, text: str, prove: Callable[[str], str | None], frame: FrameType | None = None) -> str | None:
    """Return the template of a form that `text` matches, with passed messages filled in.

    Args:
        form: the form that `text` matches.
        text: the composed text.
        prove: returns what may leave of a text, by what called the function, or None.
        frame: the function's frame, if it is at hand.

    Returns:
        The plain template if nothing is filled in, or None if that has no word of its own.
    """
    template, is_filled = form.template, False
    for label, value in candidates(form, text, frame):
        is_name = frame is not None and label.endswith(NAME_ENDS)
        is_constant = form.handed is not None and value in form.handed.constants
        found = named(label, value, frame) if is_name else value if is_constant else prove(value)
        if found is not None and has_word(found) and not is_sample((Piece(found, found),)):
            template, is_filled = template.replace(f"{{{label}}}", found, 1), True
    return template if is_filled or form.is_worded else None


def is_led_by_name(form: Form, hole: int) -> bool:
    """Return whether the name in a hole can't be mistaken for a part of a value: it ends where its letters do."""
    after = form.literals[1][:1]
    return hole == 0 and after != "" and not (after.isalnum() or after in "_.")


def candidates(form: Form, text: str, frame: FrameType | None = None) -> list[tuple[str, str]]:
    """Return the labels and values of a text's holes that look like messages."""
    handed = form.handed
    if handed is None or text.count(" ") < form.min_spaces:
        return []
    found: list[tuple[str, str]] = []
    values, is_ambiguous = form.divide(text)
    for hole, (label, between) in enumerate(zip(handed.labels, values, strict=True)):
        if label is None or (is_ambiguous and label.endswith(NAME_ENDS) and not is_led_by_name(form, hole)):
            continue
        if label in handed.messages or between.count(" ") >= MESSAGE_SPACES:
            # Where the pieces around it occur in values as well, the parameter alone tells which value it is. A frame's
            # variables are expensive to read.
            held = values_in(frame).get(label) if is_ambiguous and frame is not None else None
            found.append((label, held if type(held) is str and held in text else between))
        elif between in handed.constants:
            found.append((label, between))
    return found


def named(label: str, value: str, frame: FrameType | None) -> str | None:
    """Return the name of a class or function that stands for a label, or None if it isn't proven.

    Args:
        label: the expression, such as `type(error).__name__`.
        value: what stands for it in the text.
        frame: the frame that composed the text.
    """
    if value in KNOWN_NAMES:
        return value
    told = _LABEL.fullmatch(label)
    if told is None or frame is None:
        return None
    held = _object(told["object"], frame)
    # A helper that has returned was passed the exception being handled: `describe(error)`.
    held = sys.exc_info()[1] if held is MISSING else held
    owner = type(held) if told[1] or told["cls"] else held
    if (Piece(value, value, checked=True),) not in name_of(owner, told["attribute"]):
        return None
    return KNOWN_NAMES.keep(value, value)


def _object(dotted: str, frame: FrameType) -> Any:
    """Return what a dotted name stands for in a frame, without executing anything."""
    first, *rest = dotted.split(".")
    values = values_in(frame)
    held: Any = values[first] if first in values else frame.f_globals.get(first, MISSING)
    for name in rest:
        held = own_attributes(held).get(name, MISSING)
    return held
