"""Judge messages of exceptions, and texts that tell exceptions: each may quote others."""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact import pydantic_errors
from pazpaz_otel.redact.containment import contain
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.nearby_errors import NEVER, errors_held, errors_near, group_of
from pazpaz_otel.redact.printing import AskedOnce, printed, said
from pazpaz_otel.redact.provenance import cpython
from pazpaz_otel.redact.provenance.callers import EXPORTERS, first_outside
from pazpaz_otel.redact.provenance.class_texts import class_texts
from pazpaz_otel.redact.provenance.forms import MESSAGE_SPACES, Form, brace_parts, has_word
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.module_index import class_name
from pazpaz_otel.redact.provenance.places import Running, raising
from pazpaz_otel.redact.quoted_errors import held_by, show_parts, with_errors
from pazpaz_otel.redact.raised_text import Others, prove
from pazpaz_otel.redact.text import UNPROVEN, Judgement, Kept, Template, fillers, remember, search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import FrameType, TracebackType

    from pazpaz_otel.redact.provenance.places import Spot

_HOLE: Final = re.compile(r"\{[^{}]*\}")
_BETWEEN: Final = (*EXPORTERS, "logging.")
"""Packages between a log call and what exports its exception."""
_MAX_LINKS: Final = 4

_quiet: FifoCache[str, None] = FifoCache(2048)
"""Templates of functions that hold no exceptions, which aren't looked for again."""


def judge_message(
    exc: BaseException,
    frame: FrameType | None = None,
    messages: Messages = NO_MESSAGES,
    *,
    group: TracebackType | None = None,
    links: int = _MAX_LINKS,
) -> Judgement:
    """Return what may leave of the message of `exc`; never raise.

    Searches the frames of its traceback from the raise outwards, then the callers of the frame that caught it.

    Args:
        exc: the exception.
        frame: where to search for an exception that was never raised.
        messages: the policy's messages.
        group: the traceback of the exception group, for a member that was never raised.
        links: how many causes to search for a message that this one repeats.
    """
    try:
        with AskedOnce():
            raised = exc.__traceback__ or group or group_of(exc, frame)
            spots = list(raising(raised) if raised else Running(first_outside(frame, _BETWEEN)))
            around = _around(exc, spots)
            others = Others(
                functools.partial(told_by, around, messages=messages, links=links - 1),
                functools.partial(_within, errors=around, messages=messages, links=links - 1),
                lambda inner: judge_message(inner, messages=messages).text,
            )
            found = prove(exc, spots, messages, others)
            if isinstance(found, Template):
                found = Template(_quoting(found.text, said(exc) or "", *around, links=links - 1))
            if isinstance(found, (Kept, Template)):
                remember(found)
    except BaseException as error:  # noqa: BLE001  # an error in `__str__` or `__repr__` must not reach the log call
        contain(error)
        return UNPROVEN
    return found


def judge_near(text: object, messages: Messages = NO_MESSAGES) -> str | None:
    """Return what may leave of a text that tells exceptions which the running function handles or holds.

    It may be a message itself, `log.error(str(exc))`, or hold some: `log.error("; ".join(map(str, errors)))`.
    """
    near = errors_near(sys._getframe(1))  # noqa: SLF001  # the documented way to a frame
    return judge_among(near, text, messages) if near else None


def judge_among(near: Sequence[BaseException], text: object, messages: Messages = NO_MESSAGES) -> str | None:
    """Return what may leave of a text that tells some of these exceptions."""
    with AskedOnce():
        return told_by(near, text, messages) or _within(text, near, messages)


def _around(exc: BaseException, spots: list[Spot]) -> list[BaseException]:
    """Return an exception's cause and context, and the others that the frame which raised it holds."""
    raised_at = next((spot for spot in spots if not is_installed(spot.code.co_filename)), None)
    held = errors_held(raised_at) if raised_at is not None and exc.__traceback__ is not None else ()
    return [one for one in (exc.__cause__, exc.__context__, *held) if one is not None and one is not exc]


def _quoting(template: str, made: str, *errors: BaseException | None, links: int = _MAX_LINKS) -> str:
    """Return a template of a text with what may leave of the exceptions that it quotes."""
    quoted: list[tuple[str, Callable[[], str | None]]] = []
    for error in errors if links > 0 and _HOLE.search(template) else ():
        if error is not None:
            quoted += [
                (told, functools.partial(told_by, (error,), told, NO_MESSAGES, links)) for told in printed(error, made)
            ]
            # An exception's own message quotes none of its parts: they would be judged by it again.
            held = held_by(error) if made != quoted[-2][0] else ()
            quoted += [(told, functools.partial(_told_of, told, error, links)) for told in held]
    return with_errors(template, made, quoted)


def _told_of(text: str, error: BaseException, links: int = _MAX_LINKS) -> str | None:
    """Return what may leave of a text that an exception holds."""
    if isinstance(error, OSError) and error.errno is not None and text == os.strerror(error.errno):
        return text
    if isinstance(error, json.JSONDecodeError) and cpython.is_json_message(text):
        return text
    if any(message == text for message, _ in pydantic_errors.messages_in(error, "")):
        return dict(pydantic_errors.messages_in(error, judge_message(error, links=links - 1).text or "")).get(text)
    spots = list(raising(error.__traceback__)) if error.__traceback__ is not None else []
    return search(text, spots).text or class_texts(type(error)).leaving(text) or _first_lines(text, error, links - 1)


def _first_lines(text: str, error: BaseException, links: int) -> str | None:
    """Return what may leave of a text that begins an exception's message: `error.message` of jsonschema's."""
    if links <= 0 or not (said(error) or "").startswith(f"{text}\n"):
        return None
    first = (judge_message(error, links=links).text or "").split("\n")[: text.count("\n") + 1]
    parts = brace_parts(shown := "\n".join(first), (), {})
    return shown if shown == text or (parts is not None and Form(parts).matches(text)) else None


def _of_near(template: str, made: str, frame: FrameType | None) -> str:
    if template in _quiet and sys.exc_info()[1] is None:
        return template
    near = errors_near(frame)
    if near is NEVER:
        _quiet.keep(template, None)
    if not near:
        return template
    with AskedOnce():
        return _quoting(template, made, *near)


fillers.append(_of_near)


def told_by(
    exceptions: Iterable[BaseException | None], text: object, messages: Messages, links: int = _MAX_LINKS
) -> str | None:
    """Return what may leave of a text that one of `exceptions` prints or holds."""
    if type(text) is not str or not text or links <= 0:
        return None
    for exc in exceptions:
        if exc is None:
            continue
        message, representation = printed(exc, text)
        if text == message or (exc.args and text == representation):
            shown = judge_message(exc, messages=messages, links=links).text
            return shown if shown is None or text == message else f"{class_name(type(exc))}: {shown}"
        if text in held_by(exc):
            return _told_of(text, exc, links)
    return None


def _within(text: object, errors: Iterable[BaseException], messages: Messages, links: int = _MAX_LINKS) -> str | None:
    """Return what may leave of the exceptions that a text holds, with `{…}` for what surrounds them."""
    if type(text) is not str or links <= 0:
        return None
    parts: list[tuple[str, str]] = []
    for error in errors:
        for told in (*printed(error, text), *held_by(error)):
            is_quoted = told.count(" ") >= MESSAGE_SPACES and told in text
            shown = told_by((error,), told, messages, links) if is_quoted else None
            if shown is not None and has_word(shown):
                parts.append((told, shown))
                break
    return show_parts(text, parts)
