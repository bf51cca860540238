"""Fill a composition with the text that its function was passed: `log.info(f"[{self.name}] {message}")`.

The text must be proven where the function was called, and look like a message: the parameter's name says so, or it has
three words. Other values, such as names, stay holes in the template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance.forms import UNNAMED, Hole, Piece, has_word
from pazpaz_otel.redact.provenance.samples import is_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from types import CodeType, FrameType

    from pazpaz_otel.redact.provenance.forms import Form, Parts

CALLERS: Final = 3
"""How many of the calling frames are searched."""

_MESSAGES: Final = frozenset({"msg", "message", "text", "event", "fmt", "template", "line", "detail"})
_SPACES: Final = 2


def parameters_of(code: CodeType) -> frozenset[str]:
    """Return the names of a function's parameters."""
    return frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def handed_labels(parts: Parts, parameters: Collection[str] | None) -> tuple[str | None, ...]:
    """Return the label of each hole whose value is a parameter; adjacent holes count as one without a label.

    Args:
        parts: the form's parts.
        parameters: the function's parameters; None if any plain name may be one.
    """
    labels: list[str | None] = []
    is_open = False
    for part in parts:
        if isinstance(part, Hole):
            is_handed = part.label != UNNAMED and (parameters is None or part.label in parameters)
            labels[-1:] = [None] if is_open else [*labels[-1:], part.label if is_handed else None]
            is_open = True
        else:
            is_open = is_open and not part.text
    return tuple(labels) if any(labels) else ()


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
        found = prove(value)
        if found is not None and has_word(found) and not is_sample((Piece(found, found),)):
            template, is_filled = template.replace(f"{{{label}}}", found, 1), True
    return template if is_filled or form.is_worded else None


def candidates(form: Form, text: str, frame: FrameType | None = None) -> Iterator[tuple[str, str]]:
    """Yield the labels and values of a text's holes that look like messages."""
    values = form.values(text) if form.handed else []
    for label, between in zip(form.handed, values, strict=True):
        if label is not None and (label.rpartition(".")[2] in _MESSAGES or text.count(" ") >= _SPACES):
            # Where the pieces around it occur in values as well, the parameter alone tells which value it is.
            held = frame.f_locals.get(label) if frame is not None else None
            value = held if type(held) is str and held in text else between
            if value.count(" ") >= _SPACES or label.rpartition(".")[2] in _MESSAGES:
                yield label, value
