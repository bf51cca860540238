"""Prove texts of log records that an adapter, or asyncio, has put something around.

`LoggerAdapter.process` often puts a value before the message, and asyncio a task's representation after it. The message
passed to the adapter is proven in its caller; what surrounds it leaves as `{…}`.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact import exceptions, text
from pazpaz_otel.redact.exception_text import judge_message
from pazpaz_otel.redact.provenance.class_texts import class_texts
from pazpaz_otel.redact.provenance.forms import has_word
from pazpaz_otel.redact.provenance.places import Running, Spot, place_at

if TYPE_CHECKING:
    from types import FrameType

_ASYNCIO: Final = "asyncio"
_ASYNCIO_TEXTS: Final = frozenset(
    {
        "Task exception was never retrieved",
        "Future exception was never retrieved",
        "Task was destroyed but it is pending!",
    }
)
"""What asyncio's C code logs when it discards a task or future."""

_PLACE: Final = re.compile(r"%[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]")
_UNNAMED: Final = "{…}"
_MAX_FRAMES: Final = 8
"""The maximum number of frames from the record factory to the adapter that logs."""
_ADAPTERS: Final = frozenset(
    getattr(logging.LoggerAdapter, name).__code__
    for name in ("debug", "info", "warning", "warn", "error", "exception", "critical")
    if hasattr(logging.LoggerAdapter, name)
)

_LOG: Final = logging.LoggerAdapter.log.__code__
"""This method replaces its message with what its adapter makes of it."""
_TRACE_HEAD: Final = "Traceback (most recent call last):\n"


def told(args: object, template: str, frame: FrameType) -> str:
    """Return a template that has no word of its own with the proven ones of its values: `log.error("%s: %s", …)`."""
    values = args if isinstance(args, tuple) else ()
    if len(values) == 1 and isinstance(values[0], BaseException):
        return judge_message(values[0], frame).text or template
    found = [text.search(value, Running(frame)).text if type(value) is str else None for value in values]
    if not any(found) or template.count("%") != len(found):
        return template
    shown = iter(found)
    return _PLACE.sub(lambda place: next(shown) or place[0], template)


def of_object(message: object) -> str | None:
    """Return what leaves of an object that is logged itself: the text of its class's `__str__`. It never raises."""
    try:
        texts = class_texts(type(message))
        made = str(message) if texts.forms else ""
        form = texts.match(made) if type(made) is str and made else None
    except BaseException:  # noqa: BLE001  # what it raises is for `logging`, which prints it as well
        return None
    return form.template if form is not None else None


def wrapped(template: str, message: str) -> str | None:
    """Return a template amid what a filter put around it, or None: `record.msg = f"[{request}] {record.msg}"`."""
    before, found, after = message.partition(template)
    if not found or not has_word(template):
        return None
    return " ".join(filter(None, (before and _UNNAMED, template, after and _UNNAMED)))


def within(plain: str, logger: str, frame: FrameType) -> str | None:
    """Return what may leave of a wrapped text, or None.

    Args:
        plain: the record's text.
        logger: the logger's name.
        frame: the frame that creates the record.
    """
    if logger == _ASYNCIO:
        first, line_end, _ = plain.partition("\n")
        found = text.judge(first, Running(frame)).text or (first if first in _ASYNCIO_TEXTS else None)
        return f"{found}\n{{…}}" if found and line_end else found
    if plain.startswith(_TRACE_HEAD):
        return _handled_trace(plain)
    caller: FrameType | None = frame
    for _ in range(_MAX_FRAMES):
        if caller is None:
            break
        if caller.f_code is _LOG and caller.f_back is not None and caller.f_back.f_code not in _ADAPTERS:
            return _around(plain, caller.f_back)
        given = caller.f_locals.get("msg") if caller.f_code in _ADAPTERS else None
        if type(given) is str and given and given in plain:
            before, _, after = plain.partition(given)
            found = text.judge(given, Running(caller.f_back)).text
            return " ".join(filter(None, (before and _UNNAMED, found, after and _UNNAMED))) if found else None
        caller = caller.f_back
    return None


def _around(plain: str, frame: FrameType) -> str | None:
    """Return the statement's text that `plain` contains, with `{…}` for what surrounds it."""
    place = place_at(Spot(frame.f_code, frame.f_lasti, frame.f_globals, frame))
    for texts in (place.own, place.followed):
        for literal in sorted(texts.literals, key=len, reverse=True):
            if has_word(literal) and literal in plain:
                before, _, after = plain.partition(literal)
                return " ".join(filter(None, (before and _UNNAMED, literal, after and _UNNAMED)))
        for form in texts.forms:
            if form.is_within(plain):
                return f"{_UNNAMED} {form.template} {_UNNAMED}"
    return None


def _handled_trace(plain: str) -> str | None:
    """Return the guarded stack trace of the exception being handled: `log.error(traceback.format_exc())`."""
    error = sys.exc_info()[1]
    if error is None or plain.strip() != "".join(traceback.format_exception(error)).strip():
        return None
    return exceptions.render(exceptions.view(error))
