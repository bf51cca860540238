"""Prove an exception's message by the statement that raised it, its class, or Python itself."""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact import library_errors, message_shapes, pydantic_errors
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.nearby_errors import NEVER, errors_held, errors_near, group_of
from pazpaz_otel.redact.printing import once, printed, said
from pazpaz_otel.redact.provenance import cpython
from pazpaz_otel.redact.provenance.assigned import assigned_in
from pazpaz_otel.redact.provenance.call_constants import constructor_of, with_constants
from pazpaz_otel.redact.provenance.callers import EXPORTERS, first_outside
from pazpaz_otel.redact.provenance.class_texts import class_texts
from pazpaz_otel.redact.provenance.declared_messages import declared_message
from pazpaz_otel.redact.provenance.forms import MESSAGE_SPACES, Form, brace_parts, has_word
from pazpaz_otel.redact.provenance.handing import fill
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.known_names import KnownNames
from pazpaz_otel.redact.provenance.module_index import class_name
from pazpaz_otel.redact.provenance.places import Running, place_at, raising
from pazpaz_otel.redact.provenance.source_index import index_of
from pazpaz_otel.redact.quoted_errors import held_by, show_parts, with_errors
from pazpaz_otel.redact.schema_texts import Proofs, with_choices
from pazpaz_otel.redact.text import UNPROVEN, Judgement, Kept, Template, fillers, judge, remember, search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType, TracebackType

    from pazpaz_otel.redact.provenance.places import Spot

_HOLE: Final = re.compile(r"\{[^{}]*\}")
_OWN_HOLE: Final = re.compile(r"\{self\.(\w+)\}")
_BETWEEN: Final = (*EXPORTERS, "logging.")
"""Packages between a log call and what exports its exception."""
_MAX_LINKS: Final = 4

_quiet: FifoCache[str, None] = FifoCache(2048)
"""Templates of functions that hold no exceptions, which aren't looked for again."""


@once
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
        raised = exc.__traceback__ or group or group_of(exc, frame)
        spots = list(raising(raised) if raised else Running(first_outside(frame, _BETWEEN)))
        around = _around(exc, spots)
        found = _judge(exc, spots, around, messages, links)
        if isinstance(found, Template):
            told = with_choices(found.text, printed(exc)[0], functools.partial(_is_written, spots))
            told = _with_literals(told, exc, spots)
            found = Template(_quoting(told, printed(exc)[0], *around, links=links - 1))
        if isinstance(found, (Kept, Template)):
            remember(found)
    except BaseException:  # noqa: BLE001  # an error in `__str__` or `__repr__` must not reach the log call
        return UNPROVEN
    return found


@once
def judge_near(text: object, messages: Messages = NO_MESSAGES, *, prints: bool = False) -> str | None:
    """Return what may leave of a text that tells exceptions which the running function handles or holds.

    It may be a message itself, `log.error(str(exc))`, or hold some: `log.error("; ".join(map(str, errors)))`.

    Args:
        text: the text.
        messages: the policy's messages.
        prints: take what an object prints, which is asked only if there are exceptions.
    """
    near = errors_near(sys._getframe(1))  # noqa: SLF001  # the documented way to a frame
    text = said(text) if prints and near else text
    return _told(text, near, messages) or _within(text, near, messages)


def _is_written(spots: list[Spot], value: object) -> bool:
    """Return whether the application's modules that places are in contain a text or number."""
    own = {str(spot.module.get("__name__")) for spot in spots if not is_installed(spot.code.co_filename)}
    return any(index is not None and index.has_literal(value) for index in map(index_of, own))


def _around(exc: BaseException, spots: list[Spot]) -> list[BaseException]:
    """Return an exception's cause and context, and the others that the frame which raised it holds."""
    raised_at = next((spot for spot in spots if not is_installed(spot.code.co_filename)), None)
    held = errors_held(raised_at) if raised_at is not None and exc.__traceback__ is not None else ()
    return [one for one in (exc.__cause__, exc.__context__, *held) if one is not None and one is not exc]


def _with_literals(template: str, exc: BaseException, spots: list[Spot]) -> str:
    """Return the template of an exception's class with the literals that its constructor was given."""
    made, text = constructor_of(type(exc)), said(exc) or ""
    form = class_texts(type(exc)).match(text) if made is not None and spots else None
    if form is None or made is None or form.template != template:
        return template
    return with_constants(template, form, text, made, spots[0])[0] or template


def _quoting(template: str, made: str, *errors: BaseException | None, links: int = _MAX_LINKS) -> str:
    """Return a template of a text with what may leave of the exceptions that it quotes."""
    quoted: list[tuple[str, Callable[[], str | None]]] = []
    for error in errors if links > 0 and _HOLE.search(template) else ():
        if error is not None:
            quoted += [(told, functools.partial(_told, told, (error,), NO_MESSAGES, links)) for told in printed(error)]
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
    if links <= 0 or not printed(error)[0].startswith(f"{text}\n"):
        return None
    first = (judge_message(error, links=links).text or "").split("\n")[: text.count("\n") + 1]
    parts = brace_parts(shown := "\n".join(first), (), {})
    return shown if shown == text or (parts is not None and Form(parts).matches(text)) else None


_quoting_near = once(_quoting)


def _of_near(template: str, made: str, frame: FrameType | None) -> str:
    if template in _quiet and sys.exc_info()[1] is None:
        return template
    near = errors_near(frame)
    if near is NEVER:
        _quiet.keep(template, None)
    return _quoting_near(template, made, *near) if near else template


fillers.append(_of_near)


def _told(
    text: object, exceptions: Iterable[BaseException | None], messages: Messages, links: int = _MAX_LINKS
) -> str | None:
    """Return what may leave of a text that is the message of one of `exceptions`."""
    if type(text) is not str or not text or links <= 0:
        return None
    for exc in exceptions:
        if exc is not None and exc.args and text in (both := printed(exc)):
            shown = judge_message(exc, messages=messages, links=links).text
            return shown if shown is None or text == both[0] else f"{class_name(type(exc))}: {shown}"
        if exc is not None and text in held_by(exc):
            return _told_of(text, exc, links)
    return None


def _of_held(exc: BaseException, text: str, within: message_shapes.Judge) -> str | None:
    return message_shapes.of_http(exc, text, within) or within(text)


def _within(text: object, errors: Iterable[BaseException], messages: Messages, links: int = _MAX_LINKS) -> str | None:
    """Return what may leave of the exceptions that a text holds, with `{…}` for what surrounds them."""
    if type(text) is not str or links <= 0:
        return None
    parts: list[tuple[str, str]] = []
    for error in errors:
        for told in (*printed(error), *held_by(error)):
            is_quoted = told.count(" ") >= MESSAGE_SPACES and told in text
            shown = _told(told, (error,), messages, links) if is_quoted else None
            if shown is not None and has_word(shown):
                parts.append((told, shown))
                break
    return show_parts(text, parts)


def _judge(
    exc: BaseException, spots: list[Spot], around: list[BaseException], messages: Messages, links: int
) -> Judgement:
    text = said(exc)
    if text is None:
        return UNPROVEN
    own, is_written = class_texts(type(exc)), functools.partial(_is_written, spots)

    def known(value: object) -> str | None:
        if type(value) is not str:
            return None
        found = judge(value, spots)
        if found.text is not None:
            return with_choices(found.text, value, is_written)
        if value in own.literals:
            return value
        form = own.match(value) or next((form for form in own.wrappings if form.matches(value)), None)
        shown = fill(form, value, handed) if form is not None else None
        told = shown or _assigned(value, spots) or _told(value, around, messages, links - 1)
        declared = None if told else declared_message(type(exc), value)
        return told or (declared and with_choices(declared, value, is_written))

    def handed(value: str) -> str | None:
        return value if value in own.literals else search(value, spots).text

    from_library = spots and is_installed(spots[0].code.co_filename)
    python = _python_message(exc, text, spots) if from_library else None
    whole = judge(text, spots)
    fuller = _fuller(own.match(text), whole, lambda form: fill(form, text, handed))
    http = message_shapes.of_http(exc, text, known)
    if http is None and (isinstance(whole, Kept) or (whole.text is not None and python is None and fuller is None)):
        return whole
    proofs = Proofs(
        known,
        lambda inner: judge_message(inner, messages=messages).text,
        KnownNames(exc, spots).has_name,
        is_written,
    )
    of_json = cpython.json_message(text) if isinstance(exc, json.JSONDecodeError) else None
    found = http or library_errors.message_of(exc, proofs) or python or of_json
    found = found or fuller or known(text)
    for form in message_shapes.SHAPES:
        found = found or form(exc, text, functools.partial(_argument, exc, text, spots, known))
    found = found or (None if from_library else _python_message(exc, text, spots))
    found = found or _of_held(exc, text, functools.partial(_within, errors=around, messages=messages, links=links - 1))
    if found is not None:
        return Template(_with_attributes(found, exc, text, known))
    message = messages.match(text)
    return UNPROVEN if message is None else Template(message)


def _argument(
    exc: BaseException, text: str, spots: list[Spot], known: message_shapes.Judge, value: object
) -> str | None:
    """Return what may leave of one of several arguments: the first is the message, a constant's name gives a value."""
    shown = known(value)
    is_value = len(exc.args) > 1 and value is not exc.args[0] and text == str(exc.args)
    return None if is_value and shown == value and not _is_said(value, spots) else shown


def _is_said(text: object, spots: list[Spot]) -> bool:
    """Return whether one of the statements contains a text itself, not only the name of a constant."""
    return any(text in place_at(spot).own.literals for spot in spots)


def _assigned(text: str, spots: list[Spot]) -> str | None:
    """Return what may leave of a text that a function gives an exception afterwards: `error.args = (f"…",)`."""
    for spot in spots:
        shown = assigned_in(spot.code, spot.module, "args").leaving(text)
        if shown is not None:
            # What the exception said before, in `error.args = (f"{error}, while saving",)`.
            parts = brace_parts(shown, (), {})
            before = Form(parts).divide(text)[0] if parts is not None and Form(parts).matches(text) else []
            return with_errors(shown, text, [(each, functools.partial(_searched, each, spots)) for each in before])
    return None


def _searched(text: str, spots: list[Spot]) -> str | None:
    return search(text, spots).text


def _fuller(form: Form | None, whole: Judgement, fill_in: Callable[[Form], str | None]) -> str | None:
    """Return the template of the exception's class if it has more literal text than that of the raising statement."""
    if form is None or not isinstance(whole, Template) or form.weight <= len(_HOLE.sub("", whole.text)):
        return None
    return fill_in(form)


def _with_attributes(template: str, exc: BaseException, text: str, known: message_shapes.Judge) -> str:
    """Fill in the proven texts of attributes that the exception's class prints: `{self.problem}`."""

    def fill(hole: re.Match[str]) -> str:
        value = next((vars(one)[hole[1]] for one in (exc, *type(exc).__mro__) if hole[1] in vars(one)), None)
        shown = known(value) if type(value) is str and value in text and value != text else None
        return shown if shown is not None and has_word(shown) else hole[0]

    return _OWN_HOLE.sub(fill, template)


def _python_message(exc: BaseException, text: str, spots: list[Spot]) -> str | None:
    names = KnownNames(exc, spots)
    return cpython.message_of(type(exc), text, type_proven=names.has_type, name_proven=names.has_name)
