"""Provenance of free text: a text leaves only if the program's source proves it.

A text is proven if it is a string constant in the very statement that is running, in the frame that produced it or in
one that called it, or if it is one of the policy's messages. What was proven once stays proven: it stands in the
source. What wasn't proven is never remembered, so nothing here holds on to a patient's words.
"""

from __future__ import annotations

import errno
import os
import string
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.source import constants_at, strings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType, FrameType, TracebackType
    from typing import Any

PLACEHOLDER: Final = "<redacted>"
"""Stands where a text was refused."""

DEPTH: Final = 12
MAX_LENGTH: Final = 4096

_Judge = Callable[[object], bool]
_Place = tuple["CodeType", int, "dict[str, Any]"]

_UNKNOWN: Final = "?"

_proven: FifoCache[str, None] = FifoCache(8192)
_messages: frozenset[str] = frozenset()
_templates: tuple[tuple[str, tuple[str, ...]], ...] = ()


def is_proven(text: str) -> bool:
    """Was `text` proven before, or is it one of the policy's messages (a template counts as itself)."""
    return type(text) is str and (text in _proven or text in _messages or not text or text == PLACEHOLDER)


def prove(text: str, frame: FrameType | None = None, depth: int = DEPTH) -> bool:
    """Is `text` a string constant in the statement that `frame` is running, or in one of its callers'.

    Args:
        text: the text that wants to leave. A subclass of `str` is refused: it may compare as it likes.
        frame: where to begin; by default the caller's frame.
        depth: how many frames to look at.

    Returns:
        True if it is proven; it is then remembered. False on any doubt; it never raises.
    """
    if is_proven(text):
        return True
    try:
        # A lone surrogate may stand in a source, but no exporter can encode it: it would take its batch with it.
        text.encode()
        return _is_constant(text, _running(frame or sys._getframe(1), depth))  # noqa: SLF001  # the documented way to a frame
    except Exception:  # noqa: BLE001  # a doubt is a no
        return False


def prove_raise(
    exc: BaseException,
    frame: FrameType | None = None,
    depth: int = DEPTH,
    *,
    group: TracebackType | None = None,
) -> str | None:
    """The message of `exc` as far as the statement that raised it proves it.

    Looks at the frames of its traceback, the one that raised first, then at those that called the one that caught it.
    An exception that was never raised is looked for in `group`, the traceback of the group it is a member of, else from
    `frame` on (by default, the caller's).

    Returns:
        The message if it is proven whole; for an exception of several arguments, its text with ``?`` for
        each argument that isn't proven; None if nothing is proven. It never raises.
    """
    try:
        raised = exc.__traceback__ or group
        places = list(_raising(raised, depth) if raised else _running(frame or sys._getframe(1), depth))  # noqa: SLF001
        message = _message(exc, places)
        if message is not None:
            _proven.keep(message, None)
    except Exception:  # noqa: BLE001  # a doubt is a no
        return None
    return message


def set_messages(templates: Iterable[str]) -> None:
    """Take the policy's `messages`: texts with ``{placeholder}`` fields that stand for any text.

    Raises:
        ValueError: a template whose braces don't match.
    """
    global _messages, _templates  # noqa: PLW0603
    # All are compiled before the first is taken: a template that can't be used changes nothing.
    compiled = tuple((template, _literals(template)) for template in templates)
    _templates = tuple(entry for entry in compiled if len(entry[1]) > 1)
    _messages = frozenset(template for template, _ in compiled)


def add_messages(templates: Iterable[str]) -> None:
    """Take another policy's `messages` besides those that are known; raises as `set_messages` does."""
    set_messages({*_messages, *templates})


def match_message(text: str) -> str | None:
    """The template of the policy's message that `text` is made from; what the placeholders stood for stays here."""
    if type(text) is not str or len(text) > MAX_LENGTH:
        return None
    if text in _messages:
        return text
    for template, literals in _templates:
        if _matches(text, literals):
            return template
    return None


def _running(frame: FrameType | None, depth: int) -> Iterator[_Place]:
    while frame is not None and depth > 0:
        yield frame.f_code, frame.f_lasti, frame.f_globals
        frame = frame.f_back
        depth -= 1


def _raising(traceback: TracebackType, depth: int) -> Iterator[_Place]:
    entries = []
    caught_in: FrameType | None = traceback.tb_frame.f_back
    entry: TracebackType | None = traceback
    while entry is not None:
        entries.append((entry.tb_frame.f_code, entry.tb_lasti, entry.tb_frame.f_globals))
        entry = entry.tb_next
    yield from entries[: -depth - 1 : -1]
    yield from _running(caught_in, depth - len(entries))


def _is_constant(text: str, places: Iterable[_Place]) -> bool:
    if type(text) is not str or len(text) > MAX_LENGTH:
        return False
    for code, lasti, module in places:
        # The code's own constants first: that is one look-up, and spares reading files that can't prove it.
        if text in strings_of(code) and text in constants_at(code, lasti, module):
            _proven.keep(text, None)
            return True
    return False


def _message(exc: BaseException, places: list[_Place]) -> str | None:
    def proven(text: object) -> bool:
        return type(text) is str and (is_proven(text) or _is_constant(text, places))

    text = str(exc)
    if type(text) is not str:
        return None
    if proven(text):
        return text
    for form in (_http_message, _os_message, _group_message, _args_message):
        composed = form(exc, text, proven)
        if composed is not None:
            return composed
    return match_message(text)


def _http_message(exc: BaseException, text: str, proven: _Judge) -> str | None:
    """Starlette's and Werkzeug's form: ``404: Client not found``."""
    status, detail = getattr(exc, "status_code", None), getattr(exc, "detail", None)
    if not (type(status) is int and 100 <= status <= 599):  # noqa: PLR2004
        return None
    if type(detail) is str and text == f"{status}: {detail}":
        return text if proven(detail) or detail == _phrase(status) else None
    return None


def _os_message(exc: BaseException, _text: str, _proven: _Judge) -> str | None:
    """The operating system's own words; the names of files, which follow them, stay here."""
    if isinstance(exc, OSError) and type(exc.errno) is int and exc.errno in errno.errorcode:
        return f"[Errno {exc.errno}] {os.strerror(exc.errno)}"
    return None


def _group_message(exc: BaseException, text: str, proven: _Judge) -> str | None:
    """Python's form for groups: ``several failed (3 sub-exceptions)``."""
    if isinstance(exc, BaseExceptionGroup) and proven(exc.message):
        count = len(exc.exceptions)
        return text if text == f"{exc.message} ({count} sub-exception{'s' if count != 1 else ''})" else None
    return None


def _args_message(exc: BaseException, text: str, proven: _Judge) -> str | None:
    """The form `BaseException` gives several arguments, and the one `KeyError` gives its only one."""
    args = exc.args
    if len(args) == 1 and proven(args[0]) and text == repr(args[0]):
        return text
    if len(args) > 1 and text == str(args) and any(proven(arg) for arg in args):
        return "(" + ", ".join(repr(arg) if proven(arg) else _UNKNOWN for arg in args) + ")"
    return None


def _phrase(status: int) -> str | None:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return None


def _literals(template: str) -> tuple[str, ...]:
    """What stands around the placeholders: one literal more than there are placeholders."""
    literals = [""]
    for literal, field, _, _ in string.Formatter().parse(template):
        literals[-1] += literal
        if field is not None:
            literals.append("")
    # Placeholders that touch are one: only what stands between them can tell them apart.
    inner = [literal for literal in literals[1:-1] if literal]
    return (literals[0], *inner, literals[-1]) if len(literals) > 1 else (literals[0],)


def _matches(text: str, literals: tuple[str, ...]) -> bool:
    first, *inner, last = literals
    if not (text.startswith(first) and text.endswith(last)):
        return False
    # The leftmost place for each literal leaves the most room for the next, so one pass decides.
    position, end = len(first), len(text) - len(last)
    for literal in inner:
        found = text.find(literal, position + 1, end)
        if found < 0:
            return False
        position = found + len(literal)
    return position < end
