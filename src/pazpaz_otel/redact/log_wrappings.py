"""Prove texts of log records that an adapter, or asyncio, has put something around.

`LoggerAdapter.process` often puts a value before the message, and asyncio a task's representation after it. The message
passed to the adapter is proven in its caller; what surrounds it leaves as `{…}`.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from enum import Enum
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact import exceptions, text
from pazpaz_otel.redact.containment import contain
from pazpaz_otel.redact.exception_text import judge_among, judge_message, judge_near
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.log_arguments import constant_in, name_in
from pazpaz_otel.redact.nearby_errors import errors_near
from pazpaz_otel.redact.printing import said
from pazpaz_otel.redact.provenance.class_texts import class_texts
from pazpaz_otel.redact.provenance.cpython import texts_of
from pazpaz_otel.redact.provenance.forms import HOLE, MESSAGE_SPACES, has_word
from pazpaz_otel.redact.provenance.frame_values import values_in
from pazpaz_otel.redact.provenance.hits import known_match
from pazpaz_otel.redact.provenance.places import MAX_DEPTH, Running, Spot, place_at
from pazpaz_otel.redact.quoted_errors import show_within, with_errors
from pazpaz_otel.redact.stacktrace import guard_stacktrace

if TYPE_CHECKING:
    from types import FrameType

_ASYNCIO: Final = "asyncio"
_PLACE: Final = re.compile(r"%[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]")
_MAX_FRAMES: Final = 8
"""The maximum number of frames from the record factory to the adapter that logs."""
_ADAPTERS: Final = {
    # By id, because hashing a code object takes as long as judging a text.
    id(code): code
    for name in ("debug", "info", "warning", "warn", "error", "exception", "critical")
    if (code := getattr(getattr(logging.LoggerAdapter, name, None), "__code__", None)) is not None
}

_LOG: Final = logging.LoggerAdapter.log.__code__
"""This method replaces its message with what its adapter makes of it."""
_TRACE_HEAD: Final = "Traceback (most recent call last):\n"
_MAX_MISSES: Final = 4
_CONTAINERS: Final = (dict, list, tuple)

_misses: FifoCache[str, int] = FifoCache(1024)
"""How many times in a row a template's values weren't proven."""


def told(values: tuple[object, ...], template: str, frame: FrameType) -> str:
    """Return a template with what may leave of its values: exceptions, stack traces, and proven texts.

    In a template that has a word of its own, a text counts if it has several words, and is looked for a few times only.
    """
    is_worded, is_handling = has_word(template), sys.exc_info()[1] is not None
    found: list[str | None] = []
    for index, value in enumerate(values):
        if isinstance(value, BaseException):
            found.append(judge_message(value, frame).text)
        elif type(value) is str and (name := name_in(value, index, len(values), template, frame)) is not None:
            found.append(name)
        elif type(value) in _CONTAINERS:
            near = errors_near(frame)
            found.append(judge_among(near, said(value)) if near else None)
        elif type(value) is not str:
            found.append(None)
        elif is_worded and value.count(" ") < MESSAGE_SPACES:
            # To search the frame for exceptions without one would double the cost of a log call.
            found.append(judge_near(value) if is_handling else None)
        elif value.startswith(_TRACE_HEAD):
            found.append(_trace(value))
        else:
            known = _passed(value, template, frame, is_worded=is_worded)
            is_constant = is_worded and known == value
            found.append((judge_near(value) or constant_in(value, index, len(values), frame)) if is_constant else known)
    if not any(found) or template.count("%") != len(found):
        return template
    shown = iter(found)
    return _PLACE.sub(lambda place: next(shown) or place[0], template)


def _trace(made: str) -> str | None:
    """Return what may leave of a stack trace, by the exception being handled if it is its own."""
    error = sys.exc_info()[1]
    if error is None:
        return guard_stacktrace(made)
    says, whole = said(error) or "", "".join(traceback.format_exception(error))
    is_own = made.strip() == whole.strip() or (says != "" and made.rstrip().endswith(says))
    return exceptions.render(exceptions.view(error)) if is_own else guard_stacktrace(made)


def _passed(value: str, template: str, frame: FrameType, *, is_worded: bool) -> str | None:
    if not is_worded:
        return text.search(value, Running(frame)).text or judge_near(value)
    known = known_match(value, frame, MAX_DEPTH)
    misses = _misses.get(template, 0)
    if known is not None or misses >= _MAX_MISSES:
        return known
    known = text.judge(value, Running(frame)).text or judge_near(value)
    _misses.keep(template, 0 if known is not None else misses + 1)
    return known


def printed_member(message: object) -> str | None:
    """Return how `logging` prints a member of an enum that is also a text, such as `Reason.LATE`."""
    cls = type(message)
    if not (issubclass(cls, str) and issubclass(cls, Enum)) or cls.__str__ is not Enum.__str__:
        return None
    return f"{cls.__name__}.{message._name_}"  # type: ignore[attr-defined]


def of_object(message: object) -> str | None:
    """Return what leaves of an object that is logged itself: the text of its class's `__str__`. It never raises."""
    try:
        texts = class_texts(type(message))
        made = str(message) if texts.forms else ""
        form = texts.match(made) if type(made) is str and made else None
    except BaseException as error:  # noqa: BLE001  # what it raises is for `logging`, which prints it as well
        contain(error)
        return None
    return form.template if form is not None else None


def wrapped(template: str, message: str) -> str | None:
    """Return a template amid what a filter put around it, or None: `record.msg = f"[{request}] {record.msg}"`."""
    return show_within(message, template, template) if template in message and has_word(template) else None


def rewritten(template: str, message: str, logger: str) -> str | None:
    """Return a template with the words that a logger's or handler's filter put around it, or None."""
    if template not in message:
        return None
    named = logging.root.manager.loggerDict.get(logger)
    holders: list[logging.Filterer] = [*([named, *named.handlers] if isinstance(named, logging.Logger) else ())]
    classes = [type(each) for holder in (*holders, *logging.root.handlers) for each in holder.filters]
    shown = (_by_class(cls, message, template, template) for cls in classes)
    return next(filter(None, shown), None)


def _by_class(cls: type, made: str, given: str, found: str) -> str | None:
    """Return what leaves of a text that a class's method composed around one that it was given."""
    texts = class_texts(cls)
    forms = [form for form in (*texts.forms, *texts.wrappings) if form.matches(made)]
    shown = (with_errors(form.template, made, [(given, lambda: found)]) for form in forms)
    return next((one for one, form in zip(shown, forms, strict=True) if one != form.template), None)


def within(plain: str, logger: str, frame: FrameType) -> str | None:
    """Return what may leave of a wrapped text, or None."""
    if logger == _ASYNCIO:
        first, line_end, _ = plain.partition("\n")
        found = text.judge(first, Running(frame)).text or (first if first in texts_of(_ASYNCIO) else None)
        return f"{found}\n{HOLE}" if found and line_end else found
    if plain.startswith(_TRACE_HEAD):
        return _trace(plain)
    caller: FrameType | None = frame
    for _ in range(_MAX_FRAMES):
        if caller is None:
            break
        if caller.f_code is _LOG and caller.f_back is not None and id(caller.f_back.f_code) not in _ADAPTERS:
            return _around(plain, caller.f_back)
        given = values_in(caller).get("msg") if id(caller.f_code) in _ADAPTERS else None
        if type(given) is str and given and given in plain:
            found = text.judge(given, Running(caller.f_back)).text
            if found is None:
                return None
            return _by_class(type(values_in(caller).get("self")), plain, given, found) or show_within(
                plain, given, found
            )
        caller = caller.f_back
    return None


def _around(plain: str, frame: FrameType) -> str | None:
    """Return the statement's text that `plain` contains, with `{…}` for what surrounds it."""
    place = place_at(Spot(frame.f_code, frame.f_lasti, frame.f_globals, frame))
    for texts in (place.own, place.followed):
        for literal in sorted(texts.literals, key=len, reverse=True):
            if has_word(literal) and literal in plain:
                return show_within(plain, literal, literal)
        for form in texts.forms:
            if form.is_within(plain):
                return f"{HOLE} {form.template} {HOLE}"
    return None
